"""Pictures that come by way of WeChat are written anew, as those of the chat are: what rides along is gone, what is hostile is refused."""

import asyncio
import io
import struct
import zipfile

import filetype
import pytest
from PIL import Image
from wechat.kf_world import WM1
from wechat.mini_world import mini_bank
from wechat.test_harmful_files import kept, said
from widget.test_hostile_pictures import REFUSED as EXPENSIVE
from widget.test_hostile_pictures import TAKEN, animated, gif_of
from widget.test_hostile_uploads import REFUSED as HOSTILE
from widget.test_hostile_uploads import SCRIPT, archive
from widget.test_uploads import photo_with_place, picture

from bot.channels.wechat.media import ACCEPTED
from bot.media import FIRST_BACKOFF_S, MAX_ATTEMPTS
from config.labels import Speaker
from handoff import frames
from handoff.uploads import apart
from handoff.uploads.programs import Overdue
from store import media

CORPUS = {
    f"{name} ({source})": case[0]
    for source, cases in (("pictures", EXPENSIVE), ("files", HOSTILE))
    for name, case in cases.items()
}
POLYGLOTS = [picture("PNG") + SCRIPT, picture("PNG") + archive(), picture() + archive(), picture(comment=SCRIPT)]


@pytest.fixture
async def world(connect):
    return await connect()


async def send(world, data: bytes) -> None:
    media_id = world.platform.keep(data, "image/png")
    await world.platform.message("main", world.openid, MsgType="image", PicUrl="http://x", MediaId=media_id)


async def pictures(world) -> list[dict]:
    """The customer's messages as the desk shows them."""
    return [frames.message_frame(line, 0, {}) for line in await said(world) if line.speaker is Speaker.CUSTOMER]


async def opened(world, frame: dict) -> Image.Image:
    line = next(line for line in await said(world) if line.seq == frame["seq"])
    data = await world.blobs.get(line.payload["attachments"][0]["blob_id"])
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


async def test_a_photo_loses_place_camera_and_comment_and_stands_upright(world):
    await send(world, photo_with_place())
    await world.media.fetch_due()
    (frame,) = await pictures(world)
    assert [(item["media_type"], item["name"]) for item in frame["attachments"]] == [("image/jpeg", "image.jpg")]
    image = await opened(world, frame)
    assert (image.size, dict(image.getexif()), "comment" in image.info) == ((40, 60), {}, False)


async def test_of_a_file_that_is_two_things_at_once_the_picture_alone_is_kept(world):
    for data in POLYGLOTS:
        await send(world, data)
    while await world.media.fetch_due():
        pass
    lines = [line for line in await said(world) if line.speaker is Speaker.CUSTOMER]
    files = [await world.blobs.get(line.payload["attachments"][0]["blob_id"]) for line in lines]
    assert len(files) == len(POLYGLOTS)
    assert not any(b"<script" in data or b"run.exe" in data or zipfile.is_zipfile(io.BytesIO(data)) for data in files)


async def test_the_hostile_corpus_leaves_nothing_behind_and_every_message_its_place_and_its_turn(world):
    """What could be a picture is said to be unreadable, what is none or is nothing not to have come; and the talk goes on."""
    refused = {name: data for name, data in CORPUS.items() if str(filetype.guess_mime(data)) not in ("image/gif", "image/bmp")}
    for data in refused.values():
        await send(world, data)
    for _ in range(MAX_ATTEMPTS):
        while await world.media.fetch_due():
            pass
        world.clock.advance(FIRST_BACKOFF_S * 2**MAX_ATTEMPTS)
    assert kept(world) == []
    shown = await pictures(world)
    assert len(shown) == len(refused) == world.dialogue.turns
    for (name, data), frame in zip(refused.items(), shown, strict=True):
        is_picture = filetype.guess_mime(data) in ACCEPTED["image"]
        assert (frame["unopened_files"], frame["media_failed"]) == (int(is_picture), not is_picture), name
        assert frame["attachments"] == [] and frame["pending_files"] == int(not is_picture), name
    told = [line.text for line in await said(world) if line.speaker is Speaker.SYSTEM]
    unreadable = [text for text in told if "图片打不开" in text and "没有保存" in text]
    assert len(unreadable) == sum(frame["unopened_files"] for frame in shown)
    assert len(told) == len(refused)  # each is told once
    await world.say("还在吗")
    assert world.dialogue.turns == len(refused) + 1


def bmp_that_says(side: int) -> bytes:
    data = bytearray(picture("BMP"))
    data[18:26] = struct.pack("<ii", side, side)
    return bytes(data)


async def test_bombs_of_the_kinds_that_the_chat_does_not_take_are_not_kept_either(world):
    bombs = [gif_of(1, 8_000), gif_of(65_535, 3), gif_of(9_000, 1), bmp_that_says(50_000), bmp_that_says(20_000)]
    for data in bombs:
        await send(world, data)
    while await world.media.fetch_due():
        pass
    assert [frame["unopened_files"] for frame in await pictures(world)] == [1] * len(bombs)
    assert kept(world) == []


async def test_what_only_looks_expensive_is_kept_small(world):
    for data in TAKEN.values():
        await send(world, data)
    while await world.media.fetch_due():
        pass
    sizes = [item["size"] for frame in await pictures(world) for item in frame["attachments"]]
    assert len(sizes) == len(TAKEN) and max(sizes) < 100_000


