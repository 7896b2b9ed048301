"""WeChat Customer Service from a customer's first word to the end, over real HTTP with sealed callbacks."""

import aiohttp
import pytest
from wechat.kf_world import ACCOUNT, WK1, WK2, WM1, WM2, WM3
from widget.test_uploads import picture

from bot.channels.wechat.fake import Misstep
from bot.message import Attachment
from bot.notices import TicketNotices
from config.catalogue import Catalogue
from config.labels import Audience, FeedbackChannel, Holder, Priority, Role, Speaker, TicketKind, TicketState
from config.settings import KfDesk
from store import queue, tickets
from store.tickets import TicketDraft

PNG = picture("PNG")


async def handed_over(bank, desk) -> str:
    await bank.write("柜员态度太差了，让我等了两个小时")
    await bank.write("转人工")
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    await bank.settle()
    return conversation_id


async def test_from_the_first_word_to_a_ticket_a_person_and_the_end(bank):
    desk = await bank.agent("li")
    await bank.write("柜员态度太差了，让我等了两个小时")
    assert bank.state() == 1
    for answer in ("昨天下午三点", "希望道歉", "不留电话"):
        await bank.write(answer)
    readback = bank.seen()[-1]
    assert readback.type == "msgmenu" and ("/affirm", "确认提交") in readback.choices
    await bank.write("确认提交", menu_id="/affirm")
    (found,) = await bank.conversations()
    (ticket,) = await bank.service.store.read(lambda tx: tickets.of_customer(tx, found.customer_id, None))
    assert ticket.no in bank.texts()[-1] and (ticket.account, ticket.record["branch"]) == (ACCOUNT, "朝阳支行")

    await bank.write("转人工")
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": "您好，我来处理。"}))[0] == 201
    await bank.settle()
    assert bank.texts()[-1] == "您好，我来处理。" and bank.state() == 1
    said = len(bank.texts())
    await bank.write("好的，谢谢")
    assert len(bank.texts()) == said  # the bot is silent
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[0] == 200
    await bank.settle()
    assert bank.texts()[-1].startswith("本次人工服务已结束")
    assert bank.state() == 1  # the ticket is open, and what comes of it may still be told

    await bank.write("你好")  # a new conversation, with the bot, in the same session begun anew
    assert len(await bank.conversations()) == 2 and bank.state() == 1
    assert bank.texts()[-1] != said


async def test_each_address_is_a_conversation_of_its_own_with_its_own_branch(open_bank):
    desks = (KfDesk(open_kfid=WK1, branch="朝阳支行"), KfDesk(open_kfid=WK2, branch="国贸支行", brand="云卡"))
    bank = await open_bank(desks=desks)
    await bank.write("我要投诉，ATM吞了我的卡")
    other = bank.platform.kf.desks[WK2]
    await other.message(WM1, "text", content="我要表扬柜员")
    await bank.settle()
    assert (await bank.lines(WM1, WK1))[0].text == "我要投诉，ATM吞了我的卡"
    assert (await bank.lines(WM1, WK2))[0].text == "我要表扬柜员"
    assert other.sessions.sessions[WM1].state == 1
    first, second = (await bank.conversations(WM1, WK1))[0].state, (await bank.conversations(WM1, WK2))[0].state
    assert (first["branch"], "brand" in first) == ("朝阳支行", False)
    assert (second["branch"], second["brand"]) == ("国贸支行", "云卡")


async def test_whoever_comes_in_is_greeted_once_by_their_code(bank):
    await bank.kf.enter(WM1, scene_param="branch_国贸支行")
    await bank.settle()
    (greeting,) = bank.seen()
    assert greeting.type == "msgmenu" and "您好" in greeting.text and ("/human_request", "转人工") in greeting.choices
    lines = await bank.lines()
    assert {line.delivery for line in lines if line.speaker != Speaker.CUSTOMER} == {"sent"}
    await bank.kf.enter(WM1)  # no code this time
    await bank.settle()
    assert len(bank.seen()) == 1
    assert await bank.service.store.read(queue.length) == 0


