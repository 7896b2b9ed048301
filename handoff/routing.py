"""From what was said to who is responsible: nature first, department second. Pure; the rules are data in ``config/routing.yaml``.

A nature says what the matter is about. Who leads also depends on how grave it is: a major matter, or one in which the regulator
is named, is led by consumer protection, and the department that knows the matter joins.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.catalogue import CHINESE, ENGLISH, load_yaml
from config.labels import EscalationSign, Kind, Nature, Priority, Product, TicketKind
from config.own_rules import read_once


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Who leads (主办), who may join (协办), and the rule that said so, such as ``transaction@1``."""

    department: str
    co_departments: tuple[str, ...]
    rule: str


def nature_of(kind: str, product: str, text: str, signs: Sequence[str]) -> Nature:
    """What a matter is for routing. *kind* is a message's or a ticket's kind, *text* the redacted words of the customer."""
    return nature_with_rule(kind, product, text, signs)[0]


def nature_with_rule(kind: str, product: str, text: str, signs: Sequence[str]) -> tuple[Nature, str]:
    """The nature, and the rule that said so, such as ``fees@1``."""
    plain = _plain(text)
    rules = _rules()
    for rule in rules.natures:
        if rule.when.hold(rules.nets, plain, kinds=kind, products=product, signs=signs):
            return Nature(rule.result), rule.id
    raise LookupError("the last rule of routing.yaml must hold always")


def department_of(
    nature: Nature,
    *,
    priority: Priority = Priority.NORMAL,
    signs: Sequence[str] = (),
    product: str = "",
    at_outlet: bool | None = None,
) -> Dispatch:
    """Who is responsible for a matter of *nature*. *product* finds the owner of a suggestion.

    *at_outlet* tells whether it happened at a branch; not known counts as yes, unless the product is the hotline.
    """
    if at_outlet is None:
        at_outlet = product != Product.HOTLINE
    rules = _rules()
    for rule in rules.departments:
        if not rule.when.hold(
            rules.nets,
            "",
            natures=nature,
            products=product,
            priorities=priority,
            signs=signs,
            at_outlet=at_outlet,
        ):
            continue
        joins = rule.co_departments
        if rule.joins_lead_of_nature:
            expert = department_of(nature, product=product, at_outlet=at_outlet)
            joins = tuple(name for name in (expert.department, *expert.co_departments) if name != rule.result)
        return Dispatch(rule.result, joins, rule.id)
    raise LookupError("the last rule of routing.yaml must hold always")


def major_proposals(nature: Nature, *, signs: Sequence[str] = (), amount_yuan: float = 0) -> tuple[str, ...]:
    """The rules that propose to treat a matter as major, such as ``large-loss@1``; empty for most. A person decides."""
    rules = _rules()
    return tuple(
        rule.id for rule in rules.major if rule.when.hold(rules.nets, "", natures=nature, signs=signs, amount_yuan=amount_yuan)
    )


def check_rules() -> None:
    """Raises what is wrong with the rules in force: ``ValueError``, ``KeyError``, ``TypeError`` or ``re.error``."""
    _rules()


def department_name(department: str, language: str = CHINESE) -> str:
    """What a department id is called in *language*; in Chinese where the bank gave it no other name."""
    english = _english_names().get(department) if language == ENGLISH else None
    return english or department_names()[department]


@read_once
def department_names() -> Mapping[str, str]:
    """All departments: id to Chinese name, in the order of the file."""
    return {key: value["name"] for key, value in load_yaml("departments.yaml")["departments"].items()}


@read_once
def _english_names() -> Mapping[str, str]:
    return {key: value.get("english", "") for key, value in load_yaml("departments.yaml")["departments"].items()}


