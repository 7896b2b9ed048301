"""Whole conversations with the real understanding and the real dialogue, as customers write."""

from dataclasses import replace
from datetime import timedelta

from dialogue.talking import FACTS, NOW, NUMBER, Chat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.effects import FileTicket, HandOff, Say, WithdrawTicket
from bot.message import Inbound
from config.labels import FeedbackChannel, Nature, Priority, TicketKind, TicketState
from handoff.routing import department_name, department_of
from intents.redact import redact
from store.model import Ticket


def own_ticket(state: TicketState = TicketState.PENDING) -> Ticket:
    return Ticket(
        no=NUMBER,
        kind=TicketKind.COMPLAINT,
        state=state,
        priority=Priority.NORMAL,
        version=1,
        channel=FeedbackChannel.IN_APP,
        account="in_app:main",
        customer_id="c",
        conversation_id="x",
        product="atm_selfservice",
        nature="transaction",
        department="operations",
        content="吞卡",
        record={},
        contact_phone=None,
        customer_name=None,
        received_at=NOW,
        due_at=NOW + timedelta(days=7),
        updated_at=NOW,
    )


def test_a_swallowed_card_is_read_back_corrected_and_filed_as_urgent(parts):
    chat = Chat(parts)
    assert "先别离开机器" in chat.say("昨天下午三点在朝阳支行取款机取钱，把我的卡吞了")
    read_back = chat.say("13812345678")
    assert "138****5678" in read_back
    assert "朝阳支行" in read_back
    assert "11月22日" in read_back
    assert "11月21日" in chat.say("不对，是前天下午三点")
    said = chat.say("确认")
    filed = chat.did(FileTicket)
    assert NUMBER in said
    assert (filed.kind, filed.priority, filed.contact_phone) == (TicketKind.COMPLAINT, Priority.URGENT, "13812345678")
    assert filed.record["occurred_at"].startswith("2026-11-21T15:00")
    assert "138****5678" in filed.confirmed_text


def test_nothing_is_filed_without_a_confirmation(parts):
    chat = Chat(parts)
    for text in ("柜员态度太差了，让我等了两个小时", "昨天上午 人民路支行", "给我道歉", "不留电话"):
        chat.say(text)
        assert chat.did(FileTicket) is None
    chat.say("确认提交")
    assert chat.did(FileTicket).record["demand"] == "给我道歉"


def test_a_changed_demand_changes_the_words_and_leaves_the_sum_that_was_taken(parts):
    chat = Chat(parts, replace(FACTS, known_phone="13812345678"))
    chat.say("昨天信用卡扣了我50元手续费，不知道怎么回事，要求退还50元")
    said = chat.say("改成退30")
    assert "诉求：退30" in said
    assert "金额：50元" in said


def test_a_sum_put_right_is_put_right_in_the_demand_as_well(parts):
    chat = Chat(parts, replace(FACTS, known_phone="13812345678"))
    chat.say("昨天信用卡多收了我500元手续费，要求退还500元")
    said = chat.say("金额是300不是500")
    assert "金额：300元" in said
    assert "诉求：要求退还300元" in said


def test_the_department_that_is_told_is_the_one_that_gets_the_ticket(parts):
    chat = Chat(parts, replace(FACTS, known_phone="13812345678"))
    chat.say("昨天上午在人民路支行，95588客服让我去柜台办，柜员态度恶劣，希望你们道歉")
    chat.state["draft"]["product"] = "hotline"  # attitude on the phone goes elsewhere than attitude at a branch
    said = chat.say("确认")
    filed = chat.did(FileTicket)
    assert filed.nature == "service_attitude"
    assert department_name(department_of(Nature.SERVICE_ATTITUDE, product="hotline", at_outlet=True).department) in said


def test_what_the_first_message_told_is_not_asked_again(parts):
    chat = Chat(parts, replace(FACTS, known_phone="13812345678"))
    said = chat.say("昨天上午在人民路支行，柜员把我的身份证摔在台面上，希望你们道歉")
    assert "请您核对" in said


def test_at_most_three_questions_are_asked(parts):
    chat = Chat(parts)
    chat.say("我要投诉")
    chat.say("柜员态度太差了，爱理不理")
    questions = 0
    while chat.state.get("form") != "confirm":
        questions += 1
        assert questions <= 3
        chat.say("跳过")


def test_a_question_in_the_middle_of_a_form_is_answered_and_the_open_one_put_again(parts):
    chat = Chat(parts)
    chat.say("你们app老是闪退")
    said = chat.say("转账限额怎么调高")
    assert "限额设置" in said
    assert "什么时候" in said


def test_urgent_words_are_heard_in_the_middle_of_a_form(parts):
    chat = Chat(parts)
    chat.say("你们app天天闪退")
    said = chat.say("等等，我的卡刚刚被盗刷了三千块")
    assert "110" in said
    assert chat.did(HandOff).priority is Priority.URGENT


def test_the_wish_for_a_person_is_heard_in_the_middle_of_a_form(parts):
    chat = Chat(parts)
    chat.say("柜员态度太差了，爱理不理")
    chat.say("转人工")
    handed = chat.did(HandOff)
    assert handed.reason == "asked"
    assert "柜员态度" in handed.brief["summary"]
    assert chat.state["draft"]["record"]["problem"].startswith("柜员态度")


def test_with_nobody_on_duty_a_message_is_left_and_filed_with_its_number(parts):
    chat = Chat(parts, replace(FACTS, agents_on_duty=0))
    assert "留言" in chat.say("转人工")
    assert NUMBER in chat.say("请让客户经理联系我，谈一下房贷")
    assert chat.did(FileTicket).content == "请让客户经理联系我，谈一下房贷"


