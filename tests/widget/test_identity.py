"""Who a window is believed to be: by the bank's signature, by a hash made with its secret, and by nothing that is merely said."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr
from widget.speaking import IDENTITY_SECRET

from bot.channels.in_app.identity import Identity, NotBelievable
from config.settings import InAppChannel

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
HASH_SECRET = "another secret of 32 characters..."
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def claims(clock):
    return {"sub": "c1", "name": "李女士", "exp": int((clock.now() + timedelta(hours=1)).timestamp())}


def identity(crypto, clock, **settings) -> Identity:
    return Identity(crypto, clock, InAppChannel(**settings))


def hashed(subject: str, secret: str = HASH_SECRET) -> str:
    return f"h:{hmac.new(secret.encode(), subject.encode(), hashlib.sha256).hexdigest()}:{subject}"


def refused(asked: Identity, credential: str) -> str:
    with pytest.raises(NotBelievable) as refusal:
        asked.read(credential)
    return refusal.value.code


def test_a_login_signed_with_the_banks_private_key_is_believed(crypto, clock, claims):
    visitor = identity(crypto, clock, identity_public_key=PUBLIC).read(jwt.encode(claims, KEY, "RS256"))
    assert (visitor.key, visitor.signed_id, visitor.name) == ("s:c1", "c1", "李女士")


def test_a_login_signed_with_another_private_key_is_not(crypto, clock, claims):
    assert (
        refused(identity(crypto, clock, identity_public_key=PUBLIC), jwt.encode(claims, OTHER_KEY, "RS256")) == "identity_invalid"
    )


def test_the_public_key_is_never_taken_for_a_shared_secret(crypto, clock, claims):
    def part(value: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    forged = signed + b"." + base64.urlsafe_b64encode(hmac.new(PUBLIC.encode(), signed, hashlib.sha256).digest()).rstrip(b"=")
    for settings in (
        {"identity_public_key": PUBLIC},
        {"identity_public_key": PUBLIC, "identity_secret": SecretStr(IDENTITY_SECRET)},
    ):
        assert refused(identity(crypto, clock, **settings), forged.decode()) == "identity_invalid"


def test_an_unsigned_login_is_not_believed(crypto, clock, claims):
    both = identity(crypto, clock, identity_public_key=PUBLIC, identity_secret=SecretStr(IDENTITY_SECRET))
    assert refused(both, jwt.encode(claims, None, "none")) == "identity_invalid"


def test_a_login_without_an_end_is_not_believed(crypto, clock, claims):
    del claims["exp"]
    assert refused(identity(crypto, clock, identity_public_key=PUBLIC), jwt.encode(claims, KEY, "RS256")) == "identity_invalid"


def test_an_id_with_its_hash_is_the_same_customer_as_by_a_signed_login(crypto, clock, claims):
    asked = identity(crypto, clock, identity_secret=SecretStr(IDENTITY_SECRET), identifier_secret=SecretStr(HASH_SECRET))
    by_hash, by_login = asked.read(hashed("c1")), asked.read(jwt.encode(claims, IDENTITY_SECRET, "HS256"))
    assert (by_hash.key, by_hash.signed_id) == (by_login.key, by_login.signed_id)
    assert by_hash.name is None


@pytest.mark.parametrize(
    "credential",
    [
        hashed("c1", IDENTITY_SECRET),
        hashed("c1").replace(":c1", ":c2"),
        "h::c1",
        "h:c1",
        hashed(""),
        hashed("x" * 129),
        "h:é:c1",
    ],
)
def test_an_id_with_a_wrong_hash_is_not_believed(crypto, clock, credential):
    asked = identity(crypto, clock, identity_secret=SecretStr(IDENTITY_SECRET), identifier_secret=SecretStr(HASH_SECRET))
    assert refused(asked, credential) == "identity_invalid"


def test_hashes_are_believed_only_where_that_is_switched_on(crypto, clock):
    assert refused(identity(crypto, clock, identity_secret=SecretStr(IDENTITY_SECRET)), hashed("c1")) == "identity_invalid"


@pytest.mark.parametrize("credential", ["", "x", "a.b.c", "v:", "v:x.y", "h", "..", "é.é.é", "\0"])
def test_nonsense_is_no_login(crypto, clock, credential):
    both = identity(
        crypto,
        clock,
        identity_public_key=PUBLIC,
        identity_secret=SecretStr(IDENTITY_SECRET),
        identifier_secret=SecretStr(HASH_SECRET),
    )
    assert refused(both, credential) == "identity_invalid"
