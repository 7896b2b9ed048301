"""Logins that somebody forged, bent, swelled or borrowed: none of them is believed, and none costs more than it is worth."""

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from pydantic import SecretStr, ValidationError
from widget.speaking import IDENTITY_SECRET
from widget.test_identity import HASH_SECRET, KEY, OTHER_KEY, PUBLIC, hashed, identity, refused
from widget.test_uploads import picture, upload

from config.settings import InAppChannel

HS256 = {"alg": "HS256", "typ": "JWT"}


def part(value: object) -> bytes:
    raw = value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def signed(claims: object, header: object = HS256, key: str = IDENTITY_SECRET) -> str:
    """A token to the letter, whatever it says of itself."""
    signing = part(header) + b"." + part(claims)
    return (signing + b"." + part(hmac.new(key.encode(), signing, hashlib.sha256).digest())).decode()


@pytest.fixture
def now(clock) -> int:
    return int(clock.now().timestamp())


@pytest.fixture
def claims(now) -> dict[str, object]:
    return {"sub": "c1", "exp": now + 3600}


@pytest.fixture
def asked(crypto, clock):
    """Takes either kind of signature."""
    return identity(crypto, clock, identity_public_key=PUBLIC, identity_secret=SecretStr(IDENTITY_SECRET))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"alg": None},
        {"alg": ["HS256"]},
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "hs256"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {"alg": "HS256", "crit": ["exp"]},
        {"alg": "HS256", "crit": ["b64"], "b64": False},
        {"alg": "HS256", "kid": 5},
        [],
        "HS256",
        "{",
        "[" * 3000,
    ],
    ids=str,
)
def test_a_header_that_names_another_way_of_signing_is_not_followed(asked, claims, header):
    assert refused(asked, signed(claims, header)) == "identity_invalid"


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "../../../../dev/null"},
        {"kid": "' UNION SELECT ''"},
        {"jku": "http://127.0.0.1:9/keys"},
        {"x5u": "http://127.0.0.1:9/cert"},
        {"jwk": {"kty": "oct", "k": ""}},
        {"x5c": ["MII"]},
    ],
    ids=lambda header: next(iter(header)),
)
@pytest.mark.parametrize("key", ["", "\0", PUBLIC, "k"], ids=["empty", "zero", "public", "own"])
def test_a_key_that_the_token_itself_brings_or_names_is_not_used(asked, claims, header, key):
    assert refused(asked, signed(claims, HS256 | header, key)) == "identity_invalid"


def test_a_signature_that_is_empty_cut_or_of_other_words_is_none(asked, claims):
    good = signed(claims)
    head, body, signature = good.split(".")
    others = signed({**claims, "sub": "c2"}).split(".")
    for forged in (
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}..{signature}",
        f".{body}.{signature}",
        f"{head}.{others[1]}.{signature}",
        f"{head}.{body}.{signature[:-4]}",
        f"{head}.{body}.{signature}.x",
        f"{good}\n",
        f" {good}",
    ):
        assert refused(asked, forged) == "identity_invalid"
    assert asked.read(good).key == "s:c1"


def test_neither_key_signs_in_the_others_name(asked, claims):
    signing = part({"alg": "RS256"}) + b"." + part(claims)
    forged = signing + b"." + part(hmac.new(IDENTITY_SECRET.encode(), signing, hashlib.sha256).digest())
    assert refused(asked, forged.decode()) == "identity_invalid"
    assert refused(asked, jwt.encode(claims, OTHER_KEY, "RS256")) == "identity_invalid"
    assert refused(asked, signed(claims, key=HASH_SECRET)) == "identity_invalid"
    assert asked.read(jwt.encode(claims, KEY, "RS256")).key == "s:c1"


@pytest.mark.parametrize(
    "exp", ['"{}"', "[{}]", "true", "null", "NaN", "Infinity", "-Infinity", "1e400", "9" * 500, "-1" + "0" * 18]
)
def test_an_end_that_is_no_moment_is_none(asked, now, exp):
    assert refused(asked, signed('{"sub":"c1","exp":' + exp.format(now + 60) + "}")) == "identity_invalid"


def test_a_login_is_over_at_its_end_and_one_that_hardly_ends_never_began(asked, now):
    month = 31 * 24 * 3600
    assert refused(asked, signed({"sub": "c1", "exp": now})) == "identity_expired"
    assert refused(asked, signed({"sub": "c1", "exp": -5})) == "identity_expired"
    assert refused(asked, signed({"sub": "c1", "exp": now + month + 1})) == "identity_invalid"
    assert refused(asked, signed({"sub": "c1", "exp": 253402300799})) == "identity_invalid"
    assert asked.read(signed({"sub": "c1", "exp": now + month})).key == "s:c1"
    assert asked.read(signed({"sub": "c1", "exp": now + 1.5})).key == "s:c1"


def test_a_login_is_not_believed_before_its_time(asked, claims, now, clock):
    token = signed({**claims, "nbf": now + 10})
    assert refused(asked, token) == "identity_invalid"
    for nonsense in ("tomorrow", str(now), [now], True, {}):
        assert refused(asked, signed({**claims, "nbf": nonsense})) == "identity_invalid"
    clock.advance(10)
    assert asked.read(token).key == "s:c1"


