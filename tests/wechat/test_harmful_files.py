"""Files from a platform go past the scanner like everybody's: what it knows is withheld, what it cannot see waits."""

import asyncio
from dataclasses import replace

import pytest
from wechat.connecting import ACCOUNT
from wechat.kf_world import WM1
from wechat.test_with_intake import PNG
from widget.test_videos import EICAR, FakeClamd

from bot.channels.wechat.fake import Misstep
from bot.channels.wechat.fake.kf import SERVICER
from bot.media import MAX_ATTEMPTS, UNSCANNED_AGAIN_S
from config.labels import Speaker
from handoff import frames
from handoff.uploads.scanner import Scanner
from store import conversations, media
from store.blobs import LOCK
from store.customers import external_hmac

HARMFUL = PNG + EICAR


@pytest.fixture
async def clamd(tmp_path):
    """A scanner that knows one thing, and can be told to say something else."""
    fake = FakeClamd()
    server = await asyncio.start_unix_server(fake.serve, tmp_path / "clamd")
    fake.scanner = Scanner(f"unix:{tmp_path / 'clamd'}")
    async with server:
        yield fake


@pytest.fixture
async def world(connect, clamd):
    world = await connect()
    world.media._opener._scanner = clamd.scanner
    return world


async def send(world, data: bytes) -> None:
    media_id = world.platform.keep(data, "image/png")
    await world.platform.message("main", world.openid, MsgType="image", PicUrl="http://x", MediaId=media_id)
    await world.media.fetch_due()


async def said(world):
    fingerprint = external_hmac(world.store.crypto, ACCOUNT, world.openid)

    def load(tx):
        return conversations.messages(tx, conversations.load(tx, ACCOUNT, fingerprint, None).conversation.id)

    return await world.store.read(load)


async def shown(world) -> dict:
    """The customer's picture as the desk shows it."""
    first = (await said(world))[0]
    return frames.message_frame(first, 0, {})


def kept(world) -> list[bytes]:
    return [path for path in world.blobs._root.rglob("*") if path.is_file() and path.name != LOCK]


async def test_a_harmful_file_is_not_kept_the_customer_hears_it_and_the_desk_shows_it(world):
    await send(world, HARMFUL)
    assert kept(world) == []
    frame = await shown(world)
    assert (frame["withheld_files"], frame["pending_files"], frame["attachments"]) == (1, 0, [])
    await world.delivery.deliver_due()
    told = [text for _, text in world.seen() if "安全检查" in text]
    assert len(told) == 1 and "没有保存" in told[0]
    assert await world.media.fetch_due() == 0  # and it is not fetched again


async def test_a_clean_file_passes_and_every_byte_of_it_was_looked_at(world, clamd):
    await send(world, PNG)
    assert clamd.received == [PNG]
    assert [item["size"] for item in (await shown(world))["attachments"]] == [len(PNG)]
    assert not any("安全检查" in message.text for message in await said(world))


async def test_while_the_scanner_says_nothing_files_wait_however_long_and_none_is_kept(world, clamd):
    clamd.answer = None
    await send(world, PNG)
    for _ in range(3 * MAX_ATTEMPTS):
        world.clock.advance(UNSCANNED_AGAIN_S)
        assert await world.media.fetch_due() == 1
    assert kept(world) == []
    assert (await shown(world))["pending_files"] == 1 and not (await shown(world))["media_failed"]
    clamd.answer = b"stream: OK\0"
    world.clock.advance(UNSCANNED_AGAIN_S)
    await world.media.fetch_due()
    assert [item["size"] for item in (await shown(world))["attachments"]] == [len(PNG)]


async def test_a_file_that_the_scanner_takes_at_no_time_is_given_up_and_told(world, clamd):
    clamd.answer = b"INSTREAM size limit exceeded. ERROR\0"
    await send(world, PNG)
    assert kept(world) == []
    assert (await shown(world))["media_failed"]
    assert any("再发一次" in message.text for message in await said(world))


async def test_a_file_that_never_comes_is_told_once_and_the_desk_stops_waiting_for_it(world):
    for _ in range(MAX_ATTEMPTS):
        world.platform.misstep("media/get", Misstep(errcode=-1))
    await send(world, PNG)
    for _ in range(MAX_ATTEMPTS):
        world.clock.advance(600)
        await world.media.fetch_due()
    assert (await shown(world))["media_failed"]
    assert sum("再发一次" in message.text for message in await said(world)) == 1


async def test_two_processes_that_fetch_the_same_file_attach_it_once(world):
    media_id = world.platform.keep(PNG, "image/png")
    await world.platform.message("main", world.openid, MsgType="image", PicUrl="http://x", MediaId=media_id)
    now = world.clock.now()
    (item,) = await world.store.read(lambda tx: media.due(tx, now))
    await world.media._fetch(item)
    await world.media._fetch(replace(item))
    assert len((await shown(world))["attachments"]) == 1
    assert await world.store.write(lambda tx: media.withheld(tx, item)) is None
    assert await world.store.write(lambda tx: media.lost(tx, item)) is None
    assert not (await shown(world))["media_failed"]


async def test_the_service_asks_the_scanner_about_files_of_customers_and_of_staff_elsewhere(clamd, open_bank, tmp_path):
    bank = await open_bank(scanner=f"unix:{tmp_path / 'clamd'}")
    await bank.kf.message(WM1, "image", media_id=bank.platform.keep(HARMFUL, "image/png"))
    await bank.settle()
    await bank.fetch_media()
    await bank.settle()
    assert "安全检查" in bank.texts()[-1]

    await bank.kf.operator_moves(WM1, 3, "zhangsan")
    theirs = {"msgtype": "image", "image": {"media_id": bank.platform.keep(HARMFUL, "image/png")}, "servicer_userid": "zhangsan"}
    await bank.kf.item(WM1, theirs, SERVICER)
    await bank.settle()
    before = bank.texts()
    assert await bank.fetch_media() == 1
    await bank.settle()
    assert clamd.received == [HARMFUL, HARMFUL]
    lines = await bank.lines()
    assert [line.speaker for line in lines if line.payload.get("withheld_files")] == [Speaker.CUSTOMER, Speaker.AGENT]
    assert bank.texts() == before  # a customer is not told of what somebody else sent
