"""The composition root: the one place that builds objects and mounts routes. Read it to see what the service is made of."""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import aiohttp
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from bot.attention import Attention
from bot.channels.feedback_api import FeedbackApi
from bot.channels.feedback_files import FeedbackFiles
from bot.channels.feedback_page import FeedbackPage
from bot.channels.in_app import InAppChannel
from bot.channels.openapi import ApiDescription
from bot.channels.rasa import RasaChannel
from bot.channels.rasa_actions import ActionServer
from bot.channels.registering_files import RegisteringFiles
from bot.channels.status_page import StatusPage
from bot.channels.wechat.caller import Means
from bot.channels.wechat.codes_api import BranchCodesApi
from bot.channels.wechat.console import Console
from bot.channels.wechat.counts import PushCounts
from bot.channels.wechat.kf.channel import KfChannel
from bot.channels.wechat.mini import TYPING as MINI_TYPING
from bot.channels.wechat.mini import MiniChannel
from bot.channels.wechat.notices import TemplateNotices
from bot.channels.wechat.noting import Noting
from bot.channels.wechat.official import TYPING as OFFICIAL_TYPING
from bot.channels.wechat.official import OfficialChannel
from bot.channels.wechat.typing_relay import Show, TypingRelay
from bot.delivery import Delivery
from bot.dialogue import Dialogue
from bot.elsewhere import InApp
from bot.health import Health
from bot.intake import Intake
from bot.intake.facts import FactSource
from bot.lifecycle import Background
from bot.measures import Measures
from bot.media import MediaFetcher
from bot.middleware import edge
from bot.notices import TicketNotices
from bot.reach import Reach
from bot.second_opinion import SecondOpinion
from bot.stalled import Stalled
from bot.webhooks import WebhookSender
from config.addresses import TrustedProxies
from config.catalogue import Catalogue
from config.clock import Clock, SystemClock
from config.own_rules import use_rules_in
from config.settings import Settings
from handoff.auth import Auth
from handoff.desk import Desk, Incoming
from handoff.feedback.filing import FeedbackFiling
from handoff.tickets.clocks import Clocks
from handoff.uploads.opening import Opener
from handoff.uploads.scanner import Scanner
from handoff.uploads.taking import FileTaker
from intents.redact import redact
from intents.semantic import Semantic
from intents.understander import Understander
from store.bell import Bell
from store.blobs import Blobs
from store.crypto import Crypto
from store.engine import Store
from store.indexer import Indexer
from store.migrate import check_keys, migrate
from store.numbers import TicketNumbers
from store.pauses import MemoryPauses, Pauses
from store.quotas import MemoryQuota, Quota
from store.tokens import MemoryTokens, RedisTokens, TokenStore

log = structlog.get_logger(__name__)

MEDIA_EVERY_S = 1.0
STALLED_EVERY_S = 5.0
SILENCES_EVERY_S = 60.0
ABSENCES_EVERY_S = 3.0
OFFERS_EVERY_S = 1.0
WEBHOOKS_EVERY_S = 1.0
WEBHOOK_LOG_EVERY_S = 3600.0
UNATTENDED_EVERY_S = 5.0
SEARCH_EVERY_S = 0.5
NOTICES_EVERY_S = 1.0
OUTBOUND_TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)


@dataclass(frozen=True, slots=True)
class Service:
    """The running parts that a test or the demo wants to reach."""

    settings: Settings
    store: Store
    blobs: Blobs
    bell: Bell
    clock: Clock
    intake: Intake
    delivery: Delivery
    background: Background
    understander: Understander
    indexer: Indexer
    desk: Desk


SERVICE = web.AppKey("SERVICE", Service)
KF = web.AppKey("KF", KfChannel)


def read_keys(settings: Settings) -> Crypto:
    """The key ring from the environment or its file. Raises ``OSError`` or ``ValueError`` with a reason."""
    if settings.keys is not None:
        return Crypto(settings.keys.get_secret_value())
    return Crypto((settings.keys_file or settings.data_dir / "keys.json").read_text("utf-8"))


def _made_ready(settings: Settings) -> Crypto:
    """The rules and the database as the settings say; the keys that open it."""
    use_rules_in(settings.rules_dir)
    crypto = read_keys(settings)
    migrate(settings.database_url)
    check_keys(settings.database_url, crypto)
    return crypto


