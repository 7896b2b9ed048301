"""A branch's code, made over the API by who runs the branches, and by nobody else."""

from wechat.test_whole_service import Town, town, words  # noqa: F401 -- fixtures

from bot.channels.wechat.fake import Misstep
from config.labels import Role
from store.tables import audit

PATH = "/api/v1/wechat/branch-codes"


async def make(town: Town, role: Role | None, **body) -> tuple[int, dict]:  # noqa: F811
    desk = await town.bank.agent(f"staff-{role}", role) if role else town.bank.desk()
    async with desk.session.post(f"{town.bank.url}{PATH}", json=body) as answer:
        return answer.status, await answer.json()


async def test_a_supervisor_makes_a_code_that_brings_the_branch_along_and_it_is_written_down(town: Town):  # noqa: F811
    status, made = await make(town, Role.SUPERVISOR, branch=" 朝阳支行 ")
    assert (status, made["branch"], made["lasts_days"]) == (201, "朝阳支行", None)
    assert made["picture"].startswith("https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=")
    assert [code.scene for code in town.platform.qrcodes.codes.values()] == ["branch_朝阳支行"]
    told = await town.bank.service.store.read(
        lambda tx: tx.conn.execute(audit.select().where(audit.c.action == "branch_code")).one()
    )
    assert told.subject == "朝阳支行"


async def test_nobody_else_makes_codes(town: Town):  # noqa: F811
    assert (await make(town, None, branch="朝阳支行"))[0] == 401
    assert (await make(town, Role.AGENT, branch="朝阳支行"))[0] == 403
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
