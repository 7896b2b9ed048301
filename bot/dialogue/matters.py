"""Several matters in one message: the main one is taken on at once, the others are set aside and offered one by one."""

import re
from dataclasses import replace
from typing import Any

from bot.dialogue import draft as drafts
from bot.dialogue import forms
from bot.dialogue.turn_context import Turn
from config.labels import DialogueAct, TicketKind
from intents.understanding import Entity, Matter, Understanding

OFFER_MATTER = "offer_matter"
_ALREADY_ASKED = drafts.MAX_QUESTIONS - 1  # one question each, no more: the customer has answered enough
_LEAD = re.compile(
    r"^(?:另外|还有|再就是|其次|此外|对了|同时|顺便(?:再)?(?:说|提)?(?:一下|一句)?"
    r"|第[一二三四五]个?|[1-5一二三四五][、.．)）])[，,、:：\s]*"
)
_YES = re.compile(
    r"\s*(?:好的?|行|要的?|可以|嗯+|是的?|对|一起(?:登记|办|报)?|都(?:要|登记)|登记(?:吧|一下)?|记(?:上|一下)|麻烦(?:了|你)?)"
    r"(?=[，,。.!！\s吧呀啊呢了的]|$)"
)
_NONE = re.compile(r"(?:都|全)(?:不用|不要|不登|算了)|(?:其他|别的|剩下|后面)的?.{0,4}(?:不用|不要|算了)")
_SHOWN_CHARS = 40


def set_aside(turn: Turn) -> None:
    """Narrow the turn to the main matter of its message and remember the others; nothing happens where there is one.

    Who asks for a person besides is put through with all of them.
    """
    u = turn.u
    if not u.matters:
        return
    main, *others = u.matters
    if u.wants_person and not u.urgent:
        others = [main, *others]
    else:
        turn.u = _narrowed(u, main)
    turn.memory.matters = [*(_kept(u, matter) for matter in others), *turn.memory.matters]


def offer(turn: Turn) -> None:
    """Ask whether the next matter that was set aside is to be filed as well; nothing happens when there is none."""
    memory = turn.memory
    if memory.matters:
        memory.form = OFFER_MATTER
        turn.say("utter_offer_matter", problem=_shown(memory.matters[0]["text"]))


def answer_offer(turn: Turn) -> bool:
    """Take the answer to an offer. False when it was none: then it is a message of its own."""
    memory, u = turn.memory, turn.u
    memory.form = None
    if u.intent == DialogueAct.AFFIRM or _YES.match(u.text):
        _take_up(turn)
        return True
    if _NONE.search(u.text):
        memory.matters = []
        turn.say("utter_nothing_to_cancel")
        return True
    if u.intent in (DialogueAct.DENY, DialogueAct.CANCEL, DialogueAct.SKIP):
        memory.matters = memory.matters[1:]
        if memory.matters:
            offer(turn)
        else:
            turn.say("utter_nothing_to_cancel")
        return True
    return False


def _take_up(turn: Turn) -> None:
    memory = turn.memory
    matter, memory.matters = memory.matters[0], memory.matters[1:]
    memory.close()
    kind = TicketKind(matter["ticket_kind"])
    memory.draft = drafts.begin(kind, matter["product"], turn.facts, urgent=matter["urgent"])
    memory.draft["record"]["problem"] = matter["text"]
    found = [Entity(**item) for item in matter["entities"]]
    drafts.take_entities(memory.draft, found, overwrite=False)
    drafts.take_vague_time(memory.draft, matter["text"])
    # 要，是十月三号的事: what is told with the yes belongs to it.
    drafts.take_entities(memory.draft, turn.u.entities, overwrite=False)
    memory.form = drafts.FORMS[kind]
    memory.asked = _ALREADY_ASKED
    forms.go_on(turn)


def _kept(u: Understanding, matter: Matter) -> dict[str, Any]:
    """*matter* as it is remembered. The number to call is known by then and is not kept twice."""
    return {
        "text": _text(u, matter),
        "ticket_kind": (drafts.ticket_kind_of(matter.kind) or TicketKind.ENQUIRY).value,
        "product": matter.product.value,
        "urgent": matter.urgent,
        "entities": [
            {
                "entity": item.entity,
                "start": item.start,
                "end": item.end,
                "value": item.value,
                "text": item.text,
                "extractor": item.extractor,
                "details": item.details,
            }
            for item in u.entities
            if item.entity != "phone" and matter.start <= item.start < matter.end
        ],
    }


def _narrowed(u: Understanding, matter: Matter) -> Understanding:
    """*u* as if only *matter* had been said; a phone number and a wish for the way of the answer hold for all."""
    text = _text(u, matter)
    shift = u.text.find(text, matter.start)
    shared = ("phone", "preferred_channel")
    mine = [item for item in u.entities if shift <= item.start < matter.end]
    moved = [replace(item, start=item.start - shift, end=item.end - shift) for item in mine]
    return replace(
        u,
        text=text,
        intent=matter.kind.value,
        kind=matter.kind,
        understood=True,
        product=matter.product,
        urgent=matter.urgent,
        urgent_reasons=matter.urgent_reasons,
        entities=(*moved, *(item for item in u.entities if item.entity in shared and item not in mine)),
        matters=(),
    )


def _text(u: Understanding, matter: Matter) -> str:
    said = u.text[matter.start : matter.end].strip(" ，,、；;\n")
    return said[lead.end() :] if (lead := _LEAD.match(said)) and lead.end() < len(said) else said


def _shown(text: str) -> str:
    line = " ".join(text.split()).rstrip("。.！!")
    return line if len(line) <= _SHOWN_CHARS else line[: _SHOWN_CHARS - 1] + "…"