@pytest.mark.parametrize(
    "twice",
    [
        '{"sub":"c1","sub":"c2","exp":%d}',
        '{"sub":"c1","exp":1,"exp":%d}',
        '{"sub":"c1","name":"x","sub":"c2","name":"y","exp":%d}',
        '{"sub":"c1","exp":%d,"more":{"a":1,"a":2}}',
    ],
)
def test_claims_that_stand_twice_name_nobody(asked, now, twice):
    assert refused(asked, signed(twice % (now + 60))) == "identity_invalid"


@pytest.mark.parametrize("sub", ["", 5, None, True, ["c1"], {"id": "c1"}, "x" * 129])
def test_a_subject_that_is_no_id_is_nobody(asked, claims, sub):
    assert refused(asked, signed({**claims, "sub": sub})) == "identity_invalid"


@pytest.mark.parametrize("body", ["", "[1]", '"c1"', "null", "{", "[" * 3000, '{"sub":"c1"}', '{"exp":9}', b"\xff\xfe"], ids=repr)
def test_a_body_without_claims_is_no_login(asked, body):
    assert refused(asked, signed(body)) == "identity_invalid"


def test_a_login_for_another_system_of_the_bank_is_none_here(crypto, clock, claims):
    ours = identity(crypto, clock, identity_secret=SecretStr(IDENTITY_SECRET), identity_audience="huiyin")
    anybodys = identity(crypto, clock, identity_secret=SecretStr(IDENTITY_SECRET))
    for audience in ("payments", ["payments"], "", [], {"huiyin": 1}, 5):
        assert refused(ours, signed({**claims, "aud": audience})) == "identity_invalid"
        assert refused(anybodys, signed({**claims, "aud": audience})) == "identity_invalid"
    assert refused(ours, signed(claims)) == "identity_invalid"
    for audience in ("huiyin", ["payments", "huiyin"]):
        assert ours.read(signed({**claims, "aud": audience})).key == "s:c1"


@pytest.mark.parametrize("swollen", ["x" * 250_000, "." * 250_000, "v:" + "0" * 250_000, "h:" + "0" * 250_000])
def test_a_huge_credential_is_not_even_read(asked, crypto, monkeypatch, swollen):
    monkeypatch.setattr(type(crypto), "verify", lambda *_: pytest.fail("read"))
    monkeypatch.setattr(jwt, "get_unverified_header", lambda *_: pytest.fail("read"))
    assert refused(asked, swollen) == "identity_invalid"


def test_a_hash_of_an_id_is_never_the_signature_of_a_login(crypto, clock, claims):
    """Who may choose what they are called by chooses the beginning of a login, and is given its hash."""
    chosen = (part({"alg": "HS256"}) + b"." + part({"sub": "c1", "exp": claims["exp"]})).decode()
    given = hashed(chosen).split(":")[1]
    forged = f"{chosen}.{part(bytes.fromhex(given)).decode()}"
    with pytest.raises(ValidationError, match="must be another"):
        InAppChannel(identity_secret=SecretStr(HASH_SECRET), identifier_secret=SecretStr(HASH_SECRET))
    both = identity(crypto, clock, identity_secret=SecretStr(IDENTITY_SECRET), identifier_secret=SecretStr(HASH_SECRET))
    assert refused(both, forged) == "identity_invalid"
    assert both.read(f"h:{given}:{chosen}").signed_id == chosen  # a strange name, and their own


@pytest.mark.parametrize("name", ["identity_secret", "identifier_secret"])
def test_a_secret_that_could_be_guessed_is_an_error_at_start(name):
    with pytest.raises(ValidationError, match=name):
        InAppChannel(**{name: SecretStr("x" * 31)})


async def test_what_we_signed_for_another_purpose_is_no_login(people, crypto, clock):
    async with people.window() as window:
        visitor = window.seen[0]["visitor"]
    token = (await (await upload(people, visitor, picture())).json())["upload"]
    asked = identity(crypto, clock, identity_secret=SecretStr(IDENTITY_SECRET))
    assert refused(asked, token) == "identity_invalid"
    assert refused(asked, crypto.sign("feedback_upload", "v:0000")) == "identity_invalid"


async def test_over_the_wire_a_forged_login_is_refused_at_every_door(people, claims):
    forged = signed(claims, {"alg": "none"})
    assert (await upload(people, forged, picture())).status == 401
    async with people.http.post("/widget/line", json=[{"type": "hello", "token": forged}]) as answer:
        told = await answer.json()
    assert told["closed"] == 4401
    assert not any(frame["type"] == "welcome" for frame in told["frames"])


def test_times_of_logins_are_those_of_our_own_clock(asked, claims, clock):
    visitor = asked.read(signed(claims))
    clock.advance(3599)
    assert not asked.is_over(visitor)
    clock.advance(1)
    assert asked.is_over(visitor)
