"""Every state in which a customer may find the hosted form, without a barrier: every size, light and dark, usual and large letters."""

import pytest
from browser.looks import barriers
from browser.test_journey import picture
from playwright.async_api import expect

LONG_NAME = "中国某某银行股份有限公司北京市朝阳区建国门外大街支行营业部二层贵宾理财中心"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_no_step_of_the_form_has_a_barrier(phone, running_app, language):
    page = await phone.page(f"{running_app.url}/feedback/?locale={language}&branch={LONG_NAME}")
    main = page.locator("button.main")
    await expect(page.get_by_text(LONG_NAME)).to_be_visible()
    assert await barriers(page) == [], "empty"
    await main.click()
    await expect(page.locator("fieldset .bad").first).not_to_be_empty()
    assert await barriers(page) == [], "a kind is missing"
    await page.locator(".options label").first.click()
    await main.click()
    await expect(page.locator(".field .bad").first).not_to_be_empty()
    assert await barriers(page) == [], "words are missing"
    await page.locator("#content").fill("柜员态度差，让我等了两个小时。" * 12 + "https://bank.example/" + "x" * 90)
    await page.locator("#phone").fill("123")
    files = page.locator("input[type=file]")
    await files.set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff" * 300})
    await expect(page.locator(".files .bad")).to_be_visible()
    await files.set_input_files(picture())
    await expect(page.locator(".files").get_by_text("receipt.png")).to_be_visible()
    await files.set_input_files({"name": "x.txt", "mimeType": "text/plain", "buffer": b"x"})
    await main.click()
    await expect(page.locator("#phone")).to_be_focused()
    assert await barriers(page) == [], "files, one of them refused, and a wrong number"
    await page.locator("#phone").fill("13812345678")
    await page.locator("#name").fill("张三")
    await main.click()
    await expect(page.locator("section h2")).to_be_focused()
    assert await barriers(page) == [], "read back"
    await page.context.set_offline(True)
    await main.click()
    await expect(page.locator("section > .bad")).not_to_be_empty()
    assert await barriers(page) == [], "no network"
    await page.context.set_offline(False)
    await main.click()
    await expect(page.locator(".number b")).to_be_visible()
    assert await barriers(page) == [], "done"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_form_that_cannot_be_opened_has_no_barrier(phone, running_app, language):
    page = await phone.page("about:blank")
    await page.route("**/api/v1/feedback/form", lambda route: route.abort())
    await page.goto(f"{running_app.url}/feedback/?locale={language}")
    await expect(page.locator("button.main")).to_be_visible()
    assert await barriers(page) == []
