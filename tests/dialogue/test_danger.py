"""Somebody speaks of ending a life: a calm answer, a person at once, and nobody is promised who is not there."""

from dataclasses import replace

import pytest
from dialogue.talking import FACTS, NOW, Chat

from bot.effects import FileTicket, HandOff, Say
from bot.message import Inbound
from config.labels import FeedbackChannel, Priority
from intents.redact import redact

DESPAIR = ["我不想活了", "你们不退钱我就从你们楼上跳楼", "钱没了，活着没意思"]
THREATS = ["再不退钱我就拿刀来找你们", "信不信我一把火烧了你们网点"]


@pytest.mark.parametrize("said", DESPAIR)
def test_who_speaks_of_ending_their_life_is_answered_with_care_and_put_through_first(parts, said):
    chat = Chat(parts)
    answer = chat.say(said)
    handed = chat.did(HandOff)
    assert "12356" in answer and "优先为您接通" in answer
    assert (handed.reason, handed.priority) == ("emotion", Priority.URGENT)
    assert "self_harm" in handed.brief["understood"]["escalation_signs"]


@pytest.mark.parametrize("said", THREATS)
def test_a_threat_is_answered_calmly_and_a_person_comes_at_once(parts, said):
    chat = Chat(parts)
    answer = chat.say(said)
    assert "慢慢说" in answer and "12356" not in answer
    assert chat.did(HandOff).priority is Priority.URGENT
    assert "threat" in chat.did(HandOff).brief["understood"]["escalation_signs"]


def test_in_the_middle_of_a_form_the_draft_goes_along(parts):
    chat = Chat(parts)
    chat.say("你们信用卡乱扣我年费")
    chat.say("扣得我都不想活了")
    assert chat.did(HandOff).brief["summary"] == "你们信用卡乱扣我年费\n扣得我都不想活了"


def test_with_nobody_there_no_person_is_promised_and_the_message_is_filed_as_urgent(parts):
    chat = Chat(parts, replace(FACTS, agents_on_duty=0))
    answer = chat.say("我不想活了")
    assert "12356" in answer and "没有人工客服在线" in answer
    assert "接通" not in answer and chat.did(HandOff) is None
    chat.say("房子卖了理财全亏了，我电话13812345678")
    filed = chat.did(FileTicket)
    assert (filed.priority, filed.contact_phone) == (Priority.URGENT, "13812345678")


def test_who_waits_already_is_answered_once_and_moved_up(parts):
    dialogue, understander = parts
    inbound = Inbound("in_app:main", FeedbackChannel.IN_APP, "u", "再等下去我不想活了")
    u = understander.understand(redact(inbound.text), NOW)
    first = dialogue.while_queued({}, inbound, u, FACTS)
    assert first.raise_urgent
    assert any("12356" in say.text for say in first.effects)
    again = dialogue.while_queued(first.state, inbound, u, FACTS)
    assert again.raise_urgent
    assert not any(isinstance(say, Say) and "12356" in say.text for say in again.effects)


def test_words_that_only_sound_like_it_alarm_nobody(parts):
    chat = Chat(parts)
    for said in ("手机卡死了", "把我额度砍了一半", "评论区都炸锅了"):
        chat.say(said)
        assert chat.did(HandOff) is None or chat.did(HandOff).reason != "emotion"
