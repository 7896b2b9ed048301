"""Files from WeChat Customer Service: fetched from WeCom, believed only by their content."""

from bot.channels.wechat.kf.api import KfApi
from bot.channels.wechat.media import ACCEPTED, MIB, believed
from bot.channels.wechat.transport import File
from bot.delivery import ChannelRefused
from bot.media import MediaRefused

# Customers may send images and recordings up to 2 MB, videos up to 10, other files up to 20; staff in WeCom may send more.
LIMITS = {"image": 20 * MIB, "voice": 2 * MIB, "video": 100 * MIB, "file": 100 * MIB}
DOCUMENTS = frozenset(
    {
        "application/pdf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/zip",
    }
)
TYPES = {**ACCEPTED, "file": DOCUMENTS.union(*ACCEPTED.values())}


async def fetched(api: KfApi, media_id: str, media_type: str) -> File:
    """Content and media type. Raises ``MediaRefused`` for what will never do, else tries are worth it."""
    limit = LIMITS.get(media_type)
    if limit is None:
        raise MediaRefused("unknown_type")
    try:
        got = await api.download(media_id, limit)
    except ChannelRefused as refused:
        raise MediaRefused(refused.reason) from None
    return believed(got, limit, TYPES[media_type])
