"""Strangers who try passwords: they learn nothing, and whoever signs in every day does not notice them."""

import asyncio
import threading

import pytest
from aiohttp import ClientSession
from desk.at_the_desk import BASE, PASSWORD
from desk.test_sign_in import QUARTER_H, TRIES, Office, office  # noqa: F401 -- a fixture

from handoff import auth
from handoff.guessing import DEVICE_COOKIE, EVERYWHERE, MOST_LOGINS, OFFICE, Guessing

DAY = 24 * 3600


@pytest.fixture(autouse=True)
def passwords_cost_nothing(monkeypatch):
    """Here it is only counted how many are looked at; ``test_sign_in`` works the real hashes out."""
    monkeypatch.setattr(auth, "password_fits", lambda _hash, password: password == PASSWORD)


async def fails(office: Office, browser: ClientSession, login: str, times: int) -> set[int]:  # noqa: F811 -- the fixture's value
    return {await office.sign_in(browser, login, f"guess{n}") for n in range(times)}


async def shut_from_everywhere(office: Office, login: str) -> None:  # noqa: F811
    """Many strangers: the login is refused to whoever is not known."""
    for n in range(EVERYWHERE):
        await fails(office, office.browser(network=f"127.0.1.{n + 1}"), login, TRIES)
    assert await office.sign_in(office.browser(network="127.0.2.1"), login) == 429


async def test_a_stranger_who_fails_on_purpose_keeps_nobody_out_who_comes_from_elsewhere(office: Office):  # noqa: F811
    await office.hire("a1")
    stranger = office.browser(network="127.0.0.9")
    assert await fails(office, stranger, "a1", TRIES) == {401}
    assert await office.sign_in(stranger, "a1") == 429
    assert await office.sign_in(office.browser(), "a1") == 200


async def test_a_stranger_alone_cannot_use_up_what_a_login_may_have_from_everywhere(office: Office):  # noqa: F811
    await office.hire("a1")
    stranger = office.browser(network="127.0.0.9")
    for _ in range(4):  # a quarter of an hour each
        assert await fails(office, stranger, "a1", TRIES + 2) == {401, 429}
        office.clock.advance(QUARTER_H)
    assert await office.sign_in(office.browser(), "a1") == 200


async def test_on_a_device_that_signed_in_before_one_gets_in_whatever_many_strangers_do(office: Office):  # noqa: F811
    await office.hire("a1")
    known = office.browser()
    assert await office.sign_in(known, "a1") == 200
    async with known.delete(f"{BASE}/session") as answer:
        assert answer.status == 204
    await shut_from_everywhere(office, "a1")
    assert await office.sign_in(known, "a1") == 200


async def test_a_device_is_known_even_where_its_whole_network_is_shut_out(office: Office):  # noqa: F811
    await office.hire("a1")
    known, stranger = office.browser(), office.browser()
    assert await office.sign_in(known, "a1") == 200
    for n in range(OFFICE):
        await fails(office, stranger, f"somebody{n}", TRIES)
    assert await office.sign_in(office.browser(), "a1") == 429
    assert await office.sign_in(known, "a1") == 200


async def test_many_networks_together_have_few_tries_an_hour_and_the_hour_ends(office: Office):  # noqa: F811
    await office.hire("a1")
    await shut_from_everywhere(office, "a1")
    async with office.browser(network="127.0.2.2").post(f"{BASE}/session", json={"login": "a1", "password": PASSWORD}) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "3600")
    office.clock.advance(3601)
    assert await office.sign_in(office.browser(network="127.0.2.2"), "a1") == 200


async def test_a_known_device_is_no_place_to_guess(office: Office):  # noqa: F811
    await office.hire("a1")
    known = office.browser()
    assert await office.sign_in(known, "a1") == 200
    assert await fails(office, known, "a1", TRIES) == {401}
    assert await office.sign_in(known, "a1") == 429
    assert await office.sign_in(office.browser(), "a1") == 200  # and who stole the cookie locks nobody out either
    office.clock.advance(QUARTER_H + 1)
    assert await office.sign_in(known, "a1") == 200


