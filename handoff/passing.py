"""How a conversation goes from one agent to another: given back, offered to a colleague or a skill, refused, taken over."""

from dataclasses import dataclass
from datetime import timedelta

from config.catalogue import Catalogue
from config.clock import Clock
from config.labels import Audience, HandoffReason, Holder, Priority
from config.problem import Problem
from config.queueing import queueing
from config.settings import Settings
from handoff import policy, sight
from handoff.duty import on_duty
from handoff.holding import Holdings
from handoff.offers import signal_assigned, signal_offer, signal_over, signal_taken
from handoff.spoken import notice
from handoff.taking import welcome
from store import conversations, handling, platform_staff, queue
from store.bell import Bell
from store.conversations import Appended, MessageDraft
from store.engine import Store, Tx
from store.model import Agent, QueueEntry
from store.offers import Offer
from store.queue import Return


@dataclass(frozen=True, slots=True)
class Given:
    """A conversation has another agent now; ``before`` is the one who had it, if a person did."""

    before: str | None


class Passing:
    """The verbs that change whose conversation it is."""

    def __init__(
        self, settings: Settings, store: Store, bell: Bell, clock: Clock, catalogue: Catalogue, holdings: Holdings
    ) -> None:
        self._settings = settings
        self._store = store
        self._bell = bell
        self._clock = clock
        self._catalogue = catalogue
        self._holdings = holdings

    async def requeue(self, agent: Agent, conversation_id: str, reason: str) -> None:
        """Give the conversation back to the queue with a note why."""
        await self._give_back(agent, conversation_id, Return("requeued"), self._note(agent, "requeued", reason))

    async def to_skill(self, agent: Agent, conversation_id: str, skill: str, reason: str) -> None:
        """Let somebody go on who knows *skill*."""
        if skill not in queueing().skills:
            raise Problem(422, "no_skill", self._catalogue.sentence("desk.problem.no_skill"))
        note = self._note(agent, "transferred_to_skill", reason, skill=queueing().skill_name(skill))
        await self._give_back(agent, conversation_id, Return("transferred", skill=skill), note)

    async def to_agent(self, agent: Agent, conversation_id: str, colleague_id: str, reason: str) -> None:
        """Offer the conversation to a colleague. Until they take it nobody else may; after a while it is everybody's.

        409 when the colleague is not on duty (``target_away``) or holds as many as they may (``target_full``).
        """
        now = self._clock.now()
        there = await self._store.read(lambda tx: on_duty(tx, now, self._settings.desk.presence_timeout_s))
        colleague = next((item for item in there if item.agent.id == colleague_id and colleague_id != agent.id), None)
        if colleague is None:
            raise Problem(409, "target_away", self._catalogue.sentence("desk.problem.target_away", name=""))
        name = colleague.agent.name
        if not colleague.has_room:
            raise Problem(409, "target_full", self._catalogue.sentence("desk.problem.target_full", name=name))
        offer_time = timedelta(seconds=queueing().offer_seconds)
        back = Return("transferred", reserved_for=colleague_id, reserved_until=now + offer_time, offered_by=agent.id)
        await self._give_back(agent, conversation_id, back, self._note(agent, "transferred_to_agent", reason, name=name))
        offer = Offer(conversation_id, colleague_id, agent.id, now + offer_time)
        signal_offer(self._bell, offer, {agent.id: agent.name})

    async def _give_back(self, agent: Agent, conversation_id: str, back: Return, note: MessageDraft) -> None:
        now = self._clock.now()
        requeued = notice(self._catalogue, "desk.requeued")
        holder = None if policy.supervises(agent) else agent.id

        def give_back(tx: Tx) -> str | None:
            """Whose it was; None when nothing was done."""
            found = conversations.get(tx, conversation_id)
            if found is None or not sight.sees(tx, agent, conversation_id):
                return None
            first = conversations.append(tx, conversation_id, note, now=now, holder=Holder.HUMAN, agent_id=holder)
            if not isinstance(first, Appended):
                return None
            conversations.append(tx, conversation_id, requeued.to(tx, conversation_id), now=now)
            return found.agent_id if queue.requeue(tx, conversation_id, back, now) else None

        before = await self._store.write(give_back, key=conversation_id)
        if before is None:
            raise self._holdings.not_holder()
        self._holdings.ring(conversation_id)
        signal_taken(self._bell, conversation_id, before, agent)

    async def refuse(self, agent: Agent, conversation_id: str, reason: str) -> None:
        """Say no to an offer: the conversation is everybody's at once. 409 ``not_offered`` when there is none."""
        now = self._clock.now()
        note = self._note(agent, "refused", reason, name=agent.name)

        def free(tx: Tx) -> tuple[bool, str | None]:
            entry = queue.entry(tx, conversation_id)
            freed = queue.free_reservation(tx, conversation_id, agent.id)
            if freed:
                conversations.append(tx, conversation_id, note, now=now)
            return freed, entry.offered_by if entry else None

        freed, offered_by = await self._store.write(free, key=conversation_id)
        if not freed:
            raise Problem(409, "not_offered", self._catalogue.sentence("desk.problem.not_offered"))
        self._holdings.ring(conversation_id)
        if offered_by is not None:
            signal_over(self._bell, conversation_id, "refused", agent, (offered_by, agent.id))

    async def take_over(self, agent: Agent, conversation_id: str, reason: str) -> None:
        """A supervisor goes on in a colleague's place, or in the bot's. 409 ``full`` when they hold as many as they may."""
        self._only_supervisors(agent)
        await self._give(agent, agent, conversation_id, self._note(agent, "taken_over", reason, name=agent.name))

    async def assign(self, agent: Agent, conversation_id: str, colleague_id: str, reason: str) -> None:
        """A supervisor gives the conversation to a colleague who is there. 409 ``target_away``, ``full``."""
        self._only_supervisors(agent)
        now = self._clock.now()
        there = await self._store.read(lambda tx: on_duty(tx, now, self._settings.desk.presence_timeout_s))
        colleague = next((item.agent for item in there if item.agent.id == colleague_id), None)
        if colleague is None:
            raise Problem(409, "target_away", self._catalogue.sentence("desk.problem.target_away", name=""))
        note = self._note(agent, "assigned", reason, name=colleague.name, by=agent.name)
        await self._give(agent, colleague, conversation_id, note)
        if colleague.id != agent.id:
            signal_assigned(self._bell, conversation_id, colleague.id, agent)

    def _only_supervisors(self, agent: Agent) -> None:
        if not policy.supervises(agent):
            raise Problem(403, "supervisor_only", self._catalogue.sentence("desk.problem.supervisor_only"))

    async def _give(self, agent: Agent, to: Agent, conversation_id: str, note: MessageDraft) -> None:
        """Make the conversation *to*'s, whoever has it now: a colleague, the queue or the bot."""
        now = self._clock.now()
        greeting = welcome(self._catalogue, to)
        entry = QueueEntry(conversation_id, HandoffReason.POLICY.value, Priority.NORMAL, now, None, {"reasons": []})

        def give(tx: Tx) -> str | Given:
            found = conversations.get(tx, conversation_id)
            if found is None or not sight.sees(tx, agent, conversation_id):
                return "missing"
            if found.holder is Holder.ENDED:
                return "not_waiting"
            if found.holder is Holder.HUMAN and found.agent_id == to.id:
                return "mine"
            if platform_staff.have(found):
                return "with_wecom"
            if not queue.has_room(tx, to.id):
                return "full" if to.id == agent.id else "target_full"
            if not isinstance(conversations.append(tx, conversation_id, note, now=now, holder=found.holder), Appended):
                return "not_waiting"
            if found.holder is Holder.HUMAN:
                queue.requeue(tx, conversation_id, Return("taken_over"), now)
            elif found.holder is Holder.BOT:
                handling.move(tx, conversation_id, Holder.QUEUED, now)
                queue.enter(tx, entry)
            outcome = queue.claim(tx, conversation_id, to.id, now, how="taken_over", reserved_too=True)
            conversations.append(tx, conversation_id, greeting.to(tx, conversation_id), now=now)
            return outcome if isinstance(outcome, str) else Given(found.agent_id)

        outcome = await self._store.write(give, key=conversation_id)
        if isinstance(outcome, str) and outcome != "mine":
            told = self._catalogue.sentence(f"desk.problem.{outcome}", name=to.name)
            raise Problem(404 if outcome == "missing" else 409, outcome, told)
        self._holdings.ring(conversation_id)
        if isinstance(outcome, Given):
            signal_taken(self._bell, conversation_id, outcome.before, agent, to)

    def _note(self, agent: Agent, key: str, reason: str, **values: str) -> MessageDraft:
        told = self._holdings.message(agent, reason).text  # with numbers protected
        text = self._catalogue.text(f"desk.note.{key}", reason=told, **values)
        return self._holdings.message(agent, text, type="note", audience=Audience.DESK)
