"""QR codes to print and hang up in branches: each opens the feedback form with its branch known."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from bot.channels.qr_code import code, drawing
from config.catalogue import Catalogue
from config.settings import Settings

UNSAFE = re.compile(r"[^\w-]")  # what no file is named with
# What the form takes for a branch's name (``branchIn`` in its feedback.js): no number to call, no address to go to.
MAX_BRANCH_CHARS = 50
MISLEADING = re.compile(r"\d[\d\s-]{3,}\d|[:/@]|\.\w|www", re.ASCII | re.IGNORECASE)


def address_of(public_url: str, branch: str) -> str:
    """Where the code of *branch* leads."""
    return f"{public_url.rstrip('/')}/feedback/?branch={quote(branch, safe='')}"


def write_codes(settings: Settings, branches: Sequence[str], folder: Path) -> list[Path]:
    """One SVG a branch in *folder*, named after it. ``ValueError`` without a public address or for a name that will not do."""
    if not settings.server.public_url:
        raise ValueError("server.public_url is not set: a code would lead nowhere")
    invitation = Catalogue().text("tickets.form.scan")
    files = {branch: folder / f"{UNSAFE.sub('_', branch)}.svg" for branch in map(str.strip, branches) if branch}
    too_long = [branch for branch in files if len(branch) > MAX_BRANCH_CHARS]
    if too_long:
        raise ValueError(f"a branch's name has at most {MAX_BRANCH_CHARS} characters: {too_long[0][:20]}…")
    misleading = [branch for branch in files if MISLEADING.search(branch)]
    if misleading:
        raise ValueError(f"looks like a number or an address and would not be shown: {misleading[0]}")
    if len(set(files.values())) < len(files):
        raise ValueError("two branches would have the same file name")
    folder.mkdir(parents=True, exist_ok=True)
    for branch, file in files.items():
        modules = code(address_of(settings.server.public_url, branch))
        file.write_text(drawing(modules, branch, invitation), "utf-8")
    return list(files.values())
