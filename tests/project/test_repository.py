"""Rules of the repository itself, so that nobody has to remember them."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted|files\.python|registry\.npm|npmjs|unpkg\.com|jsdelivr|deb\.debian|mirrors?\.[a-z]+\.|tuna\.tsinghua"
)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
BINARY = {".png", ".npz", ".ico", ".woff2"}


def committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_committed_file_names_a_package_registry_or_mirror():
    here = Path(__file__)
    found = [
        str(path.relative_to(ROOT))
        for path in committed()
        if path != here and path.suffix not in BINARY and REGISTRIES.search(path.read_text("utf-8", "replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("name", "least"),
    [("requirements.lock", 40), ("requirements-dev.lock", 80), ("requirements-semantic.lock", 1), ("requirements-fuzz.lock", 1)],
)
def test_locked_dependencies_have_hashes_and_no_addresses(name, least):
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text and "index-url" not in text
    pinned = [line for line in text.splitlines() if "==" in line]
    assert len(pinned) >= least and text.count("--hash=sha256:") >= len(pinned)


def test_documents_link_only_to_what_is_there():
    broken = [
        f"{path.relative_to(ROOT)} -> {target}"
        for path in committed()
        if path.suffix == ".md"
        for target in LINK.findall(path.read_text("utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_files_stay_small_enough_to_read():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in committed()
        if path.suffix in (".py", ".js") and "vendor" not in path.parts
        if (lines := len(path.read_text("utf-8").splitlines())) > 480
    }
    assert long == {}


def test_asking_the_command_for_help_loads_no_database_web_or_model_library():
    code = "import sys, bot.cli; print([m for m in ('sqlalchemy', 'aiohttp', 'numpy', 'jieba', 'rasa_sdk', 'redis') if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert loaded.stdout.strip() == "[]"


def test_the_service_starts_without_what_only_prints_and_pictures_need():
    code = "import sys, bot.app; print([m for m in ('reportlab', 'PIL', 'alembic', 'psycopg', 'redis') if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("folder", ["handoff/static/desk", "bot/static/widget"])
def test_english_pages_lack_no_text_that_the_chinese_ones_have(folder, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node to read the catalogues with")
    keys = []
    for name in ("texts.zh-CN.js", "texts.en.js"):
        source = ROOT / folder / name
        module = tmp_path / f"{name}.mjs"
        module.write_bytes(source.read_bytes())
        flat = "const f=(o,p='')=>Object.entries(o).flatMap(([k,v])=>typeof v==='object'?f(v,p+k+'.'):[p+k]);"
        script = f"import t from {json.dumps(module.as_uri())};{flat}console.log(JSON.stringify(f(t).sort()))"
        shown = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, check=True, text=True)
        keys.append(json.loads(shown.stdout))
    assert set(keys[0]) - set(keys[1]) == set()


def test_every_text_that_the_desk_asks_for_is_in_its_catalogue():
    folder = ROOT / "handoff/static/desk"
    catalogue = (folder / "texts.zh-CN.js").read_text("utf-8")
    asked = {
        key
        for path in folder.glob("*.js")
        if not path.name.startswith("texts.")
        for key in re.findall(r"\bt\(\"([A-Za-z]+)\"", path.read_text("utf-8"))
    }
    assert asked and {key for key in asked if not re.search(rf"\b{key}:", catalogue)} == set()


def test_a_chosen_dark_page_has_the_colours_of_one_that_follows_the_system():
    text = (ROOT / "config/static/tokens.css").read_text("utf-8")
    followed = text.split('@media (prefers-color-scheme: dark) {\n  :root:not([data-theme="light"]) {', 1)[1].split("}", 1)[0]
    chosen = text.split(':root[data-theme="dark"] {', 1)[1].split("}", 1)[0].replace("color-scheme: dark;", "")
    assert followed.split() == chosen.split()
