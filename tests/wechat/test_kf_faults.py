"""WeChat Customer Service when things go wrong: nothing is lost, nothing is doubled, and everybody's messages keep their order."""

import asyncio
from typing import Any

import aiohttp
import pytest
from wechat.kf_world import ACCOUNT, WK1, WM1, KfBank
from yarl import URL

from bot.channels.wechat.fake import Misstep, signed_request
from bot.channels.wechat.kf import api
from bot.channels.wechat.kf.reader import MAX_EMPTY_PAGES
from bot.delivery import ChannelBusy
from config.labels import Holder, Speaker
from store import kf, queue
from store.errors import StoreUnavailable

SYNC, SEND = "kf/sync_msg", "kf/send_msg"


async def said_by(bank: KfBank, user: str = WM1) -> list[str]:
    return [line.text for line in await bank.lines(user) if line.speaker is Speaker.CUSTOMER]


async def rewind(bank: KfBank) -> None:
    """Forget how far was read, as after a restore of an older backup."""
    before = await bank.cursor()
    now = bank.service.clock.now()
    assert await bank.service.store.write(lambda tx: kf.move_cursor(tx, ACCOUNT, WK1, before, "", now))


async def test_reading_everything_once_more_changes_nothing(bank):
    await bank.kf.enter(WM1)
    await bank.settle()
    msgid = await bank.write("我要投诉，ATM吞了我的卡")
    await bank.kf.recall(WM1, msgid)
    await bank.write("昨天下午三点，朝阳支行")
    lines, seen = await bank.lines(), bank.seen().copy()
    await rewind(bank)
    await bank.settle()
    assert await bank.lines() == lines and bank.seen() == seen


async def test_two_processes_that_read_the_same_page_store_it_once_and_in_order(bank, monkeypatch):
    monkeypatch.setattr(api, "PAGE_ITEMS", 4)
    people = [f"wm{n:030d}" for n in range(6)]
    for n in range(5):
        for user in people:
            await bank.kf.message(user, "text", ring=False, content=f"第{n}句，我要投诉")
    corp = bank.channel._corps["corp"]
    readers = [bank.channel._reader(corp, WK1) for _ in range(2)]
    for reader in readers:
        reader.ring(bank.kf.log.new_token())
    await asyncio.gather(*(reader.read_on() for reader in readers))
    for user in people:
        assert await said_by(bank, user) == [f"第{n}句，我要投诉" for n in range(5)]


async def test_callbacks_on_top_of_each_other_cost_one_reading_each_at_most(bank):
    await asyncio.gather(*(bank.kf.message(WM1, "text", content=f"第{n}句") for n in range(8)))
    await asyncio.gather(*(bank.channel.read_on() for _ in range(8)))
    assert sorted(await said_by(bank)) == [f"第{n}句" for n in range(8)]
    assert bank.channel.seen["kf_msg_or_event"] == 8


async def test_an_empty_page_is_not_the_last_one(bank, monkeypatch):
    real, pages = bank.kf.log.read, []
    await bank.kf.message(WM1, "text", ring=False, content="先到的")

    def then_more(cursor: str, token: str, limit: int) -> dict[str, Any]:
        if not pages:
            pages.append(cursor)
            return {"errcode": 0, "errmsg": "ok", "next_cursor": bank.kf.log._cursor(0), "has_more": 1, "msg_list": []}
        return real(cursor, token, limit)

    monkeypatch.setattr(bank.kf.log, "read", then_more)
    await bank.settle()
    assert await said_by(bank) == ["先到的"] and len(await bank.cursor()) > 0


@pytest.mark.parametrize("cursors", [("A", "B", "A", "B"), ("A", "A"), ("A", "")], ids=["round and round", "still", "none"])
async def test_a_platform_whose_cursor_goes_nowhere_is_asked_a_few_times_and_nothing_is_lost(bank, monkeypatch, cursors):
    asked: list[str] = []
    await bank.kf.message(WM1, "text", ring=False, content="先到的")
    real = bank.kf.log.read
    items = real("", bank.kf.log.new_token(), 10)["msg_list"]

    def going_round(cursor: str, _token: str, _limit: int) -> dict[str, Any]:
        asked.append(cursor)
        reached = cursors[min(len(asked), len(cursors)) - 1]
        return {"errcode": 0, "errmsg": "ok", "next_cursor": reached, "has_more": 1, "msg_list": items}

    monkeypatch.setattr(bank.kf.log, "read", going_round)
    await bank.channel.read_on()
    assert len(asked) <= len(cursors)
    monkeypatch.setattr(bank.kf.log, "read", real)
    await rewind(bank)
    await bank.kf.message(WM1, "text", content="后来的")
    await bank.settle()
    assert await said_by(bank) == ["先到的", "后来的"]