async def test_a_code_that_comes_too_late_greets_nobody_and_bothers_nobody(bank, clock):
    await bank.kf.enter(WM1, ring=False)
    clock.advance(21)
    await bank.settle()
    assert bank.seen() == [] and await bank.conversations() == []


async def test_a_greeting_that_is_refused_is_dropped_in_silence(bank):
    bank.platform.misstep("kf/send_msg_on_event", Misstep(errcode=40058))
    await bank.kf.enter(WM1)
    await bank.settle()
    assert bank.seen() == []
    assert {line.delivery for line in await bank.lines() if line.speaker != Speaker.CUSTOMER} == {"cancelled"}
    assert await bank.service.store.read(queue.length) == 0
    async with aiohttp.ClientSession() as session, session.get(f"{bank.url}/readyz") as answer:
        assert "needs_attention" not in await answer.json()
    await bank.write("你好")
    assert bank.texts()


async def test_what_the_customer_takes_back_is_kept_and_marked_at_the_desk(bank):
    desk = await bank.agent("li")
    msgid = await bank.write("我的卡密码好像泄露了")
    await bank.kf.recall(WM1, msgid)
    await bank.kf.recall(WM1, "never-seen")
    await bank.settle()
    (found,) = await bank.conversations()
    assert (await bank.lines())[0].payload["recalled"] is True
    _, page = await desk.get(f"/conversations/{found.id}/messages")
    assert page["items"][0]["recalled"] and page["items"][0]["text"] == "我的卡密码好像泄露了"


async def test_a_bank_that_keeps_nothing_recalled_empties_it(open_bank):
    bank = await open_bank(keep_recalled=False)
    msgid = await bank.write("说错了的话")
    await bank.kf.recall(WM1, msgid)
    await bank.settle()
    assert ((await bank.lines())[0].text, (await bank.lines())[0].payload) == ("", {"recalled": True})


async def test_a_message_that_did_not_arrive_after_all_is_shown_as_failed_and_put_before_a_person(bank):
    await bank.write("你好")
    bank.platform.phones.blocking.add(WM1)
    await bank.write("我要投诉，ATM吞了我的卡")
    lines = await bank.lines()
    failed = [line for line in lines if line.delivery == "failed"]
    assert failed and failed[0].speaker is Speaker.BOT
    assert any(line.type == "delivery_failed" and line.text == "customer_declined" for line in lines)
    assert await bank.service.store.read(queue.length) == 1


async def test_staff_who_answer_in_wecom_take_over_and_give_back(open_bank):
    bank = await open_bank(staffed_in_wecom=True)
    desk = await bank.agent("li")
    await bank.write("转人工")
    assert bank.state() == 2
    # Nobody of ours knows who is ahead in WeCom, and from its queue we can't take anybody back.
    assert bank.texts()[-1].startswith("好的，正在为您转接人工客服，请稍等") and "排队" not in bank.texts()[-1]
    (found,) = await bank.conversations()
    assert (found.holder, found.agent_id) == (Holder.HUMAN, None)
    assert await bank.service.store.read(queue.length) == 0
    assert (await desk.post(f"/conversations/{found.id}/claim"))[0] == 409  # our desk only reads
    assert (await desk.post(f"/conversations/{found.id}/replies", {"text": "我来"}))[0] == 409
    supervisor = await bank.agent("chen", Role.SUPERVISOR)
    status, refused = await supervisor.post(f"/conversations/{found.id}/take-over", {"reason": "我来"})
    assert (status, refused["type"].rpartition(":")[2]) == (409, "with_wecom")
    status, refused = await supervisor.post(f"/conversations/{found.id}/replies", {"text": "插一句"})
    assert (status, refused["type"].rpartition(":")[2]) == (409, "with_wecom")

    await bank.kf.operator_moves(WM1, 3, "zhangsan")
    await bank.kf.operator_says(WM1, "我是张三，您的卡号6222021234567890128对吗")
    before = len(bank.seen())
    await bank.write("对的")
    assert len(bank.seen()) == before
    lines = await bank.lines()
    said = next(line for line in lines if line.speaker is Speaker.AGENT)
    assert (said.payload["servicer"], said.delivery) == ("zhangsan", None) and "6222021234567890128" not in said.text
    _, page = await desk.get(f"/conversations/{found.id}/messages")
    assert next(item for item in page["items"] if item["speaker"] == "agent")["agent"]["name"] == "企业微信 zhangsan"

    await bank.kf.operator_moves(WM1, 4, "zhangsan", change_type=3)
    await bank.settle()
    assert bank.texts()[-1].startswith("本次人工服务已结束")
    assert (await bank.conversations())[0].holder is Holder.ENDED
    await bank.write("你好")
    assert bank.state() == 1 and len(await bank.conversations()) == 2


