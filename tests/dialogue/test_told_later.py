"""What is told after the first message: more of the matter, changes, scraps, slips. It is put where it belongs, and nothing is lost."""

from dataclasses import replace

import pytest
from dialogue.talking import ALWAYS_OPEN, NUMBER, Chat, record, said_all

from bot.effects import FileTicket, HandOff
from config.labels import Priority, TicketKind


def test_what_brings_a_person_in_is_told_to_them_too(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "信用卡年费乱扣我280元", "你们到底会不会办事", "嗯嗯啊啊乱七八糟", "你们客服把我拉黑了")
    assert "你们客服把我拉黑了" in record(chat)["problem"]


def test_a_call_to_ones_own_boss_is_no_wish_for_a_person(parts):
    chat = Chat(parts)
    said_all(chat, "天天给我家人打电话催收你们要不要脸", "信用卡逾期两个月我又不是不还", "打给我单位领导了都")
    assert chat.did(HandOff) is None
    assert chat.state["draft"]["product"] == "credit_card"
    assert "打给我单位领导了都" in record(chat)["problem"] and "demand" not in record(chat)


def test_when_it_began_says_more_than_every_day(parts):
    chat = Chat(parts)
    said_all(chat, "天天给我家人打电话催收你们要不要脸", "停止骚扰家人", "上周开始的")
    assert record(chat)["occurred_at"] == "上周"


def test_that_there_is_a_complaint_is_known_at_the_read_back(parts):
    chat = Chat(parts)
    answer = said_all(chat, "信用卡年费乱扣我280元 昨天", "退钱", "不留电话", "我要投诉！")
    assert "已经记下了" in answer and "请您核对" in answer and "我要投诉" not in record(chat)["problem"]


def test_another_sum_named_at_the_read_back_does_not_replace_the_one_on_record(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "工资卡里少了两百块钱", "不知道怎么回事", "不留", "短信费一个月才两块吧")
    assert record(chat)["amount_yuan"] == 200
    assert "短信费一个月才两块吧" in record(chat)["problem"]


def test_more_of_the_matter_told_at_the_read_back_replaces_nothing(parts):
    chat = Chat(parts)
    said_all(chat, "app转账转不出去", "今天", "尽快修复", "不用打电话", "还有问题是提示网络异常")
    assert record(chat)["problem"].split("\n") == ["app转账转不出去", "还有问题是提示网络异常"]


def test_a_sum_named_at_the_read_back_is_put_on_record(parts):
    chat = Chat(parts)
    said_all(chat, "app转账转不出去", "今天", "尽快修复", "不用打电话", "金额也写上3000")
    assert record(chat)["amount_yuan"] == 3000


def test_thanks_agree_to_a_read_back(parts):
    chat = Chat(parts)
    answer = said_all(chat, "app转账转不出去", "今天", "尽快修复", "不用打电话", "好的谢谢")
    assert NUMBER in answer and chat.did(FileTicket)


def test_praise_told_in_pieces_is_kept_whole(parts):
    chat = Chat(parts)
    said_all(chat, "表扬一下你们解放路支行的小李", "人特别好", "帮我妈填单子")
    assert record(chat)["problem"].split("\n") == ["表扬一下你们解放路支行的小李", "人特别好", "帮我妈填单子"]


def test_a_wish_is_no_place(parts):
    chat = Chat(parts)
    said_all(chat, "柜台那个姑娘说我存折不能用了", "昨天上午", "我就要存折")
    assert "place" not in record(chat)


def test_a_part_of_the_day_is_read_back(parts):
    chat = Chat(parts)
    answer = said_all(chat, "app转账转不出去", "昨天上午", "尽快修复", "不用打电话")
    assert "时间：11月22日上午\n" in answer


def test_who_lost_the_number_is_told_what_can_be_done(parts):
    chat = Chat(parts)
    answer = said_all(chat, "我上个月投诉的事情怎么没下文了", "工单号不记得了")
    assert "没有工单号也没关系" in answer


@pytest.mark.parametrize("word", ["哦", "嗯嗯。", "这样啊", "知道了"])
def test_a_nod_is_no_misunderstanding(parts, word):
    chat = Chat(parts)
    said_all(chat, "股票能买哪个", word, word)
    assert chat.did(HandOff) is None and chat.state.get("failures", 0) <= 1


def test_what_is_not_for_the_bank_is_told_so(parts):
    assert "帮不上忙" in Chat(parts).say("股票能买哪个")


