"""Customers who answer something else than was asked, in scraps, cross, or in a panic. Nothing they said is lost or misplaced."""

from dataclasses import replace

import pytest
from dialogue.talking import ALWAYS_OPEN, FACTS, NOW, NUMBER, Chat, record, said_all

from bot.effects import FileTicket, HandOff, SupplementTicket
from config.labels import FeedbackChannel, Priority, TicketKind, TicketState
from store.model import Ticket


def test_a_matter_told_in_scraps_is_put_together_from_its_first_word_on(parts):
    chat = Chat(parts)
    said_all(chat, "钱没到", "昨天转的", "5000", "转给我同学")
    assert record(chat)["problem"].split("\n") == ["钱没到", "昨天转的", "转给我同学"]
    assert record(chat)["amount_yuan"] == 5000
    assert chat.state["draft"]["urgent"] is False


def test_a_word_to_begin_with_is_kept_and_wants_nobody_at_once(parts):
    chat = Chat(parts)
    answer = said_all(chat, "我要投诉", "你们的客服")
    assert "记下了" in answer and chat.did(HandOff) is None
    chat.say("态度特别差 叫什么小李的")
    assert record(chat)["problem"] == "你们的客服\n态度特别差 叫什么小李的"


def test_telling_more_is_no_demand(parts):
    chat = Chat(parts)
    said_all(chat, "你们这app又闪退了", "昨天晚上八点", "就转账那个页面一点就退")
    assert "demand" not in record(chat) and "一点就退" in record(chat)["problem"]


def test_a_demand_of_two_parts_is_kept_whole(parts):
    chat = Chat(parts)
    said_all(chat, "昨天在朝阳支行被忽悠买了保险", "要求全额退保 赔礼道歉 不然我找媒体")
    assert record(chat)["demand"] == "要求全额退保 赔礼道歉 不然我找媒体"


def test_a_phone_model_is_no_time(parts):
    chat = Chat(parts)
    answer = said_all(chat, "app闪退", "安卓 华为mate60")
    assert "记下了" in answer and "没看懂" not in answer


def test_a_place_said_first_is_the_place(parts):
    chat = Chat(parts)
    said_all(chat, "卡被吞了！！！", "国贸那个机子")
    assert record(chat)["place"] == "国贸那个机子"


def test_a_place_beside_the_time_is_the_place(parts):
    chat = Chat(parts)
    answer = said_all(chat, "ATM吐出来的钱有一张是假的", "昨天下午 建国门那台")
    assert record(chat)["place"] == "建国门那台" and "哪个网点" not in answer


def test_a_place_behind_a_time_of_day_is_the_place(parts):
    chat = Chat(parts)
    said_all(chat, "ATM吐出来的钱有一张是假的", "昨天 晚上 南门那台")
    assert record(chat)["place"] == "南门那台"


@pytest.mark.parametrize("said", ["喂？", "在吗", "快点啊"])
def test_calling_out_is_no_message_to_file(parts, said):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "转人工", said)
    assert chat.did(FileTicket) is None and answer


def test_to_stop_is_a_demand(parts):
    chat = Chat(parts)
    said_all(chat, "你们催收天天给我家里人打电话 我爸心脏病都犯了", "停止骚扰 不然我去12378投诉")
    assert record(chat)["demand"].startswith("停止骚扰")


def test_to_take_back_is_no_alarm(parts):
    chat = Chat(parts, replace(FACTS, tickets=(ticket(),)))
    assert NUMBER in chat.say("我要撤回刚才的投诉") and chat.did(HandOff) is None


def test_a_time_said_to_the_question_for_a_number_is_no_bad_number(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "我昨天在atm取了2000 吐出来1800 余额扣了2000", "五道口地铁站那台")
    assert "号码好像不太对" not in chat.say("昨晚9点")
    assert record(chat)["occurred_at"] == "2026-11-22T21:00:00+08:00"


def test_a_machine_that_gave_too_little_is_no_theft(parts):
    answer = Chat(parts, ALWAYS_OPEN).say("我昨天在atm取了2000 吐出来1800 余额扣了2000")
    assert "凭条" in answer and "不要再转账" not in answer


def test_whose_card_was_blocked_is_not_told_to_block_it(parts):
    answer = Chat(parts, ALWAYS_OPEN).say("冻结了我的卡 说我涉诈 我就是个卖菜的 钱都在里头 孩子等着交学费")
    assert "核实后才能解除" in answer and "挂失" not in answer


def test_a_wish_said_to_the_read_back_becomes_the_demand(parts):
    chat = Chat(parts)
    said_all(chat, "你们信用卡乱扣我年费", "昨天", "没有要求", "不留")
    assert "诉求：退给我" in chat.say("退给我")


def test_questions_without_an_answer_are_gathered_and_filed_together(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "信用卡账单日能改吗", "还款日能改到15号吗")
    answer = chat.say("登记问题")
    assert "账单日能改吗" in answer and "还款日能改到15号吗" in answer


def test_an_apology_wanted_is_no_place(parts):
    chat = Chat(parts)
    said_all(chat, "柜员态度太差了 骂我", "昨天", "道歉")
    assert record(chat)["demand"] == "道歉" and "place" not in record(chat)


@pytest.mark.parametrize("said", ["对", "好", "行"])
def test_a_yes_to_a_question_for_a_number_puts_it_once_more_and_then_reads_back(parts, said):
    chat = Chat(parts)
    said_all(chat, "你们信用卡乱扣我年费", "昨天", "退钱给我")
    assert "手机号" in chat.say(said)
    assert "请您核对" in chat.say(said)
    assert chat.did(HandOff) is None


