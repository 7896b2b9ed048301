"""The platform's pushes: sealed for each family, five seconds' patience, three deliveries, and none after an answer."""

import asyncio
import json

import pytest
from wechat.platforms import serving_platform

from bot.channels.wechat.fake import AlreadyAnswered, Misstep, seal, sign, unseal

TEXT = {"MsgType": "text", "Content": "你好 ]]> 再见", "MsgId": 7}


@pytest.fixture
async def served(clock):
    async with serving_platform(clock) as served:
        yield served


def reply(served, account: str, text: str):
    """An answer as a service gives it, sealed or not as the account is."""
    known = served.platform.accounts[account]

    def answer(request, _body):
        from bot.channels.wechat.passive import reply_xml

        xml = reply_xml(text, customer=request.query["openid"], us=known.original_id, created_s=1)
        if known.aes_key is None:
            return xml
        sealed, timestamp, nonce = seal(known, xml), request.query["timestamp"], request.query["nonce"]
        signature = sign(known.token, timestamp, nonce, sealed)
        return (
            f"<xml><Encrypt>{sealed}</Encrypt><MsgSignature>{signature}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{nonce}</Nonce></xml>"
        )

    return answer


@pytest.mark.parametrize("account", ["main", "plain"])
async def test_the_customer_sees_what_was_answered(served, account):
    served.callback.answer = reply(served, account, "收到")
    push = await served.platform.deliver(account, "o1", TEXT)
    assert (push.answered, push.deliveries) == (True, 1)
    assert [(seen.via, seen.text) for seen in served.platform.seen["o1"]] == [("passive", "收到")]


async def test_each_family_is_pushed_in_its_own_envelope(served):
    await served.platform.push("main", "o1", TEXT)
    await served.platform.push("mini", "o1", TEXT)
    await served.platform.kf.desks["wk1"].message("u1", "text", content="你好")
    (official, xml), (mini, envelope), (company, callback) = served.callback.got
    assert {"signature", "msg_signature", "encrypt_type", "openid"} < official.keys()
    assert "你好" in unseal(served.platform.accounts["main"], xml.split("CDATA[")[2].split("]]")[0])
    inside = json.loads(unseal(served.platform.accounts["mini"], json.loads(envelope)["Encrypt"]))
    assert (inside["Content"], inside["MsgId"]) == (TEXT["Content"], 7)
    assert {"signature", "openid"} < mini.keys()
    assert company.keys() == {"msg_signature", "timestamp", "nonce"}
    inside = unseal(served.platform.accounts["corp"], callback.split("CDATA[")[2].split("]]")[0])
    assert "kf_msg_or_event" in inside
    assert "你好" not in inside


async def test_a_compatible_account_pushes_plain_and_sealed_together(served):
    from dataclasses import replace

    served.platform.accounts["main"] = replace(served.platform.accounts["main"], compatible=True)
    await served.platform.push("main", "o1", TEXT)
    ((_, body),) = served.callback.got
    assert "<Content>" in body
    assert "<Encrypt>" in body


async def test_an_answer_that_takes_five_seconds_is_waited_for_no_longer_and_the_push_comes_again(served):
    served.callback.gate = asyncio.Event()
    served.callback.answer = reply(served, "main", "收到")
    task = asyncio.ensure_future(served.platform.deliver("main", "o1", TEXT))
    for count in (1, 2):
        await served.callback.arrivals(count)
        await served.timer.sleeping()
        served.timer.advance(4.9)
        assert len(served.callback.got) == count
        served.timer.advance(0.1)
    await served.callback.arrivals(3)
    served.callback.gate.set()
    push = await task
    assert (push.answered, push.deliveries) == (True, 3)
    assert [seen.text for seen in served.platform.seen["o1"]] == ["收到"]
    assert len({body for _, body in served.callback.got}) == 3  # sealed anew each time


async def test_after_three_deliveries_the_customer_sees_that_the_service_is_away(served):
    served.callback.status = 500
    push = await served.platform.deliver("main", "o1", TEXT)
    assert (push.answered, push.deliveries) == (False, 3)
    assert [(seen.via, seen.type) for seen in served.platform.seen["o1"]] == [("fault", "unavailable")]


