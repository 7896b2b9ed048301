"""Strangers' files are opened in processes of their own: what those come to harms nobody but the file."""

import asyncio
import io
import os
import sys

import pytest
from PIL import Image
from widget.test_hostile_uploads import explained, kept
from widget.test_uploads import new_visitor, photo_with_place, picture, upload

from handoff.uploads import apart, programs, room
from handoff.uploads.apart import clean_apart
from handoff.uploads.programs import Overdue, run
from store.quotas import MemoryQuota

MOST_NICE = 19  # no process can be lower than that
PALETTE = picture("PNG", mode="P", size=(3000, 20))


# A moment passes until a process is restrained: it goes on once that is done.
RESTRAINED = "import os, resource as r\nwhile r.getrlimit(r.RLIMIT_FSIZE)[0] == r.RLIM_INFINITY: pass\n"


async def python(program: str, **limits) -> programs.Ran:
    return await run(sys.executable, "-I", "-c", program, **({"cpu_s": 5, "within_s": 30.0} | limits))


async def test_picture_comes_back_clean_from_the_other_process():
    clean = await clean_apart(photo_with_place())
    with Image.open(io.BytesIO(clean.data)) as image:
        assert (image.size, image.format, dict(image.getexif())) == ((40, 60), "JPEG", {})
    assert (clean.media_type, clean.name) == ("image/jpeg", "image.jpg")
    assert b"telephone" not in clean.data
    assert (await clean_apart(PALETTE)).media_type == "image/png"


async def test_other_process_has_no_secret_and_lets_the_service_go_first(monkeypatch):
    monkeypatch.setenv("HUIYIN__SECRET", "the-secret")
    told = "print(dict(os.environ), os.getcwd(), os.nice(0), r.getrlimit(r.RLIMIT_CORE))"
    ran = await python(RESTRAINED + "" + told + "\nprint(sorted(os.listdir('/proc/self/fd')))")
    out = ran.out.decode()
    assert "the-secret" not in out
    assert f" / {min(os.nice(0) + programs.NICENESS, MOST_NICE)} (0, 0)" in out
    assert "['0', '1', '2', '3']" in out  # of the service's files and sockets it has none; 3 is the listing itself


async def test_service_itself_opens_no_strangers_picture(people, monkeypatch):
    opened = []
    monkeypatch.setattr(Image, "open", lambda *_, **__: opened.append(1))
    assert (await upload(people, await new_visitor(people), picture())).status == 201
    assert opened == []


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.kill(os.getpid(), 11)",
        RESTRAINED + "while True: pass",
        RESTRAINED + "large = bytes(2 * 1024 ** 3)",
        RESTRAINED + "os.truncate(1, 0); os.pwrite(1, b'x', 100 * 1024 ** 2)",
        "raise SystemExit(3)",
        "print('image/png'); print('<script>alert(1)</script>')",
        "print('text/html'); print('<script>alert(1)</script>')",
        "print('image_broken')",
        "",
    ],
    ids=[
        "crashes",
        "never ends",
        "takes all memory",
        "fills the disk",
        "gives up",
        "lies",
        "lies about the type",
        "refuses",
        "silent",
    ],
)
async def test_whatever_becomes_of_the_other_process_the_customer_gets_a_clear_refusal(people, tmp_path, monkeypatch, program):
    monkeypatch.setattr(apart, "MAIN", program)
    monkeypatch.setattr(apart, "CPU_S", 1)
    response = await upload(people, await new_visitor(people), picture())
    assert response.status == 422
    assert "打不开" in await explained(response)
    assert kept(tmp_path) == []
    monkeypatch.undo()
    assert (await upload(people, await new_visitor(people), picture())).status == 201  # and the next one is served


async def test_picture_for_which_the_machine_had_no_time_is_to_be_sent_again(people, tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "MAIN", "import signal; signal.pause()")  # hangs for good
    monkeypatch.setattr(apart, "WITHIN_S", 0.3)
    response = await upload(people, await new_visitor(people), picture())
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    await explained(response)
    assert kept(tmp_path) == []


@pytest.mark.parametrize("given_up", [True, False], ids=["cancelled", "overdue"])
async def test_nothing_goes_on_once_nobody_waits_for_it(tmp_path, given_up):
    sign = tmp_path / "pid"
    program = f"import os, signal; open({str(sign)!r}, 'w').write(str(os.getpid()) + '.'); signal.pause()"
    running = asyncio.create_task(python(program, within_s=600 if given_up else 3.0))
    while not (sign.exists() and sign.read_text().endswith(".")):  # noqa: ASYNC110 -- another process makes it
        await asyncio.sleep(0.01)
    if given_up:
        running.cancel()
    with pytest.raises(asyncio.CancelledError if given_up else Overdue):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(int(sign.read_text()[:-1]), 0)


def test_room_is_for_everybody_and_half_of_it_for_one_address():
    shared = room.Room(100)
    with shared.share("a") as first, shared.share("b") as second:
        first.grow(50)
        with pytest.raises(room.NoRoom):
            first.grow(1)
        second.grow(30)
        with shared.share("c") as third, pytest.raises(room.NoRoom):
            third.grow(21)
        assert (first.held, second.held, third.held) == (50, 30, 0)
    with shared.share("a") as again:
        again.grow(50)


async def test_more_files_at_once_than_there_is_room_for_are_to_be_sent_again(people, taker):
    visitor = await new_visitor(people)
    taker._room = room.Room(len(picture()) * 2 - 2)
    response = await upload(people, visitor, picture())
    assert response.status == 503
    await explained(response)
    taker._room = room.Room(len(picture()) * 2)
    assert [(await upload(people, visitor, picture())).status for _ in range(3)] == [
        201,
        201,
        201,
    ]  # each gives back what it took


async def test_whoever_fills_the_disk_is_asked_to_come_later_and_may_write_on(people, taker, tmp_path):
    taker._quota = MemoryQuota(1)
    async with people.window() as window:
        visitor = window.seen[0]["visitor"]
        assert (await upload(people, visitor, picture())).status == 201
        response = await upload(people, visitor, picture())
        assert (response.status, response.headers["Retry-After"]) == (429, "600")
        assert "请过一会儿再发" in await explained(response)
        assert len(kept(tmp_path)) == 1
        await window.say("你好", "m1")
        await window.until("ack", client_id="m1")
