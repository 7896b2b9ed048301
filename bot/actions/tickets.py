"""Actions about tickets: file, tell the status, withdraw, supplement."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.effects_json import effect_to_json
from bot.actions.facts_json import due_of
from bot.effects import FileTicket, SupplementTicket, WithdrawTicket
from config.catalogue import Catalogue
from config.labels import OPEN_TICKET_STATES, FeedbackChannel, Priority, TicketKind, TicketState
from handoff.routing import department_name, department_of, nature_of
from handoff.tickets.views import day_for_people, state_for_customer

WITHDRAWABLE = OPEN_TICKET_STATES
MAX_TOLD = 3


def facts_of(tracker: Tracker) -> dict[str, Any]:
    """The facts that came with the latest message; empty for a server that sends none."""
    metadata = tracker.latest_message.get("metadata") or {}
    facts: dict[str, Any] = metadata.get("facts") or {}
    return facts


def link_text(facts: dict[str, Any], ticket_no: str, text: Callable[..., str]) -> str:
    """A line with the customer's page of that ticket; empty where there is none, and in our own chat, which shows a card."""
    url = _link(facts, ticket_no)
    return text("utter_ticket_link", url=url) if url and facts.get("channel") != FeedbackChannel.IN_APP else ""


def _link(facts: dict[str, Any], ticket_no: str) -> str | None:
    return (facts.get("ticket_links") or {}).get(ticket_no)


def card(facts: dict[str, Any], ticket_no: str, state: TicketState, catalogue: Catalogue) -> dict[str, Any]:
    """A ticket as a chat shows it in a frame of its own."""
    return {
        "no": ticket_no,
        "state": state.value,
        "status": state_for_customer(state, catalogue),
        "url": _link(facts, ticket_no),
    }


class ActionFileTicket(Action):
    """Files the confirmed draft and says its number and when to expect an answer."""

    def __init__(self, catalogue: Catalogue, text: Callable[..., str]) -> None:
        self._catalogue = catalogue
        self._text = text

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_file_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Any) -> list[dict[str, Any]]:
        """Needs the slot ``draft``; ``confirmed_text`` in it is the read-back that the customer agreed to."""
        draft, facts = tracker.get_slot("draft"), facts_of(tracker)
        kind = TicketKind(draft["kind"])
        priority = Priority.URGENT if draft["urgent"] else Priority.NORMAL
        signs = draft.get("signs", [])
        content = draft["record"].get("problem", "")
        matter = "urgent_report" if draft["urgent"] else kind.value
        nature = nature_of(matter, draft["product"], content, signs)
        # The same facts as the ticket's own dispatch has, so that the department named here is the one that gets it.
        at_outlet = True if draft["record"].get("branch") else None
        dispatch = department_of(nature, priority=priority, signs=signs, product=draft["product"], at_outlet=at_outlet)
        record = {key: value for key, value in draft["record"].items() if key != "problem"}
        effect = FileTicket(
            kind=kind,
            priority=priority,
            product=draft["product"],
            nature=nature.value,
            content=content,
            record={**record, "asked": draft["asked"]},
            contact_phone=draft.get("contact_phone"),
            confirmed_text=draft.get("confirmed_text", ""),
        )
        dispatcher.utter_message(json_message=effect_to_json(effect))
        variant = "urgent" if draft["urgent"] else kind.value
        if kind is TicketKind.OTHER:
            variant = "message_open" if facts["open_now"] else "message"
        dispatcher.utter_message(
            response=f"utter_filed_{variant}",
            ticket_no=facts["next_ticket_no"],
            department=department_name(dispatch.department, self._catalogue.language),
            due=day_for_people(due_of(facts, priority), self._catalogue),
            opening_hours=facts["opening_hours"],
            link=link_text(facts, facts["next_ticket_no"], self._text),
        )
        filed = card(facts, facts["next_ticket_no"], TicketState.PENDING, self._catalogue)
        dispatcher.utter_message(json_message={"tickets": [filed]})
        return []


class ActionTicketStatus(Action):
    """Tells the state of the asker's own tickets, or of one whose number and phone ending fit."""

    def __init__(self, catalogue: Catalogue, text: Callable[..., str]) -> None:
        self._catalogue = catalogue
        self._text = text

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_ticket_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Any) -> list[dict[str, Any]]:
        """A number of somebody else's ticket is neither confirmed nor denied without the phone ending."""
        facts = facts_of(tracker)
        asked = next(
            (item["value"] for item in tracker.latest_message.get("entities", []) if item["entity"] == "ticket_no"), None
        )
        own = [ticket for ticket in facts.get("tickets", []) if asked is None or ticket["no"] == asked]
        if facts.get("lookup_blocked"):
            dispatcher.utter_message(response="utter_status_blocked")
        elif facts.get("lookup"):
            self._tell(dispatcher, [facts["lookup"]], facts)
        elif own:
            self._tell(dispatcher, own[:MAX_TOLD], facts)
        elif tracker.get_slot("looked_up"):
            dispatcher.utter_message(response="utter_status_wrong")
        else:
            dispatcher.utter_message(response="utter_status_ask_phone" if asked else "utter_status_none")
        return []

    def _tell(self, dispatcher: CollectingDispatcher, tickets: list[dict[str, Any]], facts: dict[str, Any]) -> None:
        lines = []
        for ticket in tickets:
            state = TicketState(ticket["state"])
            waits = state in OPEN_TICKET_STATES and state is not TicketState.REPLIED and ticket["due_at"]
            due = day_for_people(datetime.fromisoformat(ticket["due_at"]), self._catalogue) if waits else ""
            lines.append(
                self._text(
                    "utter_status_one",
                    ticket_no=ticket["no"],
                    kind=self._catalogue.text(f"tickets.kinds.{ticket['kind']}"),
                    received=day_for_people(datetime.fromisoformat(ticket["received_at"]), self._catalogue),
                    state=state_for_customer(state, self._catalogue),
                    due=self._text("utter_status_due", due=due) if due else "",
                )
                + link_text(facts, ticket["no"], self._text)
            )
        cards = [card(facts, ticket["no"], TicketState(ticket["state"]), self._catalogue) for ticket in tickets]
        dispatcher.utter_message(text="\n".join(lines))
        dispatcher.utter_message(json_message={"tickets": cards})


class ActionWithdrawTicket(Action):
    """Takes back the ticket in the slot ``ticket_no``, once the customer confirmed."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_withdraw_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Any) -> list[dict[str, Any]]:
        """The customer's own words are kept as the statement."""
        number = tracker.get_slot("ticket_no")
        effect = WithdrawTicket(number, tracker.latest_message.get("text") or "")
        dispatcher.utter_message(json_message=effect_to_json(effect))
        dispatcher.utter_message(response="utter_withdrawn", ticket_no=number)
        return []


class ActionSupplementTicket(Action):
    """Adds the customer's words to the ticket in the slot ``ticket_no``."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_supplement_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: Any) -> list[dict[str, Any]]:
        """The whole message goes into the ticket's history."""
        number = tracker.get_slot("ticket_no")
        dispatcher.utter_message(json_message=effect_to_json(SupplementTicket(number, tracker.latest_message.get("text") or "")))
        dispatcher.utter_message(response="utter_supplemented", ticket_no=number)
        return []
