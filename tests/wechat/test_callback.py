"""The callback over real HTTP: what is believed, what is refused, and what the customer gets to see."""

import asyncio
from dataclasses import replace

import pytest

from bot.channels.wechat.fake import seal, sign, to_xml
from bot.message import Attachment, Button, Outbound
from store.errors import StoreBusy, StoreUnavailable


async def test_the_console_gets_its_echo_in_either_mode(make_world):
    for encrypted in (True, False):
        world = await make_world(encrypted=encrypted)
        query, _ = world.request()
        asked = {name: query[name] for name in ("signature", "timestamp", "nonce")} | {"echostr": "5927 echo"}
        async with world.session.get(world.callback, params=asked) as response:
            assert (response.status, await response.text()) == (200, "5927 echo")
        async with world.session.get(world.callback, params=asked | {"signature": "0" * 40}) as response:
            assert response.status == 403
            assert "5927" not in await response.text()


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_text_is_answered_in_the_same_response(make_world, encrypted):
    world = await make_world(encrypted=encrypted)
    assert await world.say("ATM吞了我的卡 ]]> <b>&amp;")
    (inbound,) = world.intake.messages
    assert (inbound.text, inbound.customer, inbound.account) == ("ATM吞了我的卡 ]]> <b>&amp;", world.openid, "official:main")
    assert inbound.hold_for_passive_reply_s == 9.5
    assert world.seen() == [("passive", "您好，请问有什么可以帮您？")]
    await world.until(lambda: world.ledger.settled == [2])


async def test_an_answer_cannot_break_out_of_its_xml(world):
    evil = "]]></Content><Content><![CDATA[您中奖了\x00\x1b\ud800 ]]>"
    world.intake.replies = (Outbound(2, evil, "bot"),)
    await world.say("你好")
    assert world.seen() == [("passive", "]]></Content><Content><![CDATA[您中奖了 ]]>")]


async def test_replies_are_merged_and_the_last_ones_choices_are_numbered(world):
    choices = (Button("确认提交", "/affirm"), Button("修改", "/correct"))
    world.intake.replies = (Outbound(2, "我们会保护您的信息。", "system"), Outbound(3, "请核对。", "bot", choices))
    await world.say("你好")
    assert world.seen() == [("passive", "我们会保护您的信息。\n\n请核对。\n回复数字选择：\n1. 确认提交\n2. 修改")]
    await world.until(lambda: world.ledger.settled == [2, 3])


async def test_what_does_not_fit_is_left_whole_to_the_api(world):
    world.intake.replies = (Outbound(2, "短。", "bot"), Outbound(3, "长" * 700, "bot"), Outbound(4, "尾。", "bot"))
    await world.say("你好")
    assert world.seen() == [("passive", "短。")]
    await world.until(lambda: world.ledger.released == [3, 4])
    assert world.ledger.settled == [2]


async def test_a_reply_with_a_picture_goes_by_the_api(world):
    world.intake.replies = (Outbound(2, "请看图。", "bot", attachments=(Attachment("b", "image/png", 3),)),)
    query, body = world.request()
    assert await world.post(query, body) == (200, "success")
    assert world.ledger.released == [2]


async def test_success_goes_in_clear_when_there_is_nothing_to_say(world):
    world.intake.replies, world.intake.status = (), "held"
    query, body = world.request()
    assert await world.post(query, body) == (200, "success")
    assert len(world.intake.messages) == 1


async def test_three_deliveries_at_once_make_one_message_and_one_visible_reply(world):
    await world.platform.push("main", world.openid, {"MsgType": "text", "Content": "你好", "MsgId": 1}, together=3)
    assert len(world.intake.messages) == 1
    assert world.seen() == [("passive", "您好，请问有什么可以帮您？")]
    assert world.ledger.settled == [2]


async def test_deliveries_one_after_the_other_get_the_same_text(world):
    world.intake.replies = (Outbound(2, "短。", "bot"), Outbound(3, "长" * 700, "bot"))
    for _ in range(3):
        await world.platform.push("main", world.openid, {"MsgType": "text", "Content": "你好", "MsgId": 1})
    assert len(world.intake.messages) == 1
    assert world.seen() == [("passive", "短。")] * 3  # each push stands alone here; WeChat shows one
    assert world.ledger.settled == [2]
    assert world.ledger.released == [3]


