"""Questions that the bot cannot answer, chases of what it cannot see, and what becomes of them."""

from dialogue.talking import ALWAYS_OPEN, Chat, record, said_all

from bot.effects import FileTicket
from config.labels import TicketKind


def test_an_application_is_no_ticket_and_its_chase_can_be_filed(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = chat.say("昨天申请的贷款说等电话确认 一直没打")
    assert "工单号" not in answer and "登记下来请同事" in answer
    said_all(chat, "申请号没有", "13800138000", "登记")
    said_all(chat, "确认")
    filed = chat.did(FileTicket)
    assert filed.kind is TicketKind.ENQUIRY and filed.contact_phone == "13800138000"
    assert "等电话确认" in filed.content and "申请号没有" in filed.content


def test_a_telephone_number_alone_opens_no_ticket_and_the_ways_are_told(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    chat.say("我的投诉处理得怎么样了")
    answer = chat.say("13800138000")
    assert "没有工单号也没关系" in answer


def test_asking_when_in_the_middle_of_a_complaint_is_no_chase_of_a_ticket(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "pos机刷的钱咋还没到", "昨天下午三笔 一共4600", "到底什么时候到")
    assert "工单" not in answer and "要查过才能答复" in answer
    assert "到底什么时候到" in record(chat)["problem"] and "demand" not in record(chat)


def test_the_same_answer_is_not_given_twice(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    first = chat.say("卡里余额怎么查")
    second = chat.say("我是说余额怎么查")
    assert "手机银行" in first and "没帮上您" in second


def test_whoever_calls_while_something_is_offered_is_answered(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "信用卡的卡面可以自己选图案吗")
    assert "我在的" in chat.say("在吗")
    assert "对不起" in chat.say("你是不是傻")


def test_a_question_that_was_not_filed_goes_along_with_the_complaint_that_follows(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "我妈的存单能不能改成我的名字，她八十了", "你们城南支行的柜员态度太差了，直接把存折扔出来")
    assert "她八十了" in record(chat)["problem"] and "扔出来" in record(chat)["problem"]


def test_a_short_question_is_heard_in_the_light_of_the_one_before(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    chat.say("信用卡最低还款有利息吗")
    answer = chat.say("那逾期一天呢")
    assert "罚息" in answer


def test_who_owes_and_cannot_pay_is_not_told_of_thieves(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = chat.say("我没钱还怎么办")
    assert "挂失" not in answer and "还款有困难" in answer


def test_what_is_now_to_be_done_asks_for_the_matter(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "FB202611200000012", "5678")
    answer = chat.say("那怎么办")
    assert "遇到了什么事" in answer and chat.state.get("draft") is None


def test_a_chase_without_its_number_goes_along_when_it_is_filed_anew(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "上次说3天给我答复 今天第5天了")
    assert "没有工单号也没关系" in chat.say("没有号")
    said_all(chat, "那重新登记吧", "理财赎回没到账那个")
    assert "今天第5天了" in record(chat)["problem"] and "理财赎回" in record(chat)["problem"]


def test_a_business_of_the_bank_told_as_a_mere_fact_is_not_sent_away(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = chat.say("微信支付绑的是你们的卡，在拼多多买的东西")
    assert "帮不上忙" not in answer


def test_a_picture_announced_is_asked_about_in_words(parts):
    assert "用文字说说" in Chat(parts, ALWAYS_OPEN).say("这是截图")


def test_a_lost_card_is_told_how_to_be_blocked_and_never_thanked_for(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    assert "挂失" in chat.say("卡丢了")
    assert "肯定" not in chat.say("昨天坐公交丢的")
    assert "挂失" in chat.say("怎么挂失")


def test_a_word_that_says_nothing_is_filed_as_no_message(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "人工", "快")
    assert chat.did(FileTicket) is None and "我在的" in answer
