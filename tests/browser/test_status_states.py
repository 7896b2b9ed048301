"""Every state in which a customer may find the page of their ticket, without a barrier: every size, light and dark, all letters."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from browser.conftest import LOOP
from browser.looks import barriers
from browser.test_status_page import moved
from playwright.async_api import Page, expect

from config.labels import FeedbackChannel, Priority, TicketKind, TicketState
from store import tickets
from store.ticket_number import format_number
from store.tickets import TicketDraft

WORDS = "我叫李秀英，昨天下午在朝阳支行，柜员王丽丽把我的卡[卡号·尾号0128]吞了，让我等了两个小时也没有人来管。"
PLACE = "某某银行股份有限公司北京市朝阳区建国门外大街支行营业部"


@dataclass(frozen=True, slots=True)
class Filed:
    """A filed ticket of a service that runs, and its page."""

    app: object
    no: str
    page: Page

    async def move(self, *moves: tuple[TicketState, str]) -> None:
        await moved(self.app.service, *moves)
        await self.page.reload()
        await expect(self.page.locator("header strong")).to_be_visible()


@pytest_asyncio.fixture(loop_scope=LOOP, params=["zh-CN", "en"])
async def filed(request, phone, running_app) -> AsyncIterator[Filed]:
    """A complaint with all that the page can show of one."""
    service = running_app.service
    now = service.clock.now()
    no = format_number(now.date(), 7)
    draft = TicketDraft(
        no=no,
        kind=TicketKind.COMPLAINT,
        priority=Priority.NORMAL,
        channel=FeedbackChannel.IN_APP,
        product="wealth_fund",
        nature="attitude",
        department="branch_mgmt",
        content=WORDS,
        record={"occurred_at": now.isoformat(), "occurred_place": PLACE, "amount_yuan": 12345.67},
        received_at=now,
        due_at=now,
        contact_phone="13812345678",
        customer_name="李秀英",
    )
    await service.store.write(lambda tx: tickets.file(tx, draft, now))
    token = tickets.link_token(service.store.crypto, no)
    page = await phone.page(f"{running_app.url}/s/{token}?locale={request.param}")
    await expect(page.locator("header strong")).to_be_visible()
    yield Filed(running_app, no, page)


async def test_no_state_before_the_answer_has_a_barrier(filed):
    page = filed.page
    assert await barriers(page) == [], "pending"
    await page.locator("#words").fill(f"还有录音 {'x' * 90}")
    await page.context.set_offline(True)
    await page.locator("form .main").click()
    await expect(page.locator("form .bad")).not_to_be_empty()
    assert await barriers(page) == [], "the addition did not arrive"
    await page.context.set_offline(False)
    await page.locator("form .main").click()
    await expect(page.locator("form .good")).not_to_be_empty()
    assert await barriers(page) == [], "an addition"
    await filed.move((TicketState.IN_PROGRESS, "dispatcher"), (TicketState.AWAITING_CUSTOMER, "owner"))
    assert await barriers(page) == [], "something is asked of the customer"
    await page.locator("main > .quiet").click()
    assert await barriers(page) == [], "whether to withdraw"
    await page.locator(".danger").click()
    await expect(page.locator("header.withdrawn")).to_be_visible()
    assert await barriers(page) == [], "withdrawn"


async def test_no_state_after_the_answer_has_a_barrier(filed):
    await filed.move((TicketState.IN_PROGRESS, "dispatcher"), (TicketState.REPLIED, "owner"))
    page = filed.page
    assert await barriers(page) == [], "was it solved"
    await page.locator(".verdict .quiet").click()
    await page.locator("#why").fill("还没有人向我道歉")
    assert await barriers(page) == [], "what was not"
    await page.locator(".verdict form .quiet").click()
    await page.locator(".verdict .main").click()
    await expect(page.locator("header.resolved")).to_be_visible()
    await page.get_by_role("radio").nth(3).check()
    assert await barriers(page) == [], "resolved, and being rated"
    await page.locator(".rating .main").click()
    await expect(page.locator("p.good")).to_be_visible()
    assert await barriers(page) == [], "rated"


@pytest.mark.parametrize("to", [TicketState.NOT_ACCEPTED, TicketState.MERGED])
async def test_what_ended_without_an_answer_has_no_barrier(filed, to):
    await filed.move((to, "supervisor"))
    assert await barriers(filed.page) == []


async def test_a_link_that_leads_nowhere_and_a_network_that_fails_have_no_barrier(filed):
    page, address = filed.page, filed.page.url
    await page.goto(address.replace(address.split("/s/")[1][:32], "0" * 32))
    await expect(page.locator(".alone [role=status]")).to_contain_text("链接" if "zh" in address else "link")
    assert await barriers(page) == [], "no such link"
    await page.route("**/api/v1/status/*", lambda route: route.abort())
    await page.goto(address)
    await expect(page.locator(".alone button")).to_be_visible()
    assert await barriers(page) == [], "no network"
