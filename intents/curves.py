"""A learning curve for every style: how well it is understood with none, some and all of its own examples trained on.

A third of the style's examples is judged and never trained on; all other styles always are. Where the last step gains nothing, more
of that style stops helping.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.labels import Kind
from intents.evaluate import judged_by, kind_pairs, product_pairs, trained
from intents.figures import accuracy
from intents.segment import Segmenter
from intents.training_data import Example, read_examples

SHARES = (0.0, 0.25, 0.5, 1.0)
JUDGED = 3  # every third example of the style is judged
LEAST = 60  # a style with fewer examples says nothing
_KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Step:
    """How a style fares with so many of its own examples."""

    style: str
    trained_on: int  # of the style's own
    judged: int
    kind: float
    product: float


def style_curves(examples: Sequence[Example] | None = None) -> Iterator[Step]:
    """The steps of every style with enough examples, style by style."""
    examples = examples or read_examples()
    segmenter = Segmenter()
    for style in sorted({item.style for item in examples}):
        own = [item for item in examples if item.style == style and item.intent in _KINDS]
        if len(own) < LEAST:
            continue
        others = [item for item in examples if item.style != style or item.intent not in _KINDS]
        test, rest = own[::JUDGED], [item for n, item in enumerate(own) if n % JUDGED]
        for share in SHARES:
            # Spread over the whole list: its beginning is one author's.
            some = [item for n, item in enumerate(rest) if (n * 61 % 100) < share * 100]
            understander = trained([*others, *some], segmenter)
            judged = [judged_by(understander, item) for item in test]
            yield Step(style, len(some), len(test), accuracy(kind_pairs(judged)), accuracy(product_pairs(judged)))


def curve_report(steps: Sequence[Step]) -> str:
    """The steps as a table: one line a style, kind and product accuracy at each number of own examples."""
    lines = ["style: (own examples trained on) kind, product accuracy"]
    for style in dict.fromkeys(step.style for step in steps):
        mine = [step for step in steps if step.style == style]
        cells = "   ".join(f"({step.trained_on}) {step.kind:.2f}, {step.product:.2f}" for step in mine)
        lines.append(f"  {style:14} {cells}   judged on {mine[0].judged}")
    return "\n".join(lines) + "\n"
