"""Pictures: what is taken, what is left of it, and who may fetch it."""

import io
import json
from datetime import timedelta

import pytest
from PIL import Image

from handoff.uploads.clean import ImageRefused
from handoff.uploads.images import MAX_PIXELS, clean_image


def picture(kind="JPEG", size=(60, 40), mode="RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 90).save(out, kind, **options)
    return out.getvalue()


def photo_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "A telephone"
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x0112] = 6  # lies on its side
    return picture(exif=exif, comment=b"secret comment")


async def upload(people, visitor, data, **headers):
    return await people.http.post("/widget/uploads", data=data, headers={"Authorization": f"Bearer {visitor}", **headers})


async def new_visitor(people) -> str:
    async with people.window() as window:
        return window.seen[0]["visitor"]


def test_photo_loses_place_camera_and_comment_and_stands_upright():
    cleaned = clean_image(photo_with_place())
    with Image.open(io.BytesIO(cleaned.data)) as image:
        assert image.size == (40, 60)
        assert not image.getexif()
        assert "comment" not in image.info
    assert b"telephone" not in cleaned.data
    assert cleaned.media_type == "image/jpeg"


def test_script_behind_a_picture_is_gone():
    cleaned = clean_image(picture("PNG") + b"<script>alert(1)</script>")
    assert b"<script>" not in cleaned.data
    assert cleaned.media_type == "image/png"


def test_text_chunks_of_a_png_are_gone():
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "where I live")
    assert b"where I live" not in clean_image(picture("PNG", pnginfo=info)).data


def test_transparent_screenshot_stays_transparent_and_webp_becomes_jpeg():
    with Image.open(io.BytesIO(clean_image(picture("PNG", mode="RGBA")).data)) as image:
        assert image.mode == "RGBA"
    assert clean_image(picture("WEBP", mode="RGBA")).media_type == "image/jpeg"


def test_large_photo_shrinks_to_what_a_reader_needs():
    with Image.open(io.BytesIO(clean_image(picture(size=(4000, 3000))).data)) as image:
        assert image.size == (2560, 1920)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image_type"),
        (b"<!doctype html><script>1</script>", "image_type"),
        (b"#EXTM3U\nhttp://127.0.0.1/x.ts", "image_type"),
        (picture("GIF", mode="P"), "image_type"),
        (b"%PDF-1.7", "image_type"),
        (picture()[:200], "image_broken"),
        (picture("PNG")[:60], "image_broken"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 5000, "image_broken"),
    ],
    ids=["svg", "html", "playlist", "gif", "pdf", "cut-jpeg", "cut-png", "not-really-jpeg"],
)
def test_what_is_no_whole_picture_is_refused(data, code):
    with pytest.raises(ImageRefused) as refused:
        clean_image(data)
    assert refused.value.code == code


@pytest.mark.parametrize("side", [8000, 10000, 20000], ids=["ours", "warned", "library"])
def test_image_bomb_is_refused_before_it_is_decoded(side):
    assert side * side > MAX_PIXELS
    with pytest.raises(ImageRefused) as refused:
        clean_image(picture("PNG", size=(side, side), mode="1") if side == 8000 else bomb(side))
    assert refused.value.code == "image_pixels"


def bomb(side: int) -> bytes:
    """A PNG whose header promises more than it holds."""
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


async def test_picture_reaches_the_conversation_and_its_owner_gets_it_back(people, intake):
    visitor = await new_visitor(people)
    answer = await upload(people, visitor, photo_with_place())
    assert answer.status == 201
    token = (await answer.json())["upload"]
    async with people.window(visitor=visitor) as window:
        await window.say("", "m1", uploads=[token])
        shown = await window.until("message", speaker="customer")
    assert shown["type"] == "image"
    (file,) = shown["attachments"]
    assert intake.received[0].attachments[0].media_type == "image/jpeg"
    got = await people.http.get(file["url"], headers={"Authorization": f"Bearer {visitor}"})
    body = await got.read()
    assert (got.status, got.content_type, len(body)) == (200, "image/jpeg", file["size"])
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert "private" in got.headers["Cache-Control"]


async def test_picture_of_another_visitor_can_neither_be_fetched_nor_sent(people):
    owner, thief = await new_visitor(people), await new_visitor(people)
    token = (await (await upload(people, owner, picture())).json())["upload"]
    async with people.window(visitor=owner) as window:
        await window.say("", "m1", uploads=[token])
        (file,) = (await window.until("message", speaker="customer"))["attachments"]
    for credential, status in ((thief, 404), ("v:0.0", 401), ("", 401)):
        got = await people.http.get(file["url"], headers={"Authorization": f"Bearer {credential}"})
        assert got.status == status
    async with people.window(visitor=thief) as window:
        await window.say("", "m1", uploads=[token])
        assert (await window.until("error"))["code"] == "upload_unknown"


@pytest.mark.parametrize("place", ["{c}/1/1", "{c}/2/0", "{c}/999999999/0", "0/1/0", "{c}/0/0"])
async def test_file_that_is_not_there_is_not_found(people, place):
    visitor = await new_visitor(people)
    token = (await (await upload(people, visitor, picture())).json())["upload"]
    async with people.window(visitor=visitor) as window:
        await window.say("", "m1", uploads=[token])
        conversation = (await window.until("ack"))["conversation"]
    got = await people.http.get(f"/widget/files/{place.format(c=conversation)}", headers={"Authorization": f"Bearer {visitor}"})
    assert got.status == 404


async def test_upload_token_runs_out(people, clock):
    visitor = await new_visitor(people)
    token = (await (await upload(people, visitor, picture())).json())["upload"]
    clock.advance(timedelta(hours=24, seconds=1).total_seconds())
    async with people.window(visitor=visitor) as window:
        await window.say("", "m1", uploads=[token])
        assert (await window.until("error"))["code"] == "upload_unknown"


async def test_upload_token_that_was_tampered_with_is_refused(people):
    visitor = await new_visitor(people)
    token = (await (await upload(people, visitor, picture())).json())["upload"]
    async with people.window(visitor=visitor) as window:
        for n, bad in enumerate((token[:-1] + ("0" if token[-1] != "0" else "1"), token.replace("image", "other"), 7, None)):
            await window.say("", f"m{n}", uploads=[bad])
            assert (await window.until("error"))["code"] == "upload_unknown"


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "streamed"])
async def test_upload_over_the_limit_is_refused_in_chinese_however_it_is_sent(people, announced):
    visitor = await new_visitor(people)

    async def endless():
        for _ in range(100):
            yield b"\xff\xd8\xff" * 20_000

    answer = await upload(people, visitor, b"\xff" * 300_000 if announced else endless())
    assert answer.status == 413
    body = json.loads(await answer.text())
    assert body["title"] == "image_bytes"
    assert "图片太大" in body["detail"]


async def test_empty_upload_and_wrong_kind_are_explained(people):
    visitor = await new_visitor(people)
    empty = await upload(people, visitor, b"")
    video = await upload(people, visitor, b"\0\0\0\x18ftypmp42" + b"\0" * 40, **{"Content-Type": "image/jpeg"})
    sound = await upload(people, visitor, b"ID3\x04" + b"\0" * 400)
    assert (empty.status, video.status, sound.status) == (422, 422, 415)
    assert "JPG" in (await sound.json())["detail"]


async def test_nobody_uploads_without_a_credential(people, tmp_path):
    answer = await people.http.post("/widget/uploads", data=picture())
    assert answer.status == 401
    assert not (tmp_path / "blobs").exists()
