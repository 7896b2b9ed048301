"""The bot in an English conversation: both catalogues say the same things, and what an upset customer writes comes to a good end."""

import re
from dataclasses import replace
from string import Formatter

import pytest
from dialogue.talking import FACTS, NUMBER, Chat
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import Dialogue
from bot.dialogue.draft import only_announces
from bot.effects import FileTicket, HandOff, Say, SupplementTicket
from config.catalogue import load_yaml
from config.labels import EscalationSign, HandoffReason, Priority, Product, TicketKind, TicketState
from handoff.routing import department_name, department_names
from store.model import Ticket

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
HERE = replace(FACTS, opening_hours="9:00-18:00 on working days")
NOBODY = replace(HERE, agents_on_duty=0, open_now=False)


def flat(node: object, prefix: str = "") -> dict[str, str]:
    if not isinstance(node, dict):
        return {prefix: str(node)}
    return {key: text for name, under in node.items() for key, text in flat(under, f"{prefix}.{name}".strip(".")).items()}


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def replies(language: str) -> dict[str, dict]:
    return {name: variants[0] for name, variants in load_yaml(f"replies.{language}.yaml")["responses"].items()}


def test_both_catalogues_of_replies_have_the_same_sentences_gaps_and_buttons():
    chinese, english = replies("zh-CN"), replies("en")
    assert chinese.keys() == english.keys()
    for name, reply in chinese.items():
        assert gaps(reply["text"]) == gaps(english[name]["text"]), name
        pressed, offered = ([button["payload"] for button in said.get("buttons", ())] for said in (reply, english[name]))
        assert set(pressed) <= set(offered), name
        assert len(offered) == len(set(offered)), name


def test_both_catalogues_of_the_read_back_have_the_same_names_and_gaps():
    chinese, english = flat(load_yaml("readback.zh-CN.yaml")), flat(load_yaml("readback.en.yaml"))
    assert chinese.keys() == english.keys()
    for name, text in chinese.items():
        dated = {"month", "month_name", "part", "hour", "clock"} if name.startswith("time.") else set()
        assert gaps(text) - dated == gaps(english[name]) - dated, name


def test_no_english_sentence_has_a_chinese_character_and_every_title_is_a_text():
    for name in ("replies.en.yaml", "readback.en.yaml", "notices.en.yaml"):
        assert [key for key, text in flat(load_yaml(name)).items() if CHINESE.search(text)] == []
    titles = [button["title"] for reply in replies("en").values() for button in reply.get("buttons", ())]
    assert all(isinstance(title, str) for title in titles)
    assert all(not CHINESE.search(title) for title in titles)


def test_every_frequent_question_is_answered_in_english_and_every_department_has_an_english_name():
    for entry in load_yaml("faq.yaml"):
        assert not CHINESE.search(str(entry["english"])), entry["id"]
    assert all(not CHINESE.search(department_name(name, "en")) for name in department_names())


def test_buttons_that_begin_a_matter_tell_nothing_of_it():
    begins = [
        button["title"]
        for reply in replies("en").values()
        for button in reply.get("buttons", ())
        if button["payload"] in ("/complaint", "/suggestion", "/praise")
    ]
    assert begins
    assert all(only_announces(title) for title in begins)


@pytest.fixture
def chat(parts):
    return Chat(parts, HERE, "en")


def press(chat: Chat, payload: str) -> str:
    """What is said after the button that was offered last with that payload."""
    title = next(button["title"] for button in chat.state["offered"] if button["payload"] == payload)
    return chat.say(title, payload={"button": payload})


def say_all(chat: Chat, *lines: str) -> str:
    said = ""
    for line in lines:
        said = chat.say(line)
        assert CHINESE.findall(said) == [], said
    return said


def test_what_the_widget_offers_to_begin_with_is_understood(chat):
    for text, expected in (
        ("I want to make a complaint", "tell me what happened"),
        ("I have a suggestion", "your suggestion"),
        ("I want to praise a member of staff", "What would you like to praise?"),
        ("Ticket status", "found no ticket of yours"),
        ("Talk to a person", "putting you through to a person"),
        ("What should I do if I lose my card?", "block the card at once"),
        ("I forgot my login password. How do I reset it?", "forgot password"),
        ("How do I change my phone number?", "in your profile"),
        ("How long does a transfer take?", "you can choose"),
        ("How do I print my statement?", '"transactions"'),
        ("Where is the nearest branch?", '"branches"'),
    ):
        chat.state = {}
        assert expected in say_all(chat, text), text