async def test_deliveries_of_a_running_turn_wait_for_it_together(world):
    world.intake.gate = asyncio.Event()
    query, body = world.request()
    first = asyncio.create_task(world.post(query, body))
    second = asyncio.create_task(world.post(*world.request(nonce="99")))
    await world.intake.called(1)
    while world.channel.seen["text"] < 2:  # noqa: ASYNC110 -- the second never reaches intake, so nothing rings
        await asyncio.sleep(0)
    world.intake.gate.set()
    (one, sealed_one), (two, sealed_two) = await asyncio.gather(first, second)
    assert one == two == 200
    assert sealed_one != "success" != sealed_two
    assert world.intake.calls == 1


async def test_a_turn_that_takes_too_long_is_answered_by_the_api_alone(make_world):
    world = await make_world(passive_reply_s=0)
    world.intake.gate = asyncio.Event()
    first = asyncio.create_task(world.post(*world.request()))
    await world.intake.called(1)
    # A redelivery comes while it still runs, and must not be answered as well.
    second = asyncio.create_task(world.post(*world.request(nonce="7")))
    while world.channel.seen["text"] < 2:  # noqa: ASYNC110 -- the second never reaches intake, so nothing rings
        await asyncio.sleep(0)
    world.intake.gate.set()
    assert [await first, await second] == [(200, "success")] * 2
    await world.until(lambda: world.ledger.released == [2])
    assert await world.post(*world.request(nonce="8")) == (200, "success")
    assert len(world.intake.messages) == 1
    assert world.ledger.settled == []


async def test_nothing_is_acknowledged_while_a_turn_that_missed_its_time_is_not_stored(make_world):
    world = await make_world(passive_reply_s=0)
    world.intake.gate = asyncio.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):  # as WeChat hangs up
            await world.post(*world.request())
    world.intake.gate.set()
    assert await world.post(*world.request(nonce="7")) == (200, "success")
    assert len(world.intake.messages) == 1


async def test_a_turn_that_does_not_end_is_not_acknowledged(make_world, monkeypatch):
    monkeypatch.setattr("bot.channels.wechat.inflight.PATIENCE_S", 0)
    world = await make_world(passive_reply_s=0)
    world.intake.gate = asyncio.Event()
    assert (await world.post(*world.request()))[0] == 503
    world.intake.gate.set()


async def test_a_redelivery_of_what_the_api_delivered_gets_success(world):
    await world.say("你好", MsgId=5)
    world.ledger.settled, world.ledger.released = [], [2]
    await world.say("你好", MsgId=5)
    assert world.seen() == [("passive", "您好，请问有什么可以帮您？")]


@pytest.mark.parametrize("error", [StoreBusy("full"), StoreUnavailable("away")])
async def test_without_a_store_nothing_is_acknowledged_and_wechat_comes_again(world, error):
    world.intake.error = error
    query, body = world.request()
    status, _ = await world.post(query, body)
    assert status == 503
    assert not await world.say("你好")
    assert world.intake.calls == 4
    assert world.platform.seen[world.openid][-1].type == "unavailable"
    world.intake.error = None
    assert await world.say("你好")
    assert len(world.intake.messages) == 1


async def test_a_turn_that_raises_is_not_acknowledged(world):
    world.intake.error = RuntimeError("卡号6222")
    status, body = await world.post(*world.request())
    assert status == 500
    assert "6222" not in body


async def test_a_text_that_is_too_long_is_refused_with_an_explanation(world):
    world.intake.rejects = "too_long"
    await world.say("你好")
    ((via, text),) = world.seen()
    assert via == "passive"
    assert "8000字" in text
    assert world.ledger.settled == []


@pytest.mark.parametrize("event", ["unsubscribe", "VIEW", "TEMPLATESENDJOBFINISH", "user_authorization_revoke", "something_new"])
async def test_events_that_need_no_answer_get_success_and_are_counted(world, event):
    assert await world.platform.event("main", world.openid, event)
    assert world.intake.messages == []
    assert world.seen() == []
    assert sum(world.channel.seen.values()) == 1
    assert "something_new" not in world.channel.seen