async def test_empty_pages_without_an_end_are_left_for_the_next_time(bank, monkeypatch):
    asked: list[str] = []

    def more(cursor: str, _token: str, _limit: int) -> dict[str, Any]:
        asked.append(cursor)
        return {"errcode": 0, "errmsg": "ok", "next_cursor": f"C{len(asked)}", "has_more": 1, "msg_list": []}

    monkeypatch.setattr(bank.kf.log, "read", more)
    await bank.channel.read_on()
    assert len(asked) == MAX_EMPTY_PAGES + 1
    assert await bank.cursor() == f"C{len(asked)}"  # the way so far is not gone again


async def test_a_cursor_that_goes_back_brings_nothing_twice(bank):
    for n in range(3):
        await bank.write(f"第{n}句")
    end, now = await bank.cursor(), bank.service.clock.now()
    back = bank.kf.log._cursor(1)
    assert await bank.service.store.write(lambda tx: kf.move_cursor(tx, ACCOUNT, WK1, end, back, now))
    shown = bank.seen().copy()
    await bank.settle()
    assert await said_by(bank) == ["第0句", "第1句", "第2句"] and bank.seen() == shown


@pytest.mark.parametrize("rung", [True, False])
async def test_where_the_platform_no_longer_knows_the_cursor_all_that_it_keeps_is_read_and_nothing_is_doubled(bank, rung):
    await bank.write("第0句")
    end, now = await bank.cursor(), bank.service.clock.now()
    assert await bank.service.store.write(lambda tx: kf.move_cursor(tx, ACCOUNT, WK1, end, "of-another-life", now))
    shown = len(bank.seen())
    await bank.kf.message(WM1, "text", ring=rung, content="第1句")
    await bank.settle()
    assert await said_by(bank) == ["第0句", "第1句"] and len(bank.seen()) == shown + 1
    assert await bank.cursor() == bank.kf.log._cursor(len(bank.kf.log._items))


async def test_items_that_come_doubled_within_one_page_are_taken_once_each(bank, monkeypatch):
    real = bank.kf.log.read
    for n in range(3):
        await bank.kf.message(WM1, "text", ring=False, content=f"第{n}句")

    def doubled(cursor: str, token: str, limit: int) -> dict[str, Any]:
        page = real(cursor, token, limit)
        return page | {"msg_list": [*page["msg_list"], *page["msg_list"]]}

    monkeypatch.setattr(bank.kf.log, "read", doubled)
    await bank.settle()
    assert await said_by(bank) == ["第0句", "第1句", "第2句"]


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "after the commit"])
async def test_whichever_commit_is_lost_the_rest_is_made_up_for(bank, monkeypatch, committed):
    """The n-th write of reading a page fails, for every n there is; then the database is back."""
    store, real = bank.service.store, bank.service.store.write
    left = 0

    async def failing(fn, *, key=""):
        nonlocal left
        left -= 1
        if left == 0:
            if committed:
                await real(fn, key=key)
            raise StoreUnavailable("away")
        return await real(fn, key=key)

    monkeypatch.setattr(type(store), "write", lambda _self, fn, *, key="": failing(fn, key=key))
    n, failed = 0, True
    while failed:
        n += 1
        user = f"wm{n:030d}"
        await bank.kf.enter(user, ring=False)
        for text in ("我要投诉，ATM吞了我的卡", "昨天下午三点"):
            await bank.kf.message(user, "text", ring=False, content=text)
        await bank.kf.event(user, "session_status_change", ring=False, change_type=1, new_servicer_userid="lisi")
        await bank.kf.ring()
        left, failed = n, False
        try:
            await bank.channel.read_on()
        except StoreUnavailable:
            failed = True
        left = 0
        await bank.channel.read_on()
        lines = await bank.lines(user)
        assert [line.text for line in lines if line.speaker is Speaker.CUSTOMER] == [
            "",
            "我要投诉，ATM吞了我的卡",
            "昨天下午三点",
        ]
        assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
        (found,) = await bank.conversations(user)
        assert (found.holder, found.agent_id) == (Holder.HUMAN, None)
        assert await store.read(lambda tx: kf.cursor(tx, ACCOUNT, WK1)) == bank.kf.log._cursor(len(bank.kf.log._items))
    assert n > 4, "every write of a page was lost once"


