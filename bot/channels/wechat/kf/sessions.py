"""Keeps the platform's sessions in the state that fits who serves the customer here."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.kf.address import Address, address_of
from bot.channels.wechat.kf.api import KfApi
from bot.channels.wechat.kf.events import Change, ServicerStatus, SessionChanged
from bot.channels.wechat.kf.greeting import Greeter
from bot.channels.wechat.kf.house import House
from bot.channels.wechat.kf.states import THEIRS, Forget, Move, State, next_move
from bot.delivery import ChannelBusy, ChannelRefused
from config.labels import Audience, Speaker
from config.settings import KfCorp
from store import conversations, kf, platform_staff
from store.bell import QUEUE
from store.conversations import Appended, MessageDraft
from store.engine import Tx
from store.kf import Session
from store.model import Conversation

log = structlog.get_logger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 300.0
REFUSAL_BELIEVED = timedelta(minutes=10)  # an event may have been missed: then one more try shows who is back
TOLD_OTHERWISE = datetime.max.replace(tzinfo=UTC)  # what an event said holds until another one says so
NEVER = datetime.min.replace(tzinfo=UTC)
MAX_ATTEMPTS = 20  # over an hour; the customer's next message begins anew

Mark = Callable[[Tx], object]


class Sessions:
    """The sessions of one corporation's addresses."""

    def __init__(self, corp: KfCorp, account: str, api: KfApi, house: House, greeter: Greeter) -> None:
        self._corp = corp
        self._account = account
        self._servicers = {desk.open_kfid: desk.servicer or "" for desk in corp.desks}
        self._off_duty: dict[str, datetime] = {}  # servicers who take nobody, as far as we heard, and until when we believe it
        self._api = api
        self._store = house.store
        self._bell = house.bell
        self._clock = house.clock
        self._catalogue = house.catalogue
        self._greeter = greeter

    # --- ours to move ------------------------------------------------------------------------------------------------------

    async def move(self, session: Session) -> None:
        """Bring *session* one step nearer to where it should stand."""
        address = address_of(session.customer)
        servicer = self._servicers.get(address.open_kfid, "")
        step = next_move(
            State(session.state),
            session.holder,
            staffed=self._corp.staffed_in_wecom,
            servicer="" if self._is_off_duty(servicer) else servicer,
            goes_on=session.goes_on,
        )
        if isinstance(step, Forget):
            await self._store.write(lambda tx: kf.forget(tx, session.conversation_id), key=session.conversation_id)
        elif isinstance(step, Move):
            await self._ask(session, address, step)

    async def _ask(self, session: Session, address: Address, step: Move) -> None:
        try:
            await self._api.move(address, step.state, step.servicer)
        except ChannelRefused as refused:
            if refused.reason == "kf_operator_inactive":
                self._off_duty[step.servicer] = self._clock.now() + REFUSAL_BELIEVED
            # Perhaps it stands there already, and we died before we noted it; or a setting over there is missing.
            if await self.look(session.conversation_id, address) in (None, session.state):
                await self._later(session, None)
        except (ChannelBusy, OutcomeUnknown) as error:
            await self._later(session, error)
        else:
            await self._stands(session.conversation_id, step.state)

    async def _later(self, session: Session, error: Exception | None) -> None:
        if session.attempts + 1 >= MAX_ATTEMPTS:
            log.warning("kf_session_given_up", account=self._account, state=session.state)
            await self._store.write(lambda tx: kf.forget(tx, session.conversation_id), key=session.conversation_id)
            return
        asked_s = error.retry_after_s if isinstance(error, ChannelBusy) else None
        due_at = self._clock.now() + timedelta(seconds=asked_s or min(FIRST_WAIT_S * 2**session.attempts, LONGEST_WAIT_S))
        await self._store.write(lambda tx: kf.postpone(tx, session, due_at), key=session.conversation_id)

    async def look(self, conversation_id: str, address: Address) -> State | None:
        """Ask the platform in what state the session stands and note it; None when it does not say."""
        try:
            state = await self._api.state(address)
        except (ChannelBusy, ChannelRefused, OutcomeUnknown):
            return None
        await self._stands(conversation_id, state)
        return state

    async def _stands(self, conversation_id: str, state: State) -> None:
        now, notice = self._clock.now(), self._catalogue.text("kf.with_wecom")

        def write(tx: Tx) -> Appended | None:
            kf.know_state(tx, conversation_id, state, now)
            return platform_staff.hand_over(tx, conversation_id, notice, now) if state in THEIRS else None

        self._told(conversation_id, await self._store.write(write, key=conversation_id))

    def servicer_is(self, status: ServicerStatus) -> None:
        """A servicer began or stopped to take customers: whom an absent one would get, WeCom's queue gets."""
        if status.on_duty:
            self._off_duty.pop(status.servicer, None)
        else:
            self._off_duty[status.servicer] = TOLD_OTHERWISE

    def _is_off_duty(self, servicer: str) -> bool:
        return self._off_duty.get(servicer, NEVER) > self._clock.now()

    # --- moved in WeCom ----------------------------------------------------------------------------------------------------

    async def changed(self, customer: str, change: SessionChanged, mark: Mark | None) -> None:
        """Somebody in WeCom took, passed on or ended the session of *customer*."""
        found = await self._store.read(lambda tx: conversations.of_customer(tx, self._account, customer))
        if found is None:
            await self._store.write(mark or _nothing, key=self._account)
        elif change.change is Change.ENDED:
            await self._ended(found, change, mark)
        else:
            await self._taken(found.id, change, mark)

    async def _taken(self, conversation_id: str, change: SessionChanged, mark: Mark | None) -> None:
        now, notice = self._clock.now(), self._catalogue.text("kf.taken", name=change.servicer)

        def write(tx: Tx) -> Appended | None:
            kf.know_state(tx, conversation_id, State.SERVICER, now)
            done = platform_staff.hand_over(tx, conversation_id, notice, now)
            (mark or _nothing)(tx)
            return done

        self._told(conversation_id, await self._store.write(write, key=conversation_id))

    async def _ended(self, found: Conversation, change: SessionChanged, mark: Mark | None) -> None:
        """What WeCom's people held is over; what we hold goes on, but nothing gets through before the customer writes again."""
        now = self._clock.now()
        draft = None
        if platform_staff.have(found):
            text = self._catalogue.text("desk.ended")
            told = bool(change.code) and await self._greeter.farewell(change.code, f"{found.id}{found.last_seq}", text)
            draft = MessageDraft(
                Speaker.SYSTEM,
                text if told else self._catalogue.text("kf.ended", name=change.servicer),
                type="notice",
                audience=Audience.ALL if told else Audience.DESK,
            )

        def write(tx: Tx) -> Appended | None:
            kf.know_state(tx, found.id, State.OVER, now)
            done = platform_staff.end(tx, found.id, draft, now) if draft is not None else None
            (mark or _nothing)(tx)
            return done

        self._told(found.id, await self._store.write(write, key=found.id))

    def _told(self, conversation_id: str, done: Appended | None) -> None:
        if done is not None:
            self._bell.ring(conversation_id, done.seq)
            self._bell.ring(QUEUE)


def _nothing(_tx: Tx) -> None:
    """Nothing to note."""
