"""A bank's own words: doubtful messages out, labelled ones in, a model of its own, and figures before and after."""

import io
import json
from datetime import UTC, datetime

import pytest
import yaml

from intents import training_data
from intents.commands import import_labelled, train
from intents.model import MODEL_FILE, Model
from intents.redact import redact
from intents.teaching import NotLabelled, labelled, to_label
from intents.understander import Understander

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
OWN = [
    ("蓝鲸宝怎么又没抢到", "complaint", "wealth_fund"),
    ("蓝鲸宝每次都抢不着你们是不是内定", "complaint", "wealth_fund"),
    ("蓝鲸宝几点开抢", "enquiry", "wealth_fund"),
    ("我想问蓝鲸宝最少放多少", "enquiry", "wealth_fund"),
    ("蓝鲸宝收益掉成这样了", "complaint", "wealth_fund"),
    ("蓝鲸宝里的钱取出来要几天", "enquiry", "wealth_fund"),
    ("蓝鲸宝真不错 每天看着涨", "praise", "wealth_fund"),
    ("能不能给蓝鲸宝加个到期提醒", "suggestion", "wealth_fund"),
]


def lines(items):
    return io.StringIO("".join(json.dumps({"text": t, "kind": k, "product": p}, ensure_ascii=False) + "\n" for t, k, p in items))


@pytest.mark.timeout(900)  # it trains four models, on a machine that may be busy
def test_own_examples_make_a_model_of_ones_own_and_leave_the_packaged_one_alone(tmp_path, capsys, monkeypatch):
    whole = training_data.read_examples
    # A fifth of the packaged examples: to train on all of them four times would take minutes.
    monkeypatch.setattr(training_data, "read_examples", lambda *folders: whole(*folders) if folders else whole()[::5])
    packaged = MODEL_FILE.read_bytes()
    assert import_labelled(lines(OWN), tmp_path, author="wang", stamp="1") == 0
    assert {item.author for item in whole(tmp_path)} == {"wang"}
    assert train(tmp_path) == 0
    said = capsys.readouterr().out
    assert "before (packaged model) and after" in said and f"{len(OWN)} of your own" in said
    assert MODEL_FILE.read_bytes() == packaged
    own = Understander.load(cache_dir=tmp_path / "jieba", own=tmp_path)
    assert own.fingerprint not in (Model().fingerprint, "")
    u = own.understand(redact("蓝鲸宝啥时候开售"), NOW)
    assert u.product == "wealth_fund"
    before = Understander.load(cache_dir=tmp_path / "jieba").understand(redact("蓝鲸宝啥时候开售"), NOW)
    assert u.product_confidence > before.product_confidence


def test_a_model_of_another_version_gives_way_to_the_packaged_one(tmp_path):
    import numpy as np

    with np.load(MODEL_FILE) as stored:
        kept = {name: stored[name] for name in stored.files} | {"base": np.array("older"), "fingerprint": np.array("own")}
    np.savez_compressed(tmp_path / MODEL_FILE.name, **kept)
    assert Understander.load(cache_dir=tmp_path / "jieba", own=tmp_path).fingerprint == Model().fingerprint


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "line 1: not JSON"),
        ("[1]", "line 1: needs an object"),
        ('{"text": " ", "kind": "praise"}', "line 1: needs an object with a text"),
        ('{"text": "a", "kind": "anger"}', "line 1: kind is none of"),
        ('{"text": "a", "kind": "praise", "product": "house"}', "line 1: product is none of"),
        ('{"text": "a", "kind": "urgent_report", "product": "loan", "urgent": false}', "line 1: urgent must be"),
        ('{"text": "a", "kind": "praise", "product": "loan", "urgent": "yes"}', "line 1: urgent must be"),
        ("[" * 100_000, "line 1: not JSON"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_and_nothing_is_imported(tmp_path, capsys, line, why):
    with pytest.raises(NotLabelled, match=why):
        labelled(io.StringIO(line + "\n"))
    assert import_labelled(io.StringIO(line + "\n"), tmp_path, author="a", stamp="1") == 1
    assert why in capsys.readouterr().err and list(tmp_path.iterdir()) == []


def test_what_is_exported_can_be_imported_once_it_is_labelled(tmp_path):
    line = to_label("[转账]这个怎么: 弄\n啊", {"kind": "other", "product": "other", "urgent": False})
    assert labelled(io.StringIO(line)) == []
    item = json.loads(line) | {"kind": "enquiry", "product": "payment_transfer"}
    assert import_labelled(io.StringIO(json.dumps(item)), tmp_path, author="a", stamp="1") == 0
    (path,) = tmp_path.glob("*.yml")
    assert yaml.safe_load(path.read_text("utf-8"))["version"] == "3.1"
    (example,) = training_data.read_examples(tmp_path)
    assert (example.text, example.intent, example.product) == ("[转账]这个怎么: 弄 啊", "enquiry", "payment_transfer")


def test_lines_without_a_label_are_no_import(tmp_path, capsys):
    assert import_labelled(io.StringIO('{"text": "a", "kind": null}\n'), tmp_path, author="a", stamp="1") == 1
    assert "no line has a kind" in capsys.readouterr().err
