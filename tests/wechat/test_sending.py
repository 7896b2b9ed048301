"""Outbox rows on their way to a phone, and customers' files on their way to us."""

import pytest

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.fake import Misstep, Seen
from bot.channels.wechat.media import LIMITS
from bot.delivery import ChannelBusy, ChannelRefused
from bot.media import MediaRefused

SEND = "message/custom/send"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
AMR = b"#!AMR\n" + bytes(100)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(100)


def phone(world) -> list[Seen]:
    return world.platform.seen[world.openid]


async def test_a_text_arrives_as_it_was_written(world):
    await world.channel.send(world.row("您好，我是小王。\n您的卡已经找到，请带身份证来取。"))
    assert phone(world) == [Seen("service", "text", "您好，我是小王。\n您的卡已经找到，请带身份证来取。")]


async def test_a_long_text_arrives_whole_in_pieces_that_end_with_sentences(world):
    text = "".join(f"这是第{n}句，说明处理的经过和结果。" for n in range(120))
    await world.channel.send(world.row(text))
    pieces = [seen.text for seen in phone(world)]
    assert "".join(pieces) == text
    assert len(pieces) == 3
    assert all(piece.endswith("。") and len(piece.encode()) <= 2048 for piece in pieces)


async def test_quick_replies_arrive_as_a_menu_to_tap(world):
    await world.channel.send(
        world.row("请核对。", buttons=[{"title": "确认提交", "payload": "/affirm"}, {"title": "修改", "payload": "/correct"}])
    )
    assert phone(world) == [Seen("service", "msgmenu", "请核对。", (("1", "确认提交"), ("2", "修改")))]


async def test_pictures_arrive_before_their_text(world):
    world.blobs.kept["b1"] = PNG
    item = {"blob_id": "b1", "media_type": "image/png", "size": len(PNG), "name": "a.png"}
    await world.channel.send(world.row("请看图。", attachments=[item]))
    picture, text = phone(world)
    assert (picture.type, world.platform.media[picture.media_id][0]) == ("image", PNG)
    assert text.text == "请看图。"


@pytest.mark.parametrize(("media_type", "size"), [("application/pdf", 10), ("image/webp", 10), ("image/png", 11 * 1024 * 1024)])
async def test_a_file_that_wechat_would_not_take_is_refused_before_it_is_sent(world, media_type, size):
    item = {"blob_id": "b1", "media_type": media_type, "size": size, "name": "a"}
    with pytest.raises(ChannelRefused, match="attachment_not_sendable"):
        await world.channel.send(world.row("请看。", attachments=[item]))
    assert phone(world) == []


async def test_a_row_that_failed_half_way_is_continued_and_nothing_arrives_twice(world):
    text = "".join(f"这是第{n}句，说明处理的经过和结果。" for n in range(120))
    world.platform.misstep(SEND, Misstep(), Misstep(errcode=-1))
    with pytest.raises(ChannelBusy):
        await world.channel.send(world.row(text))
    assert len(phone(world)) == 1
    await world.channel.send(world.row(text))
    assert "".join(seen.text for seen in phone(world)) == text


async def test_a_failed_upload_may_be_tried_again_because_nobody_saw_it(world):
    world.blobs.kept["b1"] = PNG
    item = {"blob_id": "b1", "media_type": "image/png", "size": len(PNG), "name": "a.png"}
    world.platform.misstep("media/upload", Misstep(html=True), Misstep(lost="after"))
    for _ in range(2):
        with pytest.raises(ChannelBusy):
            await world.channel.send(world.row("请看图。", attachments=[item]))
    await world.channel.send(world.row("请看图。", attachments=[item]))
    assert [seen.type for seen in phone(world)] == ["image", "text"]


async def test_a_message_lost_after_it_was_sent_is_not_called_unsent(world):
    world.platform.misstep(SEND, Misstep(lost="after"))
    with pytest.raises(OutcomeUnknown):
        await world.channel.send(world.row("您好"))


# --- inbound files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "found"),
    [("image", PNG, "image/png"), ("image", JPEG, "image/jpeg"), ("voice", AMR, "audio/amr"), ("video", MP4, "video/mp4")],
)
async def test_a_customers_file_is_fetched_and_its_type_taken_from_its_content(world, kind, content, found):
    media_id = world.platform.keep(content, "application/octet-stream")
    assert await world.channel.fetch_media("official:main", media_id, kind) == (content, found)


@pytest.mark.parametrize(
    ("kind", "content", "announced", "reason"),
    [
        ("image", b"<script>alert(1)</script>", "image/png", "wrong_type"),
        ("image", AMR, "image/jpeg", "wrong_type"),
        ("voice", PNG, "audio/amr", "wrong_type"),
        ("image", PNG + bytes(LIMITS["image"]), "image/png", "too_large"),
        ("voice", AMR + bytes(LIMITS["voice"]), "audio/amr", "too_large"),
        ("video", b'{"video_url":"http://127.0.0.1:1/internal"}', "text/plain", "foreign_address"),
        ("video", b'{"video_url":"http://evil.example/.qq.com"}', "text/plain", "foreign_address"),
        ("video", b'{"video_url":"file:///etc/passwd"}', "text/plain", "foreign_address"),
        ("image", b'{"something":1}', "application/json", "no_file"),
        ("file", PNG, "image/png", "unknown_type"),
    ],
)
async def test_a_file_that_will_never_do_is_refused(world, kind, content, announced, reason):
    media_id = world.platform.keep(content, announced)
    with pytest.raises(MediaRefused, match=reason):
        await world.channel.fetch_media("official:main", media_id, kind)


async def test_a_file_that_the_platform_no_longer_has_is_refused(world):
    with pytest.raises(MediaRefused, match="media_refused"):
        await world.channel.fetch_media("official:main", "gone", "image")


@pytest.mark.parametrize("missteps", [[Misstep(html=True)], [Misstep(lost="before")] * 2, [Misstep(errcode=-1)]])
async def test_a_file_that_did_not_come_this_time_may_come_the_next(world, missteps):
    media_id = world.platform.keep(PNG, "image/png")
    world.platform.misstep("media/get", *missteps)  # aiohttp itself asks once more when a connection breaks
    with pytest.raises(Exception) as caught:  # noqa: PT011 -- anything but a refusal means: again
        await world.channel.fetch_media("official:main", media_id, "image")
    assert not isinstance(caught.value, MediaRefused)
    assert await world.channel.fetch_media("official:main", media_id, "image") == (PNG, "image/png")


async def test_an_expired_token_is_renewed_while_fetching(world):
    media_id = world.platform.keep(PNG, "image/png")
    await world.channel.fetch_media("official:main", media_id, "image")
    world.platform.expire_tokens()
    assert (await world.channel.fetch_media("official:main", media_id, "image"))[0] == PNG
    assert world.platform.calls["stable_token"] == 2
