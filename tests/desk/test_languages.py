"""What the service itself says to a customer is said in the language that they ask for; what was written stays as it was written."""

import re
from string import Formatter

import pytest
from desk.at_the_desk import Bank

from config.catalogue import Catalogue, load_yaml, prefers_english
from config.labels import TicketKind, TicketState
from store import tickets

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
SAID = {"channel": "web_form", "kind": "complaint", "content": "The clerk threw my papers at me"}


def flat(node: object, prefix: str = "") -> dict[str, str]:
    if not isinstance(node, dict):
        return {prefix: str(node)}
    return {
        key: text for name, under in node.items() for key, text in flat(under, f"{prefix}.{name}" if prefix else name).items()
    }


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ("", False),
        ("*", False),
        ("en", True),
        ("en-GB,en;q=0.9", True),
        ("EN-us", True),
        ("zh-CN,zh;q=0.9,en;q=0.8", False),
        ("en-US,en;q=0.9,zh-CN;q=0.8", True),
        ("en;q=0.5, zh;q=0.7", False),
        ("fr, en;q=0.3", True),
        ("en;q=0", False),
        ("en;q=much", False),
        ("en;level=1", False),
        ("," * 5000 + "en", False),
    ],
)
def test_english_is_for_those_who_prefer_it_to_chinese(header, expected):
    assert prefers_english(header) is expected


def test_everything_that_a_customer_reads_of_a_ticket_stands_in_both_languages_with_the_same_gaps():
    chinese, english = load_yaml("notices.zh-CN.yaml"), load_yaml("notices.en.yaml")
    for part in ("states", "kinds", "steps", "page"):
        assert english["tickets"][part].keys() == chinese["tickets"][part].keys(), part
    assert english["desk"]["problem"].keys() == chinese["desk"]["problem"].keys()
    assert english["tickets"]["form"]["errors"].keys() == chinese["tickets"]["form"]["errors"].keys()
    known = flat(chinese)
    ours = {
        key: text for key, text in flat(english).items() if not key.startswith(("tickets.months", "tickets.form.kinds_within"))
    }
    assert [key for key in ours if key not in known] == []
    assert [key for key, text in ours.items() if fields(text) - {"month_name"} != fields(known[key]) - {"month"}] == []
    assert [key for key, text in flat(english).items() if CHINESE.search(text)] == []


def test_what_nobody_translated_is_said_in_chinese():
    catalogue = Catalogue()
    english = catalogue.asked_for("en")
    assert english.text("tickets.kinds.complaint") == "Complaint"
    assert english.text("desk.declined", reason="x") == catalogue.text("desk.declined", reason="x")
    assert catalogue.asked_for("zh") is catalogue
    assert all(english.find(f"tickets.states.{state}") for state in TicketState)
    assert all(english.find(f"tickets.form.kinds_within.{kind}") for kind in TicketKind)


async def send(bank: Bank, path: str, language: str, body: dict | None = None, method: str = "POST") -> tuple[int, dict]:
    headers = {"Accept-Language": language} if language else {}
    session = bank.desk().session
    async with session.request(method, f"{bank.url}{path}", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_receipt_and_page_of_a_ticket_are_english_for_who_asks_for_it_and_the_words_are_kept(bank: Bank):
    status, receipt = await send(bank, "/api/v1/feedback", "en", {**SAID, "product": "branch_service"})
    assert status == 201
    assert re.search(r"your complaint\. .* by \d+ [A-Z][a-z]+ 20\d\d at the latest", receipt["message"])
    assert receipt["status"] == "Pending"
    link = "/api/v1/status/" + tickets.link_token(bank.service.store.crypto, receipt["ticket_no"])
    _, shown = await send(bank, link, "en-GB", method="GET")
    assert (shown["kind"], shown["status"], shown["steps"][0]["text"]) == (
        "Complaint",
        "Pending",
        "Recorded, waiting to be taken up",
    )
    assert re.fullmatch(r"\d+ [A-Z][a-z]+ 20\d\d", shown["answer_by"])
    assert (shown["about"]["product"], shown["about"]["words"]) == ("Service at a branch", SAID["content"])
    assert CHINESE.findall(str({**shown, "about": {**shown["about"], "words": ""}})) == []
    _, chinese = await send(bank, link, "", method="GET")
    assert (chinese["kind"], chinese["status"], chinese["about"]["product"]) == ("投诉", "待处理", "网点服务")
    assert chinese["answer_by"].endswith("日")


async def test_the_desk_refuses_in_the_language_that_its_page_asks_for(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    await bank.say("u1", "转人工")
    waiting = await first.waiting()
    assert (await first.post(f"/conversations/{waiting}/claim"))[0] == 200
    path = f"/conversations/{waiting}"
    for verb, body, told in (
        ("claim", {}, "坐席a1 is already serving this conversation."),
        ("replies", {"text": "hello", "client_id": "c"}, "You are not serving this conversation any more. Please reload."),
        ("replies", {"text": " ", "client_id": "c"}, "Please write something."),
    ):
        refused = await second.post(f"{path}/{verb}", body, **{"Accept-Language": "en"})
        assert refused[0] in (409, 422)
        assert refused[1]["detail"] == told
        assert CHINESE.search((await second.post(f"{path}/{verb}", body, **{"Accept-Language": "zh-CN"}))[1]["detail"])
    many = {"ids": [waiting], "action": "end"}
    _, done = await second.post("/conversations/bulk", many, **{"Accept-Language": "en"})
    assert done["results"][waiting]["detail"] == "You are not serving this conversation any more. Please reload."


async def test_refusals_come_in_the_language_asked_for(bank: Bank):
    _, refused = await send(bank, "/api/v1/feedback", "en", {**SAID, "kind": "x"})
    assert refused["errors"] == [{"field": "kind", "code": "enum", "message": "This is not one of the choices."}]
    _, unknown = await send(bank, f"/api/v1/status/{'0' * 32}", "en", method="GET")
    assert unknown["detail"].startswith("This link has expired")
    _, absent = await send(bank, "/nothing/here", "en", method="GET")
    assert absent["detail"] == "We did not find what you were looking for."
    _, again = await send(bank, "/nothing/here", "", method="GET")
    assert again["detail"] == "没有找到您要的内容。"
    status, receipt = await send(bank, "/api/v1/feedback", "en", SAID)
    link = "/api/v1/status/" + tickets.link_token(bank.service.store.crypto, receipt["ticket_no"])
    for path, body in (
        ("/verdict", {"version": 1, "resolved": True}),
        ("/rating", {"score": 5}),
        ("/additions", {"text": " ", "client_id": "a"}),
    ):
        status, told = await send(bank, link + path, "en", body)
        assert status in (409, 422)
        assert told["detail"]
        assert CHINESE.findall(told["detail"]) == []
