"""Runs rasa-sdk actions in this process, without a server and without an event loop."""

import copy
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor

from bot.actions.effects_json import effect_from_json
from bot.effects import Effect


class ActionAwaited(RuntimeError):
    """An action waited for something: inside a turn there is nothing to wait for."""


@dataclass(frozen=True, slots=True)
class Uttered:
    """What an action said (a response's name with values, or plain text), did, or set."""

    response: str | None = None
    text: str | None = None
    values: dict[str, Any] | None = None
    custom: dict[str, Any] | None = None
    effect: Effect | None = None


class ActionRunner:
    """The registered actions, each run to its end at once."""

    def __init__(self, actions: list[Action], domain: dict[str, Any]) -> None:
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)
        self._domain = domain
        self.names = tuple(action.name() for action in actions)

    def run(self, name: str, tracker: dict[str, Any]) -> tuple[list[Uttered], dict[str, Any]]:
        """What the action *name* uttered, and the slots that it set. Raises what the action raises, and ``ActionAwaited``."""
        result = self.raw(name, tracker)
        slots = {event["name"]: event["value"] for event in result["events"] if event.get("event") == "slot"}
        return [_uttered(response) for response in result["responses"]], slots

    def raw(self, name: str, tracker: dict[str, Any]) -> dict[str, Any]:
        """Events and responses of the action *name* as the action server answers them."""
        # The executor keeps references and form validation writes into them: it gets copies.
        call = {"next_action": name, "sender_id": tracker["sender_id"], "tracker": copy.deepcopy(tracker), "domain": self._domain}
        result: dict[str, Any] = _finished(self._executor.run(call)).model_dump()
        return result


def effects_in(result: dict[str, Any]) -> list[Effect]:
    """The effects among an action's responses."""
    found = (_uttered(response).effect for response in result["responses"])
    return [effect for effect in found if effect is not None]


def _finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    coroutine.close()
    raise ActionAwaited


_OWN_KEYS = frozenset({"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"})


def _uttered(response: dict[str, Any]) -> Uttered:
    custom = response.get("custom") or {}
    effect = effect_from_json(custom)
    values = {key: value for key, value in response.items() if key not in _OWN_KEYS}
    return Uttered(
        response=response.get("response"),
        text=response.get("text") or None,
        values=values,
        custom=custom if custom and effect is None else None,
        effect=effect,
    )
