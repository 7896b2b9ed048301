"""Every hostile file over real HTTP: refused with a Chinese sentence and nothing kept, or neutralised before it is kept."""

import asyncio
import io
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from widget.test_uploads import bomb, new_visitor, picture, upload
from widget.test_videos import EICAR, FakeClamd

from handoff.uploads import body as bodies
from handoff.uploads.scanner import Scanner
from store.blobs import LOCK

LENGTH = re.compile(rb"Content-Length: (\d+)")
SCRIPT = b"<script>alert(document.domain)</script>"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400
PLAYLIST = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nconcat:http://127.0.0.1/x|file:///etc/passwd\n#EXT-X-ENDLIST\n"


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("run.exe", b"MZ" + b"\0" * 100)
    return out.getvalue()


REFUSED = {
    "playlist as mp4": (PLAYLIST, "video/mp4", 415),
    "playlist in an mp4's clothes": (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + PLAYLIST, "video/mp4", 422),
    "image bomb": (bomb(50_000), "image/png", 422),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml", 415),
    "svg called png": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "image/png", 415),
    "html called jpeg": (b"<!doctype html>" + SCRIPT, "image/jpeg", 415),
    "zip called png": (archive(), "image/png", 415),
    "script behind a jpeg's first bytes": (b"\xff\xd8\xff\xe0" + SCRIPT * 50, "image/jpeg", 422),
    "gif": (picture("GIF", mode="P"), "image/gif", 415),
    "bmp": (picture("BMP"), "image/bmp", 415),
    "tiff": (picture("TIFF"), "image/tiff", 415),
    "heic": (HEIC, "image/heic", 415),
    "nothing": (b"", "image/jpeg", 422),
    "one byte": (b"\xff", "image/jpeg", 415),
    "cut short": (picture(size=(600, 400))[:500], "image/jpeg", 422),
    "too large": (b"\xff\xd8\xff\xe0" + b"\0" * 300_000, "image/jpeg", 413),
    "executable": (b"MZ" + b"\0" * 500, "image/png", 415),
    "pdf": (b"%PDF-1.7\n" + SCRIPT, "application/pdf", 415),
}


def kept(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file() and path.name != LOCK]


async def explained(response) -> str:
    assert response.content_type == "application/problem+json"
    detail = json.loads(await response.text())["detail"]
    assert any("\u4e00" <= char <= "\u9fff" for char in detail)
    return detail


@pytest.mark.parametrize("name", REFUSED)
async def test_hostile_file_is_refused_in_chinese_and_nothing_of_it_is_kept(people, tmp_path, name):
    data, media_type, status = REFUSED[name]
    visitor = await new_visitor(people)
    response = await upload(people, visitor, data, **{"Content-Type": media_type})
    assert response.status == status, await response.text()
    await explained(response)
    assert kept(tmp_path) == []


@pytest.mark.parametrize(
    "data",
    [picture("PNG") + b"<!doctype html>" + SCRIPT, picture("PNG") + archive(), picture() + archive(), picture(comment=SCRIPT)],
    ids=["png-html", "png-zip", "jpeg-zip", "jpeg-comment"],
)
async def test_file_that_is_two_things_at_once_is_kept_as_a_picture_alone(people, data):
    async with people.window() as window:
        visitor = window.seen[0]["visitor"]
        response = await upload(people, visitor, data)
        assert response.status == 201
        await window.say("", "m1", uploads=[(await response.json())["upload"]])
        sent = await window.until("message", speaker="customer")
        url = sent["attachments"][0]["url"]
        served = await people.http.get(url, headers={"Authorization": f"Bearer {visitor}"})
        body = await served.read()
    assert b"<script" not in body and b"run.exe" not in body and not zipfile.is_zipfile(io.BytesIO(body))
    assert served.headers["Content-Disposition"] == "attachment"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["x.jpg.exe", "../../etc/passwd", "x.php\0.jpg", "图片.jpg.html"])
