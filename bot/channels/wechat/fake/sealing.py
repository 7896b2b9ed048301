"""WeChat's side of a push: builds it, signs and seals it as the platform does.

Written from the protocol, sharing no code with ``signing``: two mistakes in one place would agree.
"""

import base64
import hashlib
import json
import os
import struct
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channels.wechat.fake.accounts import FakeAccount

BLOCK = 32
LENGTH_BYTES = 4
PREFIX_BYTES = 16


class BadAnswer(Exception):
    """The callback answered with something that makes WeChat show a fault notice."""


def to_xml(fields: Mapping[str, Any]) -> str:
    """*fields* as a push body: numbers bare, texts in CDATA, mappings nested, a list as its element repeated."""
    return "<xml>" + "\n".join(_elements(fields)) + "</xml>"


def _elements(fields: Mapping[str, Any]) -> list[str]:
    return [
        f"<{name}>{_content(one)}</{name}>"
        for name, value in fields.items()
        for one in (value if isinstance(value, list | tuple) else [value])
    ]


def _content(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(_elements(value))
    if isinstance(value, int | float):
        return escape(str(value))
    return f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"


def to_body(account: FakeAccount, fields: Mapping[str, Any]) -> str:
    """*fields* in the format that the account's console has chosen."""
    return json.dumps(fields, ensure_ascii=False) if account.body_format == "json" else to_xml(fields)


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 -- the platform's choice


def seal(account: FakeAccount, text: str, *, receiver: str | None = None) -> str:
    """*text* encrypted for *account*, as base64; with another *receiver* it is meant for somebody else."""
    raw = text.encode()
    plain = os.urandom(PREFIX_BYTES) + struct.pack(">I", len(raw)) + raw + (receiver or account.appid).encode()
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
        begins = PREFIX_BYTES + LENGTH_BYTES
        (length,) = struct.unpack(">I", plain[PREFIX_BYTES:begins])
        text, receiver = plain[begins : begins + length].decode(), plain[begins + length : -padding].decode()
    except (ValueError, IndexError, struct.error) as error:
        raise BadAnswer("ciphertext") from error
    if receiver != account.appid:
        raise BadAnswer("receiver")
    return text


def _cipher(account: FakeAccount) -> Cipher[modes.CBC]:
    key = base64.b64decode(f"{account.aes_key}=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def signed_request(account: FakeAccount, body: str, timestamp: str, nonce: str, openid: str) -> tuple[dict[str, str], str]:
    """Query and body of a push of *body* (XML, or JSON for an account that pushes JSON)."""
    query = {"timestamp": timestamp, "nonce": nonce}
    if account.family != "kf":  # a company's callback knows only the signature over the body
        query = {"signature": sign(account.token, timestamp, nonce), **query, "openid": openid}
    if account.aes_key is None:
        return query, body
    ciphertext = seal(account, body)
    if account.family != "kf":
        query["encrypt_type"] = "aes"
    query["msg_signature"] = sign(account.token, timestamp, nonce, ciphertext)
    return query, _envelope(account, body, ciphertext)


def echo_request(account: FakeAccount, echo: str, timestamp: str, nonce: str) -> dict[str, str]:
    """The query with which a console asks whether an address is ours; the answer must be *echo*."""
    if account.family != "kf":
        return {"signature": sign(account.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    sealed = seal(account, echo)
    signature = sign(account.token, timestamp, nonce, sealed)
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": sealed}


def _envelope(account: FakeAccount, body: str, ciphertext: str) -> str:
    if account.body_format == "json":
        plain = json.loads(body) if account.compatible else {"ToUserName": account.original_id}
        return json.dumps({**plain, "Encrypt": ciphertext}, ensure_ascii=False)
    if account.compatible:
        return body.removesuffix("</xml>") + f"<Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>"
    if account.family == "kf":
        return to_xml({"ToUserName": account.appid, "Encrypt": ciphertext, "AgentID": ""})
    return to_xml({"ToUserName": account.original_id, "Encrypt": ciphertext})
