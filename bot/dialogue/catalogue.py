"""The bot's words in one language: Rasa responses filled in, and records told in plain words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.effects import Say
from bot.message import Button
from config.catalogue import CHINESE, Catalogue, load_yaml
from config.clock import in_shanghai
from handoff.tickets.masking import mask_phone

_PARTS = ((5, "night"), (11, "morning"), (13, "noon"), (18, "afternoon"), (24, "evening"))
_SHOWN = (
    "problem",
    "occurred_at",
    "place",
    "branch",
    "machine",
    "amount_yuan",
    "card_tail",
    "staff_name",
    "person_praised",
    "demand",
)


class Replies:
    """Everything that the bot can say."""

    def __init__(self, language: str | None = None) -> None:
        """In *language*; what it lacks is said in Chinese."""
        self._responses: dict[str, list[dict[str, Any]]] = load_yaml(f"replies.{CHINESE}.yaml")["responses"]
        if language is not None:
            self._responses |= load_yaml(f"replies.{language}.yaml")["responses"]
        self._words = Catalogue(f"readback.{CHINESE}.yaml").speaking(language)
        self.notices = Catalogue().speaking(language)

    @property
    def responses(self) -> dict[str, Any]:
        """The responses as Rasa's domain holds them."""
        return self._responses

    def say(self, name: str, *, system: bool = False, custom: dict[str, Any] | None = None, **values: object) -> Say:
        """The response *name* with *values* in it. Raises ``KeyError`` for an unknown name or a missing value."""
        response = self._responses[name][0]
        buttons = tuple(Button(item["title"], item["payload"]) for item in response.get("buttons", ()))
        return Say(response["text"].format(**values), buttons, custom or {}, system)

    def text(self, name: str, **values: Any) -> str:
        """The text of a response alone."""
        return self.say(name, **values).text

    def product(self, product: str) -> str:
        """The name of a product."""
        return self._words.text(f"products.{product}")

    def kind(self, kind: str, *, urgent: bool = False) -> str:
        """The name of a ticket's kind."""
        name = self._words.text(f"kinds.{kind}")
        return self._words.text("urgent_kind", kind=name) if urgent else name

    def thing(self, message_type: str) -> str:
        """What a file is called."""
        return self._words.find(f"things.{message_type}") or self._words.text("things.file")

    def moment(self, iso: str, precision: str) -> str:
        """A moment as people say it; words that are no ISO moment are told as they are."""
        try:
            local = in_shanghai(datetime.fromisoformat(iso))
        except ValueError:
            return iso
        part = next(name for hour, name in _PARTS if local.hour < hour)
        if precision == "day" and local.hour:
            precision = "part"  # 昨天上午 has an hour that nobody said
        hour = local.hour - 12 if local.hour > 12 and precision == "hour" else local.hour  # noqa: PLR2004 -- the clock's face
        return self._words.text(
            f"time.{precision}",
            month=local.month,
            day=local.day,
            hour=hour,
            minute=local.minute,
            part=self._words.text(f"parts.{part}"),
            month_name=self.notices.find(f"tickets.months.{local.month}") or "",
            clock=f"{local.hour % 12 or 12} {'am' if local.hour < 12 else 'pm'}",  # noqa: PLR2004 -- the clock's face
        )

    def record(self, draft: Mapping[str, Any]) -> str:
        """The record as it is read back: one line a field, the phone masked."""
        record: Mapping[str, Any] = draft["record"]
        lines = [("kind", self.kind(draft["kind"], urgent=draft["urgent"]))]
        if draft["product"] != "other":
            lines.append(("product", self.product(draft["product"])))
        is_told_once = record.get("place") == record.get("branch")  # put right, a branch is the place as well
        shown = (name for name in _SHOWN if record.get(name) and not (name == "place" and is_told_once))
        lines += [(name, self._value(name, record)) for name in shown]
        if draft.get("contact_phone"):
            lines.append(("phone", mask_phone(draft["contact_phone"])))
        return "\n".join(self._words.text("line", field=self._words.text(f"fields.{name}"), value=value) for name, value in lines)

    def _value(self, name: str, record: Mapping[str, Any]) -> str:
        value = record[name]
        if name == "occurred_at":
            return self.moment(str(value), str(record.get("occurred_at_precision", "day")))
        if name == "amount_yuan":
            return self._words.text("amount", yuan=float(value))
        return str(value)