async def make_app(settings: Settings, clock: Clock | None = None, *, background: bool = True) -> web.Application:
    """The whole service as one aiohttp application, its database migrated and open.

    With ``background=False`` no loop runs beside the requests: a test drives delivery and the worker itself.
    """
    clock = clock or SystemClock()
    crypto = _made_ready(settings)
    store = await Store.open(
        settings.database_url,
        crypto,
        writers=settings.database.writers,
        readers=settings.database.readers,
        max_pending_writes=settings.database.max_pending_writes,
    )
    bell = Bell()
    if settings.bell.redis_url is not None:
        await bell.connect(settings.bell.redis_url.get_secret_value())
    catalogue = Catalogue()
    registry = CollectorRegistry()
    blobs = Blobs(settings.data_dir / "blobs", crypto)
    understander = Understander.load(cache_dir=settings.data_dir / "cache", own=settings.nlu_dir)
    second_opinion = _second_opinion(settings, understander)
    dialogue = Dialogue.load()
    numbers = TicketNumbers(store)
    clocks = Clocks.load(settings.desk.opening_hours, open_every_day=settings.desk.open_every_day)
    facts = FactSource(settings, store, bell, numbers, clocks, catalogue)
    intake = Intake(
        settings=settings,
        store=store,
        bell=bell,
        clock=clock,
        understander=second_opinion,
        dialogue=dialogue,
        facts=facts,
        clocks=clocks,
    )
    delivery = Delivery(store, bell, clock)
    scanner = Scanner(settings.uploads.scanner) if settings.uploads.scanner else None
    opener = Opener(settings.uploads, scanner)
    media = MediaFetcher(store, blobs, bell, clock, catalogue, opener)
    indexer = Indexer(store, clock, bell)
    session = aiohttp.ClientSession(timeout=OUTBOUND_TIMEOUT)
    tokens = _tokens(settings, crypto, clock)
    attention = Attention(registry)
    telling = WebhookSender(store, clock, Reach(settings.webhooks.networks))
    feedback = FeedbackFiling(settings, store, numbers, clock, second_opinion, redact, catalogue)
    taker = FileTaker(settings.uploads, blobs, catalogue, opener, _quota(tokens, settings.uploads.max_bytes_an_hour))
    files = FeedbackFiles(taker, crypto, clock)
    desk = Desk(settings, store, blobs, bell, clock, catalogue, numbers, feedback, Incoming(taker, files.opened))
    stalled = Stalled()
    loops = Background(
        intake=intake,
        delivery=delivery,
        every={
            "media": (MEDIA_EVERY_S, media.fetch_due),
            "notices": (NOTICES_EVERY_S, TicketNotices(store, bell, clock, catalogue).tell_due),
            "search": (SEARCH_EVERY_S, indexer.catch_up),
            "silences": (SILENCES_EVERY_S, desk.silences.end_all),
            "absences": (ABSENCES_EVERY_S, desk.absences.sweep),
            "offers": (OFFERS_EVERY_S, desk.offers.sweep),
            "webhooks": (WEBHOOKS_EVERY_S, telling.begin_due),
            "webhook_log": (WEBHOOK_LOG_EVERY_S, telling.forget_old),
            "unattended": (UNATTENDED_EVERY_S, desk.unattended.tell),
            "stalled": (STALLED_EVERY_S, stalled.sweep),
        },
        forever={"assignment": desk.assigner.run} if desk.assigner.is_wanted else {},
        on_death=_stop_process,
    )

    app = web.Application(
        middlewares=[edge(catalogue, Measures(registry), TrustedProxies(settings.server.trusted_proxies), stalled)],
        client_max_size=settings.server.max_body_bytes,
        handler_args={
            "auto_decompress": False,  # bodies are taken as they are; ``edge`` refuses encoded ones
            "keepalive_timeout": settings.server.idle_connection_s,
        },
    )
    app[SERVICE] = Service(settings, store, blobs, bell, clock, intake, delivery, loops, understander, indexer, desk)
    _add_wechat(app, media, Means(session, tokens, clock, attention, _pauses(tokens)), registry)
    InAppChannel(settings, intake, store, blobs, bell, clock, taker).add_routes(app)
    RasaChannel(settings, intake, store, second_opinion, clock, catalogue).add_routes(app)
    ActionServer(settings, intake, dialogue, store, clock).add_routes(app)
    _add_forms(app, catalogue, clocks, feedback, taker, files)
    desk.add_routes(app)
    Health(store, registry, attention).add_routes(app)
    ApiDescription().add_routes(app)
    _add_static(app)
    if settings.demo:
        _add_demo(app, settings, session)

    app.on_startup.append(_starting(loops, understander, background=background))
    app.on_cleanup.append(_closing(loops, telling, session, second_opinion, bell, store))
    if isinstance(tokens, RedisTokens):
        app.on_cleanup.append(lambda _app: tokens.close())
    return app


