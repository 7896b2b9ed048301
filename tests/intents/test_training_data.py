"""The training data: labels of the register, no utterance twice, many styles, and a model that was trained on just this."""

import random
from collections import Counter
from pathlib import Path

import pytest

from config.labels import DialogueAct, Kind, Product
from intents.model import Model
from intents.spread import NEAR_DUPLICATE, bigrams, near_duplicates, skeleton, worn_skeletons
from intents.training_data import fingerprint, read_examples, read_file

EXAMPLES = read_examples()
TEXTS = [example.text for example in EXAMPLES]


def test_every_label_is_one_of_the_register():
    kinds, acts, products = set(Kind), set(DialogueAct), set(Product)
    for example in EXAMPLES:
        assert example.intent in kinds | acts, example
        if example.intent in kinds:
            assert example.product in products and isinstance(example.urgent, bool), example
            assert example.urgent or example.intent != Kind.URGENT_REPORT, example


def test_no_two_utterances_are_nearly_the_same():
    assert [(TEXTS[a], TEXTS[b]) for a, b, _ in near_duplicates(TEXTS)] == []


def test_no_sentence_is_used_as_a_template():
    assert {shape: [TEXTS[n] for n in places] for shape, places in worn_skeletons(TEXTS).items()} == {}


def test_at_least_eight_styles_and_every_kind_and_product_in_more_than_one():
    assert len({example.style for example in EXAMPLES}) >= 8
    for label in (*Kind, *(product for product in Product)):
        styles = {example.style for example in EXAMPLES if label in (example.intent, example.product)}
        assert len(styles) >= 3, label


def test_half_of_the_longer_styles_are_long():
    lengths = Counter(
        len(example.text) > 23 for example in EXAMPLES if example.style in ("narrative", "letter", "hotline", "plain")
    )
    assert lengths[True] > lengths[False]


def test_the_packaged_model_was_trained_on_these_files():
    assert Model().fingerprint == fingerprint()


def test_the_search_for_near_duplicates_finds_what_comparing_all_pairs_finds():
    some = random.Random(1).sample(TEXTS, 120)
    some += [text + "！" for text in some[:20]] + [text[1:] for text in some[20:40]]
    sets = [bigrams(text) for text in some]
    slow = {
        (a, b)
        for b in range(len(some))
        for a in range(b)
        if (sets[a] | sets[b]) and len(sets[a] & sets[b]) / len(sets[a] | sets[b]) >= NEAR_DUPLICATE
    }
    assert {(a, b) for a, b, _ in near_duplicates(some)} == slow
    assert len(slow) >= 20


def test_what_fills_the_slots_does_not_make_another_sentence():
    assert skeleton("昨天在朝阳支行用信用卡被扣了300元") == skeleton("上周在海淀支行用储蓄卡被扣了1万块")
    assert skeleton("昨天在朝阳支行办卡") != skeleton("昨天在朝阳支行销卡了")


def test_a_file_of_another_version_is_refused_by_name(tmp_path):
    broken = tmp_path / "x.yml"
    broken.write_text('version: "2.0"\nnlu: []\n', "utf-8")
    with pytest.raises(ValueError, match=r"x\.yml"):
        list(read_file(broken))


def test_no_development_utterance_is_trained_on():
    """Neither word for word nor nearly so: the figures on them would mean nothing. 人工 and the like everybody says alike."""
    folder = Path(__file__).parent.parent / "data" / "understanding"
    held_out = [example.text for path in sorted(folder.glob("*.yml")) for example in read_file(path) if len(example.text) > 6]
    assert len(held_out) >= 200
    both = [*TEXTS, *held_out]
    crossing = [(both[a], both[b]) for a, b, _ in near_duplicates(both) if a < len(TEXTS) <= b and len(both[a]) > 6]
    assert crossing == []


def test_no_author_of_development_utterances_wrote_training_data():
    folder = Path(__file__).parent.parent / "data" / "understanding"
    held_out = {example.author for path in folder.glob("*.yml") for example in read_file(path)}
    assert not held_out & {example.author for example in EXAMPLES}
