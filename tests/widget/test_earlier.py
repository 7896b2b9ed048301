"""A customer reads what was said in conversations that ended before: their own, all of them, page by page, on every device."""

from dataclasses import replace

import pytest
from making_rows import ticket
from widget.remembering import BYE, ends_at_bye, page_before, pages_before, talked, texts_of
from widget.speaking import agent_says, bot
from widget.test_uploads import picture, upload
from widget.test_window import login

from bot.channels.in_app import earlier
from config.labels import Audience
from store import conversations, erasing, tickets
from store.errors import StoreBusy


@pytest.fixture(params=["socket", "polled"])
def line(request) -> str:
    """Every promise holds on both kinds of line."""
    return request.param


@pytest.fixture(autouse=True)
def _conversations_end(intake) -> None:
    ends_at_bye(intake)


async def test_conversations_before_the_present_one_come_in_reading_order_each_by_itself(people, clock):
    async with people.window(token=login()) as window:
        first = await talked(window, clock, "卡被吞了")
        second = await talked(window, clock, "想提建议", "夜间模式")
        await window.say("你好", "now")
        present = (await window.until("ack"))["conversation"]
        page = await page_before(window, present)
    assert [stretch["conversation"] for stretch in page["stretches"]] == [first, second]
    assert texts_of(page) == [
        ["卡被吞了", "收到：卡被吞了", BYE],
        ["想提建议", "收到：想提建议", "夜间模式", "收到：夜间模式", BYE],
    ]
    assert page["next"] is None


async def test_welcome_says_whether_there_is_anything_before_what_is_shown(people, clock):
    async with people.window(token=login()) as window:
        assert window.seen[0]["earlier"] is False
        await talked(window, clock, "卡被吞了")
    async with people.window(token=login()) as again:
        assert again.seen[0]["earlier"] is False  # the only one is the one that is shown
        await talked(again, clock, "想提建议")
    async with people.window(token=login()) as later:
        assert later.seen[0]["earlier"] is True
    async with people.window(token=login("c-2")) as other:
        assert other.seen[0]["earlier"] is False


async def test_signed_customer_reads_on_another_device_what_was_said_on_the_first(people, clock):
    async with people.window(token=login()) as phone:
        await talked(phone, clock, "卡被吞了")
        await talked(phone, clock, "想提建议")
    async with people.window("polled", token=login(name="李女士")) as tablet:
        state = await tablet.until("state")
        page = await page_before(tablet, state["conversation"])
    assert texts_of(page) == [["卡被吞了", "收到：卡被吞了", BYE]]


async def test_visitor_who_returns_reads_their_own_past_and_a_new_visitor_has_none(people, clock):
    async with people.window() as window:
        visitor = window.seen[0]["visitor"]
        await talked(window, clock, "卡被吞了")
        newest = await talked(window, clock, "想提建议")
    async with people.window(visitor=visitor) as again:
        assert texts_of(await page_before(again, newest)) == [["卡被吞了", "收到：卡被吞了", BYE]]
    async with people.window() as stranger:
        assert (await page_before(stranger, newest))["stretches"] == []


async def test_a_long_past_comes_in_pages_that_leave_out_nothing_and_repeat_nothing(people, clock, intake):
    async with people.window(token=login()) as window:
        long = [f"第{n}句" for n in range(earlier.PAGE)]
        await talked(window, clock, *long)
        for n in range(3):
            await talked(window, clock, f"短{n}")
        await window.say("你好", "now")
        pages = await pages_before(window, (await window.until("ack", client_id="now"))["conversation"])
    assert all(sum(map(len, texts_of(page))) <= earlier.PAGE for page in pages)
    assert len(pages) == 3
    said = [text for page in reversed(pages) for texts in texts_of(page) for text in texts]
    expected = [line for text in long for line in (text, f"收到：{text}")] + [BYE]
    assert said == expected + [line for n in range(3) for line in (f"短{n}", f"收到：短{n}", BYE)]


