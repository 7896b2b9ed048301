"""Inputs by hypothesis: seeds cut, joined, repeated and sprinkled with the words that parsers look for."""

import json
from collections.abc import Iterator
from random import Random

from fuzzing.seeds import WORDS
from hypothesis import strategies as st

from bot.channels.wechat.fake.sealing import to_xml

words = st.sampled_from([word.encode("utf-8", "surrogatepass") for word in WORDS])
names = st.sampled_from([word for word in WORDS if word.isidentifier()])
leaves = st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.none(), st.booleans(), st.sampled_from(WORDS))
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=8)


def mutated(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes near to *seeds*."""
    return st.builds(
        _spliced, st.sampled_from(seeds), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), words), max_size=5)
    )


def _spliced(seed: bytes, cuts: list[tuple[float, int, bytes]]) -> bytes:
    for share, length, word in cuts:
        at = int(share * len(seed))
        seed = seed[:at] + word + seed[at + length :]
    return seed


fields = st.dictionaries(names, trees, max_size=8)
bodies = st.one_of(
    st.binary(max_size=200),
    st.lists(words, max_size=20).map(b"".join),
    fields.map(lambda made: json.dumps(made, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    fields.map(lambda made: to_xml(_for_xml(made)).encode("utf-8", "surrogatepass")),
)


def _for_xml(made: object) -> dict:
    """Lists within lists have no form in XML."""
    return {name: str(value) if isinstance(value, list | bool) or value is None else value for name, value in made.items()}


def inputs(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Everything at once."""
    return mutated(seeds) | bodies


def by_chance(seeds: list[bytes], count: int, number: int) -> Iterator[bytes]:
    """*count* inputs near to *seeds*, always the same ones for the same *number*: what hypothesis does, without its care."""
    chance = Random(number)
    encoded = [word.encode("utf-8", "surrogatepass") for word in WORDS]
    for _ in range(count):
        cuts = [(chance.random(), chance.randrange(30), chance.choice(encoded)) for _ in range(chance.randrange(6))]
        yield _spliced(chance.choice(seeds), cuts)
