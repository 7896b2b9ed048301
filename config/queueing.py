"""Who is served when and by whom: ``config/queue.yaml``, checked when it is read."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.catalogue import load_yaml
from config.labels import EscalationSign, Kind, Priority, Product
from config.own_rules import read_once

ReturnedOr = Priority | Literal["returned"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HeadStart(_Part):
    """Minutes by which somebody counts as having come earlier."""

    normal: float = Field(ge=0)
    urgent: float = Field(ge=0)
    major: float = Field(ge=0)
    returned: float = Field(ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> "HeadStart":
        if not self.normal <= self.urgent <= self.major:
            raise ValueError("normal, urgent and major must not decrease in this order")
        return self


class Skill(_Part):
    """What an agent may know."""

    name: str = Field(min_length=1, max_length=20)
    department: str | None = None


class Condition(_Part):
    """What must hold for a rule; what is absent holds."""

    kinds: frozenset[Kind] = frozenset()
    products: frozenset[Product] = frozenset()
    signs: frozenset[EscalationSign] = frozenset()
    urgent: bool | None = None

    def holds(self, understood: Mapping[str, Any]) -> bool:
        """Whether everything named fits what was understood."""
        return (
            (not self.kinds or understood.get("kind") in self.kinds)
            and (not self.products or understood.get("product") in self.products)
            and (not self.signs or not self.signs.isdisjoint(understood.get("escalation_signs", ())))
            and (self.urgent is None or bool(understood.get("urgent")) == self.urgent)
        )


class SkillRule(_Part):
    """Which skill a matter needs."""

    when: Condition
    skill: str


class Widen(_Part):
    """Seconds after which anybody may take what needs a skill."""

    nobody_on_duty: float = Field(ge=0)
    all_busy: float = Field(ge=0)


class PreviousAgent(_Part):
    """How long, and after how many days still, the agent of before is asked first."""

    wait_seconds: float = Field(ge=0)
    within_days: float = Field(ge=0)


class Queueing(_Part):
    """The whole file."""

    version: str
    head_start_minutes: HeadStart
    skills: dict[str, Skill]
    skill_rules: tuple[SkillRule, ...]
    widen_after_seconds: Widen
    previous_agent: PreviousAgent
    offer_seconds: float = Field(gt=0)
    policy_signs: frozenset[EscalationSign]

    @model_validator(mode="after")
    def _skills_are_known(self) -> "Queueing":
        unknown = sorted({rule.skill for rule in self.skill_rules} - set(self.skills))
        if unknown:
            raise ValueError(f"skill_rules: no skill is called {', '.join(unknown)}")
        departments = load_yaml("departments.yaml")["departments"]
        for key, skill in self.skills.items():
            if skill.department is not None and skill.department not in departments:
                raise ValueError(f"skills.{key}: no department is called {skill.department}")
        return self

    def head_start(self, which: ReturnedOr) -> timedelta:
        """How much earlier such a one counts as having come."""
        return timedelta(minutes=getattr(self.head_start_minutes, str(which)))

    def skill_for(self, understood: Mapping[str, Any]) -> str | None:
        """The skill that the matter needs; None when anybody will do."""
        return next((rule.skill for rule in self.skill_rules if rule.when.holds(understood)), None)

    def skill_name(self, skill: str) -> str:
        """What people call it; a skill that is no longer in the file keeps its id."""
        found = self.skills.get(skill)
        return found.name if found else skill

    def skills_of_department(self, department: str) -> tuple[str, ...]:
        """The skills that belong to a department."""
        return tuple(key for key, skill in self.skills.items() if skill.department == department)

    def unknown_skills(self, skills: Sequence[str]) -> tuple[str, ...]:
        """Those of *skills* that are not in the file."""
        return tuple(skill for skill in skills if skill not in self.skills)


def read_queueing(data: Mapping[str, Any]) -> Queueing:
    """The rules in parsed YAML. ``ValueError`` names every field that is wrong, and why."""
    try:
        return Queueing.model_validate(data)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}" for item in error.errors(include_url=False))
        raise ValueError("queue.yaml: " + "; ".join(faults)) from None


@read_once
def queueing() -> Queueing:
    """The rules in force."""
    return read_queueing(load_yaml("queue.yaml"))
