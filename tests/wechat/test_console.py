"""Menus and branches' codes, by the command as an operator types it and by what a customer then does."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
import yaml
from wechat.connecting import ACCOUNT, deliver_everything

from bot.channels.wechat.console import Console
from bot.channels.wechat.fake import Misstep
from bot.delivery import ChannelRefused
from bot.dialogue import Dialogue
from config.labels import Kind
from store import conversations, notices


@pytest.fixture
def typed(tmp_path: Path):
    """Runs ``huiyin wechat ...`` in a process of its own against the world's platform."""

    async def run(world, *words: str, accounts: int = 1) -> tuple[int, str, str]:
        one = world.settings.wechat.official[0]
        keys = {"secret": one.secret.get_secret_value(), "token": one.token.get_secret_value()}
        official = [{"name": f"a{n}" if n else "main", "appid": one.appid, **keys} for n in range(accounts)]
        file = tmp_path / "huiyin.yaml"
        file.write_text(yaml.safe_dump({"wechat": {"official": official, "api_base": world.settings.wechat.api_base}}), "utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "--config", str(file), "wechat", *words, stdout=-1, stderr=-1
        )
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    return run


async def test_our_menu_is_made_shown_and_deleted(world, typed):
    code, out, err = await typed(world, "menu", "create")
    assert (code, err) == (0, "")
    assert [button["name"] for button in world.platform.menu.menus["main"]["button"]] == ["意见反馈", "我的工单", "人工客服"]
    assert json.loads(out) == world.platform.menu.menus["main"]
    code, out, _ = await typed(world, "menu", "show")
    assert (code, json.loads(out)) == (0, world.platform.menu.menus["main"])
    assert (await typed(world, "menu", "delete"))[0] == 0
    assert world.platform.menu.menus == {}
    assert (await typed(world, "menu", "show"))[1] == "there is no menu\n"


async def test_a_menu_that_wechat_refuses_is_said_so_and_no_secret_with_it(world, typed, tmp_path):
    own = tmp_path / "menu.yaml"
    own.write_text(yaml.safe_dump({"button": [{"type": "click", "name": "太长的名字放不下", "key": "k"}]}), "utf-8")
    code, out, err = await typed(world, "menu", "create", "--file", str(own))
    assert (code, out) == (1, "")
    assert err.startswith("huiyin: WeChat refuses: wechat_40018")
    assert world.account.secret not in err


async def test_with_several_accounts_one_must_be_named(world, typed):
    code, _, err = await typed(world, "menu", "show", accounts=2)
    assert (code, err) == (1, "huiyin: which account? --account main | a1\n")
    assert (await typed(world, "menu", "show", "--account", "a1", accounts=2))[0] == 0
    assert (await typed(world, "menu", "show", "--account", "x", accounts=2))[0] == 1


async def test_a_branchs_code_is_made_by_the_command(world, typed):
    code, out, err = await typed(world, "qr", "朝阳支行")
    assert (code, err) == (0, "")
    ((ticket, made),) = world.platform.qrcodes.codes.items()
    assert (made.scene, made.until) == ("branch_朝阳支行", None)
    assert "http://weixin.qq.com/q/" in out
    assert f"https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket={ticket}" in out
    assert (await typed(world, "qr", "朝" * 58))[0] == 1
    assert (await typed(world, "qr", "朝阳支行", "--days", "31"))[0] == 1


async def test_a_busy_platform_is_asked_again(world):
    console = Console(world.channel.accounts.by_name["main"].api)
    world.platform.misstep("qrcode/create", Misstep(errcode=-1), Misstep(html=True))
    code = await console.branch_code("朝阳支行", days=3)
    assert (code.branch, code.lasts_days) == ("朝阳支行", 3)
    assert world.platform.calls["qrcode/create"] == 3
    world.platform.misstep("menu/get", Misstep(errcode=48001))
    with pytest.raises(ChannelRefused):
        await console.menu()


@pytest.mark.parametrize("follows", [True, False])
async def test_a_scanned_code_opens_a_conversation_that_knows_the_branch_to_the_end(connect, follows):
    world = await connect()
    await Console(world.channel.accounts.by_name["main"].api).branch_code("朝阳支行")
    (ticket,) = world.platform.qrcodes.codes
    if not follows:
        world.platform.followers.discard(world.openid)
    await world.platform.scan("main", world.openid, ticket)
    await world.say("机器吞卡了")
    await deliver_everything(world)
    found = await world.store.read(lambda tx: conversations.earlier(tx, notices.customer_id(tx, ACCOUNT, world.openid), 1)[0])
    assert (found.state["branch"], found.last_seq) == ("朝阳支行", 4)
    assert world.facts.branches == ["朝阳支行", "朝阳支行"]


async def test_an_accounts_own_branch_and_brand_count_until_a_code_says_better(connect):
    world = await connect(account_settings={"branch": "总行营业部", "brand": "村镇银行"})
    await world.say("你好")
    await world.platform.event("main", world.openid, "SCAN", EventKey="branch_朝阳支行")
    await world.say("机器吞卡了")
    assert world.facts.branches == ["总行营业部", "朝阳支行", "朝阳支行"]
    found = await world.store.read(lambda tx: conversations.earlier(tx, notices.customer_id(tx, ACCOUNT, world.openid), 1)[0])
    assert (found.state["branch"], found.state["brand"]) == ("朝阳支行", "村镇银行")


@pytest.mark.parametrize(
    ("pressed", "kind"),
    [
        ("反馈问题", Kind.COMPLAINT),
        ("提建议", Kind.SUGGESTION),
        ("表扬", Kind.PRAISE),
        ("我的工单", Kind.TICKET_STATUS),
        ("人工客服", Kind.HUMAN_REQUEST),
    ],
)
async def test_a_tap_on_each_button_of_our_menu_is_understood(connect, pressed, kind):
    world = await connect()
    await Console(world.channel.accounts.by_name["main"].api).create_menu()
    buttons = world.platform.menu.menus["main"]["button"]
    keys = {one["name"]: one["key"] for button in buttons for one in button.get("sub_button", [button])}
    world.channel._intake._dialogue = Dialogue.load()
    await world.platform.event("main", world.openid, "CLICK", EventKey=keys[pressed])
    await deliver_everything(world)
    found = await world.store.read(lambda tx: conversations.earlier(tx, notices.customer_id(tx, ACCOUNT, world.openid), 1)[0])
    (message, *answers) = await world.store.read(lambda tx: conversations.messages(tx, found.id))
    assert message.understanding["kind"] == kind
    assert world.seen()
    assert answers
