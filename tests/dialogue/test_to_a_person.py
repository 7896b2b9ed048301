"""When the bot brings a person in, why, and what it says about the wait."""

from dataclasses import replace

import pytest
from dialogue.talking import FACTS, Chat

from bot.effects import HandOff, RateService
from config.labels import HandoffReason
from handoff.waiting import Pace

ANGRY = "你们这破银行太过分了，气死我了，柜员骂我还让我等了三个小时"


def handed(chat: Chat) -> HandOff:
    return chat.did(HandOff)


def test_an_angry_customer_is_told_once_that_a_person_may_take_over(parts):
    chat = Chat(parts)
    assert "转人工" in chat.say(ANGRY)
    assert not handed(chat)
    assert "更愿意和人说" not in chat.say("气死我了，就是昨天下午，太过分了")


def test_an_angry_customer_is_put_through_at_once_where_the_bank_wants_that(parts):
    chat = Chat(parts, replace(FACTS, on_emotion="go"))
    assert "马上请人工客服" in chat.say(ANGRY)
    assert handed(chat).reason is HandoffReason.EMOTION


@pytest.mark.parametrize("facts", [replace(FACTS, on_emotion="off"), replace(FACTS, agents_on_duty=0)])
def test_nobody_is_offered_a_person_where_there_is_none_or_the_bank_does_not_want_it(parts, facts):
    assert "更愿意和人说" not in Chat(parts, facts).say(ANGRY)


def test_a_matter_of_many_goes_to_a_person_by_policy(parts):
    chat = Chat(parts)
    chat.say("我们几十个业主集体投诉，房贷利率一直不降")
    assert handed(chat).reason is HandoffReason.POLICY


def test_all_that_speaks_for_a_person_is_told_the_agent_what_led_there_first(parts):
    chat = Chat(parts)
    chat.say(ANGRY)
    chat.say("转人工")
    assert handed(chat).brief["reasons"] == ["asked", "emotion", "complaint"]


def test_the_matter_decides_which_skill_is_needed(parts):
    chat = Chat(parts)
    chat.say("手机银行登录不了，一直闪退")
    chat.say("转人工")
    assert handed(chat).skill == "app"


@pytest.mark.parametrize(
    ("ahead", "pace", "told"),
    [
        (0, None, "您是下一位，要等多久现在说不准"),
        (2, Pace(90, 1), "前面还有2位，大约需要等3分钟"),
        (0, Pace(20, 1), "您是下一位，大约需要等1分钟"),
        (60, Pace(600, 1), "前面还有60位，可能要等半小时以上"),
    ],
)
def test_the_wait_is_told_as_well_as_it_can_be_known(parts, ahead, pace, told):
    chat = Chat(parts, replace(FACTS, queue_length=ahead, pace=pace))
    assert told in chat.say("转人工")


RATED = {"rate": "conversation:c1", "offered": [{"title": f"{n}分", "payload": f"/rate_{n}"} for n in range(1, 6)]}


@pytest.mark.parametrize(
    ("said", "payload", "score"), [("5", {}, 5), ("4分", {}, 4), ("五星", {}, 5), ("x", {"button": "/rate_4"}, 4)]
)
def test_a_score_is_taken_however_it_is_given(parts, said, payload, score):
    chat = Chat(parts)
    chat.state = dict(RATED)
    assert "谢谢您的评价" in chat.say(said, payload=payload)
    assert chat.did(RateService) == RateService("conversation:c1", score)
    assert "rate" not in chat.state


def test_a_bad_score_is_asked_after_and_the_word_why_is_kept(parts):
    chat = Chat(parts)
    chat.state = dict(RATED)
    assert "哪里做得不好" in chat.say("2")
    assert chat.did(RateService).score == 2
    chat.say("等得太久")
    assert chat.did(RateService) == RateService("conversation:c1", comment="等得太久")


def test_a_word_why_may_be_skipped(parts):
    chat = Chat(parts)
    chat.state = dict(RATED)
    chat.say("1")
    chat.say("跳过")
    assert chat.did(RateService) is None
    assert chat.state.get("form") is None


def test_who_goes_on_to_something_else_is_not_asked_again(parts):
    chat = Chat(parts)
    chat.state = dict(RATED)
    assert "抱歉" in chat.say("手机银行登录不了，一直闪退")
    assert chat.did(RateService) is None
    assert "rate" not in chat.state
    chat.say("转人工")
    assert handed(chat)


def test_a_button_pressed_too_late_is_answered_and_changes_nothing(parts):
    chat = Chat(parts)
    assert "评价已经结束" in chat.say("3分", payload={"button": "/rate_3"})
    assert chat.did(RateService) is None
