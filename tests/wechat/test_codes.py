"""Every error code that the platforms document, one by one: what the caller is told, and what is not asked again."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from bot.attention import Attention
from bot.channels.wechat.answers import MEANINGS, Do, StateRefused
from bot.channels.wechat.client import WeixinApi
from bot.channels.wechat.fake import Misstep
from bot.delivery import ChannelBusy, ChannelRefused, ConsentGone, CustomerUnreachable, WindowShut
from store.tokens import MemoryTokens

SEND = "message/custom/send"
TOKEN = "stable_token"
STOPS = {40013, 40125, 40243, 40164, 61004, 60020, 89503}
ALERTS = {48001, 48004, 40058, 95000, 95004, 95011, 95012, 95017}


class Line:
    """An account's API with what it raised attention to."""

    def __init__(self, world) -> None:
        self.world = world
        self.registry = CollectorRegistry()
        self.attention = Attention(self.registry)
        self.api = WeixinApi(
            world.account.appid,
            world.account.secret,
            world.settings.wechat.api_bases,
            world.session,
            MemoryTokens(world.clock),
            world.clock,
            account="official:main",
            attention=self.attention,
        )

    async def send(self) -> None:
        await self.api.message.send_text(self.world.openid, "您好")

    async def fails(self, code: int, *, times: int = 1) -> Exception:
        self.world.platform.misstep(SEND, *[Misstep(errcode=code)] * times)
        with pytest.raises((ChannelBusy, ChannelRefused)) as caught:
            await self.send()
        return caught.value

    @property
    def sends(self) -> int:
        return self.world.platform.calls[SEND]


@pytest.fixture
def line(world) -> Line:
    return Line(world)


def test_the_table_knows_every_documented_code():
    documented = {-1, 40001, 40014, 42001, 40013, 40125, 40243, 40164, 61004, 60020, 89503, 40003, 43004, 40007, 40004, 40005}
    documented |= {45002, 45009, 45011, 45015, 45047, 45072, 45080, 45081, 48001, 48004, 40037, 41030, 43101, 47003, 40058}
    documented |= {95000, 95004, 95011, 95012, 95014, 95017, 95018}
    assert documented == set(MEANINGS)
    assert {code for code, meaning in MEANINGS.items() if meaning.do is Do.STOP} == STOPS
    assert {code for code, meaning in MEANINGS.items() if meaning.do is Do.ALERT} == ALERTS


async def test_busy_means_later_with_the_callers_own_back_off(line):
    error = await line.fails(-1)
    assert (type(error), error.reason, error.retry_after_s) == (ChannelBusy, "platform_busy", None)
    await line.send()
    assert line.sends == 2


async def test_the_minute_quota_pauses_that_call_for_a_minute_without_asking(line):
    error = await line.fails(45011)
    assert (error.reason, error.retry_after_s) == ("minute_quota", 60)
    line.world.clock.advance(40)
    with pytest.raises(ChannelBusy) as caught:
        await line.send()
    assert caught.value.retry_after_s == 20
    assert line.sends == 1
    await line.api.post("message/custom/typing", data={"touser": line.world.openid, "command": "Typing"})  # has its own quota
    line.world.clock.advance(21)
    await line.send()
    assert line.sends == 2


async def test_the_daily_quota_pauses_that_call_until_midnight_in_beijing(line):
    error = await line.fails(45009)
    midnight = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert error.reason == "daily_quota"
    assert line.world.clock.now() + timedelta(seconds=error.retry_after_s) == midnight
    line.world.clock.advance(error.retry_after_s - 1)
    with pytest.raises(ChannelBusy):
        await line.send()
    assert line.sends == 1
    line.world.clock.advance(2)
    await line.send()
    assert line.sends == 2


@pytest.mark.parametrize("code", sorted(STOPS))
async def test_an_account_that_cannot_work_is_stopped_and_somebody_is_told_until_it_is_mended(line, code):
    error = await line.fails(code)
    assert isinstance(error, ChannelBusy)
    assert error.retry_after_s == 600
    assert line.attention.points() == [{"account": "official:main", "reason": error.reason, "errcode": code}]
    shown = f'huiyin_account_needs_attention{{account="official:main",reason="{error.reason}"}} 1.0'
    assert shown in generate_latest(line.registry).decode()
    for path in ("menu/get", "message/template/send"):  # nothing of this account is asked any more
        with pytest.raises(ChannelBusy):
            await line.api.get(path)
    assert sum(line.world.platform.calls.values()) == 2
    line.world.clock.advance(601)
    await line.send()
    assert line.attention.points() == []
    assert shown.replace("1.0", "0.0") in generate_latest(line.registry).decode()


@pytest.mark.parametrize("code", [40013, 40125, 40243, 40164, 89503])
async def test_a_token_that_is_not_given_stops_the_account_as_well(line, code):
    line.world.platform.misstep(TOKEN, Misstep(errcode=code))
    for _ in range(3):
        with pytest.raises(ChannelBusy):
            await line.send()
    assert (line.world.platform.calls[TOKEN], line.sends) == (1, 0)
    assert [point["errcode"] for point in line.attention.points()] == [code]


@pytest.mark.parametrize("code", sorted(ALERTS))
async def test_a_call_that_is_not_permitted_is_refused_and_somebody_is_told(line, code):
    error = await line.fails(code)
    assert type(error) is ChannelRefused
    assert [point["errcode"] for point in line.attention.points()] == [code]
    await line.send()  # other calls go on


@pytest.mark.parametrize("code", [40003, 43004])
async def test_a_customer_who_cannot_be_written_to_is_told_apart(line, code):
    error = await line.fails(code)
    assert (type(error), error.reason) == (CustomerUnreachable, "customer_unreachable")
    assert line.attention.points() == []


@pytest.mark.parametrize(("code", "reason"), [(45015, "outside_reply_window"), (45047, "reply_count_used_up")])
async def test_a_shut_window_is_told_apart(line, code, reason):
    error = await line.fails(code)
    assert (type(error), error.reason) == (WindowShut, reason)
    assert line.attention.points() == []


async def test_a_consent_taken_back_is_told_apart(line):
    error = await line.fails(43101)
    assert (type(error), error.reason) == (ConsentGone, "customer_declined")


@pytest.mark.parametrize("code", [95014, 95018])
async def test_a_session_in_the_wrong_state_is_told_apart(line, code):
    assert type(await line.fails(code)) is StateRefused


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (45002, "too_long"),
        (40004, "media_refused"),
        (40005, "media_refused"),
        (40007, "media_refused"),
        (40037, "template_refused"),
        (41030, "page_refused"),
        (47003, "template_field_refused"),
        (99999, "wechat_99999"),
    ],
)
async def test_what_will_never_do_is_refused_without_a_second_try(line, code, reason):
    error = await line.fails(code)
    assert (type(error), error.reason) == (ChannelRefused, reason)
    assert line.sends == 1
    assert line.attention.points() == []


@pytest.mark.parametrize("code", [45072, 45080, 45081])
async def test_a_typing_that_came_to_nothing_is_ignored(line, code):
    line.world.platform.misstep("message/custom/typing", Misstep(errcode=code))
    await line.api.post("message/custom/typing", data={"touser": line.world.openid, "command": "Typing"})


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once_and_the_call_made_once_more(line, code):
    line.world.platform.misstep(SEND, Misstep(errcode=code))
    await line.send()
    assert (line.sends, line.world.platform.calls[TOKEN]) == (2, 3)  # cold, the same again, forced
    error = await line.fails(code, times=10)
    assert (type(error), error.reason) == (ChannelBusy, "token_refused")
    assert line.sends <= 4