@pytest.mark.parametrize("misstep", [Misstep(errcode=-1), Misstep(html=True), Misstep(lost="before"), Misstep(lost="after")])
async def test_reading_that_fails_is_taken_up_where_it_stood(bank, misstep):
    await bank.kf.message(WM1, "text", content="你好")
    bank.platform.misstep(SYNC, misstep)
    with pytest.raises(ChannelBusy):
        await bank.channel.read_on()
    assert await bank.cursor() == ""
    await bank.settle()
    assert await said_by(bank) == ["你好"]


async def test_reading_too_often_waits_a_minute_and_not_a_day(bank):
    bank.platform.misstep(SYNC, Misstep(errcode=45009))
    with pytest.raises(ChannelBusy) as busy:
        await bank.channel.read_on()
    assert busy.value.retry_after_s == 60
    await bank.kf.message(WM1, "text", content="你好")  # its callback brings a token
    await bank.settle()
    assert await said_by(bank) == ["你好"]


async def test_callbacks_are_answered_at_once_however_slow_the_platform_is_to_be_read(bank):
    slow = asyncio.Event()
    bank.platform.misstep(SYNC, Misstep(until=slow))
    reading = asyncio.create_task(bank.channel.read_on())
    while not bank.platform.calls.get(SYNC):  # noqa: ASYNC110 -- the platform rings no bell
        await asyncio.sleep(0)
    for n in range(3):
        await bank.kf.message(WM1, "text", content=f"第{n}句")  # returns when its callback was answered
    assert await said_by(bank) == []
    slow.set()
    await reading
    await bank.settle()
    assert await said_by(bank) == ["第0句", "第1句", "第2句"]


async def test_a_token_that_is_over_is_left_away(bank, clock):
    await bank.kf.message(WM1, "text", content="你好")
    bank.kf.log._tokens.clear()
    await bank.settle()
    assert await said_by(bank) == ["你好"]
    await bank.kf.message(WM1, "text", content="在吗")
    clock.advance(601)
    await bank.settle()
    assert bank.platform.requests[-1][0] != SYNC or not bank.platform.requests[-1][1]["token"]
    assert (await said_by(bank))[-1] == "在吗"


@pytest.mark.parametrize(
    "misstep",
    [Misstep(errcode=-1), Misstep(html=True), Misstep(lost="before"), Misstep(lost="after")],
    ids=["busy", "html", "before", "after"],
)
async def test_what_was_perhaps_sent_is_sent_again_and_shown_once(bank, clock, misstep):
    bank.platform.misstep(SEND, misstep)
    await bank.write("你好")
    for _ in range(3):
        clock.advance(61)
        await bank.settle()
    texts = bank.texts()
    assert texts and len(texts) == len(set(texts))
    assert {line.delivery for line in await bank.lines() if line.speaker is not Speaker.CUSTOMER} == {"sent"}


async def test_a_session_that_somebody_in_wecom_holds_stops_our_words_and_puts_them_before_nobody(bank):
    await bank.write("你好")
    bank.kf.sessions.set(WM1, 3, "zhangsan")  # and no event says so yet
    before = len(bank.seen())
    await bank.write("我要投诉，ATM吞了我的卡")
    (found,) = await bank.conversations()
    assert len(bank.seen()) == before
    assert (found.holder, found.agent_id) == (Holder.HUMAN, None)
    assert await bank.service.store.read(queue.length) == 0


async def test_a_session_that_is_over_shuts_the_window_until_the_customer_writes(bank):
    desk = await bank.agent("li")
    await bank.write("转人工")
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    await bank.settle()
    bank.kf.sessions.set(WM1, 4)
    assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": "还在吗"}))[0] == 201
    await bank.settle()
    assert "还在吗" not in bank.texts()
    assert [line.delivery for line in await bank.lines() if line.text == "还在吗"] == ["shut"]
    await bank.write("我在")
    assert bank.texts()[-1] == "还在吗"


@pytest.mark.parametrize("misstep", [Misstep(lost="after"), Misstep(errcode=-1), Misstep(errcode=95014)])
async def test_a_session_comes_to_stand_where_it_should_whatever_became_of_the_first_call(bank, clock, misstep):
    bank.platform.misstep("kf/service_state/trans", misstep)
    await bank.write("你好")
    clock.advance(61)
    await bank.settle()
    assert bank.state() == 1
    assert await bank.service.store.read(lambda tx: kf.to_move(tx, clock.now(), ())) == ()


