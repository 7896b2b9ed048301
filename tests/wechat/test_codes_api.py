"""A branch's code, made, listed and drawn over the API for who runs the branches, and for nobody else."""

from datetime import timedelta

from wechat.test_whole_service import Town, town, words  # noqa: F401 -- fixtures

from bot.channels.qr_code import code, drawing
from bot.channels.wechat.fake import Misstep
from config.labels import Role
from store.tables import audit

PATH = "/api/v1/wechat/branch-codes"


async def make(town: Town, role: Role | None, **body) -> tuple[int, dict]:  # noqa: F811
    desk = await town.bank.agent(f"staff-{role}", role) if role else town.bank.desk()
    async with desk.session.post(f"{town.bank.url}{PATH}", json=body) as answer:
        return answer.status, await answer.json()


async def get(desk, path: str) -> tuple[int, dict]:
    async with desk.session.get(f"{desk.bank.url}{path}") as answer:
        return answer.status, await answer.json()


def dark_modules(svg: str) -> str:
    return svg.partition('<path d="')[2].partition('"')[0]


async def test_a_supervisor_makes_a_code_that_brings_the_branch_along_and_it_is_written_down(town: Town):  # noqa: F811
    status, made = await make(town, Role.SUPERVISOR, branch=" 朝阳支行 ")
    assert (status, made["branch"], made["lasts_days"]) == (201, "朝阳支行", None)
    assert made["picture"].startswith("https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=")
    assert [code.scene for code in town.platform.qrcodes.codes.values()] == ["branch_朝阳支行"]
    told = await town.bank.service.store.read(
        lambda tx: tx.conn.execute(audit.select().where(audit.c.action == "branch_code")).one()
    )
    assert told.subject == "朝阳支行"


async def test_codes_are_listed_newest_first_with_who_made_them_until_when_and_what_is_in_them(town: Town):  # noqa: F811
    desk = await town.bank.agent("lead", Role.SUPERVISOR)
    for body in ({"branch": "朝阳支行"}, {"branch": "海淀支行", "days": 7}):
        async with desk.session.post(f"{town.bank.url}{PATH}", json=body) as answer:
            assert answer.status == 201
            made = await answer.json()
        town.clock.advance(1)
    status, listed = await get(desk, PATH)
    assert (status, listed["accounts"], listed["more"]) == (200, ["main"], False)
    assert [(each["branch"], each["account"], each["made_by"]) for each in listed["items"]] == [
        ("海淀支行", "main", "坐席lead"),
        ("朝阳支行", "main", "坐席lead"),
    ]
    passing, lasting = listed["items"]
    assert passing == {name: value for name, value in made.items() if name != "lasts_days"}
    assert [lasting["content"], passing["content"]] == [
        f"http://weixin.qq.com/q/{each['content'][-22:]}" for each in (lasting, passing)
    ]
    assert lasting["lasts_until"] is None and not passing["is_over"]
    town.clock.advance(timedelta(days=7).total_seconds())
    later = await town.bank.agent("later", Role.ADMINISTRATOR)
    assert [each["is_over"] for each in (await get(later, PATH))[1]["items"]] == [True, False]


async def test_a_code_is_drawn_to_print_with_the_branchs_name_below_it(town: Town):  # noqa: F811
    desk = await town.bank.agent("lead", Role.SUPERVISOR)
    async with desk.session.post(f"{town.bank.url}{PATH}", json={"branch": "朝阳<支行>"}) as answer:
        made = await answer.json()
    async with desk.session.get(f"{town.bank.url}{PATH}/{made['id']}/picture") as answer:
        svg = await answer.text()
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "朝阳&lt;支行&gt;" in svg and "微信扫一扫" in svg
    assert dark_modules(svg) == dark_modules(drawing(code(made["content"]), "", ""))
    assert (await get(desk, f"{PATH}/{'0' * 32}/picture"))[0] == 404


async def test_nobody_else_makes_codes(town: Town):  # noqa: F811
    assert (await make(town, None, branch="朝阳支行"))[0] == 401
    assert (await make(town, Role.AGENT, branch="朝阳支行"))[0] == 403
    agent = await town.bank.agent("somebody")
    assert [(await get(agent, path))[0] for path in (PATH, f"{PATH}/{'0' * 32}/picture")] == [403, 403]
    assert not town.platform.calls["qrcode/create"]


async def test_what_does_not_fit_is_refused_here_and_what_wechat_refuses_is_told(town: Town):  # noqa: F811
    desk = await town.bank.agent("lead", Role.SUPERVISOR)

    async def post(**body) -> tuple[int, str]:
        async with desk.session.post(f"{town.bank.url}{PATH}", json=body) as answer:
            return answer.status, (await answer.json())["title"]

    for wrong in ({"branch": " "}, {"branch": "长" * 65}, {"branch": "朝阳", "days": 31}, {"branch": "朝阳", "more": 1}):
        assert (await post(**wrong))[0] == 422, wrong
    assert await post(branch="朝阳", account="nobody") == (404, "no_such_account")
    assert not town.platform.calls["qrcode/create"]
    town.platform.misstep("qrcode/create", Misstep(errcode=48001))
    assert await post(branch="朝阳") == (502, "wechat_refused")
