"""Short videos: what is taken, what is left of them, and what a hostile file comes to. And the scanner, which never means yes by silence."""

import asyncio
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from widget.test_uploads import new_visitor, picture, upload

from config.catalogue import Catalogue
from config.settings import Uploads
from handoff.uploads import videos
from handoff.uploads.scanner import Infected, NotScanned, Scanner, TooLargeToScan
from handoff.uploads.videos import VideoRefused, clean_video

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(scope="session")
def ffmpeg() -> str:
    found = shutil.which("ffmpeg") if shutil.which("ffprobe") else None
    if found is None:
        reason = "NO FFMPEG FOUND: videos are not tested. Install it with: make browser"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def film(ffmpeg: str, tmp_path_factory: pytest.TempPathFactory):
    """Makes small videos: seconds, container, and where it was taken."""
    folder = tmp_path_factory.mktemp("films")

    def make(seconds: int = 1, kind: str = "mp4", size: str = "64x48") -> bytes:
        path = folder / f"{seconds}{size}.{kind}"
        if not path.exists():
            codec = ("-c:v", "libvpx", "-c:a", "libvorbis") if kind == "webm" else ("-c:v", "mpeg4", "-c:a", "aac")
            picture = ("-f", "lavfi", "-i", f"color=c=teal:s={size}:r=5:d={seconds}")
            sound = ("-f", "lavfi", "-i", f"sine=d={seconds}")
            told = (
                "-metadata",
                "location=+31.2304+121.4737/",
                "-metadata",
                "comment=where I live",
                "-movflags",
                "use_metadata_tags",
            )
            subprocess.run([ffmpeg, "-v", "error", "-y", *picture, *sound, *codec, *told, str(path)], check=True)
        return path.read_bytes()

    return make


@pytest.mark.parametrize(("kind", "media_type"), [("mp4", "video/mp4"), ("webm", "video/webm")])
async def test_a_short_video_is_taken_without_place_and_comment(film, kind, media_type):
    source = film(kind=kind)
    assert b"where I live" in source
    clean = await clean_video(source, longest_s=10)
    assert clean.media_type == media_type
    assert b"where I live" not in clean.data and b"31.2304" not in clean.data


async def test_what_stands_behind_a_video_is_gone(film):
    clean = await clean_video(film() + struct.pack(">I", 39) + b"free<script>alert(document.cookie)</script>"[:35], longest_s=10)
    assert b"<script>" not in clean.data


async def test_a_video_longer_than_allowed_is_refused_by_name(film):
    with pytest.raises(VideoRefused) as refused:
        await clean_video(film(seconds=4), longest_s=3)
    assert refused.value.code == "video_long"


@pytest.mark.parametrize(
    "hostile",
    [
        b"\0\0\0\x18ftypmp42" + b"\0" * 5000,
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nhttp://127.0.0.1:9/secret\n"
        + b"\0" * 100,
        b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"
        + b"\xff" * 4000,
    ],
    ids=["empty container", "playlist in an mp4's clothes", "noise in a webm's clothes"],
)
async def test_what_only_looks_like_a_video_is_refused(ffmpeg, hostile):
    with pytest.raises(VideoRefused):
        await clean_video(hostile, longest_s=10)


