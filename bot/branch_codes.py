"""QR codes to print and hang up in branches: each opens the feedback form with its branch known."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from config.catalogue import Catalogue
from config.settings import Settings

UNSAFE = re.compile(r"[^\w-]")  # what no file is named with
MAX_BRANCH_CHARS = 100  # what the form takes of a branch's name
QUIET = 4  # modules of white around the code, as the standard asks
MODULE_MM = 1.6
TEXT_MM = 9.0


def address_of(public_url: str, branch: str) -> str:
    """Where the code of *branch* leads."""
    return f"{public_url.rstrip('/')}/feedback/?branch={quote(branch, safe='')}"


def code(text: str) -> list[list[bool]]:
    """The modules of the QR code of *text*, row by row, dark ones True; a quarter of it may be dirty (level Q)."""
    made = QRCode(None, QRErrorCorrectLevel.Q)
    made.addData(text)
    made.make()
    size = range(made.getModuleCount())
    return [[bool(made.isDark(row, column)) for column in size] for row in size]


def drawing(modules: Sequence[Sequence[bool]], title: str, invitation: str) -> str:
    """The code as an SVG with words below it, in millimetres."""
    side = len(modules) + 2 * QUIET
    path = "".join(
        f"M{column + QUIET} {row + QUIET}h1v1h-1z" for row, line in enumerate(modules) for column, dark in enumerate(line) if dark
    )
    width, below = side * MODULE_MM, TEXT_MM / MODULE_MM
    words = "".join(
        f'<text x="{side / 2:g}" y="{side + below * (n + 0.6):g}" font-size="{size}" text-anchor="middle" '
        f'font-family="sans-serif">{escape(text)}</text>'
        for n, (text, size) in enumerate(((title, 3.4), (invitation, 2.4)))
    )
    height = width + 2 * TEXT_MM + MODULE_MM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {side} {height / MODULE_MM:g}"><rect width="100%" height="100%" fill="#fff"/>'
        f'<path d="{path}" fill="#000" shape-rendering="crispEdges"/>{words}</svg>\n'
    )


def write_codes(settings: Settings, branches: Sequence[str], folder: Path) -> list[Path]:
    """One SVG a branch in *folder*, named after it. ``ValueError`` without a public address or for a name that will not do."""
    if not settings.server.public_url:
        raise ValueError("server.public_url is not set: a code would lead nowhere")
    invitation = Catalogue().text("tickets.form.scan")
    files = {branch: folder / f"{UNSAFE.sub('_', branch)}.svg" for branch in map(str.strip, branches) if branch}
    too_long = [branch for branch in files if len(branch) > MAX_BRANCH_CHARS]
    if too_long:
        raise ValueError(f"a branch's name has at most {MAX_BRANCH_CHARS} characters: {too_long[0][:20]}…")
    if len(set(files.values())) < len(files):
        raise ValueError("two branches would have the same file name")
    folder.mkdir(parents=True, exist_ok=True)
    for branch, file in files.items():
        modules = code(address_of(settings.server.public_url, branch))
        file.write_text(drawing(modules, branch, invitation), "utf-8")
    return list(files.values())
