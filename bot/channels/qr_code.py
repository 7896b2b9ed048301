"""QR codes as drawings to print: dark and light modules, and words below them. Pure."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

QUIET = 4  # modules of white around the code, as the standard asks
MODULE_MM = 1.6
TEXT_MM = 9.0


def code(text: str) -> list[list[bool]]:
    """The modules of the QR code of *text*, row by row, dark ones True; a quarter of it may be dirty (level Q)."""
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel  # charts and Pillow come along with it

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
