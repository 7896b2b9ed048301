"""Whom the embeddings are asked about: by default in doubt, and with the setting ``always`` about all but plain answers."""

from datetime import UTC, datetime

import pytest

from bot.second_opinion import SecondOpinion
from intents.redact import redact
from intents.semantic import Opinion, in_doubt
from intents.understander import Understander

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
SURE = "信用卡年费凭什么扣我300块，我要投诉"


class Embeddings:
    """Stands in for the embeddings: notes what it is asked, and finds everything as likely as anything."""

    def __init__(self, understander: Understander) -> None:
        labels = understander._model
        self.said = Opinion(*([1 / len(head.labels)] * len(head.labels) for head in (labels.kind, labels.product)))
        self.asked: list[str] = []

    def opinion(self, text: str) -> Opinion:
        self.asked.append(text)
        return self.said


@pytest.mark.parametrize(("always", "asked"), [(True, [SURE]), (False, [])])
async def test_a_sure_message_is_asked_about_only_where_that_is_wanted_and_a_plain_answer_never(
    tmp_path, always: bool, asked: list[str]
):
    understander = Understander.load(cache_dir=tmp_path)
    embeddings = Embeddings(understander)
    second = SecondOpinion(understander, embeddings, deadline_s=10, always=always)
    for said in (SURE, "是的"):
        assert not in_doubt(understander.understand(redact(said), NOW))
        await second.understand(redact(said), NOW)
    assert embeddings.asked == asked
    await second.close()