async def test_an_item_that_cannot_be_taken_is_passed_over_in_the_end_and_only_that_one(bank, monkeypatch):
    real = bank.service.intake.receive

    async def receive(inbound, also=None):
        if inbound.text == "毒":
            raise RuntimeError("a bug")
        return await real(inbound, also)

    monkeypatch.setattr(bank.service.intake, "receive", receive)
    for text in ("第一句", "毒", "第二句"):
        await bank.kf.message(WM1, "text", ring=False, content=text)
    for _ in range(4):
        with pytest.raises(RuntimeError):
            await bank.channel.read_on()
    await bank.channel.read_on()
    assert await said_by(bank) == ["第一句", "第二句"]
    assert bank.channel.seen["given_up"] == 1


async def test_beside_the_requests_it_is_read_when_told_and_now_and_then_without(open_bank):
    bank = await open_bank(poll_s=0.01)
    arrived: asyncio.Queue[str] = asyncio.Queue()
    bank.service.bell.subscribe(lambda news: arrived.put_nowait(news.conversation_id))
    running = asyncio.create_task(bank.channel.run())
    try:
        await bank.kf.message(WM1, "text", ring=False, content="没有人告诉你们")
        await arrived.get()
        other = bank.platform.kf.desks[
            "wkAJ2GCAAAZwQJkvZSu2xBEo_qqyNi1g"
        ]  # not in the settings: it becomes known by its callback
        await other.message(WM1, "text", content="我也在")
        while not await bank.lines(WM1, other.open_kfid):
            await arrived.get()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert await said_by(bank) == ["没有人告诉你们"]


# --- the door -----------------------------------------------------------------------------------------------------------------


async def test_wecoms_console_gets_the_opened_echo(bank):
    assert await bank.platform.deliveries.verify(bank.platform.accounts["corp"])


async def test_an_echo_whose_plus_signs_were_not_escaped_is_opened_as_well(bank):
    account = bank.platform.accounts["corp"]
    now_s, echoes = str(int(bank.service.clock.now().timestamp())), []
    while not echoes or "+" not in echoes[-1][1]:  # the seal begins with chance
        query, body = signed_request(account, "4561255354251345929", now_s, "nonce1", "")
        echoes.append((query, body.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]))
    query, echo = echoes[-1]
    signed = f"msg_signature={query['msg_signature']}&timestamp={now_s}&nonce=nonce1&echostr={echo.replace('=', '%3D')}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(URL(f"{bank.url}/wechat/kf/corp?{signed}", encoded=True)) as answer,
    ):
        assert (answer.status, await answer.text()) == (200, "4561255354251345929")


async def test_only_sealed_and_signed_callbacks_are_let_in(bank):
    account = bank.platform.accounts["corp"]
    now_s = str(int(bank.service.clock.now().timestamp()))
    xml = "<xml><ToUserName>c</ToUserName><Event>kf_msg_or_event</Event><OpenKfId>wk</OpenKfId><Token>t</Token></xml>"
    query, body = signed_request(account, xml, now_s, "nonce1", "")

    async def post(query, body, name="corp") -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{bank.url}/wechat/kf/{name}", params=query, data=body) as answer,
        ):
            return answer.status, await answer.text()

    assert await post(query, body) == (200, "success")
    assert await post(query, body) == (200, "success")  # once more
    assert (await post(query | {"msg_signature": "0" * 40}, body))[0] == 403
    assert (await post({name: query[name] for name in ("timestamp", "nonce")}, xml))[0] == 403
    assert (await post(query | {"timestamp": "1"}, body))[0] == 403
    assert (await post(query, body, "nobody"))[0] == 404
    other = signed_request(account, xml.replace("kf_msg_or_event", "change_contact"), now_s, "nonce2", "")
    assert await post(*other) == (200, "success")
    assert bank.channel.seen["other"] == 1
    foreign = signed_request(account, "<!DOCTYPE x><xml></xml>", now_s, "nonce3", "")
    assert (await post(*foreign))[0] == 400


async def test_without_an_answer_to_a_question_about_the_state_nothing_is_assumed(bank):
    await bank.write("你好")
    bank.platform.misstep(SEND, Misstep(errcode=95018))
    bank.platform.misstep("kf/service_state/get", Misstep(errcode=-1))
    await bank.kf.message(WM1, "text", content="在吗")
    await bank.settle()
    waiting = [line.delivery for line in await bank.lines() if line.delivery == "pending"]
    assert waiting and (await bank.conversations())[0].holder is Holder.BOT