async def test_stickers_go_on_moving_and_what_a_computer_pasted_becomes_a_png(world):
    for data in (animated("GIF", 3), picture("BMP")):
        await send(world, data)
    while await world.media.fetch_due():
        pass
    moving, pasted = await pictures(world)
    assert (moving["attachments"][0]["media_type"], (await opened(world, moving)).n_frames) == ("image/gif", 3)
    assert (pasted["attachments"][0]["media_type"], (await opened(world, pasted)).size) == ("image/png", (60, 40))


async def test_the_service_itself_opens_none_of_them(world, monkeypatch):
    opened = []
    monkeypatch.setattr(Image, "open", lambda *_, **__: opened.append(1))
    await send(world, picture())
    await world.media.fetch_due()
    assert len((await pictures(world))[0]["attachments"]) == 1
    assert opened == []


@pytest.mark.parametrize(
    "program",
    ["import os; os.kill(os.getpid(), 11)", "print('image/png'); print('<script>alert(1)</script>')", "raise SystemExit(3)"],
    ids=["crashes", "lies", "gives up"],
)
async def test_whatever_becomes_of_the_other_process_the_message_says_that_its_picture_is_unreadable(world, monkeypatch, program):
    monkeypatch.setattr(apart, "MAIN", program)
    await send(world, picture())
    await world.media.fetch_due()
    assert [frame["unopened_files"] for frame in await pictures(world)] == [1]
    assert kept(world) == [] and not any(SCRIPT in line.text.encode() for line in await said(world))


async def test_a_picture_for_which_the_machine_had_no_time_is_fetched_again(world, monkeypatch):
    async def busy(*_, **__):
        raise Overdue

    with monkeypatch.context() as patched:
        patched.setattr("handoff.uploads.opening.clean_apart", busy)
        await send(world, picture())
        await world.media.fetch_due()
        (frame,) = await pictures(world)
        assert (frame["pending_files"], frame["unopened_files"], frame["media_failed"]) == (1, 0, False)
    world.clock.advance(FIRST_BACKOFF_S)
    assert await world.media.fetch_due() == 1
    assert len((await pictures(world))[0]["attachments"]) == 1


async def test_two_processes_that_cannot_open_the_same_picture_say_so_once(world):
    await send(world, picture()[:300])
    now = world.clock.now()
    (item,) = await world.store.read(lambda tx: media.due(tx, now))
    await world.media._fetch(item)
    await world.media._fetch(item)
    assert [frame["unopened_files"] for frame in await pictures(world)] == [1]
    assert sum("图片打不开" in line.text for line in await said(world)) == 1


async def test_a_picture_that_takes_its_time_holds_up_no_other_customers(world, monkeypatch):
    slow, arrived, clean = asyncio.Event(), asyncio.Event(), apart.clean_apart
    first = picture(size=(61, 41))

    async def waits(data, **how):
        if data == first:
            await slow.wait()
        else:
            arrived.set()
        return await clean(data, **how)

    monkeypatch.setattr("handoff.uploads.opening.clean_apart", waits)
    await send(world, first)
    world.platform.followers.add("another")
    media_id = world.platform.keep(picture(), "image/png")
    await world.platform.message("main", "another", MsgType="image", PicUrl="http://x", MediaId=media_id)
    fetching = asyncio.create_task(world.media.fetch_due())
    async with asyncio.timeout(60):
        await arrived.wait()
    assert [frame["attachments"] for frame in await pictures(world)] == [[]]
    slow.set()
    assert await fetching == 2
    assert len((await pictures(world))[0]["attachments"]) == 1


async def test_a_mini_programs_pictures_go_the_same_way(tmp_path, clock, dictionary):
    async with mini_bank(tmp_path, clock, dictionary) as mini:
        for data in (photo_with_place(), photo_with_place()[:300]):
            await mini.push(MsgType="image", PicUrl="https://x", MediaId=mini.platform.keep(data, "image/jpeg"))
            await mini.service.background._work["media"][1]()
        await mini.settle()
        first, second = [line for line in await mini.lines() if line.speaker is Speaker.CUSTOMER]
        (file,) = first.payload["attachments"]
        assert b"telephone" not in await mini.service.blobs.get(file["blob_id"])
        assert second.payload["unopened_files"] == 1
        assert "图片打不开" in mini.texts()[-1]


async def test_customers_services_pictures_go_the_same_way_also_those_sent_as_files(bank):
    whole, cut = photo_with_place(), photo_with_place()[:300]
    for kind, data in (("image", whole), ("file", whole), ("image", cut)):
        await bank.kf.message(WM1, kind, media_id=bank.platform.keep(data, "image/jpeg", "a.jpg"))
        await bank.settle()
    assert await bank.fetch_media() == 3
    await bank.settle()
    lines = [line for line in await bank.lines() if line.speaker is Speaker.CUSTOMER]
    files = [file for line in lines for file in line.payload.get("attachments", ())]
    assert [file["media_type"] for file in files] == ["image/jpeg", "image/jpeg"]
    assert not any([b"telephone" in await bank.service.blobs.get(file["blob_id"]) for file in files])
    assert [line.payload.get("unopened_files", 0) for line in lines] == [0, 0, 1]
    assert any("图片打不开" in line.text for line in await bank.lines())
