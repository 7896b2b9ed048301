"""Files that customers sent: fetched from the platform, believed only by their content."""

from collections.abc import Collection
from urllib.parse import urlsplit

import filetype  # type: ignore[import-untyped]

from bot.channels.wechat.client import WeixinApi
from bot.channels.wechat.transport import File
from bot.delivery import ChannelRefused
from bot.media import MediaRefused

MIB = 1024 * 1024
LIMITS = {"image": 10 * MIB, "voice": 2 * MIB, "video": 10 * MIB}
ACCEPTED = {
    "image": frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp"}),
    "voice": frozenset({"audio/amr", "audio/mpeg", "audio/ogg", "audio/x-wav"}),
    "video": frozenset({"video/mp4", "video/quicktime", "video/3gpp"}),
}
_VIDEO_HOST = ".qq.com"


async def download(api: WeixinApi, media_id: str, media_type: str) -> tuple[bytes, str]:
    """Content and media type of a customer's file. Raises ``MediaRefused`` for what will never do, else tries are worth it."""
    limit = LIMITS.get(media_type)
    if limit is None:
        raise MediaRefused("unknown_type")
    try:
        got = await api.download(media_id, limit)
    except ChannelRefused as refused:
        raise MediaRefused(refused.reason) from None
    if isinstance(got, dict):
        got = await api.follow(_video_address(got), limit)
    return believed(got, limit, ACCEPTED[media_type])


def believed(got: File, limit: int, accepted: Collection[str]) -> File:
    """The file under the type that its content shows. Raises ``MediaRefused`` for one too large or of another type."""
    data, announced = got
    if len(data) > limit:
        raise MediaRefused("too_large")
    kind = filetype.guess(data[:8192])
    if kind is None and announced == "text/html":
        raise RuntimeError("a page came instead of a file")  # some proxy's; the file may come next time
    if kind is None or kind.mime not in accepted:
        raise MediaRefused("wrong_type")
    return data, kind.mime


def _video_address(answer: dict[str, object]) -> str:
    """Videos may come as an address. Only the platform's own is followed."""
    url = answer.get("video_url")
    if not isinstance(url, str):
        raise MediaRefused("no_file")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise MediaRefused("foreign_address") from None
    if parts.scheme not in ("http", "https") or not host.endswith(_VIDEO_HOST):
        raise MediaRefused("foreign_address")
    return url
