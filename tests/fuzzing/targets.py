"""What bytes from outside go through, one function a parser: each returns, or raises something that it must not."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress

from fuzzing.seeds import AES_KEY, kf_seeds, official_seeds, seal_bytes

from bot.channels.wechat.answers import OutcomeUnknown
from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.sealing import sign
from bot.channels.wechat.fields import fields_of, text_field
from bot.channels.wechat.kf.api import _page
from bot.channels.wechat.kf.items import MAX_ID_CHARS, item_of
from bot.channels.wechat.push import read_push
from bot.channels.wechat.signing import Envelope, Rejected, check_age, check_signature, encrypted_part
from bot.channels.wechat.transport import _object
from config.labels import FeedbackChannel

ACCOUNT = FakeAccount("main", "wx1", "s", "token", "", AES_KEY)
ENVELOPE = Envelope(ACCOUNT.token, AES_KEY, ACCOUNT.appid)
TIMESTAMP, NONCE = "1763870400", "n"

Target = Callable[[bytes], None]


def official(data: bytes) -> None:
    """An Official Account's callback: the query, the envelope, what is sealed in it, and the push itself."""
    _query(data)
    _envelope(data)
    _inside(data)
    with suppress(Rejected):
        read_push(fields_of(data, xml_only=True), "official:main")


def _query(data: bytes) -> None:
    text = data[:300].decode("latin-1")
    with suppress(Rejected):
        check_signature(ACCOUNT.token, text, text[:20], text[20:40])
    with suppress(Rejected):
        check_age(text[:12], 1763870400.0, 300)


def _envelope(data: bytes) -> None:
    """The body as an envelope, and as a ciphertext: both properly signed, so that nothing stops before the cipher."""
    with suppress(Rejected):
        found = encrypted_part(data)
        if found is not None:
            ENVELOPE.open(found, sign(ACCOUNT.token, TIMESTAMP, NONCE, found), TIMESTAMP, NONCE)
    ciphertext = base64.b64encode(data[: len(data) // 16 * 16]).decode()
    with suppress(Rejected):
        ENVELOPE.open(ciphertext, sign(ACCOUNT.token, TIMESTAMP, NONCE, ciphertext), TIMESTAMP, NONCE)


def _inside(data: bytes) -> None:
    """The body sealed for us, whatever it holds."""
    ciphertext = seal_bytes(data, ACCOUNT.appid.encode())
    with suppress(Rejected):
        opened = ENVELOPE.open(ciphertext, sign(ACCOUNT.token, TIMESTAMP, NONCE, ciphertext), TIMESTAMP, NONCE)
        if opened.encode() != data:
            raise AssertionError("the envelope changed what was in it")


def mini(data: bytes) -> None:
    """A Mini Program's callback, where the same push comes as JSON or as XML, plain or inside of an envelope of either."""
    _envelope(data)
    with suppress(Rejected):
        read_push(fields_of(data), "mini:main", channel=FeedbackChannel.WECHAT_MINI)
    with suppress(Rejected):
        read_push(fields_of(b"{" + data), "mini:main", channel=FeedbackChannel.WECHAT_MINI)


def kf(data: bytes) -> None:
    """A company's callback, and the items that it fetches: of these not even a declared error may come out."""
    _envelope(data)
    with suppress(Rejected):
        fields = fields_of(data)
        text_field(fields, "OpenKfId", limit=MAX_ID_CHARS)
        text_field(fields, "Token", limit=1024)
    with suppress(OutcomeUnknown):
        page = _page(_object(data))
        for item in page.items:
            item_of(item, "wk1")
    with suppress(ValueError, RecursionError):
        item_of(json.loads(data), "wk1")


TARGETS: dict[str, tuple[Target, Callable[[], list[bytes]]]] = {
    "official": (official, official_seeds),
    "mini": (mini, official_seeds),
    "kf": (kf, kf_seeds),
}