def test_a_word_to_the_bot_is_no_message_for_people(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    for line in ("转人工", "哦", "那你会啥", "在？"):
        chat.say(line)
        assert chat.did(FileTicket) is None
    chat.say("算了 我就说一句 你们朝阳支行的停车位太少了")
    assert "停车位" in chat.did(FileTicket).content


def test_somebody_who_introduces_himself_has_complained_of_nothing_yet(parts):
    chat = Chat(parts)
    assert "请问有什么可以帮您" in chat.say("小同志你好我是个老年人")
    assert "draft" not in chat.state


def test_who_wants_to_complain_of_somebody_asks_nothing(parts):
    chat = Chat(parts)
    said_all(chat, "我想投诉你们一个员工", "她泄露我的个人信息")
    assert chat.state["draft"]["kind"] == TicketKind.COMPLAINT
    assert record(chat)["problem"] == "我想投诉你们一个员工\n她泄露我的个人信息"


def test_an_open_offer_to_file_a_question_outlives_scraps_and_thanks(parts):
    chat = Chat(parts)
    answer = said_all(chat, "我妈82岁了腿脚不便 社保卡要激活必须本人去银行吗", "能上门吗", "在通州", "谢谢你", "登记吧")
    assert "请您核对" in answer
    assert record(chat)["problem"].split("\n")[1:] == ["能上门吗", "在通州"]


def test_what_frightened_us_stands_in_the_message_that_is_left(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "不想活了", "你们逼的")
    assert chat.did(FileTicket).content == "不想活了\n你们逼的"
    assert chat.did(FileTicket).priority == Priority.URGENT


def test_money_needed_beside_a_blocked_card_gets_the_advice_for_that(parts):
    chat = Chat(parts)
    answer = said_all(chat, "打客服打了半个小时没人接", "我就想问下我的卡为啥被冻结", "急死了 老婆在医院要交押金")
    assert "等着急用" in answer


class HardOfHearing:
    """Understands nothing of one message, and all others."""

    def __init__(self, understander, text: str) -> None:
        self._understander, self._text = understander, text

    def understand(self, redacted, *args, **options):
        u = self._understander.understand(redacted, *args, **options)
        return replace(u, understood=False) if redacted.text == self._text else u


def test_what_was_not_understood_at_first_stands_before_what_was(parts):
    riddle = "药店刷它说什么呗"
    chat = Chat((parts[0], HardOfHearing(parts[1], riddle)))
    said_all(chat, riddle, "我的app登不上去")
    assert record(chat)["problem"].split("\n") == [riddle, "我的app登不上去"]


def test_words_that_name_a_function_are_part_of_the_matter(parts):
    chat = Chat(parts)
    said_all(chat, "药店刷它说什么状态异常，我要投诉", "我的app登不上去")
    assert "我的app登不上去" in record(chat)["problem"]


def test_a_time_alone_alarms_nobody(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    assert "请先保住资金安全" not in chat.say("就今天早上")


def test_a_question_that_goes_on_from_one_that_was_answered_is_filed_with_it(parts):
    chat = Chat(parts)
    said_all(chat, "我替我爸问的 他的存折丢了怎么办", "他人在外地", "要多少钱手续费", "那帮我登记一下")
    assert record(chat)["problem"].split("\n") == ["我替我爸问的 他的存折丢了怎么办", "他人在外地", "要多少钱手续费"]


def test_a_bank_named_is_no_demand(parts):
    chat = Chat(parts)
    said_all(chat, "转账一直没到账", "昨天转的", "农行")
    assert "demand" not in record(chat) and "农行" in record(chat)["problem"]


def test_what_has_settled_itself_is_dropped_once_that_is_agreed(parts):
    chat = Chat(parts)
    assert "不用登记了吗" in said_all(chat, "我的app登不上去", "昨天", "app又好了 谢谢")
    assert "已经取消" in chat.say("对 不要了") and "draft" not in chat.state


def test_a_sum_put_right_while_a_number_is_asked_for_is_no_telephone_number(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "ATM吞了我500块钱 昨天晚上 建设路", "钱是600")
    assert record(chat)["amount_yuan"] == 600 and "号码好像不太对" not in answer


def test_who_only_wanted_to_say_it_demands_nothing_and_names_nobody(parts):
    chat = Chat(parts)
    said_all(chat, "你们网点排队太久了", "今天上午", "中山路支行", "不要你们处理 就是说说")
    assert {"demand", "staff_name"}.isdisjoint(record(chat))


def test_a_call_for_an_answer_is_no_message_for_people(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    for line in ("转人工", "说话", "人呢人呢"):
        chat.say(line)
        assert chat.did(FileTicket) is None


def test_who_hesitates_is_listened_to(parts):
    assert "您请说" in Chat(parts).say("我那个")


def test_a_rate_is_no_time(parts):
    chat = Chat(parts)
    said_all(chat, "房贷利率怎么还没给我降，我要投诉", "我存量房贷 4.9")
    assert "occurred_at" not in record(chat) and "4.9" in record(chat)["problem"]


def test_what_is_told_in_the_words_of_a_frequent_question_is_not_answered_but_kept(parts):
    chat = Chat(parts)
    said_all(chat, "你们把我征信搞上黑名单了", "我没欠钱", "查征信才知道有个逾期")
    assert "查征信才知道有个逾期" in record(chat)["problem"]


def test_matters_counted_with_one_is_two_is_are_offered_one_by_one(parts):
    chat = Chat(parts)
    answer = said_all(chat, "一是转账手续费太贵，二是app老闪退，三是你们网点空调坏了热死人", "今天", "减免手续费", "不留", "确认")
    assert "二是app老闪退" in answer and "一起登记" in answer


def test_leave_it_at_that_agrees_to_a_read_back(parts):
    chat = Chat(parts)
    answer = said_all(chat, "建议app加个大字版", "算了就这样吧")
    assert NUMBER in answer


def test_to_file_after_all_does_not_drop_what_was_told(parts):
    chat = Chat(parts)
    said_all(chat, "建议app加个大字版", "取消", "提交")
    assert chat.state["form"] == "confirm" and "大字版" in record(chat)["problem"]


def test_a_slip_of_the_finger_is_no_matter(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    for line in ("转人工", "按错了 不好意思"):
        chat.say(line)
    assert chat.did(FileTicket) is None and "form" not in chat.state


def test_a_word_too_short_for_a_message_is_kept_and_asked_on(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "转人工", "空调")
    assert chat.did(FileTicket) is None
    chat.say("东风路支行的坏了")
    assert chat.did(FileTicket).content == "空调\n东风路支行的坏了"


def test_a_question_cut_short_is_answered_in_the_light_of_the_one_before(parts):
    chat = Chat(parts)
    assert chat.say("你们客服电话多少") == chat.say("信用卡的呢")


def test_a_time_that_is_to_come_is_no_demand(parts):
    chat = Chat(parts)
    said_all(chat, "客服电话打不通我要投诉", "打了三次", "就是打不通啊你们", "今天下午")
    assert "demand" not in record(chat)


def test_the_number_given_beside_a_question_is_the_one_to_call(parts):
    chat = Chat(parts)
    said_all(chat, "社保卡激活必须本人去银行吗", "让我儿子接 13512345678", "登记吧")
    assert chat.state["draft"]["contact_phone"] == "13512345678"


def test_the_third_question_without_an_answer_goes_to_a_person(parts):
    chat = Chat(parts)
    said_all(chat, "社保卡激活必须本人去银行吗", "能上门激活吗", "上门激活要收费吗", "周末能上门吗")
    assert chat.did(HandOff) is not None


def test_a_yes_that_tells_more_is_kept(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "收款码收不到语音播报我要投诉", "从早上八点", "赶紧修", "是聚合码")
    assert "是聚合码" in record(chat)["problem"]


def test_where_it_was_is_no_part_of_when(parts):
    chat = Chat(parts)
    said_all(chat, "你们网点空调坏了热死人", "上午 东风路支行")
    assert record(chat)["branch"] == "东风路支行" and "东风路" not in record(chat)["occurred_at"]


def test_what_an_answer_tells_besides_is_part_of_the_matter(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "我钱被骗了", "刚才转给一个自称公安的 8万")
    assert record(chat)["amount_yuan"] == 80000 and "自称公安" in record(chat)["problem"]


def test_a_number_beside_questions_is_none_of_them(parts):
    chat = Chat(parts)
    said_all(chat, "社保卡激活必须本人去银行吗", "13912341234", "那登记下吧我要问清楚")
    assert record(chat)["problem"] == "社保卡激活必须本人去银行吗"
    assert chat.state["form"] == "confirm"


def test_not_this_but_that_puts_a_place_right_whatever_is_asked(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "ATM吞了我500块钱 昨天晚上 建设路", "不是建设路 是建国路")
    assert record(chat)["place"] == "建国路"
    assert "phone" not in chat.state["draft"]["asked"]


def test_what_was_not_known_before_was_not_changed(parts):
    chat = Chat(parts)
    assert "改过来" not in said_all(chat, "你们网点排队太久了", "今天上午", "中山路支行")


def test_who_can_not_be_called_demands_nothing(parts):
    chat = Chat(parts)
    said_all(chat, "退休金没到账我要投诉", "这个月15号", "我耳朵不好别打电话")
    assert "demand" not in record(chat) and "耳朵不好" in record(chat)["problem"]


def test_a_wish_said_when_a_number_is_asked_for_is_the_demand(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "我卡里的钱刚被盗刷了三千", "尽快追回")
    assert "追回" in record(chat).get("demand", "") + record(chat)["problem"]
