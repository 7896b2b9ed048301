"""The same channel with the real intake behind it: what a customer does in the window, end to end."""

import re

import pytest

from bot.dialogue import Dialogue
from bot.intake import Intake
from bot.intake.facts import FactSource
from bot.second_opinion import SecondOpinion
from config.catalogue import Catalogue
from config.labels import Audience
from handoff.tickets.clocks import Clocks
from intents.understander import Understander
from store import conversations, tickets
from store.numbers import TicketNumbers

TICKET_NO = re.compile(r"FB\d{14}[0-9A-Z]")


@pytest.fixture(scope="module")
def understander(tmp_path_factory) -> Understander:
    return Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"))


@pytest.fixture
def intake(settings, store, bell, clock, understander) -> Intake:
    clocks = Clocks.load("00:00-24:00", open_every_day=True)
    facts = FactSource(settings, store, bell, TicketNumbers(store), clocks, Catalogue())
    return Intake(
        settings=settings,
        store=store,
        bell=bell,
        clock=clock,
        understander=SecondOpinion(understander, None, deadline_s=0),
        dialogue=Dialogue.load(),
        facts=facts,
        clocks=clocks,
    )


async def answer_to(window, store, text, n, **more) -> list[dict]:
    """All that is said in answer to one of our messages."""
    await window.say(text, f"m{n}", **more)
    ack = await window.until("ack", client_id=f"m{n}")
    assert ack["status"] in ("answered", "held")
    stored = await store.read(lambda tx: conversations.messages(tx, ack["conversation"], audience=Audience.ALL))
    await window.until("message", seq=stored[-1].seq)
    return [message for message in window.messages if message["seq"] > ack["seq"]]


async def test_complaint_in_free_words_ends_with_a_ticket_number(people, store):
    async with people.window() as window:
        said = await answer_to(window, store, "今天上午十点在人民路支行取款机取钱，卡被吞了，请尽快把卡还给我", 0)
        for n in range(1, 8):
            buttons = [button for message in said for button in message["buttons"]]
            confirm = next((button for button in buttons if button["payload"] == "/affirm"), None)
            skip = next((button for button in buttons if button["payload"] == "/skip"), None)
            pressed = confirm or skip
            assert pressed, said
            said = await answer_to(window, store, pressed["title"], n, payload=pressed["payload"])
            found = TICKET_NO.search(" ".join(message["text"] for message in said))
            if found:
                break
        assert found
        filed = await store.read(lambda tx: tickets.get(tx, found.group()))
        assert filed is not None
        assert "吞" in filed.content


async def test_password_that_a_customer_types_comes_back_removed_and_is_not_on_disk(people, tmp_path):
    async with people.window() as window:
        await window.say("我的取款密码是739152，帮我看看", "m0")
        mine = await window.until("message", speaker="customer")
        assert "739152" not in mine["text"]
        await window.until("message", speaker="bot")
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or b"739152" not in path.read_bytes()
