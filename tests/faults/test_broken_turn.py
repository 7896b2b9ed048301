"""A bot action that raises: the message is kept, the turn is taken again, and in the end a person has it. Never silence."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from making_services import settings_for

from bot.app import SERVICE, make_app
from config.clock import SettableClock
from config.labels import Holder, Speaker
from store import conversations, queue

TEXT = "取款机吞了我的卡，人在朝阳支行"


class Service:
    """The service without its loops, and a customer of it."""

    def __init__(self, server: TestServer, clock: SettableClock) -> None:
        self.parts = server.app[SERVICE]
        self.clock = clock
        self._url = str(server.make_url("/webhooks/rest/webhook"))

    async def say(self, text: str, message_id: str) -> tuple[str, list[str]]:
        body = {"sender": "u1", "message": text, "metadata": {"message_id": message_id}}
        async with ClientSession() as session, session.post(self._url, json=body) as answer:
            assert answer.status == 200
            return answer.headers["X-Huiyin-Status"], [item["text"] for item in await answer.json()]

    async def work(self, times: int = 1) -> None:
        """What the worker does, as often as its back-off asks for."""
        for _ in range(times):
            self.clock.advance(60)
            await self.parts.intake.answer_pending()

    async def stored(self) -> tuple[Holder, list[tuple[Speaker, str]]]:
        def look(tx):
            found = conversations.of_customer(tx, "rest:main", "u1")
            return found.holder, [(line.speaker, line.text) for line in conversations.messages(tx, found.id)]

        return await self.parts.store.read(look)


@pytest.fixture
async def service(tmp_path: Path, clock: SettableClock) -> AsyncIterator[Service]:
    server = TestServer(await make_app(settings_for(tmp_path), clock, background=False))
    await server.start_server()
    yield Service(server, clock)
    await server.close()


def break_turns(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("a rule is broken")

    monkeypatch.setattr(service.parts.intake._dialogue, "respond", broken)


async def test_a_turn_that_keeps_raising_ends_at_a_person_with_a_word_to_the_customer(service, monkeypatch):
    break_turns(service, monkeypatch)
    status, said = await service.say(TEXT, "m1")
    assert status == "unanswered" and said, "the customer is told that an answer comes later"
    assert await service.stored() == (Holder.BOT, [(Speaker.CUSTOMER, TEXT)])
    await service.work(times=3)
    holder, lines = await service.stored()
    assert holder is Holder.QUEUED
    assert [speaker for speaker, _ in lines] == [Speaker.CUSTOMER, Speaker.SYSTEM]
    entries = await service.parts.store.read(queue.entries)
    assert [entry.reason for entry in entries] == ["failure"]


async def test_a_turn_that_failed_once_is_answered_by_the_worker_in_order(service, monkeypatch):
    with monkeypatch.context() as patch:
        break_turns(service, patch)
        assert (await service.say("你们几点上班", "m1"))[0] == "unanswered"
    assert (await service.say("怎么开户", "m2"))[0] == "unanswered", "what came later waits for what came first"
    await service.work(times=3)
    holder, lines = await service.stored()
    assert holder is Holder.BOT
    assert [text for speaker, text in lines if speaker is Speaker.CUSTOMER] == ["你们几点上班", "怎么开户"]
    answers = [text for speaker, text in lines if speaker is Speaker.BOT]
    assert len(answers) >= 2 and "营业" in answers[0]


async def test_a_message_sent_again_while_it_is_unanswered_is_kept_once(service, monkeypatch):
    break_turns(service, monkeypatch)
    await service.say(TEXT, "m1")
    await service.say(TEXT, "m1")
    assert await service.stored() == (Holder.BOT, [(Speaker.CUSTOMER, TEXT)])


async def test_however_few_turns_have_failed_a_person_has_it_within_the_seconds_that_are_set(service, monkeypatch):
    break_turns(service, monkeypatch)
    await service.say(TEXT, "m1")
    service.clock.advance(service.parts.settings.turn.person_within_s)
    await service.parts.intake.answer_pending()
    holder, lines = await service.stored()
    assert holder is Holder.QUEUED
    assert "没有人工客服在线" in lines[-1][1], "nobody is there, and the notice says so"
