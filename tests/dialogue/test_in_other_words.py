"""Answers in other words than asked for, in a mood, or beside the question: they are heard for what they are."""

from dialogue.talking import ALWAYS_OPEN, Chat, record, said_all

from bot.effects import FileTicket
from config.labels import TicketKind


def test_complaining_at_the_readback_of_a_question_makes_a_complaint_of_it(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "对公账户年检要带哪些材料", "登记")
    assert chat.state["draft"]["kind"] == TicketKind.ENQUIRY
    said_all(chat, "投诉")
    assert chat.state["draft"]["kind"] == TicketKind.COMPLAINT


def test_complaining_once_more_in_the_middle_of_a_complaint_is_no_place(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "你们柜员态度太差了，问一句翻个白眼", "投诉")
    assert "按投诉登记" in answer and "place" not in record(chat)


def test_how_old_somebody_is_is_no_demand(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "你们银行去年乱扣我保险费3000多", "78岁")
    assert "demand" not in record(chat) and "78岁" in record(chat)["problem"]


def test_what_is_wanted_at_the_readback_is_put_on_record_and_nothing_else_is_said(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "你们银行去年乱扣我保险费3000多", "没有要求", "不留")
    said_all(chat, "退钱")
    assert record(chat)["demand"] == "退钱"
    said_all(chat, "还要给我道歉")
    assert record(chat)["demand"] == "退钱；还要给我道歉"


def test_file_it_for_me_agrees_to_the_readback(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "你们app升级以后老是闪退，打开就崩", "昨天", "没有要求", "不留", "那你给我登记")
    assert chat.did(FileTicket) and "登记" not in chat.did(FileTicket).content


def test_who_has_to_pay_today_is_helped_at_once_and_not_told_to_block_the_card(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = chat.say("升级后指纹登录进不去了，信用卡今天到期，怎么还啊！")
    assert "紧急" in answer and "挂失" not in answer
    assert chat.state["draft"]["urgent"] is True


def test_a_block_told_first_and_its_stakes_later_make_the_alarm_together(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "我的卡昨天被冻结了，取不出来钱")
    assert chat.state["draft"]["urgent"] is False
    said_all(chat, "老婆在医院要交押金")
    assert chat.state["draft"]["urgent"] is True


def test_a_curse_is_met_calmly_kept_and_the_matter_asked_for(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "垃圾银行", "全家死光")
    assert "很生气" in answer and "发生了什么" in answer
    said_all(chat, "扣我36块年费 说好免年费的")
    assert "说好免年费的" in record(chat)["problem"]


def test_a_bare_sum_is_no_time(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "你们柜员把我的现金数错了还不承认", "5000")
    assert record(chat)["amount_yuan"] == 5000


def test_a_bare_name_said_to_where_is_the_place(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "我張卡喺櫃員機俾食咗", "旺角", "啱啱")
    assert record(chat)["place"] == "旺角" and record(chat)["occurred_at"].startswith("2026-11-23")


def test_a_year_is_nobody_to_praise(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "你们这儿的人真好，帮了我大忙", "2023年")
    assert "person_praised" not in record(chat)


def test_thanks_that_mean_the_opposite_are_not_thanked_for(parts):
    answer = Chat(parts, ALWAYS_OPEN).say("真是谢谢你们了，存五万进去，三年下来还亏两千，专业！")
    assert "谢谢您的肯定" not in answer and "抱歉" in answer


def test_numbered_demands_stay_with_their_matter(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    chat.say(
        "我在贵行城东支行办了一年期定期存款8万元，柜员承诺随时可取，支取时要扣3%手续费。现要求：一、全额退还本金；二、不收手续费；三、给予书面说明。"
    )
    assert record(chat)["demand"] == "一、全额退还本金；二、不收手续费；三、给予书面说明"
    assert "书面说明" in record(chat)["problem"] and not chat.state.get("matters")


def test_a_nod_and_hand_it_in_agrees_to_the_readback(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "你们app升级以后老是闪退，打开就崩", "昨天", "没有要求", "不留", "嗯提交")
    assert chat.did(FileTicket)


def test_complaining_all_the_same_goes_on_with_what_was_told(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "你们app升级以后老是闪退，打开就崩", "算了不投诉了", "还是投诉吧")
    assert "我们继续" in answer and "闪退" in record(chat)["problem"]


def test_whoever_leaves_no_number_is_not_asked_for_one(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "你们行的人把我信息卖了", "今天接了十几个贷款电话 连我名字都知道", "不留号码 留了又打", "没有了")
    assert "手机号" not in answer and "请您核对一下" in answer


def test_who_is_named_in_the_praise_is_not_asked_for(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = chat.say("给你们朝阳支行的小王点赞")
    assert "请您核对一下" in answer and record(chat)["person_praised"] == "小王"


def test_how_hard_something_was_is_no_demand(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "注销个卡这么难，说我有0.3元利息让我去开户地")
    assert "demand" not in record(chat)


def test_a_wish_told_instead_of_the_time_is_the_demand(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "你们系统有毛病，我明明还了款还给我算逾期", "给我消除逾期")
    assert record(chat)["demand"] == "给我消除逾期"


def test_who_lost_somebody_is_met_with_that(parts):
    assert "节哀" in Chat(parts, ALWAYS_OPEN).say("我爸去世了，存折里的钱取不出来，让我们跑了四趟")


def test_what_to_do_now_after_a_theft_is_answered(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "刚才有个自称你们客服的让我转账到安全账户，我转了5万！！", "我该怎么办")
    assert "拨打银行卡背面的客服电话" in answer


def test_a_landline_will_do(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    answer = said_all(chat, "我的养老金这个月没到", "没有要求", "没手机 只有座机")
    assert "座机也可以" in answer
    said_all(chat, "0571 88888888")
    assert chat.state["draft"]["contact_phone"]


def test_complaining_over_and_over_still_asks_what_it_is_about(parts):
    answer = said_all(Chat(parts, ALWAYS_OPEN), "我要投诉", "我要投诉", "我要投诉")
    assert "具体发生了什么" in answer


def test_a_bare_number_beside_the_day_is_the_sum_and_haste_no_other_wish(parts):
    chat = Chat(parts, ALWAYS_OPEN)
    said_all(chat, "给房东转的房租 显示成功 他说没收到", "5号 3500", "查一下到底到哪了", "不留")
    assert record(chat)["amount_yuan"] == 3500
    said_all(chat, "快点")
    assert record(chat)["demand"] == "查一下到底到哪了"


def test_who_did_not_take_out_a_loan_hears_what_helps_against_that(parts):
    answer = Chat(parts, ALWAYS_OPEN).say("我没贷过款怎么征信上有你们的贷款")
    assert "报警" in answer and "征信" in answer
