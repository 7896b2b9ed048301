import pytest
from aiohttp.test_utils import make_mocked_request
from pydantic import SecretStr

from bot.channels.api_key import ApiKeys
from config.problem import Problem
from config.settings import RestChannel

KEYS = ApiKeys(RestChannel(api_keys=(SecretStr("first-key"), SecretStr("second-key"))))


def caller(keys: ApiKeys, path: str = "/", **headers: str) -> str:
    return keys.caller(make_mocked_request("POST", path, headers=headers))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_known_key_is_let_in_by_header(scheme: str) -> None:
    assert caller(KEYS, Authorization=f"{scheme} first-key")


def test_a_known_key_is_let_in_the_way_rasas_clients_send_it() -> None:
    assert caller(KEYS, "/?token=second-key") == caller(KEYS, Authorization="Bearer second-key")


def test_two_keys_are_two_callers_and_the_name_gives_no_key_away() -> None:
    names = {caller(KEYS, Authorization=f"Bearer {key}") for key in ("first-key", "second-key")}
    assert len(names) == 2
    assert not any("key" in name for name in names)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer first-ke"},
        {"Authorization": "Bearer first-key2"},
        {"Authorization": "Basic first-key"},
        {"Authorization": "first-key"},
    ],
)
def test_anything_else_is_told_that_a_key_is_needed(headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        caller(KEYS, **headers)
    assert refused.value.status == 401
    assert refused.value.headers["WWW-Authenticate"] == "Bearer"


def test_without_any_key_set_everybody_is_refused() -> None:
    with pytest.raises(Problem):
        caller(ApiKeys(RestChannel()), Authorization="Bearer ")


def test_open_lets_in_without_a_key_but_still_knows_the_keys() -> None:
    keys = ApiKeys(RestChannel(open=True, api_keys=(SecretStr("first-key"),)))
    assert caller(keys) == "open"
    assert caller(keys, Authorization="Bearer first-key") != "open"


def test_a_key_with_odd_characters_is_refused_without_an_error() -> None:
    with pytest.raises(Problem):
        caller(KEYS, "/?token=%ED%A0%80%00%FF")
