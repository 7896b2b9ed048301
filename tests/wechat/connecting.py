"""A world whose service has the real intake, store and delivery behind its callback."""

import asyncio
from types import SimpleNamespace

import pytest

from bot.channels.wechat.notices import TemplateNotices
from bot.channels.wechat.noting import Noting
from bot.delivery import Delivery
from bot.effects import Say
from bot.elsewhere import InApp
from bot.intake import Intake
from bot.intake.facts import FactSource
from bot.media import MediaFetcher
from bot.notices import TicketNotices
from bot.second_opinion import SecondOpinion
from config.catalogue import Catalogue
from config.labels import Audience, Speaker
from handoff.tickets.clocks import Clocks
from handoff.uploads.opening import Opener
from intents.understander import Understander
from store import conversations
from store.bell import Bell
from store.blobs import Blobs
from store.customers import external_hmac
from store.numbers import TicketNumbers

ACCOUNT = "official:main"


class EchoDialogue:
    """Answers everything with what it was told to; can be made to wait by way of the facts."""

    def __init__(self) -> None:
        self.says: tuple[Say, ...] = (Say("您好，请说。"),)
        self.turns = 0

    def expecting(self, state):
        return None

    def ticket_query(self, state, u):
        return None

    def respond(self, state, inbound, u, facts):
        self.turns += 1
        return SimpleNamespace(state=state, effects=self.says)


class SlowFacts:
    """The real facts, held back until a gate opens: the place where a turn spends its time."""

    def __init__(self, facts: FactSource) -> None:
        self._facts = facts
        self.gate: asyncio.Event | None = None
        self.reached = asyncio.Event()
        self.branches: list[str | None] = []

    async def for_turn(self, *args, **kwargs):
        self.reached.set()
        if self.gate is not None:
            await self.gate.wait()
        facts = await self._facts.for_turn(*args, **kwargs)
        self.branches.append(facts.branch)
        return facts

    def use_up_number(self, now):
        self._facts.use_up_number(now)


@pytest.fixture(scope="module")
def understander(tmp_path_factory):
    return Understander.load(cache_dir=tmp_path_factory.mktemp("words"))


@pytest.fixture
async def connect(make_world, store, understander, tmp_path):
    """A world whose service has the real parts behind its callback."""

    async def make(**wechat):
        world = await make_world(**wechat)
        catalogue, bell = Catalogue(), Bell()
        clocks = Clocks.load(world.settings.desk.opening_hours, open_every_day=True)
        world.dialogue = EchoDialogue()
        world.facts = SlowFacts(FactSource(world.settings, store, bell, TicketNumbers(store), clocks, catalogue))
        world.store = store
        world.delivery = Delivery(store, bell, world.clock)
        world.delivery.register("official", world.channel)
        world.blobs = Blobs(tmp_path / "blobs", store.crypto)
        world.media = MediaFetcher(store, world.blobs, bell, world.clock, catalogue, Opener(world.settings.uploads))
        world.media.register("official", world.channel)
        world.channel._delivery = world.delivery
        world.channel._noting = Noting(store, bell, world.clock, catalogue, world.delivery)
        templates = TemplateNotices(store, world.clock)
        configured = world.channel.accounts.by_name["main"]
        templates.register(ACCOUNT, configured.api, configured.settings.notices)
        world.delivery.offer(templates, InApp(store, bell, world.clock))
        world.notices = TicketNotices(store, bell, world.clock, catalogue)
        world.channel._intake = Intake(
            settings=world.settings,
            store=store,
            bell=bell,
            clock=world.clock,
            understander=SecondOpinion(understander, None, deadline_s=0),
            dialogue=world.dialogue,
            facts=world.facts,
            clocks=clocks,
        )
        return world

    return make


async def stored(world) -> list[tuple[Speaker, str]]:
    fingerprint = external_hmac(world.store.crypto, ACCOUNT, world.openid)

    def load(tx):
        found = conversations.load(tx, ACCOUNT, fingerprint, None).conversation
        return conversations.messages(tx, found.id, audience=Audience.ALL) if found else ()

    return [(message.speaker, message.text) for message in await world.store.read(load)]


async def deliver_everything(world) -> None:
    """Let every lease and back-off run out and send what is left, as the loops would."""
    await world.requests.all_done()
    await world.channel.settled()
    for _ in range(8):
        world.clock.advance(61)
        await world.delivery.deliver_due()
