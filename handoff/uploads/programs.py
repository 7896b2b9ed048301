"""Programs that open strangers' files: a process for each file, behind the service in line for the processors.

What a decoder can be made to do, it does to a process that holds one file, no key and no connection, and is gone in a moment.
"""

import asyncio
import os
import resource
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

NICENESS = 10  # customers who only write are answered first
MIB = 1024 * 1024
MEMORY_BYTES = 1024 * MIB  # a WebP of 50 million points takes 770 MB, a photo 130
WRITTEN_BYTES = 64 * MIB
LIMITS = (
    (resource.RLIMIT_CORE, 0),  # no customer's picture lies about in a dump
    (resource.RLIMIT_AS, MEMORY_BYTES),
    (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
)


class Overdue(Exception):
    """A program did not end in time: the machine is too busy, for a file that takes too long runs out of processor time first."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended: its exit code, negative for the signal that killed it, and what it said."""

    code: int
    out: bytes
    complaints: bytes


async def run(
    *command: str, cpu_s: int, within_s: float, source: IO[bytes] | None = None, target: IO[bytes] | None = None
) -> Ran:
    """Run *command* with *source* to read from and *target* to write to (else its output is in ``Ran.out``).

    It is killed after *cpu_s* seconds of a processor, and after *within_s* in all, which raises ``Overdue``.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=source or asyncio.subprocess.DEVNULL,
        stdout=target or asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd="/",
        env={},  # keys and passwords may stand in ours
    )
    try:
        _restrain(process.pid, cpu_s)
        async with asyncio.timeout(within_s):
            out, complaints = await process.communicate()
    except TimeoutError:
        raise Overdue from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return Ran(process.returncode or 0, out or b"", complaints or b"")


def _restrain(pid: int, cpu_s: int) -> None:
    """From outside: what a process is told to do to itself, it does only if nobody has talked it out of it."""
    with suppress(ProcessLookupError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, pid, min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19))
        resource.prlimit(pid, resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
        for kind, most in LIMITS:
            _, allowed = resource.getrlimit(kind)
            least = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
            resource.prlimit(pid, kind, (least, least))
