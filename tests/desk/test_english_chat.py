"""A customer whose window speaks English, over real sockets: every word of ours is English, and the desk's record stays as it is."""

import re
from contextlib import asynccontextmanager
from itertools import count

import pytest
from aiohttp import ClientSession
from desk.at_the_desk import BASE, Bank
from widget.speaking import Window

from bot.notices import TicketNotices
from config.catalogue import Catalogue
from config.labels import Audience, Holder, Role, Speaker, TicketState
from store import conversations, tickets
from store.bell import Bell

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")
SENT = map("m{}".format, count())  # a page never says the same id twice
NUMBER = re.compile(r"FB\d{14}[0-9A-Z]")


class English:
    """A customer at an English window."""

    def __init__(self, bank: Bank, window: Window) -> None:
        self.bank, self.window = bank, window

    async def say(self, text: str, payload: str | None = None) -> str:
        """Everything that is said in answer, as one text."""
        client_id = next(SENT)
        await self.window.say(text, client_id, **({"payload": payload} if payload else {}))
        ack = await self.window.until("ack", client_id=client_id)
        store = self.bank.service.store
        stored = await store.read(lambda tx: conversations.messages(tx, ack["conversation"], audience=Audience.ALL))
        await self.window.until("message", conversation=ack["conversation"], seq=stored[-1].seq)
        here = [item for item in self.window.messages if item["conversation"] == ack["conversation"]]
        return "\n".join(item["text"] for item in here if item["seq"] > ack["seq"])

    @property
    def conversation(self) -> str:
        return self.window.messages[-1]["conversation"]

    def chinese(self, *allowed: str) -> list[str]:
        """Chinese in what the service said: its sentences, buttons and cards, without what the bank itself named so."""
        ours = str([(m["text"], m["buttons"], m["custom"]) for m in self.window.messages if m["speaker"] in ("bot", "system")])
        for name in allowed:
            ours = ours.replace(name, "")
        return CHINESE.findall(ours)


@asynccontextmanager
async def at_a_window(bank: Bank, **hello):
    async with ClientSession() as http, http.ws_connect(f"{bank.url}/widget/socket") as socket:
        window = Window(socket)
        await window.send(type="hello", **{"locale": "en", **hello})
        await window.until("welcome")
        yield English(bank, window)


async def test_a_complaint_by_button_is_corrected_filed_handed_over_and_rated_in_english(bank: Bank, clock):
    desk = await bank.agent("a1")
    async with at_a_window(bank) as customer:
        said = await customer.say("hello")
        assert "feedback assistant" in said
        assert "how can I help?" in said
        assert "tell me what happened" in await customer.say("Report a problem", "/complaint")
        said = await customer.say("Ur machine on Nanjing Road gave me 300 yuan instead of 500, its a joke")
        assert said.endswith('"yesterday at 3 pm".')
        await customer.say("yesterday afternoon")
        await customer.say("give me my 200 yuan back")
        read_back = await customer.say("no thanks")
        for line in ("Kind: Complaint", "Concerning: cash machine", "Where: nanjing road", "Amount: CNY 300.00"):
            assert line.lower() in read_back.lower()
        corrected = await customer.say("no the amount was 200 yuan, not 300")
        assert "Amount: CNY 200.00" in corrected
        assert "300.00" not in corrected
        filed = await customer.say("Confirm and send", "/affirm")
        number = NUMBER.search(filed).group()
        card = customer.window.messages[-1]["custom"]["tickets"][0]
        assert (card["no"], card["status"]) == (number, "Pending")
        ticket = await bank.service.store.read(lambda tx: tickets.get(tx, number))
        assert (ticket.kind, ticket.product) == ("complaint", "atm_selfservice")
        assert ticket.record["amount_yuan"] == 200
        assert "its a joke" in ticket.content

        assert "registered on" in await customer.say("ticket status")
        assert "putting you through to a person" in await customer.say("i want to talk to a real person")
        assert "They will see it" in await customer.say("are you there")
        assert (await desk.post(f"/conversations/{customer.conversation}/claim"))[0] == 200
        await customer.window.until("message", text="坐席a1 from our team has joined to help you.")
        assert (await desk.post(f"/conversations/{customer.conversation}/requeue", {"reason": "x"}))[0] == 200
        await customer.window.until("message", text=Catalogue().speaking("en").text("desk.requeued"))
        assert (await desk.post(f"/conversations/{customer.conversation}/claim"))[0] == 200
        assert (await desk.post(f"/conversations/{customer.conversation}/end"))[0] == 200
        await customer.window.until("state", holder="ended")
        asked = next(item for item in reversed(customer.window.messages) if item["buttons"])
        assert asked["text"].startswith("This conversation with our team has ended.")
        assert [button["title"] for button in asked["buttons"]][4] == "5: very good"
        assert "sorry that we did not do better" in await customer.say("2: poor", "/rate_2")
        assert "We have written it down" in await customer.say("i had to wait so long")
        assert customer.chinese("坐席a1") == []


