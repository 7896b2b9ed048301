"""What the bot hardly understood is found again."""

from dataclasses import replace
from datetime import timedelta

from making_rows import NOW, answer, commit, conversation, customer, plan, said

from store.doubtful import doubtful
from store.engine import Store


async def test_doubtful_messages_are_found_newest_first_and_answers_are_not(store: Store):
    for number, (text, understood, confidence, at) in enumerate(
        (
            ("今天天气", False, 0.2, NOW),
            ("我要投诉年费", True, 0.95, NOW),
            ("那个又变了", True, 0.41, NOW + timedelta(minutes=1)),
            ("老早的话", False, 0.1, NOW - timedelta(days=40)),
        )
    ):
        owner = customer(f"u{number}")
        line = replace(said(text), understanding={"understood": understood, "confidence": confidence})
        todo = replace(plan(conversation(owner), line, answer("抱歉", 1), new=owner), now=at)
        assert await commit(store, todo) == "ok"
    since = NOW - timedelta(days=30)
    found = await store.read(lambda tx: doubtful(tx, since, below=0.5, limit=10))
    assert [item.text for item in found] == ["那个又变了", "今天天气"]
    assert len(await store.read(lambda tx: doubtful(tx, since, below=0.5, limit=1))) == 1