async def test_the_outcome_is_told_after_the_conversation_as_long_as_the_platform_allows_it(open_bank, clock):
    bank = await open_bank()
    desk = await bank.agent("li")
    await bank.write("转人工")
    conversation_id = await desk.waiting()
    assert (await desk.post(f"/conversations/{conversation_id}/claim"))[0] == 200
    await bank.write("好的，就这些")
    (found,) = await bank.conversations()
    store, now = bank.service.store, clock.now()
    draft = TicketDraft(
        no="FB202611230000017",
        kind=TicketKind.COMPLAINT,
        priority=Priority.NORMAL,
        channel=FeedbackChannel.WECHAT_KF,
        product="atm_selfservice",
        nature="transaction",
        department="operations",
        content="机器吞卡",
        received_at=now,
        due_at=None,
        customer_id=found.customer_id,
        conversation_id=found.id,
    )
    await store.write(lambda tx: tickets.file(tx, draft, now))
    assert (await desk.post(f"/conversations/{conversation_id}/end"))[0] == 200
    await bank.settle()
    assert ((await bank.conversations())[0].holder, bank.state()) == (Holder.ENDED, 1)
    moving = {"expected_version": 1, "actor": "rule:x", "role": "rule", "now": now}
    moved = await store.write(lambda tx: tickets.move(tx, draft.no, TicketState.IN_PROGRESS, **moving))
    assert not isinstance(moved, str)
    await TicketNotices(store, bank.service.bell, clock, Catalogue()).tell_due()
    await bank.settle()
    assert draft.no in bank.texts()[-1]
    clock.advance(48 * 3600 + 1)
    await bank.settle()
    assert bank.state() == 4  # nothing more may be said: the session need not stay open


async def test_customers_of_a_servicer_who_is_off_duty_wait_in_wecoms_queue(open_bank):
    bank = await open_bank(staffed_in_wecom=True, desks=(KfDesk(open_kfid=WK1, servicer="lisi"),))
    await bank.kf.event(WM1, "servicer_status_change", servicer_userid="lisi", status=2)
    await bank.write("转人工")
    assert bank.state() == 2
    await bank.kf.event(WM2, "servicer_status_change", servicer_userid="lisi", status=1)
    await bank.write("转人工", WM2)
    assert (bank.state(WM2), bank.kf.sessions.sessions[WM2].servicer) == (3, "lisi")


@pytest.mark.parametrize("told", [True, False], ids=["an event says that they are back", "the event was missed"])
async def test_a_servicer_who_turns_out_to_be_off_duty_is_asked_again_when_they_may_be_back(open_bank, clock, told):
    bank = await open_bank(staffed_in_wecom=True, desks=(KfDesk(open_kfid=WK1, servicer="lisi"),))
    moves = bank.platform.calls
    bank.platform.misstep("kf/service_state/trans", Misstep(errcode=95012))
    await bank.write("转人工")
    clock.advance(3)
    await bank.settle()
    assert (bank.state(), moves["kf/service_state/trans"]) == (2, 2)  # refused once, then the queue has them
    await bank.write("转人工", WM2)
    assert (bank.state(WM2), moves["kf/service_state/trans"]) == (2, 3)  # nobody is asked in vain a second time
    if told:
        await bank.kf.event(WM2, "servicer_status_change", servicer_userid="lisi", status=1)
    else:
        clock.advance(601)
    await bank.write("转人工", WM3)
    assert (bank.state(WM3), bank.kf.sessions.sessions[WM3].servicer) == (3, "lisi")


