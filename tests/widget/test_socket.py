"""What is the WebSocket's own: what it takes for a frame, how large, and from which pages."""

import pytest


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        "{}",
        '{"type": 7}',
        '{"type": "message"}',
        '{"type": "message", "client_id": "x", "text": 5}',
        "[" * 10000,
    ],
    ids=["text", "array", "empty", "number", "no-id", "number-text", "deep"],
)
async def test_nonsense_is_refused_and_the_window_stays_open(people, frame):
    async with people.window() as window:
        await window.socket.send_str(frame)
        assert (await window.until("error"))["code"] == "bad_frame"
        await window.send(type="ping")
        await window.until("pong")


async def test_frame_over_the_limit_closes_the_socket_and_is_not_taken(people, intake):
    async with people.window() as window:
        await window.say("长" * 400_000, "m1")
        assert await window.closing() in (1009, 1006)  # too big; or the line broke while we were still writing
        assert not any(frame["type"] == "ack" for frame in window.seen)
    assert intake.received == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://[", "http://[::1", "//"])
async def test_page_of_another_site_opens_no_socket(people, origin):
    response = await people.http.get(
        "/widget/socket",
        headers={
            "Origin": origin,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "x" * 22 + "==",
        },
    )
    assert response.status == 403


async def test_our_own_page_opens_a_socket_and_it_is_not_compressed(people):
    origin = str(people.http.make_url("/")).rstrip("/")
    async with people.connection(headers={"Origin": origin}, compress=15) as window:
        await window.send(type="hello")
        await window.until("welcome")
        assert window.socket.compress == 0
