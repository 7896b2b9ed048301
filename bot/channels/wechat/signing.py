"""What a WeChat push must prove before anybody looks into it: signature, age, and that it was sealed for us.

Nothing here parses XML, and no error says more than which check failed.
"""

import hashlib
import hmac
import re
import secrets
from typing import Any

from wechatpy.crypto import PrpCrypto, WeChatCrypto

from config.problem import Problem

NONCE = re.compile(r"[0-9A-Za-z_\-]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,12}")
# In encrypted mode nothing outside of these markers is looked at, so no parser runs before the signature is checked.
# Possessive throughout (``++``, ``*+``): nobody has signed this yet, and trying again would cost the square of its length.
_ENCRYPTED = re.compile(rb"<Encrypt>\s*+(?:<!\[CDATA\[\s*+)?+([A-Za-z0-9+/=]++)\s*+(?:\]\]>\s*+)?+</Encrypt>")
_ENCRYPTED_JSON = re.compile(rb'"Encrypt"\s*+:\s*+"([A-Za-z0-9+/=\\]++)"')


class Rejected(Problem):
    """A push that we don't believe or don't understand: ``reason`` is a stable word, never anything from the push."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(status, reason)
        self.reason = reason


def signature(*parts: str) -> str:
    """WeChat's signature: SHA-1 over the sorted parts, the shared token among them."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 -- the platform's choice


def same(offered: str, expected: str) -> bool:
    """Compare in constant time; what is offered may be any text at all."""
    return hmac.compare_digest(offered.encode("utf-8", "surrogatepass"), expected.encode())


def check_signature(token: str, offered: str, timestamp: str, nonce: str, *more: str) -> None:
    """Raises ``Rejected`` unless *offered* signs exactly these parts under *token*."""
    if not NONCE.fullmatch(nonce):
        raise Rejected("bad_nonce")
    if not same(offered, signature(token, timestamp, nonce, *more)):
        raise Rejected("bad_signature", 403)


def check_age(timestamp: str, now_s: float, skew_s: float) -> None:
    """Raises ``Rejected`` for a push whose *timestamp* lies more than *skew_s* seconds away."""
    if not _SECONDS.fullmatch(timestamp):
        raise Rejected("bad_timestamp")
    if abs(now_s - int(timestamp)) > skew_s:
        raise Rejected("stale", 403)


def encrypted_part(body: bytes) -> str | None:
    """The ciphertext of an envelope of XML or JSON, or None when there is none. Two are refused: which would be signed?"""
    found = (_ENCRYPTED_JSON if body.lstrip()[:1] == b"{" else _ENCRYPTED).findall(body)
    if len(found) > 1:
        raise Rejected("bad_envelope")
    return found[0].decode().replace("\\/", "/") if found else None


class _SealedForUs(PrpCrypto):  # type: ignore[misc]
    """The library's cipher with a random prefix from the system's secure source instead of ``random.sample``."""

    def get_random_string(self) -> bytes:
        return secrets.token_bytes(16)


class Envelope:
    """Opens and seals the bodies of one account."""

    def __init__(self, token: str, aes_key: str, appid: str) -> None:
        """Raises ``ValueError`` when *aes_key* is not an EncodingAESKey of 43 characters."""
        try:
            key = WeChatCrypto(token, aes_key, appid).key
        except (AssertionError, ValueError):
            raise ValueError("an EncodingAESKey has 43 characters of base64") from None
        self._cipher = _SealedForUs(key)
        self._token = token
        self._appid = appid

    def open(self, ciphertext: str, msg_signature: str, timestamp: str, nonce: str) -> str:
        """The text inside. Raises ``Rejected`` when the signature, the padding or the receiver is not right."""
        check_signature(self._token, msg_signature, timestamp, nonce, ciphertext)
        try:
            text: str = self._cipher.decrypt(ciphertext, self._appid)
        except Exception:  # noqa: BLE001 -- the library raises five kinds of errors for a bad ciphertext
            raise Rejected("not_for_us", 403) from None
        return text

    def seal(self, text: str, timestamp: str, nonce: str) -> str:
        """The envelope that carries *text*, signed for *timestamp* and *nonce*."""
        ciphertext = self._cipher.encrypt(text, self._appid).decode()
        return (
            f"<xml>\n<Encrypt><![CDATA[{ciphertext}]]></Encrypt>\n"
            f"<MsgSignature><![CDATA[{signature(self._token, timestamp, nonce, ciphertext)}]]></MsgSignature>\n"
            f"<TimeStamp>{timestamp}</TimeStamp>\n<Nonce><![CDATA[{nonce}]]></Nonce>\n</xml>"
        )


_ABSENT = [""]


def parameters(query: Any, *names: str, limit: int = 256) -> list[str]:
    """Single values of *names* from a query, empty when absent. Raises ``Rejected`` for a name given twice.

    So is a value longer than *limit*: a signature has 40 characters.
    """
    values = []
    for name in names:
        given = query.getall(name, _ABSENT)
        value = given[0]
        if len(given) > 1 or len(value) > limit:
            raise Rejected("bad_query")
        values.append(value)
    return values
