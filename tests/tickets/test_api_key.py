"""Who is let in with which key: those of the settings, those made with scopes, and nobody else."""

from datetime import timedelta

import pytest
from aiohttp.test_utils import make_mocked_request
from pydantic import SecretStr

from config.clock import SettableClock
from config.labels import Role, Scope
from config.problem import Problem
from config.settings import RestChannel
from handoff.api_keys import ApiKeys, Caller, hash_of, new_key
from store import agents, api_keys
from store.api_keys import ApiKey
from store.engine import Store
from store.ids import new_id
from store.model import Agent

SETTINGS = RestChannel(api_keys=(SecretStr("first-key"), SecretStr("second-key")))


@pytest.fixture
async def keys(store: Store, clock: SettableClock) -> ApiKeys:
    return ApiKeys(SETTINGS, store, clock)


async def caller(keys: ApiKeys, path: str = "/", scope: Scope = Scope.CHAT, **headers: str) -> Caller:
    return await keys.caller(make_mocked_request("POST", path, headers=headers), scope)


async def made(
    store: Store, clock: SettableClock, *scopes: Scope, agent: Agent | None = None, lasts: timedelta | None = None
) -> tuple[str, ApiKey]:
    key, now = new_key(), clock.now()
    row = ApiKey(new_id(now), "the bank's app", frozenset(scopes), agent, now, now + lasts if lasts else None)
    await store.write(lambda tx: api_keys.add(tx, row, hash_of(key)))
    return key, row


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_known_key_is_let_in_by_header(keys: ApiKeys, scheme: str) -> None:
    assert await caller(keys, Authorization=f"{scheme} first-key")


async def test_a_known_key_is_let_in_the_way_rasas_clients_send_it(keys: ApiKeys) -> None:
    assert await caller(keys, "/?token=second-key") == await caller(keys, Authorization="Bearer second-key")


async def test_two_keys_are_two_callers_and_the_name_gives_no_key_away(keys: ApiKeys) -> None:
    names = {(await caller(keys, Authorization=f"Bearer {key}")).name for key in ("first-key", "second-key")}
    assert len(names) == 2
    assert not any("key" in name for name in names)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer hy_wrong"},
        {"Authorization": "Bearer first-ke"},
        {"Authorization": "Bearer first-key2"},
        {"Authorization": "Basic first-key"},
        {"Authorization": "first-key"},
    ],
)
async def test_anything_else_is_told_that_a_key_is_needed(keys: ApiKeys, headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        await caller(keys, **headers)
    assert refused.value.status == 401
    assert refused.value.headers["WWW-Authenticate"] == "Bearer"


async def test_without_any_key_set_everybody_is_refused(store: Store, clock: SettableClock) -> None:
    with pytest.raises(Problem):
        await caller(ApiKeys(RestChannel(), store, clock), Authorization="Bearer ")


async def test_open_lets_in_without_a_key_but_still_knows_the_keys(store: Store, clock: SettableClock) -> None:
    keys = ApiKeys(RestChannel(open=True, api_keys=(SecretStr("first-key"),)), store, clock)
    assert (await caller(keys)).name == "open"
    assert (await caller(keys, Authorization="Bearer first-key")).name != "open"


async def test_a_key_with_odd_characters_is_refused_without_an_error(keys: ApiKeys) -> None:
    with pytest.raises(Problem):
        await caller(keys, "/?token=%ED%A0%80%00%FF")


async def test_a_key_may_do_what_its_scopes_say_and_nothing_else(keys: ApiKeys, store: Store, clock: SettableClock) -> None:
    key, row = await made(store, clock, Scope.FEEDBACK_WRITE)
    assert (await caller(keys, scope=Scope.FEEDBACK_WRITE, Authorization=f"Bearer {key}")).name == row.id
    for scope in set(Scope) - {Scope.FEEDBACK_WRITE}:
        with pytest.raises(Problem) as refused:
            await caller(keys, scope=scope, Authorization=f"Bearer {key}")
        assert (refused.value.status, refused.value.code) == (403, "scope_missing")


async def test_a_revoked_key_is_let_in_no_more_and_the_others_are(keys: ApiKeys, store: Store, clock: SettableClock) -> None:
    (key, row), (other, _) = await made(store, clock, Scope.CHAT), await made(store, clock, Scope.CHAT)
    assert await store.write(lambda tx: api_keys.revoke(tx, row.id, clock.now()))
    with pytest.raises(Problem) as refused:
        await caller(keys, Authorization=f"Bearer {key}")
    assert refused.value.status == 401
    assert await caller(keys, Authorization=f"Bearer {other}")


async def test_a_key_ends_when_its_time_is_over(keys: ApiKeys, store: Store, clock: SettableClock) -> None:
    key, _ = await made(store, clock, Scope.CHAT, lasts=timedelta(days=30))
    clock.advance(timedelta(days=30).total_seconds() - 1)
    assert await caller(keys, Authorization=f"Bearer {key}")
    clock.advance(1)
    with pytest.raises(Problem) as refused:
        await caller(keys, Authorization=f"Bearer {key}")
    assert refused.value.status == 401


async def test_use_is_noted_at_most_once_an_hour(keys: ApiKeys, store: Store, clock: SettableClock) -> None:
    key, _ = await made(store, clock, Scope.CHAT)
    first = clock.now()
    for _ in range(3):
        await caller(keys, Authorization=f"Bearer {key}")
        clock.advance(1500)
    assert [row.last_used_at for row in await store.read(api_keys.all)] == [first]
    await caller(keys, Authorization=f"Bearer {key}")
    assert [row.last_used_at for row in await store.read(api_keys.all)] == [clock.now()]


async def test_a_key_dies_with_the_account_in_whose_name_it_acts(keys: ApiKeys, store: Store, clock: SettableClock) -> None:
    agent = Agent(new_id(clock.now()), "gone", "走了", Role.AGENT, None, active=False, capacity=5, presence="offline")
    await store.write(lambda tx: agents.create(tx, agent, "x", clock.now()))
    key, _ = await made(store, clock, Scope.CONVERSATIONS_READ, agent=agent)
    with pytest.raises(Problem) as refused:
        await caller(keys, scope=Scope.CONVERSATIONS_READ, Authorization=f"Bearer {key}")
    assert refused.value.status == 401