async def test_redeliveries_overlap_when_the_first_one_stays_open(served):
    served.callback.gate = asyncio.Event()
    task = asyncio.ensure_future(served.platform.deliver("main", "o1", TEXT, overlapping=True))
    await served.callback.arrivals(1)
    await served.timer.sleeping()
    served.timer.advance(5)
    await served.callback.arrivals(2)
    served.callback.gate.set()
    push = await task
    assert (push.answered, push.deliveries) == (True, 2)


async def test_an_answer_that_got_lost_brings_the_push_again(served):
    served.platform.misstep("callback/main", Misstep(lost="after"), Misstep(lost="before"))
    push = await served.platform.deliver("main", "o1", TEXT)
    assert (push.answered, push.deliveries, len(served.callback.got)) == (True, 3, 2)


@pytest.mark.parametrize(("overlapping", "arrived"), [(False, 2), (True, 2)])
async def test_an_answer_that_takes_too_long_on_its_way_brings_the_push_again(served, overlapping, arrived):
    served.platform.misstep("callback/main", Misstep(wait_s=6))
    served.callback.answer = reply(served, "main", "收到")
    task = asyncio.ensure_future(served.platform.deliver("main", "o1", TEXT, overlapping=overlapping))
    await served.timer.sleeping(2)  # the platform's patience, and the answer on its way
    served.timer.advance(5)
    push = await task
    assert (push.answered, push.deliveries, len(served.callback.got)) == (True, 2, arrived)
    assert [seen.text for seen in served.platform.seen["o1"]] == ["收到"]


async def test_what_was_answered_is_not_delivered_again(served):
    push = await served.platform.deliver("main", "o1", TEXT)
    with pytest.raises(AlreadyAnswered):
        await served.platform.deliveries.deliver(served.platform.accounts["main"], push)
    assert len(served.callback.got) == 1
    await served.platform.deliveries.copy(served.platform.accounts["main"], push)  # unless somebody wants just that
    assert len(served.callback.got) == 2


async def test_an_account_that_does_not_answer_gets_nothing_for_a_minute(clock):
    async with serving_platform(clock, pause_after=2) as served:
        served.callback.status = 500
        for _ in range(3):
            await served.platform.deliver("main", "o1", TEXT)
        assert len(served.callback.got) == 6
        clock.advance(60)
        await served.platform.deliver("main", "o1", TEXT)
        assert len(served.callback.got) == 9


async def test_a_fault_is_shown_for_an_answer_that_wechat_would_not_understand(served):
    for answer in ("ok", "<xml>", reply(served, "plain", "没有加密")):
        served.callback.answer = answer if callable(answer) else lambda _request, _body, text=answer: text
        await served.platform.deliver("main", "o1", TEXT)
    assert [seen.type for seen in served.platform.seen["o1"]] == ["fault"] * 3


async def test_the_console_checks_an_address_with_an_echo_that_a_company_gets_sealed(served):
    def answer(request, _body):
        known = served.platform.accounts[request.match_info["account"]]
        echo = request.query["echostr"]
        return unseal(known, echo) if known.family == "kf" else echo

    served.callback.answer = answer
    assert [await served.platform.deliveries.verify(served.platform.accounts[name]) for name in ("main", "mini", "corp")] == [
        True
    ] * 3
    served.callback.answer = lambda request, _body: request.query["echostr"]
    assert not await served.platform.deliveries.verify(served.platform.accounts["corp"])


async def test_wechats_own_desk_keeps_a_conversation_until_it_is_closed_or_half_an_hour_is_over(served):
    known = served.platform.accounts["plain"]

    def transfer(request, _body):
        return (
            f"<xml><ToUserName>{request.query['openid']}</ToUserName><FromUserName>{known.original_id}</FromUserName>"
            "<CreateTime>1</CreateTime><MsgType>transfer_customer_service</MsgType></xml>"
        )

    served.callback.answer = transfer
    await served.platform.push("plain", "o1", TEXT)
    served.callback.answer = lambda _request, _body: "success"
    await served.platform.settled()
    assert "kf_create_session" in served.callback.got[-1][1]
    before = len(served.callback.got)
    await served.platform.push("plain", "o1", TEXT)
    assert len(served.callback.got) == before
    await served.platform.close_session("plain", "o1")
    await served.platform.push("plain", "o1", TEXT)
    assert len(served.callback.got) == before + 2