async def test_a_video_cut_short_is_refused(film):
    whole = film(kind="mp4")
    with pytest.raises(VideoRefused):
        await clean_video(whole[: len(whole) // 2], longest_s=10)


async def test_without_ffprobe_a_video_is_known_by_its_content_alone(monkeypatch, film):
    source = film()
    monkeypatch.setattr(videos.shutil, "which", lambda _name: None)
    assert (await clean_video(source, longest_s=1)).data == source


async def test_a_video_reaches_the_conversation_as_a_video(people, intake, film):
    visitor = await new_visitor(people)
    answer = await upload(people, visitor, film())
    assert answer.status == 201
    token = (await answer.json())["upload"]
    async with people.window(visitor=visitor) as window:
        await window.say("", "m1", uploads=[token])
        shown = await window.until("message", speaker="customer")
    assert shown["type"] == "video"
    assert shown["attachments"][0]["media_type"] == "video/mp4"
    assert intake.received[0].type == "video"


@pytest.mark.parametrize(("size", "code", "status"), [("64x48", "video_long", 422)])
async def test_a_refused_video_is_explained_in_chinese_and_nothing_is_kept(people, film, tmp_path, size, code, status):
    answer = await upload(people, await new_visitor(people), film(seconds=12, size=size))
    body = await answer.json()
    assert (answer.status, body["title"]) == (status, code)
    assert "10 秒" in body["detail"]
    assert not (tmp_path / "blobs").exists()


def test_every_refusal_has_its_sentence():
    catalogue = Catalogue()
    codes = ("image_bytes", "image_type", "image_pixels", "image_broken", "image_slow", "video_bytes", "video_type", "video_long")
    for code in (*codes, "video_broken", "infected", "not_scanned"):
        assert catalogue.text(f"uploads.{code}", image_mib=1, video_mib=1, video_s=1)


class FakeClamd:
    """Speaks clamd's INSTREAM: finds EICAR, says what it is told to, or hangs up."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.answer: bytes | None = b"stream: OK\0"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        data = b""
        while length := struct.unpack(">I", await reader.readexactly(4))[0]:
            data += await reader.readexactly(length)
        self.received.append(data)
        if self.answer is not None:
            writer.write(b"stream: Eicar-Signature FOUND\0" if EICAR in data else self.answer)
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def clamd(tmp_path: Path):
    fake = FakeClamd()
    server = await asyncio.start_unix_server(fake.serve, tmp_path / "clamd")
    fake.address = f"unix:{tmp_path / 'clamd'}"
    async with server:
        yield fake


async def test_a_clean_file_passes_whole(clamd):
    data = os.urandom(200_000)
    await Scanner(clamd.address).check(data)
    assert clamd.received == [data]


async def test_an_infected_file_is_refused(clamd):
    with pytest.raises(Infected):
        await Scanner(clamd.address).check(picture("PNG") + EICAR)


async def test_a_scanner_that_hangs_up_on_a_large_file_is_heard_all_the_same(tmp_path: Path):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(100_000)
        writer.write(b"INSTREAM size limit exceeded. ERROR\0")
        await writer.drain()
        writer.transport.abort()

    async with await asyncio.start_unix_server(serve, tmp_path / "clamd"):
        with pytest.raises(TooLargeToScan):
            await Scanner(f"unix:{tmp_path / 'clamd'}").check(bytes(5_000_000))


@pytest.mark.parametrize("answer", [None, b"", b"INSTREAM size limit exceeded. ERROR\0", b"nonsense"])
async def test_a_scanner_that_does_not_say_ok_means_no(clamd, answer):
    clamd.answer = answer
    with pytest.raises(NotScanned):
        await Scanner(clamd.address).check(b"x")


async def test_a_scanner_that_is_not_there_means_no(tmp_path):
    for address in (f"unix:{tmp_path / 'nobody'}", "tcp:127.0.0.1:9"):
        with pytest.raises(NotScanned):
            await Scanner(address).check(b"x")


@pytest.mark.parametrize("address", ["", "clamd", "unix:relative", "tcp:host", "tcp:host:x", "http://x"])
def test_a_scanners_address_that_makes_no_sense_is_an_error_at_start(address):
    with pytest.raises(ValueError, match="unix:/path"):
        Scanner(address)


@pytest.mark.parametrize(("put_behind", "status", "code"), [(b"", 201, None), (EICAR, 422, "infected")])
async def test_uploads_go_by_the_scanner_where_one_is_set_up(clamd, people, taker, put_behind, status, code):
    taker._opener._scanner = Scanner(clamd.address)
    answer = await upload(people, await new_visitor(people), picture("PNG") + put_behind)
    assert answer.status == status
    assert (await answer.json()).get("title") == code


def test_the_limits_of_uploads_are_settings():
    assert (Uploads().max_image_bytes, Uploads().max_video_bytes, Uploads().max_video_s) == (10 << 20, 50 << 20, 60)
