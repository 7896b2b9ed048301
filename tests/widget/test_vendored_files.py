import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

VENDOR = Path(str(files("config") / "static" / "vendor"))
MANIFEST = json.loads((VENDOR / "VERSIONS.json").read_text("utf-8"))
OWN = {"htm.js"}


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_vendored_file_is_the_one_in_the_manifest(entry: dict[str, str]) -> None:
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert entry["version"]
    assert len((VENDOR / entry["licence_text"]).read_text("utf-8")) > 500


def test_no_script_lies_there_that_the_manifest_does_not_name() -> None:
    assert {path.name for path in VENDOR.glob("*.js")} == {entry["file"] for entry in MANIFEST} | OWN


@pytest.mark.parametrize("path", sorted(VENDOR.glob("*.js")), ids=lambda path: path.name)
def test_imports_are_files_beside_it_and_no_source_map_is_named(path: Path) -> None:
    text = path.read_text("utf-8")
    for target in re.findall(r"""(?:from|import)\s*["']([^"']+)["']""", text):
        assert target.startswith("./"), target
        assert (VENDOR / target).is_file()
    assert "sourceMappingURL" not in text
