"""A key is taken once; whoever sends the same again gets the same answer."""

import asyncio
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from store import idempotency
from store.engine import Store, Tx
from store.errors import Conflict

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


async def take(store: Store, key: str, body: str, answer: dict[str, Any], *, lane: str) -> dict[str, Any] | Literal["other"]:
    def fn(tx: Tx) -> dict[str, Any] | Literal["other"]:
        seen = idempotency.begin(tx, key, body, NOW)
        if seen == "other":
            return "other"
        if seen == "same":
            known = idempotency.result(tx, key)
            assert known is not None
            return known[1]
        idempotency.finish(tx, key, 201, answer)
        return answer

    try:
        return await store.write(fn, key=lane)
    except Conflict:
        return await store.write(fn, key=lane)


async def test_of_twenty_requests_with_one_key_on_all_writers_one_makes_the_answer(store: Store) -> None:
    answers = await asyncio.gather(*(take(store, "k", "b", {"n": n}, lane=str(n)) for n in range(20)))
    assert len({str(answer) for answer in answers}) == 1


async def test_the_same_key_with_another_body_is_told_apart_and_changes_nothing(store: Store) -> None:
    assert await take(store, "k", "b", {"n": 1}, lane="") == {"n": 1}
    assert await take(store, "k", "c", {"n": 2}, lane="") == "other"
    assert await store.read(lambda tx: idempotency.result(tx, "k")) == (201, {"n": 1})


async def test_a_request_that_fails_midway_leaves_its_key_free(store: Store) -> None:
    def broken(tx: Tx) -> None:
        idempotency.begin(tx, "k", "b", NOW)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await store.write(broken)
    assert await store.read(lambda tx: idempotency.result(tx, "k")) is None
    assert await take(store, "k", "c", {"n": 3}, lane="") == {"n": 3}


async def test_an_unknown_key_has_no_answer(store: Store) -> None:
    assert await store.read(lambda tx: idempotency.result(tx, "unknown")) is None