@dataclass(frozen=True, slots=True)
class _Condition:
    """What must hold for a rule; everything named must hold at once."""

    sets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    signs: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    at_outlet: bool | None = None
    amount_at_least: float | None = None

    def hold(
        self,
        nets: Mapping[str, re.Pattern[str]],
        text: str,
        *,
        signs: Sequence[str] = (),
        at_outlet: bool | None = None,
        amount_yuan: float = 0,
        **values: str,
    ) -> bool:
        return (
            all(values.get(name, "") in permitted for name, permitted in self.sets.items())
            and (not self.signs or not self.signs.isdisjoint(signs))
            and (self.at_outlet is None or self.at_outlet == at_outlet)
            and (self.amount_at_least is None or amount_yuan >= self.amount_at_least)
            and (not self.words or any(nets[net].search(text) for net in self.words))
            and not any(nets[net].search(text) for net in self.without)
            and (not self.several or sum(bool(nets[net].search(text)) for net in self.several) > 1)
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    when: _Condition
    result: str
    co_departments: tuple[str, ...] = ()
    joins_lead_of_nature: bool = False


@dataclass(frozen=True, slots=True)
class _Rules:
    nets: Mapping[str, re.Pattern[str]]
    natures: tuple[_Rule, ...]
    departments: tuple[_Rule, ...]
    major: tuple[_Rule, ...]


_SETS: dict[str, frozenset[str]] = {
    "kinds": frozenset(Kind) | frozenset(TicketKind),
    "products": frozenset(Product),
    "natures": frozenset(Nature),
    "priorities": frozenset(Priority),
}


def _plain(text: str) -> str:
    """*text* without the spaces that people put between Chinese characters, and with full-width letters made plain."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


@read_once
def _rules() -> _Rules:
    return read_rules(load_yaml("routing.yaml"))


def read_rules(data: Mapping[str, Any]) -> _Rules:
    """Rules from the parsed YAML; a name that is in no value set raises ``ValueError`` instead of never matching."""
    nets = {name: re.compile("|".join(words)) for name, words in data["word_nets"].items()}
    natures = tuple(_rule(raw, "nature", frozenset(Nature), nets) for raw in _ending_without_condition(data["natures"]))
    names = frozenset(department_names())
    departments = tuple(_rule(raw, "department", names, nets) for raw in _ending_without_condition(data["departments"]))
    for rule in departments:
        _check(rule.id, rule.co_departments, names)
    major = tuple(_rule(raw, "rule", frozenset({raw["rule"]}), nets) for raw in _in_order(data["major"]))
    return _Rules(nets, natures, departments, major)


def _in_order(raw_rules: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    ordered = sorted(raw_rules, key=lambda raw: int(raw["priority"]))
    if len({raw["priority"] for raw in ordered}) != len(ordered):
        raise ValueError("two routing rules have the same priority")
    return ordered


def _ending_without_condition(raw_rules: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    ordered = _in_order(raw_rules)
    if ordered[-1]["when"]:
        raise ValueError("the last routing rule must have no condition")
    return ordered


def _rule(
    raw: Mapping[str, Any],
    result: str,
    results: frozenset[str],
    nets: Mapping[str, re.Pattern[str]],
) -> _Rule:
    rule_id = f"{raw['rule']}@{raw['version']}"
    when = dict(raw["when"])
    sets = {name: frozenset(when.pop(name)) for name in _SETS if name in when}
    for name, values in sets.items():
        _check(rule_id, values, _SETS[name])
    signs = frozenset(when.pop("signs", ()))
    _check(rule_id, signs, frozenset(EscalationSign))
    words = {name: tuple(when.pop(name, ())) for name in ("words", "without", "several")}
    for names in words.values():
        _check(rule_id, names, frozenset(nets))
    amount = when.pop("amount_at_least", None)
    condition = _Condition(sets=sets, signs=signs, at_outlet=when.pop("at_outlet", None), amount_at_least=amount, **words)
    _check(rule_id, when, frozenset())
    _check(rule_id, [raw[result]], results)
    joins = raw.get("joins") == "lead_of_nature"
    return _Rule(rule_id, condition, raw[result], tuple(raw.get("co_departments", ())), joins)


def _check(
    rule_id: str,
    values: Sequence[str] | frozenset[str] | Mapping[str, Any],
    known: frozenset[str],
) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"routing rule {rule_id}: unknown {', '.join(unknown)}")