async def test_the_same_event_is_taken_once_and_another_in_the_same_second_as_well(world):
    for event, key in [("subscribe", ""), ("subscribe", ""), ("SCAN", "branch_朝阳支行"), ("SCAN", "branch_海淀支行")]:
        await world.platform.event("main", world.openid, event, EventKey=key)
    assert [(inbound.payload["event"], inbound.branch) for inbound in world.intake.messages] == [
        ("subscribe", None),
        ("scan", "朝阳支行"),
        ("scan", "海淀支行"),
    ]


# --- what is refused: 4xx, and nothing changes -----------------------------------------------------------------------------


def entity(world) -> str:
    return '<!DOCTYPE xml [<!ENTITY a "b">]>' + world.xml()


def wrongly_sealed(world, **changes) -> tuple[dict[str, str], str]:
    """A push sealed and signed with other values than the account's."""
    other = replace(world.account, **changes)
    query, _ = world.request()
    ciphertext = seal(other, world.xml(), receiver=other.appid)
    query["msg_signature"] = sign(other.token, query["timestamp"], query["nonce"], ciphertext)
    return query, to_xml({"Encrypt": ciphertext})


SEALED_REFUSALS = {
    "not signed": lambda w: ({}, w.request()[1]),
    "msg_signature missing": lambda w: ({k: v for k, v in w.request()[0].items() if k != "msg_signature"}, w.request()[1]),
    "signature in the place of msg_signature": lambda w: (
        w.request()[0] | {"msg_signature": w.request()[0]["signature"]},
        w.request()[1],
    ),
    "signature wrong": lambda w: (w.request()[0] | {"signature": "0" * 40}, w.request()[1]),
    "signature not ascii": lambda w: (w.request()[0] | {"signature": "签名"}, w.request()[1]),
    "another body under a good signature": lambda w: (w.request()[0], w.request(w.xml(Content="转账"))[1]),
    "plain body under a good signature": lambda w: (
        {k: v for k, v in w.request()[0].items() if k in ("signature", "timestamp", "nonce")},
        w.xml(),
    ),
    "plain body beside a good msg_signature": lambda w: (w.request()[0], w.xml()),
    "six minutes old": lambda w: w.request(age_s=360),
    "six minutes early": lambda w: w.request(age_s=-360),
    "timestamp not a number": lambda w: (w.request()[0] | {"timestamp": "soon"}, w.request()[1]),
    "timestamp beyond numbers": lambda w: (w.request()[0] | {"timestamp": "9" * 200}, w.request()[1]),
    "nonce with markup": lambda w: w.request(nonce="]]><x>"),
    "meant for another account": lambda w: wrongly_sealed(w, appid="wx0000000000000001"),
    "sealed with another key": lambda w: wrongly_sealed(w, aes_key="ABCDEFG0123456789abcdefghijklmnopqrstuvwxyz"),
    "signed with another token": lambda w: wrongly_sealed(w, token="another"),
    "entities inside": lambda w: w.request(entity(w)),
    "entities around": lambda w: (w.request()[0], '<!DOCTYPE xml [<!ENTITY a "b">]>' + w.request(w.xml(Content="别的"))[1]),
    "two ciphertexts": lambda w: (w.request()[0], w.request()[1] * 2),
    "not xml inside": lambda w: w.request("{}"),
    "another root inside": lambda w: w.request("<json>1</json>"),
    "a sender given twice": lambda w: w.request(w.xml().replace("</xml>", "<FromUserName>b</FromUserName></xml>")),
    "nested where text belongs": lambda w: w.request(
        w.xml().replace("</xml>", "<Recognition><a>1</a></Recognition></xml>").replace("[text]", "[voice]")
    ),
    "not utf-8": lambda w: (w.request()[0], b"\xff\xfe" + w.xml().encode("utf-16")),
    "empty body": lambda w: (w.request()[0], ""),
    "thousands of tags": lambda w: w.request("<xml>" + "<a/>" * 10_000 + "</xml>"),
    "nested thousands deep": lambda w: w.request("<xml>" + "<a>" * 5_000 + "</a>" * 5_000 + "</xml>"),
    "too large": lambda w: (w.request()[0], "<xml>" + "长" * 30_000 + "</xml>"),
}


