"""A customer tells several things in one breath: the gravest is taken on first, none is lost, nothing is asked twice."""

from dataclasses import replace

import pytest
from dialogue.talking import FACTS, NOW, Chat
from making_rows import conversation, customer

from bot.effects import FileTicket, HandOff
from bot.intake.plan import CARRIED
from config.labels import Priority
from handoff.brief import brief
from intents.redact import redact
from intents.training_data import read_examples

THREE = "ATM吞了我的卡，另外上个月年费也扣错了，还有你们APP老闪退"


def test_each_matter_gets_a_ticket_of_its_own_and_the_urgent_one_goes_first(parts):
    chat = Chat(parts)
    assert "先别离开机器" in chat.say(THREE)
    chat.say("昨天下午三点，人民路支行，13812345678")
    said = chat.say("确认")
    first = chat.did(FileTicket)
    assert (first.content, first.product, first.priority) == ("ATM吞了我的卡", "atm_selfservice", Priority.URGENT)
    assert "您还提到“上个月年费也扣错了”" in said
    chat.say("一起登记")
    assert "138****5678" in chat.say("把年费退给我"), "the number is known"
    said = chat.say("确认")
    second = chat.did(FileTicket)
    assert (second.content, second.product, second.record["occurred_at"]) == ("上个月年费也扣错了", "fees", "上个月")
    assert second.record["demand"] == "把年费退给我"
    assert "machine" not in second.record, "what belongs to the first matter stays there"
    assert "您还提到“你们APP老闪退”" in said
    chat.say("要")
    chat.say("跳过")
    chat.say("确认")
    assert chat.did(FileTicket).content == "你们APP老闪退"
    assert "matters" not in chat.state


def test_at_most_one_question_is_asked_for_each_further_matter(parts):
    chat = Chat(parts)
    chat.say(THREE)
    chat.say("昨天下午三点，人民路支行，13812345678")
    chat.say("确认")
    chat.say("好的")
    assert "请您核对" in chat.say("没有特别要求")


def test_a_matter_that_is_declined_is_passed_over_and_the_next_one_offered(parts):
    chat = Chat(parts)
    chat.say(THREE)
    chat.say("昨天下午三点，人民路支行，13812345678")
    chat.say("确认")
    assert "你们APP老闪退" in chat.say("不用了")
    assert "要不要" not in chat.say("不用")
    assert "matters" not in chat.state


def test_all_others_may_be_declined_at_once(parts):
    chat = Chat(parts)
    chat.say(THREE)
    chat.say("昨天下午三点，人民路支行，13812345678")
    chat.say("确认")
    chat.say("其他的不用了")
    assert "matters" not in chat.state


def test_what_is_told_with_the_yes_is_not_asked_again(parts):
    chat = Chat(parts)
    chat.say("取款机吞了我的卡，另外你们APP老闪退")
    chat.say("昨天下午三点，人民路支行，13812345678")
    chat.say("确认")
    said = chat.say("好，前天晚上8点开始的，希望尽快修复")
    assert "11月21日晚上8点" in said
    assert "请您核对" in said


def test_a_suggestion_beside_a_complaint_waits_until_the_complaint_is_filed(parts):
    chat = Chat(parts, replace(FACTS, known_phone="13812345678"))
    assert "抱歉" in chat.say("我要投诉柜员态度恶劣，另外建议手机银行加个夜间模式")
    chat.say("昨天上午 朝阳支行")
    chat.say("道歉")
    assert "建议手机银行加个夜间模式" in chat.say("确认")
    chat.say("一起登记")
    chat.say("确认")
    assert chat.did(FileTicket).kind == "suggestion"


def test_a_person_who_takes_over_is_told_of_every_matter(parts):
    chat = Chat(parts)
    chat.say("卡被盗刷了3000，另外你们APP老闪退")
    handed = chat.did(HandOff)
    assert (handed.priority, handed.brief["summary"], handed.brief["matters"]) == (
        Priority.URGENT,
        "卡被盗刷了3000",
        ["你们APP老闪退"],
    )
    opened = brief(replace(conversation(customer()), state=chat.state), (), None)
    assert [(one["text"], one["product"], one["urgent"]) for one in opened["matters"]] == [("你们APP老闪退", "mobile_app", False)]


def test_who_asks_for_a_person_at_once_is_put_through_with_all_of_them(parts):
    chat = Chat(parts)
    chat.say("转人工！信用卡年费乱扣，还有柜员态度也太差了")
    assert chat.did(HandOff).brief["matters"] == ["转人工！信用卡年费乱扣", "柜员态度也太差了"]


def test_matters_left_over_when_the_person_is_done_are_offered_in_the_next_conversation(parts):
    chat = Chat(parts)
    chat.say("卡被盗刷了3000，另外你们APP老闪退")
    # The person filed the draft and ended; the rest of the state goes on.
    chat.state = {key: chat.state[key] for key in CARRIED if key in chat.state and key != "draft"}
    assert "您还提到“你们APP老闪退”" in chat.say("你好")
    chat.say("一起登记")
    chat.say("跳过")
    chat.say("确认")
    assert chat.did(FileTicket).content == "你们APP老闪退"


def test_something_else_said_instead_of_an_answer_is_heard(parts):
    chat = Chat(parts)
    chat.say(THREE)
    chat.say("昨天下午三点，人民路支行，13812345678")
    chat.say("确认")
    chat.say("等等，我的卡刚刚被盗刷了五千块")
    assert chat.did(HandOff).priority is Priority.URGENT
    assert len(chat.did(HandOff).brief["matters"]) == 2


@pytest.mark.parametrize(
    ("said", "products"),
    [
        ("信用卡年费乱扣，还有柜员态度也太差了", 2),
        ("1.手机银行登不上 2.年费收错了 3.柜台排队两小时", 3),
        ("第一，理财亏损没人告知；第二，客户经理态度敷衍", 2),
        ("贷款提前还款收违约金不合理，再就是你们客服电话永远打不通", 2),
        ("取款机少吐200，顺便说一下大堂保安态度很好表扬一下", 2),
        ("今天去办业务等了俩小时。对了，你们信用卡催收天天骚扰我家人", 2),
    ],
)
def test_several_matters_are_told_apart(parts, said, products):
    u = parts[1].understand(redact(said), NOW)
    assert len(u.matters) == products
    assert min(item.start for item in u.matters) == 0
    shown = parts[1].parse_result(u)["feedback"]["matters"]
    assert [item["text"] for item in shown] == [u.text[item.start : item.end] for item in u.matters]


@pytest.mark.parametrize(
    "said",
    [
        "你们APP闪退，另外我的手机号是13800138000",
        "房贷利率没下调，另外请尽快给我回电话",
        "卡被盗刷了3000，还有人用我的身份证",
        "排队两小时，还有没有人管",
        "诉求如下：一、退还顾问费；二、书面说明原因",
        "你好",
        "",
    ],
)
def test_one_matter_told_at_length_stays_one(parts, said):
    assert parts[1].understand(redact(said), NOW).matters == ()


def test_hardly_a_message_with_one_matter_is_taken_for_several(parts):
    """The training texts were written with one matter each."""
    examples = [item.text for item in read_examples() if len(item.text) >= 30]
    several = [text for text in examples if parts[1].understand(redact(text), NOW).matters]
    assert len(several) <= len(examples) / 100, several
