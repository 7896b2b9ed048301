"""Turns that are being taken for pushes right now, so that a redelivery joins its first delivery instead of racing it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from store.errors import StoreBusy

# WeChat hangs up after five seconds and comes again twice; a turn that takes longer than all of that is not waited for.
PATIENCE_S = 20.0

T = TypeVar("T")


class _Turn(Generic[T]):
    """A running turn, the moment until which WeChat waits for its first delivery, and whether that moment passed."""

    def __init__(self, task: "asyncio.Task[T]", deadline: float) -> None:
        self.task = task
        self.deadline = deadline
        self.missed = False


class InFlight(Generic[T]):
    """Runs one turn per key at a time; whoever asks with the same key gets the same result, or misses it together.

    All share the deadline of the first. So either everybody answers passively or nobody does, and the answer of a turn that
    was missed can be handed to the API without a late passive one beside it.
    """

    def __init__(self, within_s: float, when_missed: Callable[[T], Awaitable[None]]) -> None:
        self._within_s = within_s
        self._when_missed = when_missed
        self._turns: dict[tuple[str, str], _Turn[T]] = {}
        self._late: set[asyncio.Task[None]] = set()

    async def result(
        self, key: tuple[str, str], start: Callable[[], Awaitable[T]], meanwhile: Callable[[], object] = lambda: None
    ) -> tuple[T, bool]:
        """The result of the turn under *key*, and whether it came in time to be told in answer; *meanwhile* is called if not.

        Where it did not, nothing may be acknowledged before the turn has ended all the same: what is on its way to the disk is
        not there yet. Raises ``StoreBusy`` when it does not end; it goes on by itself.
        """
        loop = asyncio.get_running_loop()
        turn = self._turns.get(key)
        if turn is None:
            turn = _Turn(asyncio.ensure_future(_run(start)), loop.time() + self._within_s)
            self._turns[key] = turn
            turn.task.add_done_callback(lambda task: self._done(key, task))
        # ``wait`` neither cancels the turn nor raises its error.
        await asyncio.wait({turn.task}, timeout=max(0.0, turn.deadline - loop.time()))
        if not turn.task.done():
            if not turn.missed:
                meanwhile()
            turn.missed = True
            await asyncio.wait({turn.task}, timeout=PATIENCE_S)
            if not turn.task.done():
                raise StoreBusy("the turn takes too long")
        return turn.task.result(), not turn.missed

    def _done(self, key: tuple[str, str], task: "asyncio.Task[T]") -> None:
        if self._turns[key].missed and not task.cancelled() and task.exception() is None:
            # The key stays taken meanwhile: a redelivery that comes now must not be answered as well.
            late = asyncio.ensure_future(_run(lambda: self._when_missed(task.result())))
            self._late.add(late)
            late.add_done_callback(lambda done: self._forget(key, done))
        else:
            del self._turns[key]

    def _forget(self, key: tuple[str, str], late: "asyncio.Task[None]") -> None:
        del self._turns[key]
        self._late.discard(late)

    async def finish(self) -> None:
        """Wait for what is still running: on shutdown, before the store closes."""
        while self._turns:
            running = [turn.task for turn in self._turns.values() if not turn.task.done()]
            await asyncio.wait([*running, *self._late] or [asyncio.ensure_future(asyncio.sleep(0))])


async def _run(start: Callable[[], Awaitable[T]]) -> T:
    return await start()
