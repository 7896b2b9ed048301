"""What bytes from outside go through, one function a parser: each returns, or raises something that it must not."""

import base64
from collections.abc import Callable
from contextlib import suppress

from fuzzing.seeds import AES_KEY, official_seeds, seal_bytes

from bot.channels.wechat.fake.accounts import FakeAccount
from bot.channels.wechat.fake.sealing import sign
from bot.channels.wechat.fields import fields_of
from bot.channels.wechat.push import read_push
from bot.channels.wechat.signing import Envelope, Rejected, check_age, check_signature, encrypted_part

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
        read_push(fields_of(data), "official:main")


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


TARGETS: dict[str, tuple[Target, Callable[[], list[bytes]]]] = {"official": (official, official_seeds)}
