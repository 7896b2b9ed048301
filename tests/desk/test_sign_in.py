"""Getting in, staying in, being seen, and being thrown out. Over a small application with a clock that a test moves."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector, WSMsgType, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from desk.at_the_desk import BASE, HASH, PASSWORD
from prometheus_client import CollectorRegistry

from bot.channels.feedback_files import FeedbackFiles
from bot.measures import Measures
from bot.middleware import edge
from config.catalogue import Catalogue
from config.clock import SettableClock
from config.labels import Role
from config.settings import Desk as DeskSettings
from config.settings import Server, Settings
from handoff import auth
from handoff.auth import Auth
from handoff.desk import Desk, Incoming
from handoff.feedback.filing import FeedbackFiling
from handoff.guessing import OFFICE
from handoff.uploads.opening import Opener
from handoff.uploads.taking import FileTaker
from intents.redact import redact
from store import agents
from store.bell import Bell
from store.blobs import Blobs
from store.crypto import Crypto
from store.engine import Store
from store.ids import new_id
from store.migrate import migrate
from store.model import Agent
from store.numbers import TicketNumbers

QUARTER_H = 15 * 60
TRIES = 4  # each takes a real hash, so a few must do


@dataclass
class Office:
    """The desk alone, and browsers to sign in with."""

    url: str
    desk: Desk
    store: Store
    clock: SettableClock
    browsers: list[ClientSession]

    async def hire(self, login: str, role: Role = Role.AGENT, *, active: bool = True) -> Agent:
        member = Agent(new_id(self.clock.now()), login, login, role, None, active=active, capacity=5, presence="offline")
        await self.store.write(lambda tx: agents.create(tx, member, HASH, self.clock.now()))
        return member

    def browser(self, origin: str | None = "", *, network: str = "127.0.0.1") -> ClientSession:
        headers = {} if origin is None else {"Origin": origin or self.url}
        line = TCPConnector(local_addr=(network, 0))
        made = ClientSession(self.url, cookie_jar=CookieJar(unsafe=True), headers=headers, connector=line)
        self.browsers.append(made)
        return made

    async def sign_in(self, browser: ClientSession, login: str, password: str = PASSWORD) -> int:
        async with browser.post(f"{BASE}/session", json={"login": login, "password": password}) as answer:
            return answer.status

    async def on_duty(self) -> list[str]:
        now = self.clock.now()
        return [member.login for member in await self.store.read(lambda tx: agents.on_duty(tx, now, 30))]


class Nobody:
    """Stands where feedback is understood: nobody here files any."""

    async def understand(self, redacted, now):
        raise AssertionError


@pytest.fixture
async def office(tmp_path: Path, crypto: Crypto, clock: SettableClock) -> AsyncIterator[Office]:
    url = f"sqlite:///{tmp_path / 'huiyin.db'}"
    migrate(url)
    store, bell = await Store.open(url, crypto), Bell()
    settings = Settings(data_dir=tmp_path, desk=DeskSettings(failed_sign_ins_per_15min=TRIES))
    catalogue, numbers = Catalogue(), TicketNumbers(store)
    filing = FeedbackFiling(settings, store, numbers, clock, Nobody(), redact, catalogue)
    blobs = Blobs(tmp_path / "blobs", crypto)
    taker = FileTaker(settings.uploads, blobs, catalogue, Opener(settings.uploads))
    incoming = Incoming(taker, FeedbackFiles(taker, crypto, clock).opened)
    desk = Desk(settings, store, blobs, bell, clock, catalogue, numbers, filing, incoming)
    app = web.Application(middlewares=[edge(Catalogue(), Measures(CollectorRegistry()))])
    desk.add_routes(app)
    server = TestServer(app)
    await server.start_server()
    running = Office(str(server.make_url("")).rstrip("/"), desk, store, clock, [])
    yield running
    for browser in running.browsers:
        await browser.close()
    await server.close()
    await store.close()


async def test_however_many_passwords_are_tried_at_once_only_a_few_are_looked_at(office: Office):
    await office.hire("a1")
    stranger = office.browser()
    statuses = await asyncio.gather(*(office.sign_in(stranger, "a1", f"guess{n}") for n in range(20)))
    assert (statuses.count(401), statuses.count(429)) == (TRIES, 20 - TRIES)


async def test_the_right_password_is_refused_too_until_the_quarter_of_an_hour_is_over(office: Office):
    await office.hire("a1")
    browser = office.browser()
    for _ in range(TRIES):
        assert await office.sign_in(browser, "a1", "wrong") == 401
    assert await office.sign_in(browser, "a1") == 429
    assert await office.sign_in(browser, "A1") == 429  # spelt otherwise, it is still the same login to guess
    office.clock.advance(QUARTER_H + 1)
    assert await office.sign_in(browser, "a1") == 200


async def test_one_address_cannot_go_through_the_whole_staff(office: Office):
    browser = office.browser()
    statuses = [await office.sign_in(browser, f"login{n}", "wrong") for n in range(TRIES * OFFICE + 2)]
    assert statuses == [401] * TRIES * OFFICE + [429] * 2


async def test_a_whole_office_behind_one_address_signs_in_at_nine(office: Office):
    people = TRIES * OFFICE - 1
    for n in range(people):
        await office.hire(f"a{n}")
    statuses = await asyncio.gather(*(office.sign_in(office.browser(), f"a{n}") for n in range(people)))
    assert statuses == [200] * people
    assert await office.sign_in(office.browser(), "a0", "wrong") == 401


async def test_signing_in_forgives_the_tries_before(office: Office):
    await office.hire("a1")
    browser = office.browser()
    for _ in range(3):
        for _ in range(TRIES - 1):
            assert await office.sign_in(browser, "a1", "wrong") == 401
        assert await office.sign_in(browser, "a1") == 200


async def test_who_has_left_is_refused_like_a_stranger(office: Office):
    await office.hire("gone", active=False)
    async with office.browser().post(f"{BASE}/session", json={"login": "gone", "password": PASSWORD}) as answer:
        gone = answer.status, await answer.json()
    async with office.browser().post(f"{BASE}/session", json={"login": "never", "password": PASSWORD}) as answer:
        never = answer.status, await answer.json()
    assert gone == never
    assert gone[0] == 401


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1"])
async def test_another_site_cannot_sign_anybody_in_or_change_anything(office: Office, origin):
    await office.hire("a1")
    assert await office.sign_in(office.browser(origin), "a1") == 403
    async with office.browser(origin).delete(f"{BASE}/session") as answer:
        assert answer.status == 403


async def test_an_empty_origin_is_no_origin(office: Office):
    await office.hire("a1")
    async with office.browser(None).post(
        f"{BASE}/session", json={"login": "a1", "password": PASSWORD}, headers={"Origin": ""}
    ) as answer:
        assert answer.status == 403


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(office: Office):
    await office.hire("a1")
    async with office.browser().post(f"{BASE}/session", json={"login": "a1", "password": PASSWORD}) as answer:
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie  # plain http on loopback: the browser would drop it


async def test_behind_https_the_cookie_travels_encrypted_only(tmp_path: Path, crypto: Crypto, clock: SettableClock):
    settings = Settings(data_dir=tmp_path, server=Server(public_url="https://desk.bank.example"))
    url = f"sqlite:///{tmp_path / 'huiyin.db'}"
    migrate(url)
    store = await Store.open(url, crypto)
    auth, response = Auth(settings, store, clock), web.Response()

    async def handler(request: web.Request) -> web.Response:
        auth.set_cookie(request, response, "t")
        return response

    app = web.Application()
    app.router.add_get("/", handler)
    async with TestServer(app) as server, ClientSession() as session, session.get(server.make_url("/")) as answer:
        assert "Secure" in answer.headers["Set-Cookie"]
    await store.close()


def lies_in(folder: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_session_ends_when_its_time_is_up_and_is_stored_as_a_fingerprint(office: Office, tmp_path: Path):
    await office.hire("a1")
    browser = office.browser()
    await office.sign_in(browser, "a1")
    token = next(cookie.value for cookie in browser.cookie_jar)
    assert not lies_in(tmp_path, token)
    async with browser.get(f"{BASE}/me") as answer:
        assert answer.status == 200
    office.clock.advance(12 * 3600 + 1)
    async with browser.get(f"{BASE}/me") as answer:
        assert answer.status == 401


async def test_an_open_desk_keeps_its_agent_on_duty_and_a_closed_one_does_not(office: Office):
    await office.hire("a1")
    browser = office.browser()
    await office.sign_in(browser, "a1")
    async with browser.ws_connect("/desk/socket"):
        for _ in range(10):
            office.clock.advance(20)
            await office.desk.socket.keep_up()
            assert await office.on_duty() == ["a1"]
    office.clock.advance(31)
    await office.desk.socket.keep_up()
    assert await office.on_duty() == []


async def test_opening_the_desk_again_with_yesterdays_session_puts_one_back_on_duty(office: Office):
    member = await office.hire("a1")
    browser = office.browser()
    await office.sign_in(browser, "a1")
    now = office.clock.now()
    await office.store.write(lambda tx: agents.set_presence(tx, member.id, "offline", now))
    async with browser.ws_connect("/desk/socket") as socket:
        frames = [await socket.receive_json() for _ in range(2)]
        assert [frame["agent"]["presence"] for frame in frames if frame["type"] == "hello"] == ["online"]
        assert await office.on_duty() == ["a1"]


async def test_who_is_busy_stays_busy_when_the_desk_reconnects(office: Office):
    await office.hire("a1")
    browser = office.browser()
    await office.sign_in(browser, "a1")
    async with browser.put(f"{BASE}/presence", json={"presence": "busy"}) as answer:
        assert (await answer.json())["agent"]["presence"] == "busy"
    async with browser.ws_connect("/desk/socket") as socket:
        assert (await socket.receive_json())["agent"]["presence"] == "busy"
    assert await office.on_duty() == []


async def test_a_session_that_ended_elsewhere_loses_its_socket(office: Office):
    await office.hire("a1")
    browser = office.browser()
    await office.sign_in(browser, "a1")
    async with browser.ws_connect("/desk/socket") as socket:
        await socket.receive_json()
        async with browser.delete(f"{BASE}/session") as answer:
            assert answer.status == 204
        await office.desk.socket.keep_up()
        async with asyncio.timeout(30):
            while (await socket.receive()).type is WSMsgType.TEXT:
                pass
        assert socket.close_code == 1008


async def test_a_page_can_tell_a_dead_line_by_a_ping_without_answer(office: Office):
    await office.hire("a1")
    browser = office.browser()
    await office.sign_in(browser, "a1")
    async with browser.ws_connect("/desk/socket") as socket:
        await socket.receive_json()
        for nonsense in ("", "{", "[]", "null", '{"type":"shout"}', "[" * 4000):
            await socket.send_str(nonsense)
        await socket.send_str('{"type":"ping"}')
        assert await socket.receive_json(timeout=10) == {"type": "pong"}


async def test_an_administrator_counts_as_nobody_on_duty_and_takes_no_customer(office: Office):
    await office.hire("root", Role.ADMINISTRATOR)
    browser = office.browser()
    assert await office.sign_in(browser, "root") == 200
    async with browser.ws_connect("/desk/socket") as socket:
        await socket.receive_json()
        assert await office.on_duty() == []
        async with browser.put(f"{BASE}/presence", json={"presence": "online"}) as answer:
            assert answer.status == 403
        async with browser.post(f"{BASE}/conversations/{'0' * 32}/claim", json={}) as answer:
            assert answer.status == 403
    assert await office.on_duty() == []


def test_an_unknown_login_costs_the_work_of_a_real_password():
    with pytest.raises(VerifyMismatchError):  # and not InvalidHashError, which would be raised at once
        PasswordHasher().verify(auth._NOBODY, "whatever")
    assert not PasswordHasher().check_needs_rehash(auth._NOBODY)
