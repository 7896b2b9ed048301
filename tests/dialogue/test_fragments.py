"""People write in scraps, swear, and answer what was not asked: what they said is taken for what it is, and not asked again."""

from dataclasses import replace

import pytest
from dialogue.talking import FACTS, Chat

from bot.effects import FileTicket, HandOff


def said_all(chat: Chat, *lines: str) -> str:
    answer = ""
    for line in lines:
        answer = chat.say(line)
    return answer


def test_scraps_of_a_matter_end_up_where_they_belong(parts):
    chat = Chat(parts)
    answer = said_all(chat, "妈的你们破银行又扣老子钱", "年费300", "上个月", "退钱", "不留")
    for line in ("年费300", "时间：上个月", "金额：300元", "诉求：退钱", "业务：收费"):
        assert line in answer


def test_what_is_no_time_is_taken_as_more_of_the_matter(parts):
    chat = Chat(parts)
    assert "记下了" in said_all(chat, "app闪退", "苹果手机")
    answer = said_all(chat, "前天开始的", "赶紧修好", "不用联系我")
    assert "苹果手机" in answer and "时间：11月21日" in answer and "诉求：赶紧修好" in answer


def test_short_and_plain_is_enough_of_a_problem(parts):
    assert "什么时候" in Chat(parts).say("app闪退")


@pytest.mark.parametrize("said", ["不用联系我", "别给我打电话", "不用了", "不用了谢谢", "不需要"])
def test_no_wish_to_be_called_is_no_wish_to_drop_everything(parts, said):
    chat = Chat(parts)
    answer = said_all(chat, "你们信用卡乱扣我年费", "昨天", "把钱退给我", said)
    assert "请您核对" in answer and "不要了吗" not in answer


def test_a_demand_said_when_a_number_was_asked_for_is_kept(parts):
    chat = Chat(parts)
    chat.say("你们信用卡乱扣我年费")
    chat.say("昨天")
    chat.say("没有特别要求")
    answer = chat.say("算利息赔给我")
    assert "号码好像不太对" not in answer
    assert chat.state["draft"]["record"]["demand"] == "算利息赔给我"


def test_who_does_not_know_what_the_charge_is_told_more_and_no_demand(parts):
    chat = Chat(parts)
    said_all(chat, "信用卡乱扣费 扣了好几次了", "昨天", "不晓得什么费")
    assert "demand" not in chat.state["draft"]["record"]
    assert "不晓得什么费" in chat.state["draft"]["record"]["problem"]


def test_an_answer_that_the_model_alone_takes_for_an_alarm_is_an_answer(parts):
    chat = Chat(parts)
    said_all(chat, "取钱取不出来 一直显示系统故障", "人民广场那台机器 今早八点多")
    assert chat.did(HandOff) is None
    assert chat.state["draft"]["record"]["place"] == "人民广场"


def test_a_bare_number_puts_the_sum_right(parts):
    chat = Chat(parts, replace(FACTS, known_phone="13812345678"))
    chat.say("昨天信用卡多收了我500元手续费，要求退还500元")
    answer = chat.say("不对，应该是300")
    assert "金额：300元" in answer and "诉求：要求退还300元" in answer


def test_suggestions_and_praise_are_not_read_back_twice(parts):
    chat = Chat(parts)
    assert "诉求" not in chat.say("建议你们增加夜间模式")
    chat = Chat(parts)
    answer = chat.say("朝阳支行的小李服务特别好 表扬她")
    assert "表扬对象：小李" in answer and "工作人员" not in answer


def test_how_to_hear_back_is_kept_with_the_ticket(parts):
    chat = Chat(parts)
    said_all(chat, "昨天你们信用卡乱扣我年费，把钱退给我，结果短信通知我", "13812345678", "确认")
    assert chat.did(FileTicket).record["preferred_channel"] == "sms"


def test_an_app_that_fails_somebody_in_need_brings_no_advice_to_block_the_card(parts):
    answer = Chat(parts).say("手机银行登不上去了 急死 我要给我妈转医药费")
    assert "挂失" not in answer
