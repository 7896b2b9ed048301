"""Whoever asks for a past that is not theirs, or in a way that no page of ours asks, learns nothing and costs little."""

import secrets

import pytest
from widget.remembering import BYE, ends_at_bye, page_before, talked, texts_of
from widget.test_window import login

from bot.channels.in_app import earlier

NOTHING = {"type": "earlier", "stretches": [], "next": None}
SECRET = "我的密事"


@pytest.fixture(params=["socket", "polled"])
def line(request) -> str:
    return request.param


@pytest.fixture(autouse=True)
def _conversations_end(intake) -> None:
    ends_at_bye(intake)


@pytest.fixture
async def loot(people, clock) -> tuple[str, str]:
    """The two conversations of the customer c-1, who then left."""
    async with people.window(token=login()) as window:
        return await talked(window, clock, SECRET), await talked(window, clock, SECRET)


@pytest.mark.parametrize("before", [0, 1, 3, 2**31 - 1])
async def test_before_anothers_conversation_there_is_what_there_is_before_one_that_does_not_exist(people, loot, before):
    for hello in ({}, {"token": login("c-2")}, {"visitor": "v:c-1"}, {"conversation": loot[1], "after": 3}):
        async with people.window(**hello) as window:
            for conversation in (*loot, secrets.token_hex(16), "0" * 32, "g", "' OR '1'='1", "长" * 64):
                assert await page_before(window, conversation, before) == NOTHING
            assert SECRET not in str(window.seen)


async def test_place_from_a_former_login_is_worth_nothing_to_the_next_one(people, clock, loot):
    async with people.window(token=login()) as window:
        first = await page_before(window, loot[1], 2)
        assert texts_of(first)[0] == [SECRET, f"收到：{SECRET}", BYE]
    async with people.window(token=login("c-2")) as window:
        own = await talked(window, clock, "我自己的")
        await window.say("你好", "now")
        present = (await window.until("ack", client_id="now"))["conversation"]
        assert await page_before(window, loot[1], 2) == NOTHING
        assert [stretch["conversation"] for stretch in (await page_before(window, present))["stretches"]] == [own]
    async with people.window() as nobody:
        assert await page_before(nobody, loot[1], 2) == NOTHING
        assert SECRET not in str(nobody.seen)


async def test_claims_that_nobody_signed_open_no_past(people, loot):
    forged = login(secret="another secret of thirty-two chars")
    async with people.connection() as window:
        await window.send(type="hello", token=forged)
        assert (await window.until("error"))["code"] == "identity_invalid"
    async with people.window(customer="c-1", signed_customer="c-1", user={"id": "c-1"}) as window:
        await window.send(type="earlier", conversation=loot[1], before=1, token=login(), customer="c-1", account="in_app:main")
        assert await window.until("earlier") == NOTHING


async def test_a_login_that_ran_out_reads_nothing_more(people, clock, loot):
    async with people.window(token=login()) as window:
        await window.until("state")
        clock.advance(3600)
        await window.send(type="earlier", conversation=loot[1], before=1)
        assert await window.closing() == 4401
        assert not any(frame["type"] == "earlier" for frame in window.seen)


@pytest.mark.parametrize("more", [{"limit": 10**9}, {"page": 10**9, "size": 10**9}, {"count": "all"}])
async def test_no_page_is_larger_because_somebody_asks_for_it(people, clock, more):
    async with people.window(token=login()) as window:
        await talked(window, clock, *(f"第{n}句" for n in range(earlier.PAGE)))
        await window.say("你好", "now")
        present = (await window.until("ack", client_id="now"))["conversation"]
        page = await page_before(window, present, **more)
    assert sum(map(len, texts_of(page))) == earlier.PAGE
    assert page["next"] is not None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"conversation": None},
        {"conversation": 7},
        {"conversation": ""},
        {"conversation": "a" * 65},
        {"conversation": ["x"]},
        {"before": 1},
    ],
)
async def test_a_question_without_a_place_is_refused_and_the_window_stays_open(people, fields):
    async with people.window() as window:
        await window.send(type="earlier", **fields)
        assert (await window.until("error"))["code"] == "bad_frame"
        await window.send(type="ping")
        await window.until("pong")


@pytest.mark.parametrize("before", [-1, 2**31, 10**40, "1", None, 1.5, True, [1], {"a": 1}])
async def test_a_number_that_no_message_has_counts_as_the_conversations_beginning(people, clock, loot, before):
    async with people.window(token=login()) as window:
        await window.send(type="earlier", conversation=loot[1], before=before)
        assert texts_of(await window.until("earlier")) == [[SECRET, f"收到：{SECRET}", BYE]]
