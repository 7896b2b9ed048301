"""Whose address counts where proxies stand in between: what ours say, and nothing that a customer writes."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from bot.app import make_app
from bot.measures import Measures
from bot.middleware import edge
from config.addresses import TrustedProxies, household
from config.catalogue import Catalogue
from config.settings import RestChannel, Server, Settings, WebForm
from store.crypto import write_key_ring

OURS = TrustedProxies((ip_network("10.0.0.0/8"), ip_network("fd00::/8")))
LOOPBACK = (ip_network("127.0.0.0/8"),)
strangers = st.ip_addresses().filter(lambda address: not OURS.trusts(str(address)))
proxies = st.one_of(st.ip_addresses(network="10.0.0.0/8"), st.ip_addresses(network="fd00::/8"))
forged = st.lists(st.one_of(st.ip_addresses().map(str), st.text(alphabet="0123456789.:,[] abcx", max_size=20)), max_size=4)


@given(st.lists(proxies, min_size=1, max_size=3), strangers, forged)
def test_whatever_a_customer_writes_their_own_address_is_found(ours, customer, written):
    """Each proxy adds whom it saw: the first saw the customer, the next ones saw our proxies."""
    chain = [*written, str(customer), *(str(address) for address in ours[:-1])]
    expected = getattr(customer, "ipv4_mapped", None) or customer
    assert OURS.client(str(ours[-1]), [", ".join(chain)]) == str(expected)
    assert OURS.client(str(ours[-1]), chain) == str(expected)


@given(strangers, forged)
def test_whoever_comes_past_the_proxies_is_not_believed(customer, written):
    assert OURS.client(str(customer), written) == str(customer)


@pytest.mark.parametrize("line", ["", "unknown", "_hidden", "[", "1.2.3", "1.2.3.4:x:y", ","])
def test_proxy_that_names_no_address_counts_itself(line):
    assert OURS.client("10.0.0.1", [line]) == "10.0.0.1"


@pytest.mark.parametrize(
    ("line", "client"),
    [("203.0.113.7:4711", "203.0.113.7"), ("[2001:db8::7]:443", "2001:db8::7"), ("::ffff:203.0.113.7", "203.0.113.7")],
)
def test_ports_and_brackets_are_read(line, client):
    assert OURS.client("10.0.0.1", [line]) == client


def test_devices_of_one_connection_are_one_sender():
    assert household("2001:db8:1:2::a") == household("2001:db8:1:2:ffff::b") != household("2001:db8:1:3::a")
    assert household("203.0.113.7") == household("::ffff:203.0.113.7") != household("203.0.113.8")
    assert household(None) == ""


async def seen(headers: dict[str, str], networks=LOOPBACK) -> list[object]:
    """What a handler behind the middleware sees of a request from the loopback."""

    async def tell(request: web.Request) -> web.Response:
        return web.json_response([request.remote, request.secure, (await request.read()).decode()])

    app = web.Application(middlewares=[edge(Catalogue(), Measures(CollectorRegistry()), TrustedProxies(networks))])
    app.router.add_post("/", tell)
    async with TestClient(TestServer(app)) as client, client.post("/", headers=headers, data=b"body") as answer:
        return await answer.json()


async def test_request_by_way_of_our_proxy_carries_the_customers_address_and_how_they_came():
    told = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7", "X-Forwarded-Proto": "https"}
    assert await seen(told) == ["203.0.113.7", True, "body"]
    assert await seen({**told, "X-Forwarded-Proto": "javascript"}) == ["203.0.113.7", False, "body"]
    assert await seen({}) == ["127.0.0.1", False, "body"]


async def test_headers_of_strangers_change_nothing():
    told = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    assert await seen(told, ()) == ["127.0.0.1", False, "body"]
    assert await seen(told, (ip_network("10.0.0.0/8"),)) == ["127.0.0.1", False, "body"]


@pytest.mark.parametrize(("networks", "second"), [(LOOPBACK, 201), ((), 429)], ids=["through our proxy", "past it"])
async def test_customers_behind_our_proxy_have_each_their_own_limit(tmp_path: Path, networks, second):
    write_key_ring(tmp_path / "keys.json")
    app = await make_app(
        Settings(
            data_dir=tmp_path,
            server=Server(trusted_proxies=networks),
            rest=RestChannel(open=False),
            web_form=WebForm(per_address_per_h=1),
        ),
        background=False,
    )
    async with TestClient(TestServer(app)) as client:

        async def sends(address: str, forged_first: str = "") -> int:
            form_pass = (await (await client.get("/api/v1/feedback/form")).json())["pass"]
            headers = {"Authorization": f"Bearer {form_pass}", "X-Forwarded-For": f"{forged_first}{address}"}
            form = {"channel": "web_form", "kind": "complaint", "content": "柜员态度差，让我等了两个小时"}
            return (await client.post("/api/v1/feedback", json=form, headers=headers)).status

        assert await sends("203.0.113.7") == 201
        assert await sends("203.0.113.8") == second
        assert await sends("203.0.113.7", "198.51.100.1, ") == 429
