"""Strangers who are refused as fast as they can ask wait for each other, and nobody waits for them."""

import asyncio
from contextlib import suppress

from wechat.test_hostile_edge import head, served  # noqa: F401 -- a fixture

from bot.turnstile import Turnstile

LONG_S = 3600.0  # a tick that does not come


class Counted(Turnstile):
    """One that says when so many have come."""

    def __init__(self, many: int) -> None:
        super().__init__(a_tick=1, tick_s=LONG_S)
        self.missing = many
        self.have_come = asyncio.Event()

    async def passed(self) -> bool:
        self.missing -= 1
        if not self.missing:
            self.have_come.set()
        return await super().passed()


async def test_a_few_pass_at_once_and_the_others_in_the_next_ticks_in_their_order():
    turnstile, passed = Turnstile(a_tick=2, tick_s=0), []

    async def pass_as(number: int) -> None:
        assert await turnstile.passed()
        passed.append(number)

    tasks = [asyncio.create_task(pass_as(number)) for number in range(7)]
    await asyncio.sleep(0)
    assert passed == [0, 1]
    await asyncio.gather(*tasks)
    assert passed == list(range(7))


async def test_who_would_wait_behind_too_many_is_told_at_once():
    turnstile = Turnstile(a_tick=1, tick_s=LONG_S, most_waiting=2)
    assert await turnstile.passed()
    waiting = [asyncio.create_task(turnstile.passed()) for _ in range(2)]
    await asyncio.sleep(0)
    assert not await turnstile.passed()
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()


async def test_who_left_while_waiting_takes_nobodys_turn():
    turnstile = Turnstile(a_tick=1, tick_s=0)
    assert await turnstile.passed()
    left, stayed = asyncio.create_task(turnstile.passed()), asyncio.create_task(turnstile.passed())
    await asyncio.sleep(0)
    left.cancel()
    assert await stayed


async def test_a_push_of_wechats_own_does_not_wait_behind_refused_ones(served, monkeypatch):  # noqa: F811
    turnstile = Counted(21)
    monkeypatch.setattr("bot.middleware.Turnstile", lambda: turnstile)
    world = await served()
    query, body = world.request()
    wrong = {**query, "signature": "0" * 40}
    assert (await world.post(wrong, body))[0] == 403
    strangers = [asyncio.create_task(world.post(wrong, body)) for _ in range(20)]
    await turnstile.have_come.wait()
    assert (await world.post(query, body))[0] == 200
    assert not any(task.done() for task in strangers)
    for task in strangers:
        task.cancel()
    await asyncio.gather(*strangers, return_exceptions=True)


async def test_strangers_that_are_too_many_are_hung_up_on(served, monkeypatch):  # noqa: F811
    monkeypatch.setattr("bot.middleware.Turnstile", lambda: Turnstile(a_tick=1, tick_s=LONG_S, most_waiting=0))
    world = await served()
    query, body = world.request()
    wrong = {**query, "signature": "0" * 40}
    assert (await world.post(wrong, body))[0] == 403
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(head(world, wrong, f"Content-Length: {len(body)}") + body.encode())
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    assert (await world.post(query, body))[0] == 200
