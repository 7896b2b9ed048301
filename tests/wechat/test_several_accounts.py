"""Several accounts in one service: each has its own keys, branch, conversations and way out, and takes nothing that is another's."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from desk.at_the_desk import Bank
from making_services import settings_for
from wechat.conftest import OPENID
from wechat.test_whole_service import words  # noqa: F401 -- a fixture

from bot.app import make_app
from bot.channels.wechat.fake import FakeAccount, FakeWeChat, signed_request, to_xml
from config.clock import SettableClock
from config.settings import MiniProgram, OfficialAccount, WeChat
from store import conversations
from store.conversations import MessageDraft, Speaker

BRANCHES = {"east": "朝阳支行", "west": "海淀支行", "app": "手机银行"}


def account(name: str, n: int, **more) -> FakeAccount:
    key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"
    return FakeAccount(name, f"wx000000000000000{n}", f"secret{n}", f"token{n}", "", f"{key}{'GIM'[n]}", **more)


class Branches:
    """A service with two Official Accounts and a Mini Program, and the platform that they are at."""

    def __init__(self, bank: Bank, platform: FakeWeChat, clock: SettableClock) -> None:
        self.bank, self.platform, self.clock = bank, platform, clock

    async def says(self, name: str, text: str) -> None:
        assert await self.platform.message(name, OPENID, MsgType="text", Content=text)

    async def found(self, name: str):
        family = self.platform.accounts[name].family
        return await self.bank.service.store.read(lambda tx: conversations.of_customer(tx, f"{family}:{name}", OPENID))


@pytest.fixture
async def branches(tmp_path: Path, clock: SettableClock, words: Path) -> AsyncIterator[Branches]:  # noqa: F811
    (tmp_path / "cache").symlink_to(words)
    known = [account("east", 0), account("west", 1), account("app", 2, family="mini", body_format="json")]
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        platform = FakeWeChat(known, session, clock, strict=True)
        api = web.Application()
        platform.add_routes(api)
        server = await stack.enter_async_context(TestServer(api))
        keys = [
            {"name": one.name, "appid": one.appid, "secret": one.secret, "token": one.token, "aes_key": one.aes_key}
            for one in known
        ]
        official = tuple(OfficialAccount(**each, branch=BRANCHES[each["name"]]) for each in keys[:2])
        mini = (MiniProgram(**keys[2], branch=BRANCHES["app"]),)
        base = str(server.make_url("")).rstrip("/")
        wechat = WeChat(official=official, mini=mini, api_base=base, fallback_api_base=None)
        service = await stack.enter_async_context(
            TestServer(await make_app(settings_for(tmp_path, wechat=wechat), clock, background=False))
        )
        for one in known:
            url = str(service.make_url(f"/wechat/{one.family}/{one.name}"))
            platform.accounts[one.name] = replace(one, callback_url=url)
        yield Branches(Bank(service), platform, clock)


async def test_the_same_customer_id_at_several_accounts_is_a_conversation_and_a_branch_each(branches: Branches):
    for name in BRANCHES:
        await branches.says(name, f"我要投诉，{name}")
    found = {name: await branches.found(name) for name in BRANCHES}
    assert len({each.id for each in found.values()}) == 3
    for name, each in found.items():
        lines = await branches.bank.service.store.read(lambda tx, each=each: conversations.messages(tx, each.id))
        assert lines[0].text == f"我要投诉，{name}"
        assert each.state["branch"] == BRANCHES[name]


async def test_what_is_said_later_goes_out_by_the_account_that_was_written_to_with_its_own_token(branches: Branches):
    for name in BRANCHES:
        await branches.says(name, "你好")
    while await branches.bank.service.delivery.deliver_due():
        pass
    branches.platform.seen[OPENID].clear()
    store, now = branches.bank.service.store, branches.clock.now()
    for name, branch in BRANCHES.items():
        each = await branches.found(name)
        draft = MessageDraft(Speaker.AGENT, f"{branch}答复")
        await store.write(lambda tx, each=each, draft=draft: conversations.append(tx, each.id, draft, now=now))
        while await branches.bank.service.delivery.deliver_due():
            pass
    assert [seen.text for seen in branches.platform.seen[OPENID]] == [f"{branch}答复" for branch in BRANCHES.values()]
    # The platform takes each account's token for that account's customers only: strict windows are per account.
    left = [branches.platform.windows.left(branches.platform.accounts[name], OPENID) for name in ("east", "west")]
    assert left == [4, 4]


@pytest.mark.parametrize(("theirs", "address"), list(permutations(BRANCHES, 2)))
async def test_what_is_sealed_for_one_account_is_refused_at_anothers_address(branches: Branches, theirs: str, address: str):
    now_s = str(int(branches.clock.now().timestamp()))
    xml = to_xml({"ToUserName": "gh", "FromUserName": OPENID, "CreateTime": 1, "MsgType": "text", "Content": "你好", "MsgId": 1})
    query, body = signed_request(branches.platform.accounts[theirs], xml, now_s, "1", OPENID)
    url = branches.platform.accounts[address].callback_url
    async with aiohttp.ClientSession() as session, session.post(url, params=query, data=body.encode()) as answer:
        assert answer.status == 403
    assert [await branches.found(name) for name in BRANCHES] == [None, None, None]
