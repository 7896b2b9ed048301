"""A Mini Program's customer service over real HTTP: XML and JSON, sealed and plain, from the first word to the end."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import date

import pytest
from desk.at_the_desk import PASSWORD
from wechat.mini_world import MODES, OPENID, MiniBank, mini_bank
from widget.test_uploads import picture

from bot.channels.wechat.fake import Misstep, signed_request
from bot.channels.wechat.mini_sender import ticket_named_in
from bot.message import Attachment
from config.labels import FeedbackChannel, Speaker
from config.settings import Notice, TicketCard
from store import conversations, notices, tickets
from store.conversations import MessageDraft
from store.errors import StoreUnavailable
from store.ticket_number import format_number

PNG = picture("PNG")


@pytest.fixture
async def open_mini(tmp_path, clock, dictionary):
    async with AsyncExitStack() as stack:

        async def opened(**changes) -> MiniBank:
            return await stack.enter_async_context(mini_bank(tmp_path, clock, dictionary, **changes))

        yield opened


@pytest.fixture
async def mini(open_mini) -> MiniBank:
    return await open_mini()


async def filed(mini: MiniBank) -> str:
    """A ticket from start to end; its number."""
    for text in ("柜员态度太差了，让我等了两个小时", "昨天下午三点，朝阳支行", "希望道歉", "不留电话"):
        await mini.write(text)
    assert "1. 确认提交" in mini.texts()[-1]  # no menus in a Mini Program
    await mini.write("1")
    (found,) = await mini.found()
    (ticket,) = await mini.service.store.read(lambda tx: tickets.of_customer(tx, found.customer_id, None))
    return ticket.no


async def test_from_the_first_word_to_a_ticket_a_person_and_the_end(mini):
    desk = await mini.agent("li")
    ticket_no = await filed(mini)
    assert any(ticket_no in text for text in mini.texts())
    await mini.write("转人工")
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": "您好，我来处理。"}))[0] == 201
    await mini.settle()
    assert mini.texts()[-1] == "您好，我来处理。"
    said = len(mini.texts())
    await mini.write("谢谢")
    assert len(mini.texts()) == said
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[0] == 200
    await mini.settle()
    assert mini.texts()[-1].startswith("本次人工服务已结束")
    assert {seen.via for seen in mini.seen()} == {"service"}


@pytest.mark.parametrize("account", MODES)
async def test_every_form_of_push_is_answered_success_in_clear_and_by_the_api(mini, account):
    assert await mini.write('你好 ]]> "引号" \\u4f60', account)
    (found,) = await mini.found(account)
    assert found.channel is FeedbackChannel.WECHAT_MINI
    assert (await mini.lines(account))[0].text == '你好 ]]> "引号" \\u4f60'
    assert mini.seen() and all(seen.via == "service" for seen in mini.seen())


@pytest.mark.parametrize("account", MODES)
async def test_the_console_gets_its_echo(mini, account):
    assert await mini.platform.deliveries.verify(mini.platform.accounts[account])


@pytest.mark.parametrize("message_id", [24012, "24012", "5d8a3f0b_1234567"])
async def test_a_redelivery_is_known_by_its_id_in_any_spelling(mini, message_id):
    await mini.write("我要投诉，ATM吞了我的卡", MsgId=message_id)
    seen = mini.seen().copy()
    await mini.write("我要投诉，ATM吞了我的卡", MsgId=message_id)
    assert mini.seen() == seen
    assert [line.text for line in await mini.lines() if line.speaker is Speaker.CUSTOMER] == ["我要投诉，ATM吞了我的卡"]


async def test_deliveries_on_top_of_each_other_are_one_message(mini):
    fields = {"MsgType": "text", "Content": "你好", "MsgId": 7}
    assert await mini.platform.push("json", OPENID, fields, together=3)
    await mini.settle()
    assert len([line for line in await mini.lines() if line.speaker is Speaker.CUSTOMER]) == 1
    assert len(mini.texts()) == len(set(mini.texts()))


async def test_whoever_comes_in_is_greeted_within_what_coming_in_allows(mini):
    assert await mini.event("user_enter_tempsession", SessionFrom="branch_国贸支行")
    assert 0 < len(mini.seen()) <= 2 and "您好" in mini.texts()[-1]
    await mini.write("柜员态度太差了，让我等了两个小时")
    (found,) = await mini.found()
    assert found.state["draft"]["record"]["branch"] == "国贸支行"


async def test_pictures_links_and_cards_come_in(mini):
    media_id = mini.platform.keep(PNG, "image/png")
    await mini.push(MsgType="image", PicUrl="https://x", MediaId=media_id)
    await mini.push(
        MsgType="miniprogrampage", Title="我的账单", AppId="wx9", PagePath="pages/bill", ThumbUrl="x", ThumbMediaId="y"
    )
    await mini.push(MsgType="hologram", Data="卡号6222")
    lines = [line for line in await mini.lines() if line.speaker is Speaker.CUSTOMER]
    assert [(line.type, line.text) for line in lines] == [("image", ""), ("link", "我的账单\npages/bill")]
    assert await mini.service.background._work["media"][1]() == 1
    assert (await mini.lines())[0].payload["attachments"][0]["media_type"] == "image/png"


async def test_a_persons_picture_goes_out(mini):
    await mini.write("你好")
    await mini.write("在吗")
    blob_id = await mini.service.blobs.put(PNG)
    (found,) = await mini.found()
    draft = MessageDraft(
        Speaker.AGENT, "请看", payload={"attachments": [asdict(Attachment(blob_id, "image/png", len(PNG), "a"))]}
    )
    now = mini.service.clock.now()
    await mini.service.store.write(lambda tx: conversations.append(tx, found.id, draft, now=now))
    await mini.settle()
    assert [seen.type for seen in mini.seen()[-2:]] == ["image", "text"]


async def test_a_ticket_is_followed_by_a_card_that_opens_it(open_mini, tmp_path):
    (tmp_path / "card.png").write_bytes(PNG)
    mini = await open_mini(ticket_card=TicketCard(page="pages/ticket?no={ticket_no}", image=tmp_path / "card.png"))
    ticket_no = await filed(mini)
    cards = [seen for seen in mini.seen() if seen.type == "miniprogrampage"]
    assert [card.data["pagepath"] for card in cards] == [f"pages/ticket?no={ticket_no}"]
    assert cards[0].text == f"工单 {ticket_no}" and mini.platform.media[cards[0].data["thumb_media_id"]][0] == PNG


async def test_without_a_page_of_its_own_the_card_is_a_link_to_the_tickets_page(open_mini):
    card = TicketCard(image_url="https://bank.example/card.png")
    mini = await open_mini(ticket_card=card, public_url="https://bank.example")
    ticket_no = await filed(mini)
    (link,) = [seen for seen in mini.seen() if seen.type == "link"]
    assert (link.text, link.data["thumb_url"]) == (f"工单 {ticket_no}", "https://bank.example/card.png")
    assert link.data["url"].startswith("https://bank.example/s/")
    page = link.data["url"].removeprefix("https://bank.example")
    async with mini.session.get(f"{mini.url}{page}") as answer:
        assert answer.status == 200  # the customer's own page, without signing in


def test_only_a_text_that_names_one_ticket_gets_a_card():
    one, two = format_number(date(2026, 11, 23), 42), format_number(date(2026, 11, 23), 43)
    assert ticket_named_in(f"工单{one}已登记，编号 {one}。") == one
    assert ticket_named_in(f"{one}和{two}") is None
    assert ticket_named_in(f"{one[:-1]}*") is None and ticket_named_in("没有") is None


async def test_a_message_outside_the_window_is_announced_by_a_notice_that_the_customer_agreed_to(open_mini, clock):
    notice = Notice(
        kind="subscription", template_id="T1", data={"thing1": "{summary}", "phrase2": "{state}"}, page="pages/ticket"
    )
    mini = await open_mini(notices={"message": notice})
    desk = await mini.agent("li")
    await mini.write("转人工")
    conversation_id = await desk.waiting()
    await desk.post(f"/conversations/{conversation_id}/claim")
    await mini.platform.consent("json", OPENID, "T1")
    clock.advance(49 * 3600)
    assert (await desk.post("/session", {"login": "li", "password": PASSWORD}))[0] == 200
    assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": "已经查清了。"}))[0] == 201
    await mini.settle()
    assert mini.seen()[-1].via == "notice"
    sent = [body for path, body in mini.platform.requests if path == "message/subscribe/send"]
    assert len(sent) == 1 and sent[0]["template_id"] == "T1"
    await mini.write("好的")  # what waited comes now
    assert "已经查清了。" in mini.texts()
    (found, *_) = await mini.found()
    assert not await mini.service.store.write(lambda tx: notices.use_consent(tx, found.customer_id, "T1"))


@pytest.mark.parametrize("event", ["wxa_media_check", "moon_landing", "kf_create_session", "debug_demo"])
async def test_what_needs_no_answer_is_answered_success_and_counted(mini, event):
    about = {
        "appid": "wx0",
        "trace_id": "t",
        "version": 2,
        "detail": [{"strategy": "content_model"}],
        "result": {"suggest": "risky"},
    }
    assert await mini.event(event, **about)
    assert mini.seen() == [] and await mini.found() == []


async def test_nothing_is_said_to_be_taken_before_it_is_stored(mini, monkeypatch):
    real = mini.service.intake.receive

    async def away(*_args, **_more):
        raise StoreUnavailable("away")

    monkeypatch.setattr(mini.service.intake, "receive", away)
    assert not await mini.write("我要投诉，ATM吞了我的卡", MsgId=1)
    assert await mini.found() == []
    monkeypatch.setattr(mini.service.intake, "receive", real)
    assert await mini.write("我要投诉，ATM吞了我的卡", MsgId=1)
    assert (await mini.lines())[0].text == "我要投诉，ATM吞了我的卡"


@pytest.mark.parametrize("misstep", [Misstep(errcode=-1), Misstep(errcode=45011), Misstep(lost="before")])
async def test_an_answer_that_fails_for_now_comes_later_and_in_order(mini, clock, misstep):
    mini.platform.misstep("message/custom/send", misstep)
    await mini.write("你好")
    for _ in range(4):
        clock.advance(61)
        await mini.settle()
    said = [line.text for line in await mini.lines() if line.speaker is not Speaker.CUSTOMER]
    shown = [text.split("\n回复数字选择")[0] for text in mini.texts()]
    assert shown == said


async def test_a_message_too_long_to_keep_is_refused_with_a_reason(mini):
    assert await mini.write("长" * 8001)
    assert "8000字" in mini.texts()[-1] and await mini.found() == []


async def test_what_is_not_signed_and_sealed_for_us_is_refused(mini):
    account = mini.platform.accounts["json"]
    now_s = str(int(mini.service.clock.now().timestamp()))
    query, body = signed_request(
        account, '{"ToUserName":"g","FromUserName":"o","MsgType":"text","Content":"x"}', now_s, "n1", "o"
    )

    async def post(query, body, name="json") -> int:
        async with mini.session.post(f"{mini.url}/wechat/mini/{name}", params=query, data=body) as answer:
            return answer.status

    assert await post(query | {"msg_signature": "0" * 40}, body) == 403
    assert await post(query | {"timestamp": "1"}, body) == 403
    assert await post(query, body, "nobody") == 404
    assert await post(query, body, "xml") == 403
    assert await mini.found() == []


async def test_a_slow_turn_shows_that_somebody_is_at_it(mini, monkeypatch):
    monkeypatch.setattr("bot.channels.wechat.mini.TYPING_AFTER_S", 0)
    real, typed = mini.service.intake.receive, asyncio.Event()

    async def slow(inbound, *more):
        while not mini.platform.calls.get("message/custom/business/typing"):  # noqa: ASYNC110 -- the platform rings no bell
            await asyncio.sleep(0)
        typed.set()
        return await real(inbound, *more)

    monkeypatch.setattr(mini.service.intake, "receive", slow)
    assert await mini.write("你好")
    assert typed.is_set() and mini.texts()
