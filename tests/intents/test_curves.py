"""Learning curves of styles, on a handful of examples."""

from intents import curves
from intents.curves import curve_report, style_curves
from intents.training_data import Example, read_examples


def examples() -> list[Example]:
    """Two styles, and what every model needs: an example of each intent."""
    everything = read_examples()
    letters = [item for item in everything if item.style == "letter"][:90]
    rest = {item.intent: item for item in everything if item.style == "short_answer" or item.style == "wechat"}
    return [*letters, *rest.values(), *[item for item in everything if item.style == "wechat"][:200]]


def test_a_style_is_judged_on_a_third_that_is_never_trained_on_and_with_ever_more_of_its_own(monkeypatch):
    seen = []
    real = curves.trained
    monkeypatch.setattr(curves, "trained", lambda some, segmenter: seen.append(some) or real(some, segmenter))
    steps = list(style_curves(examples()))
    assert [step.style for step in steps] == ["letter"] * 4 + ["wechat"] * 4
    own = [step.trained_on for step in steps[:4]]
    assert own == sorted(own) and own[0] == 0 and own[-1] == 60
    judged = {item.text for item in [item for item in examples() if item.style == "letter"][::3]}
    for some in seen[:4]:
        assert judged.isdisjoint({item.text for item in some if item.style == "letter"})
    assert curve_report(steps).count("\n") == 3


def test_a_style_with_too_few_examples_has_no_curve():
    few = [item for item in examples() if item.style == "letter"][:59]
    assert list(style_curves(few)) == []
