"""QR codes for branches: what they hold, what is drawn, and what is refused."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.branch_codes import address_of, write_codes
from bot.channels.qr_code import QUIET, code, drawing
from config.settings import Server, Settings

SVG = "{http://www.w3.org/2000/svg}"
FINDER = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]


def settings(public_url: str | None = "https://feedback.bank.example/") -> Settings:
    return Settings(server=Server(public_url=public_url))


def test_address_names_the_branch_as_the_form_reads_it():
    address = urlsplit(address_of("https://feedback.bank.example/", "人民路&支行 #1"))
    assert (address.netloc, address.path) == ("feedback.bank.example", "/feedback/")
    assert parse_qs(address.query) == {"branch": ["人民路&支行 #1"]}


@pytest.mark.parametrize("branch", ["A", "人民路支行", "很" * 40])
def test_drawing_shows_every_module_of_the_code_inside_a_quiet_zone(branch):
    modules = code(address_of("https://feedback.bank.example", branch))
    root = ET.fromstring(drawing(modules, branch, "扫一扫"))
    drawn = {(int(y) - QUIET, int(x) - QUIET) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", root.find(f"{SVG}path").get("d"))}
    assert drawn == {(r, c) for r, line in enumerate(modules) for c, dark in enumerate(line) if dark}
    for row, column in ((0, 0), (0, len(modules) - 7), (len(modules) - 7, 0)):
        assert ["".join("#" if modules[row + r][column + c] else "." for c in range(7)) for r in range(7)] == FINDER
    assert float(root.get("viewBox").split()[2]) == len(modules) + 2 * QUIET


def test_files_are_named_after_branches_and_stay_in_their_folder(tmp_path: Path):
    made = write_codes(settings(), ["人民路支行", "..\\etc<支行>", " "], tmp_path / "codes")
    assert sorted(path.name for path in (tmp_path / "codes").iterdir()) == sorted(path.name for path in made)
    assert len(made) == 2
    assert all(path.parent == tmp_path / "codes" for path in made)
    assert ET.parse(made[1]).getroot().find(f"{SVG}text").text == "..\\etc<支行>"


@pytest.mark.parametrize(
    ("branches", "url", "why"),
    [
        (["甲"], None, "public_url"),
        (["长" * 51], "https://x.example", "50"),
        (["热线改为400-123-4567"], "https://x.example", "number or an address"),
        (["www.evil.example"], "https://x.example", "number or an address"),
        (["支行 https://evil.example"], "https://x.example", "number or an address"),
        (["a b", "a+b"], "https://x.example", "same file"),
    ],
)
def test_what_would_make_a_useless_code_is_an_error(tmp_path: Path, branches, url, why):
    with pytest.raises(ValueError, match=why):
        write_codes(settings(url), branches, tmp_path / "codes")
    assert not (tmp_path / "codes").exists()


def test_a_drawing_is_a_drawing_whatever_the_branch_is_called():
    evil = '"></text><script>alert(1)</script><image href="http://evil.example/x" onload="alert(1)"/>&x;'
    root = ET.fromstring(drawing([[True]], evil, evil))
    assert {found.tag.rpartition("}")[2] for found in root.iter()} == {"svg", "rect", "path", "text"}
    assert [found.text for found in root.iter() if found.tag.endswith("text")] == [evil, evil]