async def test_a_handoff_goes_to_the_servicer_that_an_address_names(open_bank):
    bank = await open_bank(staffed_in_wecom=True, desks=(KfDesk(open_kfid=WK1, servicer="lisi"),))
    await bank.write("转人工")
    assert (bank.state(), bank.kf.sessions.sessions[WM1].servicer) == (3, "lisi")


async def test_whoever_is_taken_in_wecom_by_surprise_is_left_to_them(bank):
    desk = await bank.agent("li")
    conversation_id = await handed_over(bank, desk)
    await bank.kf.operator_moves(WM1, 3, "zhangsan")
    await bank.settle()
    (found,) = await bank.conversations()
    assert (found.holder, found.agent_id) == (Holder.HUMAN, None)
    assert (await desk.post(f"/conversations/{conversation_id}/replies", {"text": "我来"}))[0] == 409
    notes = [line.text for line in await bank.lines() if line.audience is Audience.DESK]
    assert any("zhangsan" in text for text in notes)


async def test_files_come_in_and_pictures_go_out(bank):
    media_id = bank.platform.keep(PNG, "image/png")
    await bank.kf.message(WM1, "image", media_id=media_id)
    big = b"%PDF-1.7\n" + bytes(21 * 1024 * 1024)
    await bank.kf.message(WM1, "file", media_id=bank.platform.keep(big, "application/pdf", "证明.pdf"))
    await bank.settle()
    (found,) = await bank.conversations()
    assert await bank.fetch_media() == 2
    files = [line.payload["attachments"][0] for line in await bank.lines() if line.payload.get("attachments")]
    assert [(item["media_type"], item["size"]) for item in files] == [("image/png", len(PNG)), ("application/pdf", len(big))]

    await bank.write("你好")  # five messages for each of theirs, and their files have used them up
    blob_id = await bank.service.blobs.put(PNG)
    await bank.agent_sends(found.id, "请看图", Attachment(blob_id, "image/png", len(PNG), "a.png"))
    await bank.settle()
    picture, text = bank.seen()[-2:]
    assert (picture.type, text.text) == ("image", "请看图") and bank.platform.media[picture.media_id][0] == PNG


async def test_every_kind_of_item_is_taken_and_counted_and_what_is_unknown_stops_nothing(bank):
    await bank.kf.message(WM1, "hologram", ring=False, data="x")
    await bank.kf.message(WM1, "location", ring=False, latitude=39.9, longitude=116.4, name="国贸", address="朝阳区")
    await bank.kf.message(WM1, "business_card", ring=False, userid="")
    await bank.kf.event(WM1, "moon_landing", ring=False)
    await bank.kf.event("", "servicer_status_change", ring=False, servicer_userid="lisi", status=1)
    await bank.kf.event(WM1, "reject_customer_msg_switch_change", ring=False, servicer_userid="lisi", reject_switch=1)
    await bank.write("你好")
    lines = [line for line in await bank.lines() if line.speaker is Speaker.CUSTOMER]
    assert [line.type for line in lines] == ["file", "location", "link", "text"]
    assert lines[0].payload["item"]["parts"] == ["hologram"] and lines[2].text == "（名片）"
    assert any("lisi" in line.text for line in await bank.lines() if line.audience is Audience.DESK)
    assert bank.channel.seen["other"] == 2


async def test_a_message_too_long_to_keep_is_refused_with_a_reason(bank):
    await bank.write("长" * 8001)
    assert "8000字" in bank.texts()[-1] and await bank.conversations() == []
    await bank.write("你好")
    assert len(await bank.conversations()) == 1


async def test_two_customers_do_not_disturb_each_other(bank):
    await bank.write("我要投诉，ATM吞了我的卡")
    await bank.write("我要表扬柜员小王", user=WM2)
    assert len(await bank.conversations(WM1)) == len(await bank.conversations(WM2)) == 1
    assert (await bank.lines(WM2))[0].text == "我要表扬柜员小王"
