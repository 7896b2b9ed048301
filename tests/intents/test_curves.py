"""Learning curves of styles, on a handful of examples."""

from config.labels import Kind
from intents import curves
from intents.curves import curve_report, style_curves
from intents.training_data import Example, read_examples


def examples() -> list[Example]:
    """Ninety of one style, too few of another to judge, and the answers that every model needs."""
    everything = read_examples()
    letters = [item for item in everything if item.style == "letter"][:90]
    chats = [item for item in everything if item.style == "wechat"]
    few = [item for kind in Kind for item in [chat for chat in chats if chat.intent == kind][:6]]
    return [*letters, *few, *[item for item in everything if item.style == "short_answer"]]


def test_a_style_is_judged_on_a_third_that_is_never_trained_on_and_with_ever_more_of_its_own(monkeypatch):
    seen = []
    real = curves.trained
    monkeypatch.setattr(curves, "trained", lambda some, segmenter: seen.append(some) or real(some, segmenter))
    steps = list(style_curves(examples()))
    assert [step.style for step in steps] == ["letter"] * 4
    own = [step.trained_on for step in steps[:4]]
    assert own == sorted(own) and own[0] == 0 and own[-1] == 60
    judged = {item.text for item in [item for item in examples() if item.style == "letter"][::3]}
    for some in seen[:4]:
        assert judged.isdisjoint({item.text for item in some if item.style == "letter"})
    assert curve_report(steps).count("\n") == 2


def test_a_style_with_too_few_examples_has_no_curve():
    few = [item for item in examples() if item.style == "letter"][:59]
    assert list(style_curves(few)) == []
