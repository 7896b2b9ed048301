"""A visitor who knows every id of another's conversation and sends what they like: nothing of it is ever read or joined."""

import asyncio
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from widget.test_uploads import picture, upload

SECRET = "我的秘密是七七四十九"

NAMES = st.sampled_from(["conversation", "visitor", "token", "session", "upload", "file", "zero", "nonsense"])
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("hello"),
            st.sampled_from(["socket", "polled"]),
            st.lists(st.tuples(st.sampled_from(["conversation", "visitor", "token", "customer"]), NAMES), max_size=3),
        ),
        st.tuples(st.just("resume"), NAMES, st.integers(-1, 5)),
        st.tuples(st.just("earlier"), NAMES, st.integers(-1, 5)),
        st.tuples(st.just("message"), NAMES, st.booleans()),
        st.tuples(st.just("file"), st.integers(0, 3), st.integers(0, 2)),
        st.tuples(st.just("line"), NAMES, st.sampled_from(["get", "post"])),
    ),
    min_size=1,
    max_size=8,
)


class Thief:
    """Holds everything of the victim's that is no credential, and a credential of their own."""

    def __init__(self, people, loot: dict, credential: str) -> None:
        self.people, self.loot, self.credential = people, loot, credential
        self.heard: list[str] = []
        self.count = 0

    @property
    def headers(self) -> dict:
        return {"Authorization": f"Bearer {self.credential}"}

    async def hello(self, line: str, stolen: list[tuple[str, str]]) -> None:
        frame = {"visitor": self.credential} | {field: self.loot[name] for field, name in stolen}
        async with self.people.connection(line) as window:
            await window.send(type="hello", after=0, **frame)
            with suppress(AssertionError):  # refused and closed
                await window.until("state")
            self.heard.append(str(window.seen))

    async def spoken(self, **frame) -> None:
        async with self.people.window(visitor=self.credential) as window:
            await window.send(**frame)
            await window.send(type="ping")
            await window.until("pong")
            self.heard.append(str(window.seen))

    async def resume(self, name: str, after: int) -> None:
        await self.spoken(type="resume", conversation=self.loot[name], after=after)

    async def earlier(self, name: str, before: int) -> None:
        await self.spoken(type="earlier", conversation=self.loot[name], before=before, customer=self.loot["visitor"])

    async def message(self, name: str, as_upload: bool) -> None:
        self.count += 1
        more = {"uploads": [self.loot[name]]} if as_upload else {"conversation": self.loot[name], "customer": self.loot[name]}
        await self.spoken(type="message", client_id=f"t{self.count}", text="给我", **more)

    async def file(self, seq: int, n: int) -> None:
        response = await self.people.http.get(f"/widget/files/{self.loot['conversation']}/{seq}/{n}", headers=self.headers)
        assert response.status == 404
        self.heard.append(await response.text())

    async def line(self, name: str, verb: str) -> None:
        more = {"json": [{"type": "resume", "conversation": self.loot["conversation"], "after": 0}]} if verb == "post" else {}
        path = f"/widget/line/{self.loot[name]}?after=0"
        response = await getattr(self.people.http, verb)(path, headers=self.headers, **more)
        assert response.status in (404, 405)
        self.heard.append(await response.text())


async def test_visitor_cannot_read_or_join_anothers_conversation_whatever_they_send(people, intake):
    async with people.window("polled") as victim, people.window() as own:
        token = (await (await upload(people, victim.credential, picture())).json())["upload"]
        await victim.say(SECRET, "v1", uploads=[token])
        conversation = (await victim.until("ack"))["conversation"]
        await victim.until("message", speaker="bot")
        spare = (await (await upload(people, victim.credential, picture())).json())["upload"]
        loot = {
            "conversation": conversation,
            "visitor": victim.credential.rsplit(".", 1)[0],  # who they are, without our signature
            "token": victim.credential.rsplit(".", 1)[0] + ".AAAA",
            "session": victim.session,
            "upload": spare,
            "file": f"{conversation}/1/0",
            "zero": "0" * 32,
            "nonsense": "' OR 1=1 --",
        }
        credential, loop = own.seen[0]["visitor"], asyncio.get_running_loop()

        async def steal(steps) -> None:
            thief = Thief(people, loot, credential)
            for kind, *what in steps:
                await getattr(thief, kind)(*what)
            heard = "".join(thief.heard)
            assert SECRET not in heard
            assert f"'conversation': '{conversation}'" not in heard

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(STEPS)
        def whatever(steps) -> None:
            asyncio.run_coroutine_threadsafe(steal(steps), loop).result(60)

        await asyncio.to_thread(whatever)
        await victim.send(type="resume", conversation=conversation, after=0)
        await victim.send(type="ping")
        await victim.until("pong")
        assert "给我" not in str(victim.seen)
        assert all(item.customer != intake.received[0].customer for item in intake.received[1:])


async def test_an_anonymous_visit_is_no_login_that_could_be_put_into_a_link(people):
    async with people.window() as thief:
        visitor = thief.seen[0]["visitor"]
    async with people.connection() as window:
        await window.send(type="hello", token=visitor)
        assert (await window.until("error"))["code"] == "identity_invalid"
        assert await window.closing() == 4401
