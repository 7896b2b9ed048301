"""The table of traps in docs/testing.md names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_that_the_table_of_traps_names_exists():
    named = re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", (ROOT / "docs/testing.md").read_text("utf-8"))
    assert len(named) > 40
    missing = []
    for file, test in named:
        path = ROOT / "tests/wechat" / file
        if not path.is_file() or (test and f"def {test}(" not in path.read_text("utf-8")):
            missing.append(f"{file}::{test}")
    assert missing == []
