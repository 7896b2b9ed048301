"""WeChat's side of a push: builds it, signs and seals it as the platform does, and reads what came back as strictly.

The sealing here is written from the protocol and shares no code with ``signing``: two mistakes in one place would agree.
"""

import base64
import hashlib
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MAX_TEXT_BYTES = 2048
BLOCK = 32


@dataclass(frozen=True, slots=True)
class FakeAccount:
    """An Official Account as its console shows it. Without *aes_key* it pushes in plain mode."""

    name: str
    appid: str
    secret: str
    token: str
    callback_url: str
    aes_key: str | None = None
    original_id: str = "gh_0123456789ab"


class BadAnswer(Exception):
    """The callback answered with something that makes WeChat show a fault notice."""


def to_xml(fields: Mapping[str, str | int | float]) -> str:
    """*fields* as a push body: numbers bare, texts in CDATA."""
    lines = [
        f"<{name}>{value}</{name}>"
        if isinstance(value, int | float)
        else f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"
        for name, value in fields.items()
    ]
    return "<xml>" + "\n".join(lines) + "</xml>"


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 -- the platform's choice


def seal(account: FakeAccount, text: str, *, receiver: str | None = None) -> str:
    """*text* encrypted for *account*, as base64; with another *receiver* it is meant for somebody else."""
    raw = text.encode()
    plain = os.urandom(16) + struct.pack(">I", len(raw)) + raw + (receiver or account.appid).encode()
    padding = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(account).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def unseal(account: FakeAccount, ciphertext: str) -> str:
    """The text inside. Raises ``BadAnswer`` for anything that is not sealed by *account*."""
    try:
        decryptor = _cipher(account).decryptor()
        plain = decryptor.update(base64.b64decode(ciphertext, validate=True)) + decryptor.finalize()
        padding = plain[-1]
        if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise BadAnswer("padding")
        (length,) = struct.unpack(">I", plain[16:20])
        text, receiver = plain[20 : 20 + length].decode(), plain[20 + length : -padding].decode()
    except (ValueError, IndexError, struct.error) as error:
        raise BadAnswer("ciphertext") from error
    if receiver != account.appid:
        raise BadAnswer("receiver")
    return text


def _cipher(account: FakeAccount) -> Cipher[modes.CBC]:
    key = base64.b64decode(f"{account.aes_key}=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def signed_request(account: FakeAccount, xml: str, timestamp: str, nonce: str, openid: str) -> tuple[dict[str, str], str]:
    """Query and body of a push of *xml*."""
    query = {"signature": sign(account.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "openid": openid}
    if account.aes_key is None:
        return query, xml
    ciphertext = seal(account, xml)
    query |= {"encrypt_type": "aes", "msg_signature": sign(account.token, timestamp, nonce, ciphertext)}
    return query, to_xml({"ToUserName": account.original_id, "Encrypt": ciphertext})


def text_in_answer(account: FakeAccount, body: str, *, openid: str, nonce: str) -> str | None:
    """The text that the customer sees, None for ``success`` or an empty answer. Raises ``BadAnswer`` for a fault."""
    if body in ("", "success"):
        return None
    root = _parsed(body)
    if account.aes_key is not None:
        ciphertext, timestamp = _text(root, "Encrypt"), _text(root, "TimeStamp")
        if _text(root, "Nonce") != nonce:
            raise BadAnswer("nonce")
        if _text(root, "MsgSignature") != sign(account.token, timestamp, nonce, ciphertext):
            raise BadAnswer("signature")
        root = _parsed(unseal(account, ciphertext))
    if _text(root, "ToUserName") != openid or _text(root, "FromUserName") != account.original_id:
        raise BadAnswer("addresses")
    if _text(root, "MsgType") != "text" or not _text(root, "CreateTime").isdecimal():
        raise BadAnswer("shape")
    content = _text(root, "Content")
    if not content or len(content.encode()) > MAX_TEXT_BYTES:
        raise BadAnswer("length")
    return content


def _parsed(body: str) -> ET.Element:
    try:
        return ET.fromstring(body)  # noqa: S314 -- our own service's answer, in tests and the demo
    except ET.ParseError as error:
        raise BadAnswer("xml") from error


def _text(root: ET.Element, name: str) -> str:
    found = root.findall(name)
    if len(found) != 1 or len(found[0]):
        raise BadAnswer(name)
    return found[0].text or ""
