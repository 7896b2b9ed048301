"""Protects values at rest: AES-256-GCM for reading them back, HMAC-SHA256 for finding equal ones, signatures for tokens.

A key ring is JSON: ``{"current": "k1", "keys": {"k1": <base64, 32 bytes>}, "lookup": <base64, 32 bytes>}``. New values are
sealed with the current key; old keys stay in the ring so that old values open. The look-up key never changes: equality
would be lost.
"""

import base64
import hmac
import json
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.ids import random_bytes

NONCE_BYTES = 12
KEY_BYTES = 32


class Undecipherable(Exception):
    """A sealed value was changed, moved to another row, or sealed with a key that we do not hold."""


class Crypto:
    """Seals, opens, fingerprints and signs with one key ring."""

    def __init__(self, ring: str) -> None:
        """Take the key ring's JSON text. Raises ``ValueError`` with a reason, never with key material."""
        try:
            parsed = json.loads(ring)
            keys = {kid: base64.b64decode(value, validate=True) for kid, value in parsed["keys"].items()}
            lookup = base64.b64decode(parsed["lookup"], validate=True)
            self._current: str = parsed["current"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError("the key ring is not of the documented form") from None
        if self._current not in keys or any(len(key) != KEY_BYTES for key in (*keys.values(), lookup)):
            raise ValueError("the key ring needs 32-byte keys and a current one among them")
        self._ciphers = {kid: AESGCM(key) for kid, key in keys.items()}
        self._fingerprint = hmac.new(lookup, digestmod="sha256")

    def encrypt(self, text: str, context: str) -> str:
        """Seal *text* so that it opens only under the same *context* (table, column and row)."""
        return f"{self._current}.{base64.b64encode(self.seal(text.encode(), context)).decode()}"

    def decrypt(self, value: str, context: str) -> str:
        """Open what ``encrypt`` sealed. Raises ``Undecipherable``."""
        kid, _, body = value.partition(".")
        return self._open(kid, base64.b64decode(body), context).decode()

    def seal(self, data: bytes, context: str) -> bytes:
        """Nonce and ciphertext of *data*; ``key_id`` must be kept beside it."""
        nonce = random_bytes(NONCE_BYTES)
        return nonce + self._ciphers[self._current].encrypt(nonce, data, context.encode())

    def unseal(self, kid: str, sealed: bytes, context: str) -> bytes:
        """Open what ``seal`` made under the key named *kid*. Raises ``Undecipherable``."""
        return self._open(kid, sealed, context)

    @property
    def key_id(self) -> str:
        """The name of the key that new values are sealed with."""
        return self._current

    def _open(self, kid: str, sealed: bytes, context: str) -> bytes:
        try:
            return self._ciphers[kid].decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
        except (InvalidTag, KeyError, ValueError):
            raise Undecipherable(context) from None

    def hmac(self, kind: str, value: str | bytes) -> str:
        """A fingerprint of *value* for equality look-up, different for every *kind*. 64 hex digits."""
        raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        # A copy of the keyed state: hmac.digest lets go of the interpreter for each call, which costs more than the digest.
        fingerprint = self._fingerprint.copy()
        fingerprint.update(kind.encode() + b"\0" + raw)
        return fingerprint.hexdigest()

    def sign(self, purpose: str, text: str) -> str:
        """*text* with a signature that only this deployment can make: for tokens handed to browsers."""
        return f"{text}.{self.hmac('sign:' + purpose, text)}"

    def verify(self, purpose: str, token: str) -> str | None:
        """The text of a token made by ``sign`` for the same purpose, or None. Compares in constant time."""
        text, _, signature = token.rpartition(".")
        expected = self.hmac("sign:" + purpose, text)
        return text if hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")) else None


def new_key_ring() -> str:
    """A fresh key ring with one random key."""
    ring = {
        "current": "k1",
        "keys": {"k1": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()},
        "lookup": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
    }
    return json.dumps(ring)


def write_key_ring(path: Path) -> None:
    """Create *path* with a fresh key ring, readable by its owner alone. Raises ``FileExistsError`` rather than overwrite."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(new_key_ring())
        file.flush()
        os.fsync(file.fileno())