async def test_a_device_is_known_for_the_login_that_got_in_there_and_for_no_other(office: Office):  # noqa: F811
    await office.hire("a1")
    await office.hire("insider")
    insider = office.browser(network="127.0.0.8")
    assert await office.sign_in(insider, "insider") == 200
    await shut_from_everywhere(office, "a1")
    assert await office.sign_in(insider, "a1") == 429


async def test_a_shift_that_shares_a_computer_is_known_on_it_one_and_all(office: Office):  # noqa: F811
    shared = office.browser()
    for login in ("early", "late"):
        await office.hire(login)
        assert await office.sign_in(shared, login) == 200
    await shut_from_everywhere(office, "early")
    assert await office.sign_in(shared, "early") == 200


async def test_a_line_of_strangers_keeps_nobody_waiting_on_a_device_that_is_known(office: Office, monkeypatch):  # noqa: F811
    await office.hire("a1")
    known = office.browser()
    assert await office.sign_in(known, "a1") == 200
    held = threading.Event()
    monkeypatch.setattr(auth, "password_fits", lambda _hash, password: password == PASSWORD or not held.wait(60))
    line = [asyncio.create_task(fails(office, office.browser(network=f"127.0.5.{n + 1}"), f"x{n}", 1)) for n in range(6)]
    async with asyncio.timeout(30):
        assert await office.sign_in(known, "a1") == 200
    assert not any(task.done() for task in line)
    held.set()
    assert await asyncio.gather(*line) == [{401}] * 6


async def test_an_unknown_login_is_answered_like_a_known_one_at_every_limit(office: Office):  # noqa: F811
    await office.hire("known")

    async def answers(login: str, network: str) -> list[tuple[int, str | None, str]]:
        heard, browser = [], office.browser(network=network)
        for n in range(TRIES + 1):
            async with browser.post(f"{BASE}/session", json={"login": login, "password": f"x{n}"}) as answer:
                assert "Set-Cookie" not in answer.headers
                heard.append((answer.status, answer.headers.get("Retry-After"), await answer.text()))
        return heard

    for n in range(EVERYWHERE + 1):
        assert await answers("known", f"127.0.3.{n + 1}") == await answers("nobody", f"127.0.4.{n + 1}")


async def test_the_device_cookie_goes_to_the_sign_in_alone_and_names_nobody(office: Office):  # noqa: F811
    await office.hire("zhang.wei")
    async with office.browser().post(f"{BASE}/session", json={"login": "zhang.wei", "password": PASSWORD}) as answer:
        cookie = next(line for line in answer.headers.getall("Set-Cookie") if line.startswith(DEVICE_COOKIE))
    assert f"Path={BASE}/session" in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "zhang" not in cookie


def test_a_device_cookie_is_believed_as_it_was_signed_and_until_it_ends(crypto, clock):
    guessing, now = Guessing(crypto, TRIES), clock.now()
    cookie = guessing.with_login("a1", "", now)
    stranger = guessing.a_try("a1", "127.0.0.1", "", now)

    def known(value: str) -> bool:
        return guessing.a_try("a1", "127.0.0.1", value, clock.now()) != stranger

    assert known(cookie)
    text, _, signature = cookie.rpartition(".")
    assert not any(known(it) for it in ("", ".", text, f"{text}:{'0' * 32}.{signature}", f"{text}.{signature[:-1]}0"[:-1], "é.é"))
    clock.advance(181 * DAY)
    assert not known(cookie)


def test_a_device_keeps_the_last_few_logins_and_its_cookie_stays_small(crypto, clock):
    guessing, cookie = Guessing(crypto, TRIES), ""
    for n in range(50):
        cookie = guessing.with_login(f"a{n}", cookie, clock.now())
    stranger = [guessing.a_try(f"a{n}", "127.0.0.1", "", clock.now()) for n in range(50)]
    known = [n for n in range(50) if guessing.a_try(f"a{n}", "127.0.0.1", cookie, clock.now()) != stranger[n]]
    assert known == list(range(50 - MOST_LOGINS, 50))
    assert len(cookie) < 500


@pytest.mark.parametrize("spelt", ["a1", "A1"])
def test_however_a_login_is_spelt_it_has_one_limit(crypto, clock, spelt):
    guessing = Guessing(crypto, TRIES)
    assert guessing.a_try(spelt, "10.0.0.1", "", clock.now()) == guessing.a_try("a1", "10.0.0.1", "", clock.now())