async def test_what_was_not_understood_is_recorded_as_it_was_said_under_the_kind_that_is_chosen(bank: Bank):
    async with at_a_window(bank) as customer:
        said = await customer.say("me card go not thru tesco since 20 november")
        assert "I know only a little English" in said
        await customer.say("Report a problem", "/complaint")
        await customer.say("Nothing in particular", "/skip")
        read_back = await customer.say("skip")
        assert "Details: me card go not thru tesco since 20 november" in read_back
        number = NUMBER.search(await customer.say("looks good")).group()
        ticket = await bank.service.store.read(lambda tx: tickets.get(tx, number))
        assert ticket.content == "me card go not thru tesco since 20 november"
        assert customer.chinese() == []


@pytest.mark.parametrize(
    "alarm",
    [
        "HELP my card was stolen",
        "someone took 5000 yuan from my account i didnt do this",
        "I got scammed, I sent them 20k rmb",
        "the ATM swallowed my card",
        "i see an unauthorised payment on my card",
    ],
)
async def test_an_alarm_gets_advice_at_once_and_is_marked_urgent(bank: Bank, alarm):
    async with at_a_window(bank) as customer:
        said = await customer.say(alarm)
        assert re.search(r"Please protect your money first|please stay at the machine", said)
        found = await bank.service.store.read(lambda tx: conversations.get(tx, customer.conversation))
        assert found.state["draft"]["urgent"] is True
        assert customer.chinese() == []


async def test_language_changes_in_the_middle_and_back_for_what_comes_next(bank: Bank):
    desk = await bank.agent("a1")
    async with at_a_window(bank, locale="zh-CN") as customer:
        assert "您好" in await customer.say("你好")
        await customer.window.send(type="locale", locale="en")
        assert "tell me what happened" in await customer.say("I want to make a complaint")
        await customer.window.send(type="locale", locale="zh-CN")
        assert "正在为您转接" in await customer.say("转人工")
        # Nothing is said after this one, yet who joins speaks to them in it.
        await customer.window.send(type="locale", locale="en")
        await customer.window.send(type="ping")
        await customer.window.until("pong")
        assert (await desk.post(f"/conversations/{customer.conversation}/claim"))[0] == 200
        await customer.window.until("message", text="坐席a1 from our team has joined to help you.")


async def test_a_page_that_comes_back_in_english_is_told_in_english_that_nobody_is_there(bank: Bank, clock):
    desk = await bank.agent("a1")
    async with at_a_window(bank, locale="zh-CN") as customer:
        visitor = customer.window.seen[0]["visitor"]
        await customer.say("转人工")
    async with desk.session.delete(f"{bank.url}{BASE}/session"):
        pass
    async with at_a_window(bank, visitor=visitor) as customer:
        clock.advance(61)
        assert await bank.service.desk.unattended.tell() == 1
        told = await customer.window.until(
            "message", type="notice", text=Catalogue().speaking("en").text("desk.unattended.nobody")
        )
        assert "leave a message" in told["text"]
        assert "write your message" in await customer.say("leave a message")
        assert NUMBER.search(await customer.say("My pension has not arrived and nobody tells me why"))


async def test_who_waits_leaves_the_queue_with_english_words(bank: Bank):
    await bank.agent("a1")
    async with at_a_window(bank) as customer:
        await customer.say("agent please")
        assert "You have left the queue" in await customer.say("Leave the queue")
        found = await bank.service.store.read(lambda tx: conversations.get(tx, customer.conversation))
        assert found.holder is Holder.BOT


async def test_news_of_a_ticket_comes_in_the_language_of_the_conversation(bank: Bank, clock):
    store = bank.service.store
    supervisor = await bank.staff("s1", Role.SUPERVISOR)
    async with at_a_window(bank) as customer, at_a_window(bank, locale="zh-CN") as other:
        numbers = {}
        for who, lines in (
            (customer, ("I have a suggestion", "please let us sign in with a passport number", "confirm")),
            (other, ("我有个建议", "建议手机银行支持护照号登录", "确认")),
        ):
            for line in lines:
                said = await who.say(line)
            numbers[who] = NUMBER.search(said).group()
        for number in numbers.values():
            moved = await store.write(
                lambda tx, no=number: tickets.move(
                    tx,
                    no,
                    TicketState.IN_PROGRESS,
                    expected_version=tickets.get(tx, no).version,
                    actor=supervisor.id,
                    role="supervisor",
                    now=clock.now(),
                    detail={},
                )
            )
            assert not isinstance(moved, str), moved
        assert await TicketNotices(store, Bell(), clock, Catalogue()).tell_due() == 2
        for who, words in ((customer, "We have begun to work on your ticket"), (other, "已经开始处理")):
            stored = await store.read(lambda tx, who=who: conversations.messages(tx, who.conversation))
            assert stored[-1].speaker is Speaker.SYSTEM
            assert words in stored[-1].text


async def test_other_channels_stay_chinese_whatever_is_written_there(bank: Bank):
    said = await bank.say("u1", "I want to make a complaint")
    assert all(CHINESE.search(item["text"]) for item in said)


async def test_a_locale_that_is_none_means_chinese(bank: Bank):
    for locale in (None, 7, "fr", "english please", "zh-TW", ["en"]):
        async with at_a_window(bank, locale=locale) as customer:
            assert "您好" in await customer.say("你好"), locale