@pytest.mark.parametrize("said", ["没有别的了", "没", "没了", "就这样", "就这些", "不用改了", "係", "冇问题", "没毛病"])
def test_nothing_to_change_is_a_yes_to_the_read_back(parts, said):
    chat = Chat(parts)
    said_all(chat, "你们信用卡乱扣我年费", "昨天", "退钱给我", "不留")
    chat.say(said)
    assert chat.did(FileTicket) is not None


@pytest.mark.parametrize("said", ["不对", "修改", "唔係"])
def test_no_is_no_yes_to_the_read_back(parts, said):
    chat = Chat(parts)
    said_all(chat, "你们信用卡乱扣我年费", "昨天", "退钱给我", "不留", said)
    assert chat.did(FileTicket) is None


def test_what_is_on_record_already_is_no_change_that_was_not_understood(parts):
    chat = Chat(parts)
    answer = said_all(chat, "建議你們APP加個深色模式 晚上睇到眼都盲", "手機銀行")
    assert "已经记下" in answer and "没看懂" not in answer


def test_the_robbed_are_heard_told_what_the_bot_cannot_do_and_not_asked_for_ever(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "我的卡被盗刷了2万8！！！刚刚！")
    assert "记下了" in chat.say("不是我刷的")
    answer = chat.say("快点帮我冻结")
    assert "办不了" in answer and "客服电话" in answer and "请您核对" in answer
    assert "不是我刷的" in record(chat)["problem"]


@pytest.mark.parametrize("said", ["能不能说人话", "你是不是傻", "说了多少遍了", "刚不是说了吗", "答非所问"])
def test_who_scolds_the_bot_hears_sorry_and_is_offered_a_person(parts, said):
    chat = Chat(parts)
    answer = said_all(chat, "你们信用卡乱扣我年费", said)
    assert "是我没弄明白" in answer and "什么时候" in answer
    assert chat.state["draft"]["kind"] == TicketKind.COMPLAINT
    chat.say("说人话")
    assert chat.did(HandOff) is not None


@pytest.mark.parametrize(
    "said", ["验证码发了几次都没收到", "问了好几次都没人理我", "你们客服听不懂人话", "柜员说了好几遍让我等着"]
)
def test_a_complaint_in_such_words_is_no_scolding_of_the_bot(parts, said):
    assert "是我没弄明白" not in Chat(parts).say(said)


@pytest.mark.parametrize("said", ["这个", "请问多久有结果"])
def test_what_agrees_to_nothing_files_nothing_and_becomes_no_demand(parts, said):
    chat = Chat(parts)
    said_all(chat, "你们信用卡乱扣我年费", "昨天", "没有要求", "不留", said)
    assert chat.did(FileTicket) is None and "demand" not in record(chat)


def test_marks_alone_open_no_complaint(parts):
    chat = Chat(parts)
    assert "有什么可以帮您" in chat.say("？？？")
    assert chat.state.get("draft") is None


def test_no_message_wanted_is_no_message_filed(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "转人工", "我要找你们领导")
    assert chat.did(FileTicket) is None
    chat.say("不想说")
    assert chat.did(FileTicket) is None and chat.state.get("draft") is None


def test_in_opening_hours_nobody_is_told_the_opening_hours(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said = [said_all(chat, "你们信用卡乱扣我年费", "转人工"), said_all(Chat(parts, ALWAYS_OPEN), "人工", "年费扣错了两次请处理")]
    assert all("0:00" not in answer for answer in said)


def ticket(**changes) -> Ticket:
    values = {
        "no": NUMBER,
        "kind": TicketKind.COMPLAINT,
        "state": TicketState.PENDING,
        "priority": Priority.NORMAL,
        "version": 1,
        "channel": FeedbackChannel.IN_APP,
        "account": "main",
        "customer_id": "c",
        "conversation_id": "v",
        "product": "hotline",
        "nature": "A",
        "department": "ops",
        "content": "",
        "record": {},
        "contact_phone": None,
        "customer_name": None,
        "received_at": NOW,
        "due_at": None,
        "updated_at": NOW,
    }
    return Ticket(**{**values, **changes})


def test_a_scrap_right_after_filing_goes_to_the_ticket(parts):
    chat = Chat(parts, replace(FACTS, tickets=(ticket(),)))
    answer = chat.say("是昨天打95xxx的时候")
    assert chat.did(SupplementTicket).ticket_no == NUMBER and NUMBER in answer


def test_long_after_filing_a_scrap_goes_nowhere_unasked(parts):
    old = ticket(received_at=NOW.replace(day=20))
    chat = Chat(parts, replace(FACTS, tickets=(old,)))
    chat.say("是昨天打95xxx的时候")
    assert chat.did(SupplementTicket) is None


def test_more_of_the_same_business_said_after_filing_goes_to_that_ticket(parts):
    chat = Chat(parts, replace(FACTS, tickets=(ticket(product="branch_service"),)))
    chat.say("还有 当时网点排了一个多小时队")
    assert chat.did(SupplementTicket) is not None
    other = Chat(parts, replace(FACTS, tickets=(ticket(product="credit_card"),)))
    other.say("还有 你们网点排队排了一个多小时")
    assert other.did(SupplementTicket) is None and other.state["draft"]["kind"] == TicketKind.COMPLAINT


def test_who_is_told_that_nothing_was_found_is_helped_on(parts):
    chat = Chat(parts)
    assert "没有工单号也没关系" in said_all(chat, "查进度", "我明明投诉过的")
    assert "没有工单号也没关系" in said_all(Chat(parts), "查进度", "查不到？")