def test_not_understood_twice_leads_to_a_person(parts):
    chat = Chat(parts)
    chat.say("asdfgh")
    assert chat.did(HandOff) is None
    chat.say("qqqq wwww")
    assert chat.did(HandOff).reason == "not_understood"


def test_a_secret_is_answered_with_a_warning_first(parts):
    chat = Chat(parts)
    assert chat.say("我的密码是abc12345").startswith("您刚才发的内容里像是有密码")


def test_cancelling_asks_first_and_going_on_keeps_the_draft(parts):
    chat = Chat(parts)
    chat.say("你们app天天闪退")
    assert "不要了吗" in chat.say("算了")
    chat.say("继续填")
    assert chat.state["draft"]["record"]["problem"] == "你们app天天闪退"
    chat.say("算了")
    chat.say("不要了")
    assert "draft" not in chat.state


def test_a_button_counts_only_if_it_was_offered(parts):
    chat = Chat(parts)
    chat.say("你好", payload={"button": "/withdraw"})
    assert "撤回" not in "".join(effect.text for effect in chat.effects if isinstance(effect, Say))
    chat.say("4")  # the fourth button of the greeting: a person
    assert chat.did(HandOff) is not None


def test_a_leading_slash_is_plain_text(parts):
    chat = Chat(parts)
    chat.say("/session_start")
    assert chat.did(HandOff) is None


def test_ones_own_ticket_is_told_and_withdrawn_after_confirming(parts):
    chat = Chat(parts, replace(FACTS, tickets=(own_ticket(),)))
    assert "待处理" in chat.say("查进度")
    assert NUMBER in chat.say("撤回投诉")
    chat.say("确认撤回")
    assert chat.did(WithdrawTicket).ticket_no == NUMBER


def test_somebody_elses_ticket_is_told_only_with_the_phone_ending(parts):
    chat = Chat(parts)
    assert "后四位" in chat.say(f"{NUMBER} 处理得怎么样了")
    query = chat.dialogue.ticket_query(chat.state, chat.understander.understand(redact("5678", expecting="phone_last4"), NOW))
    assert (query.ticket_no, query.phone_last4) == (NUMBER, "5678")
    wrong = chat.say("5678")
    assert "对不上" in wrong
    chat.say(f"{NUMBER} 处理得怎么样了")
    assert "待处理" in chat.say("5678", lookup=own_ticket())


def test_too_many_tries_are_told_so_and_tell_nothing_else(parts):
    chat = Chat(parts, replace(FACTS, lookup_blocked=True))
    assert "次数太多" in chat.say(f"{NUMBER} 5678")


def test_the_privacy_notice_comes_before_the_first_answer(parts):
    chat = Chat(parts)
    said = chat.say("你们几点上班", privacy_notice_due=True)
    assert said.index("智能反馈助手") < said.index("网点")


def test_thanks_for_the_question_whether_to_drop_a_record_file_nothing(parts):
    chat = Chat(parts)
    chat.say("建议手机银行增加夜间模式，晚上看着刺眼")
    assert chat.state["form"] == "confirm"
    assert "确定不要了" in chat.say("算了")
    assert "请您核对" in chat.say("谢谢")
    assert chat.did(FileTicket) is None
    assert chat.state["form"] == "confirm"


def test_a_carried_draft_is_offered_again(parts):
    chat = Chat(parts)
    chat.say("柜员态度太差了，爱理不理")
    chat.state = {"draft": chat.state["draft"]}
    assert "还没提交" in chat.say("你好")
    assert "什么时候" in chat.say("接着填")


def test_who_waits_gets_notices_and_may_stop_waiting(parts):
    dialogue, understander = parts
    inbound = Inbound("in_app:main", FeedbackChannel.IN_APP, "u", "还在吗")
    u = understander.understand(redact("还在吗"), NOW)
    outcome = dialogue.while_queued({}, inbound, u, replace(FACTS, queue_length=2))
    assert all(effect.system for effect in outcome.effects if isinstance(effect, Say))
    assert "还有2位" in outcome.effects[0].text
    stop = understander.understand(redact("不等了"), NOW)
    assert dialogue.while_queued({}, inbound, stop, FACTS).cancel


PHRASES = [
    "你好", "我要投诉", "柜员态度太差了，爱理不理", "昨天下午三点 朝阳支行", "13812345678", "确认", "是的", "不对", "不是", "金额是300不是500",
    "跳过", "算了", "撤回投诉", "查进度", NUMBER, "5678", "转人工", "我的卡被盗刷了！！！", "取款机吞了我的卡", "建议增加夜间模式", "表扬小王柜员",
    "你们几点上班", "谢谢", "再见", "asdf", "🙃", "", "。。。", "1", "2", "诉求改成退钱", "我的密码是abc12345", "验证码 123456", "补充一下，还有一件事",
    "不等了", "我不想活了", "如果卡被盗刷怎么办", "垃圾银行", "继续填", "修改",
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PHRASES), max_size=14), st.booleans(), st.booleans())
def test_no_sequence_of_messages_leaves_the_customer_in_silence_or_files_unasked(parts, phrases, somebody, with_ticket):
    facts = replace(FACTS, agents_on_duty=int(somebody), tickets=(own_ticket(),) if with_ticket else ())
    chat = Chat(parts, facts)
    for phrase in phrases:
        before = dict(chat.state)
        chat.say(phrase)
        assert chat.did(Say) is not None
        filed = [effect for effect in chat.effects if isinstance(effect, FileTicket)]
        assert len(filed) <= 1
        if filed and filed[0].kind is not TicketKind.OTHER:
            assert before.get("form") == "confirm", "only a read-back may be confirmed"
