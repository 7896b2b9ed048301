"""The whole service between WeChat and the desk: what agents see of the window, and what those who run it see of refusals."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from desk.at_the_desk import PASSWORD, Bank, Desk
from making_services import settings_for
from wechat.conftest import AES_KEY, OPENID
from wechat.test_sending import AMR

from bot.app import make_app
from bot.channels.wechat.fake import FakeAccount, FakeWeChat, Misstep
from config.clock import SettableClock
from config.settings import OfficialAccount, WeChat
from intents.segment import Segmenter
from store import conversations
from store.engine import Tx
from store.model import Message

NOTICES = {"message": {"template_id": "T-waits", "data": {"thing1": "{summary}"}}}


class Town:
    """A bank, WeChat, and one customer between them."""

    def __init__(self, bank: Bank, platform: FakeWeChat, clock: SettableClock) -> None:
        self.bank, self.platform, self.clock = bank, platform, clock

    async def says(self, text: str) -> None:
        assert await self.platform.message("main", OPENID, MsgType="text", Content=text)

    async def deliver(self) -> None:
        for _ in range(6):
            self.clock.advance(61)
            await self.bank.service.delivery.deliver_due()

    async def page(self, path: str) -> str:
        async with aiohttp.ClientSession() as session, session.get(f"{self.bank.url}{path}") as answer:
            assert answer.status == 200
            return await answer.text()


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dictionary")
    Segmenter(folder).warm()
    return folder


@pytest.fixture
async def town(tmp_path: Path, clock: SettableClock, words: Path) -> AsyncIterator[Town]:
    (tmp_path / "cache").symlink_to(words)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        account = FakeAccount("main", "wx5823bf96d3bd56c7", "secret", "token", "", AES_KEY)
        platform = FakeWeChat([account], session, clock, strict=True)
        api = web.Application()
        platform.add_routes(api)
        server = await stack.enter_async_context(TestServer(api))
        keys = {"appid": account.appid, "secret": account.secret, "token": account.token, "aes_key": account.aes_key}
        official = OfficialAccount(name="main", brand="村镇银行", notices=NOTICES, **keys)
        base = str(server.make_url("")).rstrip("/")
        settings = settings_for(tmp_path, wechat=WeChat(official=(official,), api_base=base, fallback_api_base=None))
        service = await stack.enter_async_context(TestServer(await make_app(settings, clock, background=False)))
        platform.accounts["main"] = replace(account, callback_url=str(service.make_url("/wechat/official/main")))
        bank = Bank(service)
        yield Town(bank, platform, clock)
        for opened in bank.sessions:
            await opened.close()


async def taken(town: Town) -> tuple[Desk, str]:
    """The customer has asked for a person, and one has taken them."""
    desk = await town.bank.agent("wang")
    await town.says("转人工")
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    await town.deliver()  # what the bot and the desk had to say goes out before the customer's next message counts anew
    await town.says("我的卡被吞了")
    return desk, conversation_id


async def reply(desk: Desk, conversation_id: str, text: str, **more) -> int:
    status, answer = await desk.post(f"/conversations/{conversation_id}/replies", {"text": text, **more})
    assert status == 201, answer
    return answer["seq"]


async def test_an_agent_sees_how_many_messages_are_left_what_waits_and_why(town: Town):
    desk, conversation_id = await taken(town)
    _, view = await desk.get(f"/conversations/{conversation_id}")
    assert (view["window"]["messages_left"], view["window"]["reserved"], view["brand"]) == (5, 1, "村镇银行")
    for n in range(4):
        await reply(desk, conversation_id, f"第{n}条")
    await town.deliver()
    fifth = await reply(desk, conversation_id, "第5条")
    await town.deliver()
    _, view = await desk.get(f"/conversations/{conversation_id}")
    assert view["window"]["messages_left"] == 1
    _, said = await desk.get(f"/conversations/{conversation_id}/messages?after={fifth - 1}&limit=1")
    shown = said["items"][0]
    assert (shown["delivery"], shown["delivery_reason"]) == ("shut", "kept_for_outcome_notified")
    assert town.platform.seen[OPENID][-1].type == "template"
    outcome = await reply(desk, conversation_id, "您的卡已经找到。", outcome=True)
    await town.deliver()
    _, said = await desk.get(f"/conversations/{conversation_id}/messages?after={outcome - 1}&limit=1")
    assert (said["items"][0]["delivery"], town.platform.seen[OPENID][-1].text) == ("sent", "您的卡已经找到。")
    assert 'huiyin_outbox_unsent{status="shut"} 1.0' in await town.page("/metrics")


async def test_after_48_hours_the_window_is_shut_and_the_desk_says_so(town: Town):
    desk, conversation_id = await taken(town)
    town.clock.advance(47 * 3600 + 1800)
    assert (await desk.post("/session", {"login": "wang", "password": PASSWORD}))[0] == 200
    _, view = await desk.get(f"/conversations/{conversation_id}")
    assert 0 < view["window"]["minutes_left"] <= 60
    town.clock.advance(3600)
    _, view = await desk.get(f"/conversations/{conversation_id}")
    assert (view["window"]["minutes_left"], view["window"]["messages_left"], view["window"]["until"]) == (0, 0, None)


async def test_an_account_that_wechat_refuses_is_named_to_those_who_run_the_service_until_it_works(town: Town):
    desk, conversation_id = await taken(town)
    town.platform.misstep("message/custom/send", Misstep(errcode=40164))
    await reply(desk, conversation_id, "您好")
    await town.bank.service.delivery.deliver_due()
    assert (
        '"needs_attention": [{"account": "official:main", "reason": "address_not_allowed", "errcode": 40164}]'
        in await town.page("/readyz")
    )
    gauge = 'huiyin_account_needs_attention{account="official:main",reason="address_not_allowed"} '
    assert f"{gauge}1.0" in await town.page("/metrics")
    town.clock.advance(601)
    await town.deliver()
    assert "needs_attention" not in await town.page("/readyz")
    assert f"{gauge}0.0" in await town.page("/metrics")
    assert "您好" in [seen.text for seen in town.platform.seen[OPENID]]


async def test_pushes_are_counted_by_kind_and_unknown_names_are_not_repeated(town: Town):
    await town.says("你好")
    await town.platform.event("main", OPENID, "subscribe")
    await town.platform.event("main", OPENID, "something_made_up")
    figures = await town.page("/metrics")
    for what, n in (("text", 1), ("subscribe", 1), ("other", 1)):
        assert f'huiyin_wechat_pushes_total{{channel="official",what="{what}"}} {n}.0' in figures
    assert "something_made_up" not in figures


async def test_a_voice_that_wechat_did_not_hear_is_kept_as_a_file_and_answered_with_a_request_to_type(town: Town):
    media_id = town.platform.keep(AMR, "audio/amr", "voice.amr")
    assert await town.platform.message("main", OPENID, MsgType="voice", MediaId=media_id, Format="amr", Recognition="")
    assert "麻烦您再用文字说一下" in town.platform.seen[OPENID][-1].text
    assert await town.bank.service.background._work["media"][1]() == 1
    spoken = await first_message(town)
    assert (spoken.type, spoken.text) == ("voice", "")
    (kept,) = spoken.payload["attachments"]
    assert kept["media_type"] == "audio/amr"
    assert await town.bank.service.blobs.get(kept["blob_id"]) == AMR


async def test_a_voice_that_wechat_heard_is_understood_as_if_it_had_been_typed_and_its_recording_kept(town: Town):
    media_id = town.platform.keep(AMR, "audio/amr", "voice.amr")
    said = {"MsgType": "voice", "MediaId": media_id, "Format": "amr", "Recognition": "我要投诉，ATM吞了我的卡。"}
    assert await town.platform.message("main", OPENID, **said)
    answer = town.platform.seen[OPENID][-1].text
    assert "昨天下午三点" in answer and "用文字说一下" not in answer  # it asks when and where
    assert await town.bank.service.background._work["media"][1]() == 1
    spoken = await first_message(town)
    assert spoken.text.startswith("我要投诉") and len(spoken.payload["attachments"]) == 1


async def first_message(town: Town) -> Message:
    store = town.bank.service.store

    def load(tx: Tx) -> Message:
        found = conversations.of_customer(tx, "official:main", OPENID)
        return conversations.messages(tx, found.id)[0]

    return await store.read(load)
