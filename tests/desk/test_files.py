"""Files at the desk over real HTTP: sent by the holder alone, known by their content, seen by the customer, played in parts."""

import io
import urllib.parse

import pytest
from desk.at_the_desk import Bank, held
from PIL import Image

from config.labels import Speaker
from store import conversations
from store.conversations import MessageDraft

PDF = b"%PDF-1.4\n" + b"x" * 200


def png() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (20, 10), (90, 140, 180)).save(kept, "PNG")
    return kept.getvalue()


async def send(desk, conversation_id: str, data, name: str = "a.png", client_id: str = "c1") -> tuple[int, dict]:
    url = f"{desk.bank.url}/api/v1/desk/conversations/{conversation_id}/files"
    async with desk.session.post(url, params={"client_id": client_id, "name": name}, data=data) as answer:
        return answer.status, await answer.json()


async def test_a_picture_reaches_the_conversation_once_however_often_it_is_sent(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    first, again = await send(desk, conversation_id, png()), await send(desk, conversation_id, png())
    assert first == again and first[0] == 201
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after={first[1]['seq'] - 1}")
    (message,) = page["items"]
    assert (message["type"], message["attachments"][0]["media_type"]) == ("image", "image/png")
    async with desk.session.get(f"{bank.url}{message['attachments'][0]['url']}") as answer:
        assert answer.status == 200 and Image.open(io.BytesIO(await answer.read())).size == (20, 10)
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer.headers["Content-Security-Policy"]


async def test_a_player_gets_the_part_that_it_asks_for(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    _, sent = await send(desk, conversation_id, png())
    url = f"{bank.url}/api/v1/desk/conversations/{conversation_id}/files/{sent['seq']}/0"
    async with desk.session.get(url) as answer:
        length = len(await answer.read())
    async with desk.session.get(url, headers={"Range": "bytes=1-3"}) as answer:
        assert (answer.status, await answer.read()) == (206, b"PNG")
        assert answer.headers["Content-Range"] == f"bytes 1-3/{length}"
    async with desk.session.get(url, headers={"Range": "bytes=99999-"}) as answer:
        assert answer.status == 416


async def test_what_a_browser_could_run_is_handed_out_to_be_saved(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    _, sent = await send(desk, conversation_id, PDF, "说明.pdf")
    async with desk.session.get(f"{bank.url}/api/v1/desk/conversations/{conversation_id}/files/{sent['seq']}/0") as answer:
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(("data", "status"), [(b"<html><script>", 415), (b"", 422), (b"MZ" + b"\0" * 100, 415)])
async def test_what_may_not_be_sent_is_refused_with_a_sentence(bank: Bank, data: bytes, status: int):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    answered, body = await send(desk, conversation_id, data)
    assert answered == status and body["detail"]


async def test_a_file_that_is_too_large_is_given_up_on(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    assert (await send(desk, conversation_id, io.BytesIO(png() + b"\0" * (20 * 1024 * 1024))))[0] == 413


async def test_whoever_does_not_hold_the_conversation_sends_no_file(bank: Bank):
    first, second = await bank.agent("a1"), await bank.agent("a2")
    conversation_id = await held(bank, first)
    assert (await send(second, conversation_id, png()))[1]["title"] == "not_holder"


async def test_a_number_in_a_files_name_is_protected(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    _, sent = await send(desk, conversation_id, png(), "卡6222020200001234567.png")
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after={sent['seq'] - 1}")
    assert "6222020200001234567" not in page["items"][0]["attachments"][0]["name"]


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [("发票\u202efdp.exe", "发票fdp.pdf"), ("../../说明.pdf.exe", "_.._说明.pdf.pdf"), ("", "file.pdf")],
)
async def test_a_files_name_ends_as_what_it_is_and_deceives_nobody(bank: Bank, name, kept_as):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    _, sent = await send(desk, conversation_id, PDF, name)
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after={sent['seq'] - 1}")
    (item,) = page["items"][0]["attachments"]
    assert item["name"] == kept_as
    async with desk.session.get(f"{bank.url}{item['url']}") as answer:
        assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{urllib.parse.quote(kept_as)}"


async def test_a_file_whose_name_was_kept_before_is_handed_out_under_an_honest_one(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    blob_id = await bank.service.blobs.put(PDF)
    kept = {"blob_id": blob_id, "media_type": "application/pdf", "size": len(PDF), "name": "付\u202efdp.exe"}
    draft = MessageDraft(Speaker.CUSTOMER, "", type="file", payload={"attachments": [kept]})
    now = bank.service.clock.now()
    done = await bank.service.store.write(lambda tx: conversations.append(tx, conversation_id, draft, now=now))
    async with desk.session.get(f"{bank.url}/api/v1/desk/conversations/{conversation_id}/files/{done.seq}/0") as answer:
        assert urllib.parse.unquote(answer.headers["Content-Disposition"]) == "attachment; filename*=UTF-8''付fdp.exe"


async def test_a_secret_behind_characters_without_width_is_taken_out(bank: Bank):
    desk = await bank.agent("a1")
    await bank.say("u1", "我的密\u200b码是88\u00ad42\u206021，卡号6222\u202e0202\u20600001\u200b234567")
    _, page = await desk.get("/conversations?view=all")
    _, said = await desk.get(f"/conversations/{page['items'][0]['id']}/messages?after=0")
    assert said["items"][0]["text"] == "我的密码是[已屏蔽]，卡号[卡号·尾号4567]"


@pytest.mark.parametrize(("kind", "name", "kept_as"), [("JPEG", "现场.jpg", "现场.jpg"), ("WEBP", "现场.webp", "现场.jpg")])
async def test_an_agents_photo_tells_nothing_of_where_it_was_taken_or_by_whom(bank: Bank, kind, name, kept_as):
    photo, exif = io.BytesIO(), Image.Exif()
    exif[0x010F], exif[0x0112] = "the agent's own phone", 6  # maker; turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    Image.new("RGB", (40, 20), (90, 140, 180)).save(photo, kind, exif=exif)
    assert b"own phone" in photo.getvalue()
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    status, sent = await send(desk, conversation_id, photo.getvalue(), name)
    assert status == 201
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after={sent['seq'] - 1}")
    (item,) = page["items"][0]["attachments"]
    assert (item["media_type"], item["name"]) == ("image/jpeg", kept_as)
    async with desk.session.get(f"{bank.url}{item['url']}") as answer:
        kept = await answer.read()
    image = Image.open(io.BytesIO(kept))
    assert b"own phone" not in kept and not image.getexif() and image.size == (20, 40)


def gif(pictures: int = 3, size: tuple[int, int] = (40, 20)) -> bytes:
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
    drawn = [Image.new("RGB", size, colours[n % 3]) for n in range(pictures)]
    kept = io.BytesIO()
    drawn[0].save(kept, "GIF", save_all=True, append_images=drawn[1:], duration=[100, 200, 300] * (pictures // 3), loop=2)
    return kept.getvalue()


async def test_an_agents_gif_still_moves_and_carries_nothing_but_its_pictures(bank: Bank):
    hidden = b"\x21\xfe\x0cthe password\x00"  # a comment, as GIFs carry them between their pictures
    moving = gif()
    at = moving.index(b"\x21\xf9")  # before the first picture
    data = moving[:at] + hidden + moving[at:] + b"<script>behind the end</script>"
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    status, sent = await send(desk, conversation_id, data, "演示.gif")
    assert status == 201
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after={sent['seq'] - 1}")
    (item,) = page["items"][0]["attachments"]
    assert (item["media_type"], item["name"]) == ("image/gif", "演示.gif")
    async with desk.session.get(f"{bank.url}{item['url']}") as answer:
        kept = await answer.read()
    assert b"password" not in kept and b"script" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.n_frames, image.size, image.info["loop"]) == (3, (40, 20), 2)
        seen = []
        for n in range(3):
            image.seek(n)
            seen.append((image.info["duration"], image.convert("RGB").getpixel((5, 5))))
    assert [length for length, _ in seen] == [100, 200, 300]
    assert [max(range(3), key=lambda n, colour=colour: colour[n]) for _, colour in seen] == [0, 1, 2]


@pytest.mark.parametrize(("data", "title"), [(gif(303), "image_pixels"), (gif()[:60], "image_broken")], ids=["endless", "cut"])
async def test_a_gif_that_cannot_be_drawn_anew_is_refused(bank: Bank, data, title):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    status, body = await send(desk, conversation_id, data, "a.gif")
    assert (status, body["title"]) == (422, title)


async def test_a_picture_that_cannot_be_read_is_refused_and_nothing_is_sent(bank: Bank):
    desk = await bank.agent("a1")
    conversation_id = await held(bank, desk)
    status, body = await send(desk, conversation_id, png()[:40])
    assert (status, body["title"]) == (422, "image_broken")
    _, page = await desk.get(f"/conversations/{conversation_id}/messages?after=0")
    assert not any(item["attachments"] for item in page["items"])
