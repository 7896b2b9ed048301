"""Agents at work in a real browser, with their customers: what is written arrives once, where it should, and nothing is lost."""

from browser.at_work import canned, composer, hire, keep_picture, picture, sign_in, take, waits, write
from browser.conftest import DESK
from playwright.async_api import expect

from config.labels import Role

DROP = """(field) => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="), (c) => c.charCodeAt(0));
  data.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  field.closest("footer").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


async def test_replies_notes_canned_words_and_files_go_where_they_should(phone, desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    chat = await phone.page(f"{running_app.url}/widget/")
    field = chat.get_by_role("textbox", name="请输入您的问题")
    for words in ("柜员态度太差了，让我等了两个小时", "转人工"):
        await field.fill(words)
        await chat.get_by_role("button", name="发送", exact=True).click()
        await expect(chat.locator("li.customer .bubble").last).to_contain_text(words)
    await take(staff)
    await composer(staff).press_sequentially("/您好")
    await expect(canned(staff).first).to_contain_text("/您好")
    await keep_picture(staff, "canned")
    await composer(staff).press("Enter")
    await expect(composer(staff)).to_have_value("尊敬的客户，您好，我是小王，您说的情况我都看到了，不用再重复一遍。")
    await composer(staff).press("Enter")
    await expect(chat.locator("li.agent .bubble")).to_contain_text("我是小王")
    await expect(composer(staff)).to_have_value("")

    await staff.get_by_role("button", name="内部备注").click()
    await composer(staff, "内部备注").fill("客户情绪不好，先安抚")
    await keep_picture(staff, "note")
    await composer(staff, "内部备注").press("Enter")
    await expect(staff.locator("li.note .bubble")).to_contain_text("先安抚")
    await staff.get_by_role("button", name="回复客户").click()

    await staff.locator("input[type=file]").set_input_files(picture())
    await expect(staff.locator("li.agent .picture")).to_have_count(1)
    await composer(staff).evaluate(DROP)
    await expect(staff.locator("li.agent .picture")).to_have_count(3)
    await expect(chat.locator("li.agent .picture > img")).to_have_count(3)
    await staff.locator("li.agent .picture").first.click()
    await expect(staff.get_by_role("dialog", name="receipt.png").locator("img")).to_be_visible()
    await staff.keyboard.press("Escape")
    await expect(staff.get_by_role("dialog")).to_have_count(0)
    assert "先安抚" not in await chat.locator("body").inner_text()

    await field.press_sequentially("还有")
    await expect(staff.get_by_text("客户正在输入")).to_be_visible()
    await composer(staff).press_sequentially("您好")
    await expect(chat.get_by_role("img", name="正在输入")).to_be_visible()


async def test_a_canned_reply_with_a_gap_is_not_sent_before_it_is_filled(desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    await waits(running_app)
    await take(staff)
    await composer(staff).press_sequentially("/工单")
    await expect(canned(staff)).to_have_count(1)
    await composer(staff).press("Enter")
    await composer(staff).press("Enter")
    await expect(staff.get_by_role("alert")).to_contain_text("{工单编号}")
    assert await composer(staff).evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)") == "{工单编号}"
    await expect(staff.locator("li.agent .bubble")).to_have_count(0)


async def test_a_conversation_passes_from_one_agent_to_another_with_its_reason(contexts, desk, running_app):
    await hire(running_app)
    await hire(running_app, "xiaoli", "小李")
    first = await sign_in(desk, running_app)
    second = await sign_in(await contexts(**DESK), running_app, "xiaoli")
    await waits(running_app)
    await take(first)
    await first.get_by_role("button", name="转接").click()
    dialog = first.get_by_role("dialog", name="转接")
    await dialog.get_by_role("radio", name="小李").check()
    await dialog.get_by_label("转接原因").fill("小李更熟悉这个网点")
    await keep_picture(first, "transfer")
    await dialog.get_by_role("button", name="转接").click()
    row = second.locator(".list .row").filter(has_text="等您接入")
    await expect(row).to_be_visible()
    await row.click()
    await expect(second.get_by_role("log").get_by_text("小李更熟悉这个网点")).to_be_visible()
    await second.get_by_role("button", name="接入", exact=True).click()
    await expect(composer(second)).to_be_visible()
    await expect(first.locator(".foot")).to_contain_text("小李 正在接待")


async def test_a_supervisor_sees_who_waits_and_works_and_takes_over(contexts, desk, running_app):
    await hire(running_app)
    await hire(running_app, "zhuguan", "陈主管", Role.SUPERVISOR)
    agent = await sign_in(desk, running_app)
    boss = await sign_in(await contexts(**DESK), running_app, "zhuguan")
    await waits(running_app)
    await take(agent)
    await waits(running_app, "visitor-2", "手机银行闪退")
    await boss.get_by_role("link", name="主管").click()
    await expect(boss.locator(".figures div").filter(has_text="正在排队").locator("dd")).to_have_text("1")
    await expect(boss.get_by_role("row").filter(has_text="小王")).to_contain_text("1/5")
    await keep_picture(boss, "supervisor")
    await boss.get_by_role("row").filter(has_text="小王").get_by_role("button").click()
    await boss.get_by_role("button", name="接管会话").click()
    await boss.get_by_label("接管原因").fill("客户要求主管处理")
    await boss.get_by_role("button", name="确定").click()
    await expect(composer(boss)).to_be_visible()
    await expect(agent.locator(".foot")).to_contain_text("陈主管 正在接待")


async def test_what_was_being_written_is_there_after_the_browser_was_killed(contexts, desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    await waits(running_app)
    await take(staff)
    async with staff.expect_response(lambda answer: answer.url.endswith("/draft") and answer.request.method == "PUT"):
        await composer(staff).fill("您好，我正在核实您说的")
    await staff.close()
    again = await sign_in(await contexts(**DESK), running_app)
    await again.get_by_role("button", name="我的").click()
    await again.locator(".list .row").click()
    await expect(composer(again)).to_have_value("您好，我正在核实您说的")
    await composer(again).press("Enter")
    await expect(again.locator("li.agent .bubble")).to_have_text("您好，我正在核实您说的")
    await again.reload()
    await expect(composer(again)).to_have_value("")


async def test_a_reply_written_blindly_waits_until_what_a_colleague_said_was_seen(contexts, desk, running_app):
    await hire(running_app)
    await hire(running_app, "zhuguan", "陈主管", Role.SUPERVISOR)
    agent = await sign_in(desk, running_app)
    boss = await sign_in(await contexts(**DESK), running_app, "zhuguan")
    await waits(running_app)
    await take(agent)
    await composer(agent).press_sequentially("我们会赔偿您")
    await boss.get_by_role("button", name="全部").click()
    await boss.locator(".list .row").click()
    await expect(agent.get_by_text("陈主管 也在看")).to_be_visible()
    await boss.get_by_role("button", name="插话或写备注").click()
    await boss.get_by_role("button", name="回复客户").click()
    await composer(boss).fill("我是主管，正在调监控核实")
    await expect(agent.get_by_text("陈主管 正在回复")).to_be_visible()
    await composer(boss).press("Enter")
    await expect(agent.locator("li.agent .bubble").filter(has_text="正在调监控核实")).to_be_visible()
    await composer(agent).press("Enter")
    between = agent.get_by_role("alertdialog")
    await expect(between).to_contain_text("我是主管，正在调监控核实")
    await expect(composer(agent)).to_have_value("我们会赔偿您")
    await keep_picture(agent, "between")
    assert "赔偿" not in await boss.locator(".messages").inner_text()
    await between.get_by_role("button", name="看过了，仍然发送").click()
    await expect(boss.locator("li.agent .bubble").filter(has_text="赔偿")).to_have_count(1)
    await expect(composer(agent)).to_have_value("")


async def test_a_search_leads_to_the_very_message(desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    await write(running_app, "我的饕餮纹纪念币什么时候能取", "visitor-9")
    for n in range(25):
        await write(running_app, f"你们几点上班 {n}", "visitor-9")
    await staff.keyboard.press("Control+k")
    box = staff.get_by_role("combobox", name="搜索或执行命令")
    hit = staff.get_by_role("listbox").get_by_role("option").filter(has_text="纪念币")
    # What was said a moment ago is indexed within a second: ask until it is there.
    for word in ("饕餮", "纹", "饕餮纹", "饕餮"):
        await box.fill(word)
        try:
            await expect(hit).to_be_visible(timeout=3000)
            break
        except AssertionError:
            continue
    await expect(hit.locator("mark")).to_have_text(word)
    await keep_picture(staff, "palette")
    await box.press("Enter")
    found = staff.locator("li.message").filter(has_text="饕餮纹纪念币")
    await expect(found).to_be_in_viewport()
    await expect(found).to_be_focused()


async def test_a_saved_view_narrows_the_list_again_after_a_reload(desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    await waits(running_app)
    await waits(running_app, "visitor-2", "手机银行一直闪退登录不上")
    rows = staff.locator(".list .row")
    await expect(rows).to_have_count(2)
    await staff.get_by_role("button", name="筛选").click()
    await staff.get_by_label("业务").select_option("mobile_app")
    await expect(rows).to_have_count(1)
    await staff.get_by_role("button", name="存为视图").click()
    await staff.get_by_label("视图名称").fill("手机银行排队")
    await staff.get_by_role("button", name="保存", exact=True).click()
    await expect(staff.get_by_role("button", name="手机银行排队", exact=True)).to_have_attribute("aria-pressed", "true")
    await keep_picture(staff, "saved-view")
    await staff.reload()
    await expect(rows).to_have_count(2)
    await staff.get_by_role("button", name="手机银行排队", exact=True).click()
    await expect(rows).to_have_count(1)
    await staff.get_by_role("button", name="删除视图“手机银行排队”").click()
    await expect(staff.get_by_role("button", name="手机银行排队", exact=True)).to_have_count(0)


async def test_the_whole_work_is_done_without_a_mouse(desk, running_app):
    await hire(running_app)
    page = await desk.page(f"{running_app.url}/desk/")
    await expect(page.get_by_label("账号")).to_be_focused()
    await page.keyboard.type("xiaowang")
    await page.keyboard.press("Tab")
    await page.keyboard.type("correct-horse")
    await page.keyboard.press("Enter")
    await expect(page.locator(".views")).to_be_visible()
    await waits(running_app, problem="建议手机银行增加夜间模式")
    await expect(page.locator(".list .row")).to_be_visible()
    await page.keyboard.press("Alt+j")
    await expect(page.locator("li.customer")).not_to_have_count(0)
    await page.keyboard.press("Alt+l")
    await expect(composer(page)).to_be_visible()
    await page.keyboard.press("/")
    await expect(canned(page).first).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(composer(page)).to_have_value("我正在为您核实，请稍等几分钟，有结果马上告诉您。")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.agent .bubble")).to_contain_text("我正在为您核实")
    await page.keyboard.press("Alt+p")
    await expect(composer(page, "内部备注")).to_be_focused()
    await page.keyboard.type("已联系产品部")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.note")).to_contain_text("已联系产品部")
    await page.keyboard.press("Alt+t")
    await expect(page.get_by_role("dialog", name="转接")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(composer(page, "内部备注")).to_be_focused()
    await page.keyboard.press("Alt+e")
    end = page.get_by_role("dialog", name="结束会话")
    await expect(end).to_be_visible()
    if await end.get_by_text("工单草稿还没有处理").count():
        await page.keyboard.press("Escape")
        await expect(composer(page, "内部备注")).to_be_focused()
        await page.get_by_role("button", name="不立工单").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("不立工单的原因")).to_be_focused()
        await page.keyboard.type("已当场记下")
        await page.keyboard.press("Enter")
        await expect(page.locator("li.note").filter(has_text="不立工单：已当场记下")).to_be_visible()
        await expect(page.get_by_role("button", name="不立工单")).to_have_count(0)
        await page.keyboard.press("Alt+e")
    await expect(end.get_by_role("button", name="结束会话")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".foot")).to_contain_text("会话已结束")
    await page.locator(".messages").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    await keep_picture(page, "keys")


async def test_tags_numbers_in_full_and_a_file_to_take_away(desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    await write(running_app, "取款机把我的卡吞了，手机号13812345678")
    await write(running_app, "转人工")
    await take(staff)
    beside = staff.locator("aside.record")
    await beside.get_by_label("添加标签").fill("催办")
    await beside.get_by_role("button", name="添加", exact=True).click()
    await expect(staff.locator(".list .row")).to_contain_text("催办")
    await expect(staff.locator("li.customer").first).to_contain_text("[手机号·尾号5678]")
    await beside.get_by_role("button", name="查看完整信息").click()
    dialog = staff.get_by_role("dialog", name="查看完整信息")
    await dialog.get_by_label("查看什么").select_option("[手机号·尾号5678]")
    await dialog.get_by_label("原因").fill("回电核实")
    await dialog.get_by_role("button", name="查看", exact=True).click()
    await expect(beside.locator(".clear")).to_have_text("13812345678")
    await beside.get_by_role("button", name="重新隐藏").click()
    await expect(beside.locator(".clear")).to_have_count(0)
    await staff.get_by_role("button", name="更多操作").click()
    async with staff.expect_download() as download:
        await staff.get_by_role("menuitem", name="导出 PDF").click()
    assert (await (await download.value).path()).read_bytes().startswith(b"%PDF")


async def test_several_conversations_are_tagged_at_once_and_what_cannot_end_says_why(desk, running_app):
    await hire(running_app)
    staff = await sign_in(desk, running_app)
    for n in range(3):
        await waits(running_app, f"visitor-{n}")
    rows = staff.locator(".list .row")
    await expect(rows).to_have_count(3)
    await staff.get_by_role("button", name="多选").click()
    await rows.nth(0).click()
    await rows.nth(2).click()
    await expect(staff.get_by_text("已选 2 个")).to_be_visible()
    await staff.get_by_role("button", name="加标签").click()
    await staff.get_by_label("添加标签").fill("节后回访")
    await keep_picture(staff, "bulk")
    await staff.get_by_role("button", name="确定").click()
    await expect(rows.filter(has_text="节后回访")).to_have_count(2)
    await staff.get_by_role("button", name="多选").click()
    await staff.get_by_role("button", name="全选").click()
    await staff.get_by_role("group", name="多选").get_by_role("button", name="结束会话").click()
    await staff.get_by_role("button", name="确定").click()
    await expect(staff.get_by_role("alert")).to_contain_text("3 个没有完成")
