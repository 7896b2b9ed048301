"""The conversations that agents hold: every change checks in its own transaction that it is still so."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from config.catalogue import Catalogue
from config.labels import Audience, Holder, Speaker
from config.problem import Problem
from handoff import policy, sight
from intents.redact import redact
from store import conversations, desk_lists, handling, platform_staff
from store.bell import QUEUE, Bell
from store.conversations import Appended, MessageDraft, Protected
from store.engine import Store, Tx
from store.errors import Stale, StoreBusy
from store.model import Agent, Conversation, Message

MAX_TEXT_CHARS = 8000
WORDS_REFUSED = ("empty", "too_long")
MAX_STALE = 8  # the customer keeps writing meanwhile: more tries would only add load

Write = Callable[[Tx], Appended]
Unseen = Callable[[Tx], tuple[Message, ...]]


class Holdings:
    """Reads and writes on behalf of the agent who holds a conversation. 409 ``not_holder`` for everybody else."""

    def __init__(self, store: Store, bell: Bell, catalogue: Catalogue) -> None:
        self._store = store
        self._bell = bell
        self._catalogue = catalogue

    async def of(self, agent: Agent, conversation_id: str) -> Conversation:
        """The conversation as it is, if *agent* holds it."""
        found = await self._store.read(lambda tx: conversations.get(tx, conversation_id))
        if found is None or found.holder is not Holder.HUMAN or found.agent_id != agent.id:
            raise self.not_holder()
        return found

    def message(self, agent: Agent, text: str, **more: Any) -> MessageDraft:
        """A message of *agent*'s. People write numbers too: what is protected is protected here as well."""
        if not text.strip():
            raise Problem(422, "empty", self._catalogue.sentence("desk.problem.empty"))
        if len(text) > MAX_TEXT_CHARS:
            raise Problem(422, "too_long", self._catalogue.sentence("desk.problem.too_long", limit=MAX_TEXT_CHARS))
        safe = redact(text, expecting="amount_yuan")
        hidden = tuple(Protected(item.kind, item.token, item.original) for item in safe.found if item.kind != "secret")
        return MessageDraft(Speaker.AGENT, safe.text, agent_id=agent.id, protected=hidden, **more)

    async def append(
        self, agent: Agent, conversation_id: str, draft: MessageDraft, now: datetime, *, unseen: Unseen | None = None
    ) -> int:
        """Add *draft* and return its seq. Raises ``Conflict`` when its external id is known.

        A supervisor may speak where a colleague serves, but not where people at a platform's own desk do: nothing of ours would
        get through (409 ``with_wecom``). What *unseen* finds in the same transaction must be read first: 409.
        """
        agent_id = None if policy.supervises(agent) else agent.id

        def write(tx: Tx) -> Appended | str | tuple[Message, ...]:
            if not sight.sees(tx, agent, conversation_id):
                return "not_holder"
            if unseen is not None:
                handling.lock(tx, conversation_id)
                if missed := unseen(tx):
                    return missed
            if agent_id is None and draft.audience is Audience.ALL:
                found = conversations.get(tx, conversation_id)
                if found is not None and platform_staff.have(found):
                    return "with_wecom"
            done = conversations.append(tx, conversation_id, draft, now=now, holder=Holder.HUMAN, agent_id=agent_id)
            if isinstance(done, Appended) and draft.audience is Audience.ALL:
                desk_lists.mark_read(tx, conversation_id, agent.id, done.seq)
            return done

        outcome = await self._store.write(write, key=conversation_id)
        if isinstance(outcome, tuple):
            raise Problem(409, "unseen", self._catalogue.sentence("desk.problem.unseen"), seqs=[item.seq for item in outcome])
        if outcome == "with_wecom":
            raise Problem(409, outcome, self._catalogue.sentence("desk.problem.with_wecom"))
        if not isinstance(outcome, Appended):
            raise self.not_holder()
        self._bell.ring(conversation_id, outcome.seq)
        return outcome.seq

    async def note(self, agent: Agent, conversation_id: str, draft: MessageDraft, now: datetime) -> int:
        """Add what only colleagues see, by whoever may see the conversation, and return its seq.

        404 for a conversation that *agent* may not see, 409 for one that has ended.
        """

        def write(tx: Tx) -> Appended | str:
            if not sight.sees(tx, agent, conversation_id):
                return "missing"
            handling.lock(tx, conversation_id)
            found = conversations.get(tx, conversation_id)
            if found is None or found.holder is Holder.ENDED:
                return "not_holder"
            return conversations.append(tx, conversation_id, draft, now=now)

        outcome = await self._store.write(write, key=conversation_id)
        if not isinstance(outcome, Appended):
            raise Problem(404, "not_found") if outcome == "missing" else self.not_holder()
        self._bell.ring(conversation_id, outcome.seq)
        return outcome.seq

    async def change(self, agent: Agent, conversation_id: str, decide: Callable[[Conversation], Write]) -> None:
        """Write what *decide* makes of the conversation as it is; decide anew when it moved on before the commit."""
        for _ in range(MAX_STALE):
            write = decide(await self.of(agent, conversation_id))
            with suppress(Stale):
                done = await self._store.write(write, key=conversation_id)
                self.ring(conversation_id, done.seq)
                return
        raise StoreBusy("the conversation keeps changing")

    def not_holder(self) -> Problem:
        """What to tell whoever does not hold the conversation."""
        return Problem(409, "not_holder", self._catalogue.sentence("desk.problem.not_holder"))

    def ring(self, conversation_id: str, seq: int = 0) -> None:
        """Tell everybody, after the commit, that somebody else may speak now, or that somebody is served or no longer."""
        self._bell.ring(conversation_id, seq)
        self._bell.ring(QUEUE)


def append_unchanged(
    tx: Tx, seen: Conversation, draft: MessageDraft, now: datetime, *, new_holder: Holder | None = None
) -> Appended:
    """Append to a conversation that nobody touched since it was *seen*. Raises ``Stale``, which rolls everything back."""
    done = conversations.append(tx, seen.id, draft, now=now, holder=Holder.HUMAN, agent_id=seen.agent_id, new_holder=new_holder)
    if not isinstance(done, Appended) or done.version != seen.version + 1:
        raise Stale(seen.id)
    return done