def _add_forms(
    app: web.Application, catalogue: Catalogue, clocks: Clocks, feedback: FeedbackFiling, taker: FileTaker, files: FeedbackFiles
) -> None:
    """Feedback that comes in writing: by API, form and desk; and what became of it, on the customer's page."""
    service = app[SERVICE]
    settings, store, clock = service.settings, service.store, service.clock
    FeedbackApi(settings, store, clock, feedback, taker).add_routes(app)
    FeedbackPage(settings, store, clock, catalogue).add_routes(app)
    RegisteringFiles(Auth(settings, store, clock), files).add_routes(app)
    StatusPage(settings, store, clock, clocks, catalogue).add_routes(app)


def _second_opinion(settings: Settings, understander: Understander) -> SecondOpinion:
    """The embeddings beside the model, as the settings want them and the installation has them."""
    asks, deadline_s = settings.understanding.semantic, settings.understanding.semantic_deadline_s
    semantic = None if asks == "off" else Semantic.load(understander.fingerprint, own=settings.nlu_dir)
    return SecondOpinion(understander, semantic, deadline_s=deadline_s, always=asks == "always")


def _tokens(settings: Settings, crypto: Crypto, clock: Clock) -> TokenStore:
    """Platforms' access tokens, shared by all processes where there is a Redis."""
    if settings.bell.redis_url is None:
        return MemoryTokens(clock)
    return RedisTokens.at(settings.bell.redis_url.get_secret_value(), crypto, clock)


def _pauses(tokens: TokenStore) -> Pauses:
    """What platforms asked to be left alone with, kept where their tokens are."""
    return tokens.pauses() if isinstance(tokens, RedisTokens) else MemoryPauses()


def _quota(tokens: TokenStore, per_h: int) -> Quota:
    """What one address may leave in an hour, counted where platforms' tokens are."""
    return tokens.quota(per_h) if isinstance(tokens, RedisTokens) else MemoryQuota(per_h)


def _add_wechat(app: web.Application, media: MediaFetcher, means: Means, registry: CollectorRegistry) -> None:
    """Every kind of WeChat account that is configured: callbacks, the way out, and customers' files."""
    service = app[SERVICE]
    settings, intake, delivery, store, blobs = service.settings, service.intake, service.delivery, service.store, service.blobs
    templates = TemplateNotices(store, means.clock)
    delivery.offer(templates, InApp(store, service.bell, means.clock))
    noting = Noting(store, service.bell, means.clock, Catalogue(), delivery)
    official = OfficialChannel(settings, intake, delivery, noting, blobs, means, templates=templates)
    delivery.register("official", official)
    media.register("official", official)
    official.add_routes(app)
    auth = Auth(settings, store, means.clock)
    consoles = {name: Console(account.api) for name, account in official.accounts.by_name.items()}
    BranchCodesApi(consoles, store, means.clock, Catalogue(), auth).add_routes(app)
    seen = {"official": official.seen}
    ways: dict[str, Show] = {"official": lambda account, to: official.accounts.show_typing(account, to, OFFICIAL_TYPING)}
    if settings.wechat.mini:
        mini = MiniChannel(settings, intake, noting, blobs, means, templates=templates)
        delivery.register("mini", mini.accounts)
        media.register("mini", mini.accounts)
        mini.add_routes(app)
        seen["mini"] = mini.seen
        ways["mini"] = lambda account, to: mini.accounts.show_typing(account, to, MINI_TYPING)
    TypingRelay(store, service.bell, ways)
    if settings.wechat.kf:
        kf = KfChannel(settings, intake, delivery, store, blobs, service.bell, means)
        delivery.register("kf", kf)
        media.register("kf", kf)
        service.background.add("kf", kf.run)
        kf.add_routes(app)
        app[KF] = kf
        seen["kf"] = kf.seen
    registry.register(PushCounts(seen))


def _add_demo(app: web.Application, settings: Settings, session: aiohttp.ClientSession) -> None:
    # A deployment never loads the simulator.
    from bot.channels.wechat.simulator import mount_simulator

    mount_simulator(app, settings, session)


def _add_static(app: web.Application) -> None:
    """Files that all pages share."""
    app.router.add_static("/static/", Path(str(files("config") / "static")))


def _starting(loops: Background, understander: Understander, *, background: bool) -> Callable[[web.Application], Awaitable[None]]:
    async def start(_app: web.Application) -> None:
        if background:
            loops.start()
            asyncio.get_running_loop().run_in_executor(None, understander.warm)
            # Dictionaries, model and routes stay: the collector need not look at them again with every turn.
            gc.collect()
            gc.freeze()

    return start


def _closing(
    loops: Background,
    telling: WebhookSender,
    session: aiohttp.ClientSession,
    second_opinion: SecondOpinion,
    bell: Bell,
    store: Store,
) -> Callable[[web.Application], Awaitable[None]]:
    async def close(_app: web.Application) -> None:
        await loops.stop()
        await telling.close()
        await session.close()
        await second_opinion.close()
        await bell.close()
        await store.close()

    return close


def _stop_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
