"""The platform's tokens: who gets which, how long it works, and what the rules for asking are."""

import pytest
from wechat.platforms import serving_platform


@pytest.fixture
async def served(clock):
    async with serving_platform(clock) as served:
        yield served


async def test_a_stable_token_stays_the_same_until_five_minutes_before_its_end(served):
    first = await served.fetch_token("main")
    served.clock.advance(6899)
    again = await served.fetch_token("main")
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 301)
    served.clock.advance(1)
    new = await served.fetch_token("main")
    assert new["access_token"] != first["access_token"]
    served.tokens["main"] = first["access_token"]
    assert await served.code("main", "getcallbackip") == 0  # the last five minutes both work
    served.clock.advance(300)
    assert await served.code("main", "getcallbackip") == 42001


async def test_a_forced_token_ends_the_one_before_at_once(served):
    await served.call("main", "getcallbackip")
    await served.fetch_token("main", force_refresh=True)
    assert await served.code("main", "getcallbackip") == 40001


async def test_forcing_is_allowed_every_thirty_seconds_and_twenty_times_a_day(served):
    assert "access_token" in await served.fetch_token("main", force_refresh=True)
    served.clock.advance(29)
    assert (await served.fetch_token("main", force_refresh=True))["errcode"] == 45011
    for _ in range(19):
        served.clock.advance(30)
        assert "access_token" in await served.fetch_token("main", force_refresh=True)
    served.clock.advance(30)
    assert (await served.fetch_token("main", force_refresh=True))["errcode"] == 45009
    assert "access_token" in await served.fetch_token("main")


async def test_the_old_way_makes_a_new_token_each_time_and_the_one_before_works_five_minutes_longer(served):
    known = served.platform.accounts["main"]
    query = {"grant_type": "client_credential", "appid": known.appid, "secret": known.secret}
    first, second = [(await (await served.raw("GET", "token", params=query)).json())["access_token"] for _ in range(2)]
    assert first != second
    stable = (await served.fetch_token("main"))["access_token"]
    served.clock.advance(299)
    for token in (first, second, stable):
        served.tokens["main"] = token
        assert await served.code("main", "getcallbackip") == 0
    served.clock.advance(1)
    served.tokens["main"] = first
    assert await served.code("main", "getcallbackip") == 42001


async def test_a_companys_token_is_the_same_until_it_ends_and_is_not_one_of_an_official_account(served):
    first = await served.fetch_token("corp")
    assert first["errcode"] == 0
    served.clock.advance(7199)
    assert (await served.fetch_token("corp"))["access_token"] == first["access_token"]
    served.clock.advance(1)
    assert (await served.fetch_token("corp"))["access_token"] != first["access_token"]
    served.tokens["corp"] = (await served.fetch_token("main"))["access_token"]
    assert await served.code("corp", "kf/account/list", {}) == 48001


async def test_wrong_credentials_and_tokens_have_codes_of_their_own(served):
    def asked(appid, secret):
        return {"grant_type": "client_credential", "appid": appid, "secret": secret}

    codes = [
        (await (await served.raw("POST", "stable_token", json=asked(*pair))).json())["errcode"]
        for pair in [("wx99", "secret-1"), ("wx01", "wrong"), ("ww04", "secret-4")]
    ]
    assert codes == [40013, 40125, 40013]
    response = await served.raw("GET", "gettoken", params={"corpid": "ww04", "corpsecret": "wrong"})
    assert (await response.json())["errcode"] == 40001
    for token, code in [("", 41001), ("short", 40014), ("x" * 120, 40001)]:
        served.tokens["main"] = token
        answer = await served.call("main", "getcallbackip")
        assert answer["errcode"] == code
        assert " rid: " in answer["errmsg"]


async def test_more_than_two_thousand_a_day_are_refused(served):
    known = served.platform.accounts["main"]
    for _ in range(2000):
        served.platform.tokens.by_token(known)
    query = {"grant_type": "client_credential", "appid": known.appid, "secret": known.secret}
    assert (await (await served.raw("GET", "token", params=query)).json())["errcode"] == 45009