def chunked(body):
    async def pieces():
        raw = body if isinstance(body, bytes) else body.encode()
        for start in range(0, len(raw), 1000):
            yield raw[start : start + 1000]

    return pieces()


@pytest.mark.parametrize("name", SEALED_REFUSALS)
async def test_a_sealed_push_is_refused_when(world, name):
    query, body = SEALED_REFUSALS[name](world)
    for sent in (body, chunked(body)):  # with its length announced, and without
        status, answer = await world.post(query, sent)
        assert 400 <= status < 500
        assert "你好" not in answer
    assert world.intake.calls == 0
    assert world.seen() == []


PLAIN_REFUSALS = {
    "not signed": lambda w: ({}, w.xml()),
    "signature wrong": lambda w: (w.request()[0] | {"signature": "f" * 40}, w.xml()),
    "signature given twice": lambda w: ([*w.request()[0].items(), ("signature", "x")], w.xml()),
    "stale": lambda w: w.request(age_s=301),
    "entities": lambda w: w.request(entity(w)),
    "an entity alone": lambda w: w.request('<!ENTITY a "b">' + w.xml()),
    "doctype behind a comment that looks like text": lambda w: w.request(
        "<!-- <![CDATA[ --><!DOCTYPE xml><!-- ]]> -->" + w.xml()
    ),
    "an instruction": lambda w: w.request('<?xml-stylesheet href="http://evil"?>' + w.xml()),
    "json": lambda w: w.request('{"MsgType": "text"}'),
    "sealed although we have no key": lambda w: (w.request()[0] | {"encrypt_type": "aes", "msg_signature": "0" * 40}, w.xml()),
    "too large": lambda w: w.request(w.xml(Content="长" * 30_000)),
}


@pytest.mark.parametrize("name", PLAIN_REFUSALS)
async def test_a_plain_push_is_refused_when(plain, name):
    query, body = PLAIN_REFUSALS[name](plain)
    for sent in (body, chunked(body)):
        status, _ = await plain.post(query, sent)
        assert 400 <= status < 500
    assert plain.intake.calls == 0


async def test_a_customer_may_type_what_would_be_forbidden_as_markup(world):
    typed = '<!DOCTYPE html><!ENTITY x "y"> <?php ?> <![CDATA[ <!-- -->'
    await world.say(typed)
    assert [inbound.text for inbound in world.intake.messages] == [typed]


async def test_plain_pushes_to_an_account_with_a_key_are_taken_only_when_that_is_allowed(make_world):
    strict, lenient = await make_world(), await make_world(accept_plain=True)
    for world, expected in ((strict, 403), (lenient, 200)):
        query = {name: value for name, value in world.request()[0].items() if name in ("signature", "timestamp", "nonce")}
        status, answer = await world.post(query, world.xml())
        assert status == expected
        assert ("<Encrypt>" in answer) is False
    assert (len(strict.intake.messages), len(lenient.intake.messages)) == (0, 1)


async def test_of_a_compatible_push_only_the_sealed_part_counts(world):
    query, body = world.request(world.xml(Content="真的"))
    both = body.replace(
        "<xml>", f"<xml><FromUserName>o-somebody</FromUserName><MsgType>text</MsgType><Content>{'假的'}</Content>", 1
    )
    status, _ = await world.post(query, both)
    assert status == 200
    assert [(inbound.text, inbound.customer) for inbound in world.intake.messages] == [("真的", world.openid)]


async def test_an_unknown_account_is_not_found(world):
    query, body = world.request()
    async with world.session.post(world.callback.replace("main", "other"), params=query, data=body) as response:
        assert response.status == 404
    assert world.intake.calls == 0


async def test_a_replayed_push_changes_nothing(world):
    query, body = world.request()
    for _ in range(3):
        status, _ = await world.post(query, body)
        assert status == 200
    assert len(world.intake.messages) == 1


async def test_a_push_whose_reader_left_is_stored_all_the_same(world):
    world.intake.gate = asyncio.Event()
    query, body = world.request()
    task = asyncio.create_task(world.post(query, body))
    await world.intake.called(1)
    task.cancel()
    world.intake.gate.set()
    await world.channel._turns.finish()
    assert len(world.intake.messages) == 1