async def test_name_that_the_page_gives_a_file_means_nothing(people, name):
    async with people.window() as window:
        visitor = window.seen[0]["visitor"]
        quoted = name.encode("ascii", "ignore").decode().replace("\0", "")
        headers = {"Content-Type": "text/html", "Content-Disposition": f'attachment; filename="{quoted}"'}
        token = (await (await upload(people, visitor, picture(), **headers)).json())["upload"]
        await window.say("", "m1", uploads=[token])
        shown = (await window.until("message", speaker="customer"))["attachments"][0]
    assert (shown["name"], shown["media_type"]) == ("image.jpg", "image/jpeg")


async def test_known_virus_is_refused_by_the_scanner_and_not_kept(people, taker, tmp_path):
    fake = FakeClamd()
    server = await asyncio.start_unix_server(fake.serve, tmp_path / "clamd")
    taker._opener._scanner = Scanner(f"unix:{tmp_path / 'clamd'}")
    visitor = await new_visitor(people)
    for data in (EICAR, picture() + EICAR):
        response = await upload(people, visitor, data)
        assert response.status == 422
        assert "安全检查" in await explained(response)
    assert kept(tmp_path) == []
    server.close()
    await server.wait_closed()


async def raw(people, visitor: str, head: str, body: bytes, *, endless: bool = False) -> bytes:
    """Send what no well-behaved client would; what the service answered before it hung up."""
    parts = urlsplit(str(people.http.make_url("/")))
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(
        f"POST /widget/uploads HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {visitor}\r\n{head}\r\n\r\n".encode()
        + body
    )
    answer = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
    try:
        for _ in range(400 if endless else 0):  # 25 MB if nobody stops us
            writer.write(b"10000\r\n" + b"\0" * 65536 + b"\r\n")
            await writer.drain()
            if answer.done():
                break
        if not endless:
            writer.write_eof()
        async with asyncio.timeout(20):
            return await answer
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        return error.partial if isinstance(error, asyncio.IncompleteReadError) else b""
    finally:
        answer.cancel()
        writer.transport.abort()


async def test_body_shorter_than_it_announced_is_not_kept(people, tmp_path):
    visitor, data = await new_visitor(people), picture()
    answer = await raw(people, visitor, f"Content-Length: {len(data) + 1000}", data)
    assert b" 201 " not in answer
    assert kept(tmp_path) == []


async def test_body_longer_than_it_announced_is_not_kept(people, tmp_path):
    visitor, data = await new_visitor(people), picture(size=(600, 400))
    answer = await raw(people, visitor, "Content-Length: 300", data)
    assert b" 201 " not in answer
    assert kept(tmp_path) == []


async def test_stream_without_an_end_is_stopped_at_the_limit(people, tmp_path):
    visitor = await new_visitor(people)
    first = b"20\r\n" + b"\xff\xd8\xff\xe0" + b"\0" * 28 + b"\r\n"
    answer = await raw(people, visitor, "Transfer-Encoding: chunked", first, endless=True)
    assert answer.startswith(b"HTTP/1.1 413"), answer
    assert kept(tmp_path) == []


async def test_file_that_drips_in_is_given_up_and_gives_its_room_back_while_others_are_taken(
    people, taker, tmp_path, monkeypatch
):
    visitor, data = await new_visitor(people), picture()
    monkeypatch.setattr(bodies, "READ_WITHIN_S", 0.5)
    parts = urlsplit(str(people.http.make_url("/")))
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = f"POST /widget/uploads HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {visitor}\r\nContent-Length: 100000\r\n\r\n"
    writer.write(head.encode() + data[:100])
    async with asyncio.timeout(60):
        while not taker._room._held.total():  # noqa: ASYNC110 -- it is being read now, within that time
            await asyncio.sleep(0.005)
    monkeypatch.setattr(bodies, "READ_WITHIN_S", 120.0)
    assert (await upload(people, visitor, data)).status == 201
    async with asyncio.timeout(60):
        answer = await reader.readuntil(b"\r\n\r\n")
        told = json.loads(await reader.readexactly(int(LENGTH.search(answer)[1])))
    assert answer.startswith(b"HTTP/1.1 408 ") and "超时" in told["detail"]
    writer.close()
    assert taker._room._held.total() == 0
    assert len(kept(tmp_path)) == 1
