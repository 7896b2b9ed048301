"""Draws the figures of an evaluation as SVG files, with matplotlib from the extra ``train``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from intents.curves import Step
from intents.evaluate import Judged, guesses, kind_pairs
from intents.figures import accuracy, calibration, confusion, thresholds
from intents.thresholds import CONFIDENCES, choice
from intents.understander import MIN_CONFIDENCE, MIN_MARGIN

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DARK = 0.5  # cells above this carry white numbers
STEPS = tuple(n / 50 for n in range(46))


def draw(judged: Sequence[Judged], folder: Path) -> None:
    """Write ``calibration.svg``, ``thresholds.svg``, ``confusion.svg`` and ``groups.svg`` to *folder*."""
    _quietly(folder)
    _calibration(judged, folder / "calibration.svg")
    _thresholds(judged, folder / "thresholds.svg")
    _confusion(judged, folder / "confusion.svg")
    _groups(judged, folder / "groups.svg")


def draw_curves(steps: Sequence[Step], folder: Path) -> None:
    """Write ``curves.svg``: the kind's accuracy of every style over the number of its own examples."""
    import matplotlib.pyplot as plt

    _quietly(folder)
    figure, axes = plt.subplots(figsize=(6.4, 4))
    for style in dict.fromkeys(step.style for step in steps):
        mine = [step for step in steps if step.style == style]
        axes.plot([step.trained_on for step in mine], [step.kind for step in mine], marker="o", markersize=3, label=style)
    axes.set(xlabel="own examples trained on, beside all other styles", ylabel="accuracy of the kind", ylim=(0.3, 1))
    axes.legend(frameon=False, ncol=3, fontsize=7)
    _save(figure, folder / "curves.svg")


def _quietly(folder: Path) -> None:
    """Draw without a screen; the same figures give the same bytes: no date, no random ids."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update({"svg.hashsalt": "huiyin", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    folder.mkdir(parents=True, exist_ok=True)


def _calibration(judged: Sequence[Judged], path: Path) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(4.2, 4))
    axes.plot((0, 1), (0, 1), color="0.8", linewidth=1)
    for name, sure in (
        ("kind", [(item.kind_confidence, item.kind == item.example.intent) for item in judged]),
        ("product", [(item.product_confidence, item.product == item.example.product) for item in judged if item.example.product]),
    ):
        steps = calibration(sure)
        axes.plot([step.confidence for step in steps], [step.accuracy for step in steps], marker="o", markersize=4, label=name)
    axes.set(xlabel="confidence", ylabel="share that was right", xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False)
    _save(figure, path)


def _thresholds(judged: Sequence[Judged], path: Path) -> None:
    import matplotlib.pyplot as plt

    figure, (*both, costs) = plt.subplots(1, 3, figsize=(11, 3.4))
    made = guesses(judged)
    for axes, name, chosen, sure in (
        (both[0], "confidence", MIN_CONFIDENCE, [(guess.confidence, guess.right) for guess in made]),
        (both[1], "margin to the second", MIN_MARGIN, [(guess.margin, guess.right) for guess in made]),
    ):
        curve = thresholds(sure, STEPS)
        axes.plot([point.threshold for point in curve], [point.coverage for point in curve], label="answered")
        axes.plot([point.threshold for point in curve], [point.accuracy for point in curve], label="right among the answered")
        axes.axvline(chosen, color="0.5", linestyle="--", linewidth=1, label=f"chosen: {chosen}")
        axes.set(xlabel=f"threshold of {name}", ylim=(0, 1.02))
        axes.legend(frameon=False, loc="lower left")
    for margin in (0.0, MIN_MARGIN, 0.1, 0.2):
        steps = [choice(made, step, margin) for step in CONFIDENCES]
        costs.plot([step.confidence for step in steps], [step.cost for step in steps], label=f"margin {margin:g}")
    costs.plot(MIN_CONFIDENCE, choice(made, MIN_CONFIDENCE, MIN_MARGIN).cost, "k.", label="chosen")
    costs.set(xlabel="threshold of confidence", ylabel="mean cost of a message, in questions", xlim=(0, 0.6))
    costs.legend(frameon=False)
    _save(figure, path)


def _confusion(judged: Sequence[Judged], path: Path) -> None:
    import matplotlib.pyplot as plt

    pairs = kind_pairs(judged)
    labels = sorted({label for pair in pairs for label in pair})
    table = confusion(pairs, labels)
    shares = [[count / max(1, sum(row)) for count in row] for row in table]
    figure, axes = plt.subplots(figsize=(6, 5.4))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=40, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    for row, counts in enumerate(table):
        for column, count in enumerate(counts):
            if count:
                axes.text(
                    column, row, str(count), ha="center", va="center", color="white" if shares[row][column] > DARK else "black"
                )
    axes.set(xlabel="understood as", ylabel="is")
    _save(figure, path)


def _groups(judged: Sequence[Judged], path: Path) -> None:
    import matplotlib.pyplot as plt

    styles = sorted({item.example.style for item in judged})
    values = [accuracy(kind_pairs([item for item in judged if item.example.style == style])) for style in styles]
    figure, axes = plt.subplots(figsize=(6, 3.4))
    axes.barh(styles, values, color="#4477aa")
    for row, value in enumerate(values):
        axes.text(value + 0.01, row, f"{value:.2f}", va="center")
    axes.set(xlabel="accuracy of the kind", xlim=(0, 1.08))
    _save(figure, path)


def _save(figure: "Figure", path: Path) -> None:
    import matplotlib.pyplot as plt

    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close("all")
