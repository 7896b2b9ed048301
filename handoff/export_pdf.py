"""A conversation as a PDF. The Chinese font is one that every reader of PDFs brings (STSong-Light), so none is shipped."""

import io
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from PIL import Image as Picture
from PIL import UnidentifiedImageError
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, Paragraph, SimpleDocTemplate, Spacer

from config.catalogue import Catalogue
from handoff.transcript import Line, Transcript

FONT = "STSong-Light"
SHOWN = frozenset({"image/jpeg", "image/png"})
WIDEST, TALLEST = 120 * mm, 90 * mm
LAST_OF_THE_FONT = 0xFFFF  # it has two bytes a character
JOINERS = "\u200d\ufe0f"

_BODY = {"fontName": FONT, "fontSize": 10, "leading": 15, "wordWrap": "CJK"}


def document(transcript: Transcript, files: Mapping[str, bytes], catalogue: Catalogue) -> bytes:
    """The document. *files* holds the content of attachments by blob id, as far as it is at hand."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    body = ParagraphStyle("body", **_BODY)
    soft = ParagraphStyle("soft", parent=body, textColor="#5b6678")
    title = ParagraphStyle("title", parent=body, fontSize=17, leading=24)
    heading = ParagraphStyle("heading", parent=body, fontSize=12, leading=18, spaceBefore=10, textColor="#24406e")
    flow: list[Flowable] = [Paragraph(_safe(transcript.title), title), Paragraph(_safe(transcript.about), soft)]
    for name, pairs in transcript.sections:
        flow.append(Paragraph(_safe(name), heading))
        flow += _pairs(pairs, body)
    flow.append(Paragraph(_safe(transcript.messages_heading), heading))
    for line in transcript.lines:
        flow += _line(line, files, body, soft)
    made = io.BytesIO()

    def number(canvas: Canvas, document: Any) -> None:
        canvas.setFont(FONT, 8)
        canvas.drawCentredString(A4[0] / 2, 10 * mm, catalogue.text("page", page=document.page))

    margins = {"leftMargin": 20 * mm, "rightMargin": 20 * mm, "topMargin": 18 * mm, "bottomMargin": 18 * mm}
    SimpleDocTemplate(made, pagesize=A4, title=transcript.title, **margins).build(flow, onFirstPage=number, onLaterPages=number)
    return made.getvalue()


def _pairs(pairs: Sequence[tuple[str, str]], body: ParagraphStyle) -> list[Flowable]:
    return [Paragraph(_safe(f"{label}：{value}" if label else value), body) for label, value in pairs]


def _line(line: Line, files: Mapping[str, bytes], body: ParagraphStyle, soft: ParagraphStyle) -> list[Flowable]:
    flow: list[Flowable] = [Spacer(1, 2 * mm), Paragraph(_safe(f"{line.who}  {line.at}"), soft)]
    flow += [Paragraph(_safe(part), body) for part in line.text.split("\n") if part.strip()]
    for n, item in enumerate(line.attachments):
        data = files.get(item["blob_id"])
        shown = _picture(data) if data is not None and item["media_type"] in SHOWN else None
        flow.append(shown or Paragraph(_safe(line.file_texts[n]), soft))
    return flow


def _picture(data: bytes) -> Image | None:
    try:
        with Picture.open(io.BytesIO(data)) as opened:
            width, height = opened.size
            opened.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None
    scale = min(WIDEST / width, TALLEST / height, 1.0)
    return Image(io.BytesIO(data), width * scale, height * scale)


def _safe(text: str) -> str:
    """*text* for a paragraph: no mark-up of its own, and a square for what the font cannot have (emoji)."""
    return escape("".join(_shown(char) for char in text if char not in JOINERS))


def _shown(char: str) -> str:
    return char if ord(char) <= LAST_OF_THE_FONT and (char.isprintable() or char.isspace()) else "□"
