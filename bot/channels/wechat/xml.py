"""A push's XML as a flat table of strings. Whatever is not such a push is refused before or after parsing, never half read."""

from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from bot.channels.wechat.signing import Rejected

MAX_ELEMENTS = 400  # a push has about twenty; a body of tags alone would cost half a second a megabyte
_CDATA_OPENS, _CDATA_CLOSES = b"<![CDATA[", b"]]>"


def fields_of(body: bytes) -> dict[str, Any]:
    """The elements below ``<xml>`` by name: text as it was written, an empty element as ``""``, nested ones as they are.

    Raises ``Rejected`` for everything else, also for an element that stands there twice.
    """
    _refuse_markup(body)
    try:
        text = body.decode("utf-8")
        parsed = xmltodict.parse(text, strip_whitespace=False, xml_attribs=False)
    except (ExpatError, ValueError, RecursionError):
        raise Rejected("bad_xml") from None
    root = parsed.get("xml")
    if not isinstance(root, dict):
        raise Rejected("bad_xml")
    return {name: "" if value is None else value for name, value in root.items() if name != "#text"}


def text_field(fields: dict[str, Any], name: str, *, limit: int, required: bool = False) -> str:
    """The text of element *name*, ``""`` when it is absent. Raises ``Rejected`` when it is no text, too long, or missed."""
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > limit:
        raise Rejected("bad_field")
    if required and not value.strip():
        raise Rejected("missing_field")
    return value


def _refuse_markup(body: bytes) -> None:
    """No document type, entity, comment or instruction, and few elements.

    Only CDATA sections may hold such characters: a customer may well type ``<!DOCTYPE html>``, and that message counts too.
    Since nothing else that begins with ``<!`` is let through, what we take for CDATA the parser takes for CDATA.
    """
    elements, position = 0, 0
    while True:
        opens = body.find(_CDATA_OPENS, position)
        outside = body[position : opens if opens >= 0 else len(body)]
        if b"<!" in outside or b"<?" in outside:
            raise Rejected("forbidden_markup")
        elements += outside.count(b"<")
        if elements > 2 * MAX_ELEMENTS:
            raise Rejected("too_many_elements")
        if opens < 0:
            return
        closes = body.find(_CDATA_CLOSES, opens)
        if closes < 0:
            raise Rejected("bad_xml")
        position = closes + len(_CDATA_CLOSES)
