"""The record while it is collected: starting it, filling it from words, changing it, and what is still missing. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.dialogue.english_changes import ENGLISH_CHANGES, ENGLISH_NEW_SUM, ENGLISH_SUM_NAMED
from bot.effects import Facts
from bot.message import Inbound
from config.labels import Kind, Product, TicketKind
from intents import english, english_values
from intents.amounts import number_of
from intents.moments import vague_time
from intents.normalise import normalise
from intents.understanding import Entity, Understanding

Draft = dict[str, Any]

FORMS = {
    TicketKind.COMPLAINT: "complaint_form",
    TicketKind.SUGGESTION: "suggestion_form",
    TicketKind.PRAISE: "praise_form",
    TicketKind.ENQUIRY: "enquiry_form",
    TicketKind.OTHER: "message_form",
}
KINDS = {form: kind for kind, form in FORMS.items()}
PLACES = frozenset({"atm_selfservice", "branch_service"})  # products whose matters happen somewhere
MAX_QUESTIONS = 3
MOST_BESIDE_CHARS = 3
MIN_DEMAND_CHARS = 4
SURE_PRODUCT = 0.75  # what is surer than this stays, whatever else is named on the way
MIN_PROBLEM_CHARS = 6  # 我要投诉 says that there is something, not what

SHORTEST_PROBLEM_CHARS = 4

_NEW_SUM = re.compile(r"(?<!不)(?:应该)?(?:是|改成|改为)\s*(?P<value>\d{1,9}(?:\.\d{1,2})?)(?!\d|[号点月年日:：])")
_SUM_NAMED = re.compile(
    r"(?:金额|数额|(?<!还)钱(?=是|应该|不是|改))[^\d，,。]{0,6}(?P<value>\d{1,9}(?:\.\d{1,2})?)(?![\d号点月年日:：])"
)
_RECORDED = (
    "amount_yuan",
    "branch",
    "machine",
    "card_tail",
    "staff_name",
    "app_function",
    "business_channel",
    "product_name",
    "preferred_channel",
)
_ALWAYS = frozenset({"天天", "每天"})
_EMPTY_WORDS = re.compile(
    r"^(?:你好|您好|喂|嗨|请问|我|想|要|来|有|个|件|事|一下|一个|些|点|向|给|对|跟|你们|银行|问题|情况|投诉|反馈|反映|建议|意见|提|说|讲|表扬|夸|登记|需要|可以|吗|的|了|啊|呢|吧|[，。！？,.!?\s])+$"
)
_CHANGES = (
    ("demand", re.compile(r"(?:诉求|要求|需求|希望)(?:是|改成|改为|换成|应该是|写成)[:：]?(?P<value>.{2,200})")),
    ("place", re.compile(r"(?:地点|地方|位置|网点|支行)(?:是|改成|改为|换成|应该是|写成|不对[,，]?是)[:：]?(?P<value>.{2,40})")),
    ("problem", re.compile(r"(?:问题|内容|情况|描述|建议)(?:改成|改为|换成|应该是|写成)[:：]?(?P<value>.{4,2000})")),
    ("staff_name", re.compile(r"(?:工作人员|柜员|经理)(?:姓名|名字)?(?:是|叫|改成|改为|应该是)(?P<value>.{1,10})")),
    ("person_praised", re.compile(r"(?:表扬(?:对象|的)?|夸的)(?:是|改成|改为|应该是)(?P<value>.{1,20})")),
    # 改成退30: what is to be changed into a deed of ours is the demand.
    (
        "demand",
        re.compile(
            r"(?:改成|改为|换成|应该是|就要|只要|还是)[:：]?(?P<value>(?:你们|给我|全额?|全部)?"
            r"(?:退|赔|补|道歉|恢复|解冻|解决|删除|取消|减免|免除?|给个?说法|注销|撤销|回电|回复).{0,200})"
        ),
    ),
)


def start(kind: TicketKind, u: Understanding, inbound: Inbound, facts: Facts) -> Draft:
    """A draft of *kind* with everything that the first message and the facts tell already."""
    draft = begin(kind, u.product.value, facts, urgent=u.urgent)
    # app闪退 is short, and says it all.
    is_short_and_plain = u.product is not Product.OTHER and says_something(u.text, least=SHORTEST_PROBLEM_CHARS)
    if is_short_and_plain or says_something(u.text):
        draft["record"]["problem"] = u.text
    elif not only_announces(u.text):
        draft["opening"] = u.text  # 钱没到 is too little to work on, and must not be lost
    draft["product_confidence"] = u.product_confidence
    take_entities(draft, u.entities, overwrite=False)
    take_vague_time(draft, u.text)
    take_location(draft, inbound)
    return draft


def begin(kind: TicketKind, product: str, facts: Facts, *, urgent: bool) -> Draft:
    """An empty draft of *kind* with what is known of the customer."""
    return {
        "kind": kind.value,
        "product": product,
        "urgent": urgent,
        "nature": "",
        "record": {"branch": facts.branch} if facts.branch else {},
        "contact_phone": facts.known_phone,
        "asked": {},
        "missing": [],
    }


def take_product(draft: Draft, u: Understanding) -> None:
    """Let what is told later say what the matter is about, where the words before left that in doubt."""
    sure = draft.get("product_confidence", 1.0)
    is_open = draft["product"] == Product.OTHER or sure < SURE_PRODUCT
    is_better = draft["product"] == Product.OTHER or u.product_confidence > sure
    # Dunning is about a loan as long as no card is named: then it is about the card, however sure the guess was.
    names_the_card = draft["product"] == Product.LOAN and u.product is Product.CREDIT_CARD and _names_a_product(u)
    if u.product is not Product.OTHER and ((is_open and is_better) or names_the_card):
        draft["product"], draft["product_confidence"] = u.product.value, u.product_confidence


def _names_a_product(u: Understanding) -> bool:
    return any(entity.entity == "product_name" for entity in u.entities)


def tell(draft: Draft, text: str) -> None:
    """Add *text* to what the matter is, after all that was told before."""
    record = draft["record"]
    told = [part for part in (draft.pop("opening", ""), record.get("problem", "")) if part]
    if not any(text in part for part in told):
        told.append(text)
    record["problem"] = "\n".join(told)


def says_something(text: str, *, least: int = MIN_PROBLEM_CHARS) -> bool:
    """Whether *text*, of at least *least* characters, tells what the matter is, and not only that there is one."""
    return len(text.strip()) >= least and not only_announces(text)


def begin_with(draft: Draft, text: str | None, now: datetime) -> None:
    """Put *text*, said before the draft was begun, before what it tells.

    English that was not understood is what the matter is, once the customer has chosen of what kind.
    """
    if text and english.in_letters(text) and says_something(text):
        told = draft["record"].get("problem", "")
        draft["record"]["problem"] = "\n".join(part for part in (text, told) if part)
        plain = normalise(text)
        take_entities(
            draft,
            (*english_values.sums(plain, text), *english_values.moments(plain, text, now), *english_values.places(plain, text)),
            overwrite=False,
        )
    elif text:
        name = "problem" if draft["record"].get("problem") else "opening"
        where = draft["record"] if name == "problem" else draft
        where[name] = "\n".join(part for part in (text, where.get(name, "")) if part)


def names_a_sum(text: str) -> bool:
    """Whether *text* says what the sum is: 钱是600, 金额写3000."""
    return bool(_SUM_NAMED.search(text))


def only_announces(text: str) -> bool:
    """Whether *text* says no more than that there is something: 我要投诉."""
    return bool(_EMPTY_WORDS.match(text)) or english.only_announces(text)


def take_entities(draft: Draft, found: Sequence[Entity], *, overwrite: bool) -> list[str]:
    """Put what was found into the record; returns the names that changed."""
    record, changed = draft["record"], []

    def put(name: str, value: Any) -> None:
        if value and (overwrite or not record.get(name)) and record.get(name) != value:
            record[name] = value
            changed.append(name)

    kind = draft["kind"]
    # 退钱 alone is part of the problem; of a suggestion all is the content.
    wanted = [item.value for item in found if item.entity == "demand"]
    if all(len(value) <= MIN_DEMAND_CHARS for value in wanted):
        wanted = []
    if kind not in (TicketKind.SUGGESTION, TicketKind.PRAISE):
        put("demand", "；".join(wanted))
    for item in found:
        if item.entity == "phone" and (overwrite or not draft.get("contact_phone")):
            if draft.get("contact_phone") != item.value:
                draft["contact_phone"] = item.value
                changed.append("phone")
        elif item.entity == "occurred_at":
            before, precision = record.get("occurred_at"), item.details.get("precision", "day")
            # 昨晚9点, said after 昨天, says when more exactly.
            if record.get("occurred_at_precision") == "day" and precision != "day" and str(before)[:10] == str(item.value)[:10]:
                record.pop("occurred_at")
            put("occurred_at", item.value)
            if record.get("occurred_at") != before:
                record["occurred_at_precision"] = precision
        elif item.entity == "place":
            put("place", item.value)
        elif item.entity == "person_praised" and kind == TicketKind.PRAISE:
            put("person_praised", item.value)
        elif item.entity == "staff_name" and kind == TicketKind.PRAISE:
            pass  # whom the praise is for is enough
        elif item.entity in _RECORDED:
            put(item.entity, item.value)
    if overwrite and "branch" in changed and "place" in record and "place" not in changed:
        record.pop("place")
    return changed


def take_vague_time(draft: Draft, text: str) -> bool:
    """上个月, 去年夏天: no day, but an answer to when; kept in the customer's words. 上周开始 says more than 天天."""
    known = draft["record"].get("occurred_at")
    said = None if known and known not in _ALWAYS else vague_time(text)
    if said is not None and (known is None or said not in _ALWAYS):
        draft["record"]["occurred_at"] = said
        return True
    return False