async def test_long_messages_make_short_pages(people, clock, intake):
    intake.answers = lambda text: [] if text == BYE else [bot("长" * (earlier.PAGE_CHARS // 3))] * 7
    async with people.window(token=login()) as window:
        await talked(window, clock, "说说看")
        await window.say("你好", "now")
        pages = await pages_before(window, (await window.until("ack", client_id="now"))["conversation"])
    sizes = [sum(len(text) for texts in texts_of(page) for text in texts) for page in pages]
    assert all(0 < size <= earlier.PAGE_CHARS for size in sizes)
    assert sum(map(len, (texts for page in pages for texts in texts_of(page)))) == 9


async def test_tickets_stand_with_the_conversation_in_which_they_were_filed(people, clock, store):
    async with people.window(token=login()) as window:
        filed_in = await talked(window, clock, "我要投诉")
        await talked(window, clock, "随便问问")
        for no in ("FB1", "FB2"):
            draft = replace(ticket(no), conversation_id=filed_in)
            assert await store.write(lambda tx, draft=draft: tickets.file(tx, draft, clock.now()))
        await window.say("你好", "now")
        page = await page_before(window, (await window.until("ack", client_id="now"))["conversation"])
    assert [stretch["tickets"] for stretch in page["stretches"]] == [["FB1", "FB2"], []]


async def test_notes_of_the_desk_do_not_come_along_and_a_conversation_of_notes_alone_is_passed_over(people, clock, store):
    async with people.window(token=login()) as window:
        first = await talked(window, clock, "卡被吞了")
        await agent_says(store, clock, first, "客户情绪激动，先安抚", Audience.DESK)
        await agent_says(store, clock, first, "已经处理好了")
        await window.say("你好", "now")
        page = await page_before(window, (await window.until("ack", client_id="now"))["conversation"])
    assert texts_of(page) == [["卡被吞了", "收到：卡被吞了", BYE, "已经处理好了"]]
    assert "先安抚" not in str(window.seen)


async def test_what_could_be_tapped_then_cannot_be_tapped_again(people, clock, intake):
    intake.answers = lambda _text: [bot("请打个分", buttons=[{"title": "5分", "payload": "/rate_5"}])]
    async with people.window(token=login()) as window:
        await talked(window, clock, "满意")
        await window.say("你好", "now")
        page = await page_before(window, (await window.until("ack", client_id="now"))["conversation"])
    assert [message["buttons"] for message in page["stretches"][0]["messages"]] == [[], [], [], []]


async def test_pictures_of_then_open_with_their_customers_credential_alone(people, clock):
    async with people.window("polled", token=login()) as window:
        token = (await (await upload(people, login(), picture())).json())["upload"]
        await window.say("看图", "p", uploads=[token])
        await window.until("ack", client_id="p")
        await talked(window, clock)
        await window.say("你好", "now")
        page = await page_before(window, (await window.until("ack", client_id="now"))["conversation"])
    (file,) = page["stretches"][0]["messages"][0]["attachments"]
    for credential, status in ((login(), 200), (login("c-2"), 404), ("", 401)):
        response = await people.http.get(file["url"], headers={"Authorization": f"Bearer {credential}"})
        assert response.status == status


async def test_what_was_forgotten_is_not_offered(people, clock, store):
    async with people.window(token=login()) as window:
        await talked(window, clock, "早就过去的事")
        before = clock.now()
        await talked(window, clock, "想提建议")
        now = clock.now()
        assert (await store.write(lambda tx: erasing.forget_conversations(tx, before, now, 10)))[0] == 1
        await window.say("你好", "now")
        page = await page_before(window, (await window.until("ack", client_id="now"))["conversation"])
    assert texts_of(page) == [["想提建议", "收到：想提建议", BYE]]
    async with people.window(token=login()) as again:
        assert again.seen[0]["earlier"] is True


async def test_a_past_that_cannot_be_read_just_now_is_said_and_the_chat_goes_on(people, clock, store, monkeypatch):
    async with people.window(token=login()) as window:
        newest = await talked(window, clock, "卡被吞了")

        async def busy(_fn):
            raise StoreBusy

        with monkeypatch.context() as broken:
            broken.setattr(store, "read", busy)
            await window.send(type="earlier", conversation=newest, before=1)
            refusal = await window.until("error")
        assert (refusal["code"], refusal["client_id"]) == ("earlier", None)
        assert "请稍后再试" in refusal["text"]
        await window.say("还在吗", "m")
        assert (await window.until("ack", client_id="m"))["status"] == "answered"


async def test_opening_and_turns_ask_the_database_nothing_about_the_past(people, clock, store, monkeypatch):
    from store import looking_back

    def asked(*_):
        raise AssertionError("asked")

    async with people.window(token=login()) as window:
        await talked(window, clock, "卡被吞了")
    for name in ("conversations_before", "messages_before", "tickets_filed_in"):
        monkeypatch.setattr(looking_back, name, asked)
    async with people.window(token=login()) as again:
        await again.say("你好", "m")
        await again.until("message", text="收到：你好")


async def test_stored_messages_are_what_is_shown_and_nothing_is_changed_by_looking(people, clock, store):
    async with people.window(token=login()) as window:
        first = await talked(window, clock, "卡被吞了")
        await window.say("你好", "now")
        present = (await window.until("ack", client_id="now"))["conversation"]
        before = await store.read(lambda tx: (conversations.get(tx, first), conversations.get(tx, present)))
        assert await page_before(window, present) == await page_before(window, present)
        assert await store.read(lambda tx: (conversations.get(tx, first), conversations.get(tx, present))) == before
