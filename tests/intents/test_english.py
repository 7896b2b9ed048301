"""What is heard in English, and what is left to the ear for Chinese: Pinyin, names, numbers, and every message with a Chinese character."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.labels import DialogueAct, EscalationSign, Kind, Product
from intents.english import in_letters, is_english, only_announces
from intents.english_words import ALARMS
from intents.normalise import normalise
from intents.redact import redact
from intents.training_data import read_examples
from intents.understander import Understander
from intents.understanding import Understanding
from intents.urgency import NETS

NOW = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)  # a Friday, 14:00 in Shanghai


@pytest.fixture(scope="module")
def understander(tmp_path_factory) -> Understander:
    return Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"))


@pytest.fixture(scope="module")
def hear(understander):
    def understand(text: str) -> Understanding:
        return understander.understand(redact(text), NOW)

    return understand


@pytest.mark.parametrize(
    "text",
    ["zhuan ren gong", "ni hao ya", "wo de ka bei tun le", "you ren ma", "Apple Pay", "iPhone 15 Pro", "1", "500", "yyds", "asdf", "ATM", "app", "👍", "?", "13812345678", "https://t.cn/x"],
)  # fmt: skip
def test_pinyin_names_and_numbers_are_no_english(text):
    assert not is_english(normalise(text))


def test_no_message_with_a_chinese_character_is_taken_for_english():
    chinese = [example.text for example in read_examples() if not in_letters(example.text)]
    assert len(chinese) > 9_000
    assert not any(is_english(normalise(text)) for text in chinese)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (DialogueAct.AFFIRM, "Yes! | yeah | yep, that's right | OK | ok send | confirm | Looks good | that is correct | yes drop it | sure, thanks | go ahead | everything is fine"),
        (DialogueAct.DENY, "no | nope | No, thank you | no thanks | that's wrong | not right | change something | keep it"),
        (DialogueAct.SKIP, "skip | I don’t remember | dont know | not sure | no idea | I'd rather not say | nothing in particular | no phone | don't call me"),
        (DialogueAct.CANCEL, "cancel | never mind | forget it | Leave the queue | stop | i changed my mind"),
        (DialogueAct.WITHDRAW, "I want to withdraw my complaint | cancel my ticket | please take back my complaint"),
    ],
)  # fmt: skip
def test_short_answers_mean_what_they_say(hear, act, said):
    for text in said.split(" | "):
        u = hear(text)
        assert (u.intent, u.understood) == (act, True), text


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("lost_card", "my card was stolen | I lost my bank card!! | someone stole my phone | pls block my card now"),
        ("machine_kept", "the ATM swallowed my card | card eaten | atm ate my card at the airport | the machine did not give me any cash"),
        ("scam", "I got scammed | fraud! | i think a scammer has my details"),
        ("unauthorised_debit", "unauthorised payment of 900 yuan | there is a transaction i did not make | somebody used my card to pay, it wasn't me | someone took 5000 yuan from my account"),
        ("code_given_away", "i gave the code to someone who called | I told him my password"),
        ("wrong_transfer", "i transfered 2000 to the wrong account | sent money to wrong person"),
        ("account_taken_over", "my account was hacked | someone logged into my account"),
        ("stolen_funds", "all my savings are gone | my money has disappeared"),
    ],
)  # fmt: skip
def test_alarms_are_heard_with_their_reason(hear, reason, said):
    for text in said.split(" | "):
        u = hear(text)
        assert reason in u.urgent_reasons, text
        assert (u.intent, u.kind, u.urgent) == ("urgent_report", Kind.URGENT_REPORT, True), text


@pytest.mark.parametrize(
    "text",
    [
        "What if my card gets stolen?",
        "how do I report a stolen card?",
        "how can i avoid fraud",
        "My card was not stolen, I found it",
        "last year my card was swallowed",
        "I got my card back from the machine that swallowed it, thanks",
        "you lost my phone number again",
        "your fees are too high",
        "I was worried that someone could be scammed",
    ],
)
def test_what_is_asked_feared_denied_or_over_raises_no_alarm(hear, text):
    assert not hear(text).urgent


def test_reasons_of_alarms_are_those_that_advice_and_routing_know():
    assert {name for name, _ in ALARMS} <= set(NETS)


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("talk to a person", True),
        ("I want to speak to a manager", True),
        ("agent", True),
        ("human please!!", True),
        ("can i talk to someone real", True),
        ("give me a human", True),
        ("I don't want to talk to a person", False),
        ("I waited an hour to speak to a manager", False),
        ("the manager was rude to me", False),
        ("a person in the queue pushed me", False),
    ],
)
def test_the_wish_for_a_person_is_told_from_a_tale_of_one(hear, text, wants):
    assert hear(text).wants_person is wants


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.COMPLAINT, "I want to make a complaint | ur app is rubbish | the teller was rude | i was charged twice | my transfer has not arrived | it keeps crashing | app wont let me log in | disgusting service"),
        (Kind.SUGGESTION, "I have a suggestion | it would be nice to have a dark mode | please add english to the app"),
        (Kind.PRAISE, "I want to praise a member of staff | your staff were so helpful | great service, thank you"),
        (Kind.ENQUIRY, "how do I open an account? | what are your opening hours | can i change my limit | is there a fee for transfers"),
        (Kind.TICKET_STATUS, "ticket status | any news on my complaint? | FB202611230000017 | where is my ticket"),
        (Kind.GREETING_CHITCHAT, "hello | good morning | thanks a lot | who are you? | are you a robot | can u help me pls"),
    ],
)  # fmt: skip
def test_words_for_each_kind_are_heard(hear, kind, said):
    for text in said.split(" | "):
        u = hear(text)
        assert (u.intent, u.kind, u.understood) == (kind, kind, True), text


def test_what_is_not_understood_says_so(hear):
    u = hear("me card go not thru tesco since the weekend")
    assert (u.intent, u.understood, u.kind, u.is_english) == ("other", False, Kind.OTHER, True)


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("I paid 1,200.50 yuan", "amount_yuan", 1200.5),
        ("RMB 500 is missing", "amount_yuan", 500),
        ("20k rmb are gone", "amount_yuan", 20_000),
        ("the amount was 300 yuan, not 500 yuan", "amount_yuan", 300),
        ("it was not 500 yuan but 300 yuan", "amount_yuan", 300),
        ("yesterday at 3 pm", "occurred_at", "2026-11-26T15:00:00+08:00"),
        ("yesterday at 3:45pm", "occurred_at", "2026-11-26T15:45:00+08:00"),
        ("last night", "occurred_at", "2026-11-26T20:00:00+08:00"),
        ("this morning", "occurred_at", "2026-11-27T10:00:00+08:00"),
        ("it happened on Monday, not on Tuesday", "occurred_at", "2026-11-23T00:00:00+08:00"),
        ("no it was not yesterday, it was on monday", "occurred_at", "2026-11-23T00:00:00+08:00"),
        ("on 20 November", "occurred_at", "2026-11-20T00:00:00+08:00"),
        ("Dec 3rd was the day", "occurred_at", "2025-12-03T00:00:00+08:00"),
        ("3 days ago", "occurred_at", "2026-11-24T00:00:00+08:00"),
        ("20 minutes ago", "occurred_at", "2026-11-27T13:40:00+08:00"),
        ("it was 2 o'clock in the afternoon yesterday", "occurred_at", "2026-11-26T14:00:00+08:00"),
        ("at your Jianguo Road branch", "place", "Jianguo Road"),
        ("the ATM in the Xidan Mall was broken", "place", "Xidan Mall"),
        ("it happened at the airport", "place", "airport"),
        ("I want a refund and an apology", "demand", "I want a refund and an apology"),
        ("Ms Li was rude to me", "staff_name", "Ms Li"),
        ("please call me on 138 1234 5678", "phone", "13812345678"),
    ],
)
def test_values_are_found_in_english_words(hear, text, slot, value):
    u = hear(text)
    found = u.first(slot)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize(
    "text",
    ["refund me by tomorrow", "on 20 december 2027 it ends", "by 11 pm tonight", "it takes 31 february", "2026-13-40 was it"],
)
def test_days_to_come_and_days_that_are_none_are_no_time_of_a_matter(hear, text):
    found = hear(text).first("occurred_at")
    assert found is None or found.value <= "2026-11-27T14:00:00+08:00"


def test_a_life_in_danger_is_heard(hear):
    assert EscalationSign.SELF_HARM in hear("I want to kill myself").escalation_signs
    assert EscalationSign.THREAT in hear("I will burn down your branch").escalation_signs
    assert not hear("the app is killing my battery").in_danger


def test_a_number_hidden_in_the_text_leaves_it_english(hear):
    u = hear("My number is 13812345678 and the app does not work")
    assert (u.is_english, u.kind, u.product) == (True, Kind.COMPLAINT, Product.MOBILE_APP)


@pytest.mark.parametrize(
    "text",
    ["I want to make a complaint", "Report a problem", "I have a suggestion", "Something new", "hello, can I ask something?"],
)
def test_what_only_announces_a_matter_tells_none(text):
    assert only_announces(text)
    assert not only_announces(f"{text} the clerk shouted")


@given(st.text(alphabet="abcdeilnostyw '’.,!?0123456789-:£é\n", max_size=300))
def test_any_letters_are_understood_somehow(understander, text):
    u = understander.understand(redact(text), NOW)
    assert u.text == redact(text).text
    assert all(0 <= item.start <= item.end <= len(u.text) for item in u.entities)
