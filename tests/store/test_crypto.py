"""Sealing, fingerprints and signatures."""

import base64
import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.crypto import Crypto, Undecipherable, new_key_ring, write_key_ring

RING = new_key_ring()
CRYPTO = Crypto(RING)


@given(st.text())
def test_what_is_sealed_opens_again(text: str):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert CRYPTO.decrypt(CRYPTO.encrypt(text, "t.c.1"), "t.c.1") == text


def test_a_value_moved_to_another_row_does_not_open():
    with pytest.raises(Undecipherable):
        CRYPTO.decrypt(CRYPTO.encrypt("13800000000", "customers.phone.1"), "customers.phone.2")


def test_a_changed_value_does_not_open():
    sealed = CRYPTO.encrypt("hello", "x")
    kid, _, body = sealed.partition(".")
    raw = bytearray(base64.b64decode(body))
    raw[-1] ^= 1
    with pytest.raises(Undecipherable):
        CRYPTO.decrypt(f"{kid}.{base64.b64encode(bytes(raw)).decode()}", "x")


def test_equal_values_are_sealed_differently_and_fingerprinted_alike():
    assert CRYPTO.encrypt("a", "x") != CRYPTO.encrypt("a", "x")
    assert CRYPTO.hmac("phone", "a") == CRYPTO.hmac("phone", "a")
    assert CRYPTO.hmac("phone", "a") != CRYPTO.hmac("card", "a")


def test_values_of_an_old_key_open_after_a_new_one_was_added():
    old = CRYPTO.encrypt("kept", "x")
    ring = json.loads(RING)
    ring["keys"]["k2"] = base64.b64encode(os.urandom(32)).decode()
    ring["current"] = "k2"
    rotated = Crypto(json.dumps(ring))
    assert rotated.decrypt(old, "x") == "kept"
    assert rotated.encrypt("new", "x").startswith("k2.")


@pytest.mark.parametrize("ring", ["", "{}", "[]", '{"current":"k1","keys":{"k1":"YQ=="},"lookup":"YQ=="}', '{"keys":1}'])
def test_a_broken_key_ring_is_refused_without_showing_it(ring: str):
    with pytest.raises(ValueError, match="key ring"):
        Crypto(ring)


def test_a_token_signed_for_one_purpose_is_worth_nothing_for_another():
    token = CRYPTO.sign("visitor", "v1")
    assert CRYPTO.verify("visitor", token) == "v1"
    assert CRYPTO.verify("upload", token) is None
    assert CRYPTO.verify("visitor", token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    assert CRYPTO.verify("visitor", "v1.乱码") is None


def test_a_key_ring_file_is_for_its_owner_alone_and_never_overwritten(tmp_path):
    path = tmp_path / "keys.json"
    write_key_ring(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_key_ring(path)
