"""Whether the rules in force make sense: asked before anybody is served by them."""

import re
from collections.abc import Callable

import yaml

from config.own_rules import source_of, use_rules_in
from config.queueing import queueing
from config.settings import Settings
from handoff.routing import check_rules, department_names
from handoff.tickets.clocks import Clocks

FAULTS = (ValueError, KeyError, TypeError, AttributeError, IndexError, re.error, yaml.YAMLError, OSError)


def faults_in_rules(settings: Settings) -> list[str]:
    """One line for each file that cannot be used, and why; empty when all can."""
    try:
        use_rules_in(settings.rules_dir)
    except ValueError as error:
        return [str(error)]
    reads: dict[str, Callable[[], object]] = {
        "departments.yaml": department_names,
        "queue.yaml": queueing,
        "routing.yaml": check_rules,
        "sla.yaml or calendar.yaml": lambda: Clocks.load(
            settings.desk.opening_hours, open_every_day=settings.desk.open_every_day
        ),
    }
    found = []
    for name, read in reads.items():
        try:
            read()
        except FAULTS as error:
            said = f"there is no {error}" if isinstance(error, KeyError) else str(error)
            where = source_of(name) if " " not in name else name
            found.append(f"rules: {where}: {said}")
    return found
