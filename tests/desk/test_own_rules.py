"""A bank's own rules lie outside the package; what is wrong with them is said before anybody is served by them."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from bot.cli import main
from config.labels import Nature
from config.own_rules import REPLACEABLE, use_rules_in
from config.queueing import queueing
from handoff.routing import department_name, department_names, department_of
from store.crypto import write_key_ring


@pytest.fixture(autouse=True)
def _packaged_again():
    yield
    use_rules_in(None)


def copy(name: str, folder: Path, **changes: object) -> None:
    rules = yaml.safe_load((files("config") / name).read_text("utf-8"))
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(yaml.safe_dump({**rules, **changes}, allow_unicode=True), "utf-8")


def check(tmp_path: Path, capsys) -> tuple[int, str]:
    """What ``huiyin check-config`` says with the rules in that folder."""
    write_key_ring(tmp_path / "keys.json") if not (tmp_path / "keys.json").exists() else None
    settings = tmp_path / "huiyin.yaml"
    settings.write_text(json.dumps({"data_dir": str(tmp_path), "rules_dir": str(tmp_path / "rules")}), "utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["--config", str(settings), "check-config"])
    return ended.value.code, capsys.readouterr().err


def test_a_file_of_the_banks_own_takes_the_packaged_ones_place_and_the_others_stay(tmp_path):
    packaged = queueing().offer_seconds
    copy("queue.yaml", tmp_path / "rules", offer_seconds=packaged + 5)
    use_rules_in(tmp_path / "rules")
    assert queueing().offer_seconds == packaged + 5
    assert department_of(Nature.TRANSACTION).department == "operations"
    use_rules_in(None)
    assert queueing().offer_seconds == packaged


def test_departments_of_the_banks_own_names_are_shown(tmp_path):
    names = {key: {"name": f"本行{name}"} for key, name in department_names().items()}
    copy("departments.yaml", tmp_path / "rules", departments=names)
    use_rules_in(tmp_path / "rules")
    assert department_name("operations").startswith("本行")


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("queue.yaml", {"offer_seconds": 0}, "offer_seconds"),
        ("queue.yaml", {"offer_second": 5}, "offer_second"),
        ("routing.yaml", {"natures": []}, "routing.yaml"),
        ("departments.yaml", {"departments": {}}, "routing"),
        ("sla.yaml", {"targets": 3}, "sla.yaml"),
    ],
)
def test_what_is_wrong_in_a_file_keeps_the_service_from_starting_and_is_named(tmp_path, capsys, name, changes, says):
    copy(name, tmp_path / "rules", **changes)
    code, said = check(tmp_path, capsys)
    assert code == 1 and says in said and "Traceback" not in said


def test_a_file_that_is_no_yaml_is_named(tmp_path, capsys):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "queue.yaml").write_text("offer_seconds: [", "utf-8")
    code, said = check(tmp_path, capsys)
    assert code == 1 and "queue.yaml" in said and "Traceback" not in said


def test_a_misspelt_file_and_a_missing_folder_are_no_silent_nothing(tmp_path, capsys):
    assert "is not a folder" in check(tmp_path, capsys)[1]
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "queues.yaml").write_text("{}", "utf-8")
    code, said = check(tmp_path, capsys)
    assert code == 1 and "queues.yaml replaces nothing" in said


def test_every_replaceable_file_is_packaged():
    assert all((files("config") / name).is_file() for name in REPLACEABLE)