def tells_only_when(text: str) -> bool:
    """Whether *text* is a vague time and hardly anything else: 上个月吧."""
    said = vague_time(text)
    return said is not None and len(text.strip()) - len(said) <= MOST_BESIDE_CHARS


def take_location(draft: Draft, inbound: Inbound) -> bool:
    """A location that the customer sent is the place."""
    label = inbound.payload.get("label")
    if inbound.type == "location" and label:
        draft["record"]["place"] = str(label)
        return True
    return False


def restate(draft: Draft, u: Understanding) -> list[str]:
    """Change only what the customer names with its new value (诉求改成退款); returns the names that changed."""
    changes = ENGLISH_CHANGES if u.is_english else _CHANGES
    told = {name: match for name, pattern in reversed(changes) if (match := pattern.search(u.text))}
    for name, match in told.items():
        draft["record"][name] = match.group("value").strip(" ，。,.!！")
    return list(told)


def correct(draft: Draft, u: Understanding) -> list[str]:
    """Change what the customer says is wrong; returns the names that changed, empty when nothing could be made of it."""
    record, told = draft["record"], {}
    for name, pattern in ENGLISH_CHANGES if u.is_english else _CHANGES:
        match = pattern.search(u.text)
        if match and name not in told:
            told[name] = match.span("value")
    changed = list(told)
    meant = [item for item in u.entities if not _denied(u.text, item) and item.entity != "demand"]
    before = record.get("amount_yuan")
    if "demand" in told and before and not (_names(record.get("demand", ""), before) and not _names(record["problem"], before)):
        # The sum in a demand is what is wanted; the sum that the matter is about stays, unless it came from the demand alone.
        start, end = told["demand"]
        meant = [item for item in meant if item.entity != "amount_yuan" or not start <= item.start < end]
    changed += take_entities(draft, meant, overwrite=True)
    if not changed and (said := _sum_said(u, named_only=not before)):
        # 金额也写上3000 names it; 应该是300, with a sum on record, puts it right.
        value = number_of(said.group("value").replace(",", ""))
        if value and value != before:
            record["amount_yuan"] = value
            changed.append("amount_yuan")
    for name, (start, end) in told.items():
        record[name] = u.text[start:end].strip(" ，。,.!！")
    if "amount_yuan" in changed and "demand" not in told and before and record.get("demand"):
        # 退500元 asks for 300 when it was 300.
        record["demand"] = _sum(before).sub(f"{record['amount_yuan']:g}", record["demand"])
    return changed