CONVERSATIONS = [
    (
        ("ur app is total rubbish!! it logs me out every 2 mins", "yesterday around 3pm", "fix it and say sorry", "no", "confirm"),
        {"kind": "complaint", "product": "mobile_app", "demand": "fix it and say sorry"},
    ),
    (
        (
            "This is a disgrace. I waited 2 hours at your Jianguo Road branch and nobody helped me!!!",
            "today, 10am",
            "I want an apology and somebody to call me",
            "my number is 138 1234 5678",
            "it was yesterday at 4pm",
            "looks good",
        ),
        {"kind": "complaint", "product": "branch_service", "place": "Jianguo Road", "phone": "13812345678"},
    ),
    (
        ("i was charged 300 yuan fee for nothing", "last week", "refund", "skip", "no thats wrong, it was 200 yuan", "ok"),
        {"kind": "complaint", "product": "fees", "amount_yuan": 200, "occurred_at": "last week", "demand": "refund"},
    ),
    (
        ("I want a refund", "i dont remember", "no", "change", "the amount is 260", "correct"),
        {"kind": "complaint", "amount_yuan": 260, "demand": "I want a refund"},
    ),
    (
        ("the clerk at the Haidian branch was rude and called me names", "on friday", "skip", "no thanks", "the branch is Chaoyang branch", "yes"),
        {"kind": "complaint", "place": "Chaoyang branch"},
    ),
    (
        ("i waiting for my money since 3 weeks !!! no body answer me", "dont know", "money back", "+86 13812345678", "ok send"),
        {"kind": "complaint", "phone": "13812345678"},
    ),
    (
        ("I have a suggestion", "please add a dark mode to the app", "yes please"),
        {"kind": "suggestion", "product": "mobile_app"},
    ),
    (
        ("your staff are great! Mr Wang at the Pudong branch stayed late to help me", "confirm"),
        {"kind": "praise", "person_praised": "Mr Wang", "place": "Pudong branch"},
    ),
    (
        ("what is your swift code", "register it", "confirm"),
        {"kind": "enquiry"},
    ),
    (
        ("can u help me pls", "i cant login to my account it says error 5003", "this morning", "make it work", "no", "confirm"),
        {"kind": "complaint", "product": "mobile_app", "demand": "make it work"},
    ),
    (
        ("the atm swallowed my card at nanjing road 20 minutes ago", "13812345678", "confirm"),
        {"kind": "complaint", "product": "atm_selfservice", "place": "nanjing road"},
    ),
    (
        ("why was my card declined at tesco", "it was declined again today!", "nothing in particular", "my phone is 13812345678", "that is correct"),
        {"kind": "complaint", "phone": "13812345678"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "record"), CONVERSATIONS, ids=[lines[0][:40] for lines, _ in CONVERSATIONS])
def test_an_upset_customer_comes_to_a_ticket_in_their_own_words(chat, lines, record):
    said = say_all(chat, *lines)
    assert NUMBER in said
    filed = chat.did(FileTicket)
    known = {"kind": filed.kind, "product": filed.product, "phone": filed.contact_phone, **filed.record}
    assert {name: known.get(name) for name in record} == record
    told = filed.content.split("\n")
    assert told
    assert all(line in lines for line in told)  # as it was said, whole


def test_what_was_not_understood_is_the_matter_once_a_kind_is_chosen(chat):
    assert "I know only a little English" in chat.say("me card go not thru tesco since 20 november")
    press(chat, "/complaint")
    record = chat.state["draft"]["record"]
    assert record["problem"] == "me card go not thru tesco since 20 november"
    assert record["occurred_at"].startswith("2026-11-20")
    assert chat.state["draft"]["kind"] == TicketKind.COMPLAINT


def test_twice_not_understood_brings_a_person(chat):
    say_all(chat, "me card go not thru tesco", "it go not thru since the weekend")
    assert chat.did(HandOff).reason is HandoffReason.NOT_UNDERSTOOD


def test_a_description_after_a_button_is_taken_whole_whatever_it_holds(chat):
    chat.say("hello")
    press(chat, "/complaint")
    told = "The machine gave me 300 yuan instead of 500 yuan, is that correct? I want to talk about it yesterday, not today"
    chat.say(told)
    assert chat.state["draft"]["record"]["problem"] == told


def test_a_person_is_asked_for_in_the_middle_of_a_form(chat):
    say_all(chat, "the teller was rude to me", "I want to speak to your manager")
    assert chat.did(HandOff).reason is HandoffReason.ASKED
    assert chat.did(HandOff).brief["summary"] == "the teller was rude to me"


def test_money_that_is_being_stolen_brings_advice_and_a_person_at_once(chat):
    said = chat.say("somebody is taking money from my account, i did not make these payments!!")
    assert said.startswith("Please protect your money first")
    assert (chat.did(HandOff).reason, chat.did(HandOff).priority) == (HandoffReason.URGENT, Priority.URGENT)


def test_who_speaks_of_ending_their_life_is_answered_with_care(parts):
    chat = Chat(parts, NOBODY, "en")
    said = say_all(chat, "I want to kill myself, you took all my money")
    assert "12356" in said
    assert EscalationSign.SELF_HARM in chat.state["understood"]["escalation_signs"]


def test_with_nobody_there_a_message_is_left_in_english(parts):
    chat = Chat(parts, NOBODY, "en")
    assert "9:00-18:00 on working days" in say_all(chat, "talk to a person")
    assert NUMBER in say_all(chat, "My salary has not arrived since friday, I need to pay rent")
    assert chat.did(FileTicket).kind is TicketKind.OTHER


def test_dropping_is_asked_for_once_and_may_be_called_off(chat):
    said = say_all(chat, "the lady at counter 3 shouted at my mother", "cancel")
    assert "Are you sure" in said
    say_all(chat, "no, go on")
    assert chat.state["form"] == "complaint_form"
    assert "nothing was sent" in say_all(chat, "cancel", "yes, drop it")
    assert "draft" not in chat.state


def ticket(now, **changes) -> Ticket:
    known = {
        "no": NUMBER, "kind": TicketKind.COMPLAINT, "state": TicketState.PENDING, "priority": Priority.NORMAL, "version": 1, "channel": "in_app",
        "account": "in_app:main", "customer_id": "c", "conversation_id": "k", "product": Product.BRANCH_SERVICE.value, "nature": "service_attitude",
        "department": "branch_mgmt", "content": "x", "record": {}, "contact_phone": None, "customer_name": None, "received_at": now,
    }  # fmt: skip
    names = {
        name
        for name in Ticket.__dataclass_fields__
        if Ticket.__dataclass_fields__[name].default.__class__.__name__ == "_MISSING_TYPE"
    }
    rest = dict.fromkeys(names - known.keys())
    return Ticket(**{**rest, **known, **changes})


def test_more_of_a_ticket_just_filed_is_added_to_it(parts):
    chat = Chat(parts, replace(HERE, tickets=(ticket(HERE.now),)), "en")
    for words in ("add: I have a video", "I also want to add that the guard laughed", "the guard over there saw it all too"):
        assert "I have added this" in say_all(chat, words), words
        assert chat.did(SupplementTicket).text == words
    assert "stands at: Pending" in say_all(chat, "hello")
    assert "Pending" in say_all(chat, "ticket status")
    assert "Do you want to withdraw" in say_all(chat, "I want to withdraw my complaint")


def test_a_question_in_the_middle_of_a_form_is_answered_and_the_form_goes_on(chat):
    said = say_all(chat, "my mother lost her card", "how do i block it?")
    assert said.startswith("Please block the card at once")
    assert "When did it happen?" in said
    assert "on the back of your card" in say_all(chat, "what number should I call?")


def test_a_single_word_is_kept_for_the_description(chat):
    say_all(chat, "complain", "app", "it crashes all the time")
    assert chat.state["draft"]["record"]["problem"] == "app\nit crashes all the time"


def test_scolding_the_bot_brings_an_apology_and_then_a_person(chat):
    assert "my fault" in say_all(chat, "you are useless")
    say_all(chat, "you dont understand me")
    assert chat.did(HandOff)


def test_the_same_words_are_answered_in_chinese_in_a_chinese_conversation(parts):
    chat = Chat(parts)
    assert CHINESE.search(chat.say("I want to make a complaint"))
    assert "请您核对" in say_chinese(chat, "The teller was rude to me", "yesterday", "an apology", "skip")


def say_chinese(chat: Chat, *lines: str) -> str:
    said = ""
    for line in lines:
        said = chat.say(line)
    return said


def test_language_may_change_in_the_middle_of_a_form(parts):
    chat = Chat(parts, HERE)
    assert "您希望我们怎样处理" in chat.say("你们的柜员昨天下午在朝阳支行骂我")
    chat.language = "en"
    assert chat.say("an apology").startswith("On which mobile number")
    read_back = chat.say("skip")
    assert "Details: 你们的柜员昨天下午在朝阳支行骂我" in read_back  # the customer's words stay as they were said
    assert "When: 22 November, in the afternoon" in read_back
    chat.language = None
    assert "工单号" in chat.say("确认")


WORDS = st.sampled_from(
    ["yes", "no", "skip", "cancel", "confirm", "my card was stolen", "the app crashes", "500 yuan", "yesterday at 3 pm", "agent", "not 500 but 300 yuan", "I want a refund",
     "hello", "ticket status", "13812345678", "why?", "FB202611230000017", "at the Haidian branch", "me go not", "it was monday", "the amount is 20", "thanks", "withdraw it", "?"]
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(WORDS, min_size=1, max_size=10))
def test_whatever_is_said_in_english_the_answer_is_english(parts, lines):
    chat = Chat(parts, replace(HERE, agents_on_duty=0), "en")
    for line in lines:
        chat.say(line)
        says = [effect for effect in chat.effects if isinstance(effect, Say)]
        assert says, line
        shown = "".join(f"{say.text}{say.buttons}{say.custom}" for say in says)
        assert CHINESE.findall(re.sub(r"\[手机号·尾号\d{4}\]", "", shown)) == [], line


def test_each_language_has_a_voice_of_its_own():
    dialogue = Dialogue.load()
    assert dialogue.apology("failure", None) != dialogue.apology("failure", "en")
    assert not CHINESE.search(dialogue.apology("failure", "en"))
