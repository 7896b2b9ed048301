"""Accounts of staff over real HTTP: an administrator manages them, nobody else does, and what is switched off is out at once."""

from desk.at_the_desk import Bank, held

from config.labels import Role

NEW = {
    "login": "xinren",
    "password": "a-good-password",
    "name": "新人",
    "role": "agent",
    "department": "risk",
    "capacity": 3,
    "skills": ["fraud"],
}


async def put(bank: Bank, desk, agent_id: str, body: dict) -> tuple[int, dict]:
    async with desk.session.put(f"{bank.url}/api/v1/desk/staff/{agent_id}", json=body) as answer:
        return answer.status, await answer.json()


def changed(account: dict, **values) -> dict:
    kept = {name: account[name] for name in ("name", "role", "department", "capacity", "skills", "active")}
    return {**kept, **values}


async def test_an_account_that_was_added_can_sign_in_and_knows_its_work(bank: Bank):
    administrator = await bank.agent("root", Role.ADMINISTRATOR)
    status, added = await administrator.post("/staff", NEW)
    assert status == 201
    assert added["agent"] | {"capacity": 3, "skills": ["fraud"], "department": "risk"} == added["agent"]
    status, signed = await bank.desk().post("/session", {"login": "xinren", "password": "a-good-password"})
    assert (status, signed["agent"]["name"]) == (200, "新人")
    assert (await administrator.post("/staff", NEW))[1]["title"] == "login_taken"


async def test_only_administrators_manage_accounts_and_supervisors_may_look(bank: Bank):
    agent, boss = await bank.agent("a1"), await bank.agent("s1", Role.SUPERVISOR)
    assert (await agent.post("/staff", NEW))[0] == (await boss.post("/staff", NEW))[0] == 403
    assert (await agent.get("/staff"))[0] == 403
    status, seen = await boss.get("/staff")
    assert status == 200 and {item["login"] for item in seen["agents"]} == {"a1", "s1"}
    assert not any("password" in name for item in seen["agents"] for name in item)


async def test_an_account_switched_off_is_signed_out_at_once(bank: Bank):
    administrator, agent = await bank.agent("root", Role.ADMINISTRATOR), await bank.agent("a1")
    await held(bank, agent)
    account = next(item for item in (await administrator.get("/staff"))[1]["agents"] if item["login"] == "a1")
    assert (await put(bank, administrator, account["id"], changed(account, active=False)))[0] == 200
    assert (await agent.get("/me"))[0] == 401
    assert (await bank.desk().post("/session", {"login": "a1", "password": "correct-horse"}))[0] == 401


async def test_a_new_password_takes_the_place_of_the_old_one_and_its_sessions(bank: Bank):
    administrator, agent = await bank.agent("root", Role.ADMINISTRATOR), await bank.agent("a1")
    account = next(item for item in (await administrator.get("/staff"))[1]["agents"] if item["login"] == "a1")
    assert (await put(bank, administrator, account["id"], changed(account, password="another-password")))[0] == 200
    assert (await agent.get("/me"))[0] == 401
    assert (await bank.desk().post("/session", {"login": "a1", "password": "another-password"}))[0] == 200


async def test_an_administrator_cannot_lock_themselves_out(bank: Bank):
    administrator = await bank.agent("root", Role.ADMINISTRATOR)
    account = (await administrator.get("/staff"))[1]["agents"][0]
    for body in (changed(account, active=False), changed(account, role="agent")):
        assert (await put(bank, administrator, account["id"], body))[1]["title"] == "own_account"


async def test_what_is_no_account_is_refused(bank: Bank):
    administrator = await bank.agent("root", Role.ADMINISTRATOR)
    for body in (
        {**NEW, "password": "short"},
        {**NEW, "login": "a b"},
        {**NEW, "department": "x"},
        {**NEW, "skills": ["x"]},
        {**NEW, "name": " "},
    ):
        assert (await administrator.post("/staff", body))[0] == 422
    assert (await put(bank, administrator, "0" * 32, changed({**NEW, "active": True})))[0] == 404