def _sum_said(u: Understanding, *, named_only: bool) -> re.Match[str] | None:
    """The sum as it is named, or (unless *named_only*) as it is put right."""
    if u.is_english:
        return ENGLISH_SUM_NAMED.search(u.text) or (None if named_only else ENGLISH_NEW_SUM.search(u.text))
    return _SUM_NAMED.search(u.text) or (None if named_only else _NEW_SUM.search(u.text))


def _names(text: str, amount: float) -> bool:
    return bool(_sum(amount).search(text))


def _sum(amount: float) -> re.Pattern[str]:
    """*amount* as it stands in a text, whole."""
    return re.compile(rf"(?<![\d.]){re.escape(f'{amount:g}')}(?:\.0+)?(?![\d.])")


def _denied(text: str, item: Entity) -> bool:
    """Whether the value is named only to be ruled out: 不是500."""
    before = text[max(0, item.start - 4) : item.start]
    return before.endswith(("不是", "不", "并非", "没有", "而不是", "不是在", "不是说"))


def missing(draft: Draft, asked: int) -> list[str]:
    """The slots still worth asking for, in order; what was skipped is not asked again."""
    record, answered = draft["record"], draft["asked"]
    if not record.get("problem"):
        return ["problem"]
    kind = draft["kind"]
    wanted: list[str] = []
    if kind == TicketKind.COMPLAINT:
        wanted.append("occurred_at")
        if draft["product"] in PLACES:
            wanted.append("place")
        if not draft["urgent"]:
            wanted.append("demand")
        wanted.append("phone")
    elif kind == TicketKind.PRAISE:
        wanted.append("person_praised")
    open_slots = [name for name in wanted if not _has(draft, name) and name not in answered]
    return open_slots if asked < MAX_QUESTIONS else []


def _has(draft: Draft, name: str) -> bool:
    record = draft["record"]
    if name == "phone":
        return bool(draft.get("contact_phone"))
    if name == "place":
        return bool(record.get("place") or record.get("branch"))
    if name == "person_praised":
        return bool(record.get("person_praised") or record.get("staff_name"))
    return bool(record.get(name))


def ticket_kind_of(kind: Kind) -> TicketKind | None:
    """The kind of ticket that a message of *kind* starts, if it starts one."""
    return {
        Kind.COMPLAINT: TicketKind.COMPLAINT,
        Kind.URGENT_REPORT: TicketKind.COMPLAINT,
        Kind.SUGGESTION: TicketKind.SUGGESTION,
        Kind.PRAISE: TicketKind.PRAISE,
    }.get(kind)
