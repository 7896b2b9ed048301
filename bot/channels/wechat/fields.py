"""A push's XML or JSON as a flat table of strings. Whatever is not such a push is refused, before or after parsing."""

import codecs
import json
import re
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from bot.channels.wechat.signing import Rejected
from config.speakable import speakable

MAX_ELEMENTS = 400  # a push has about twenty; a body of tags alone would cost half a second a megabyte
_CDATA = b"<![CDATA["
_CLOSES = {_CDATA: b"]]>", b"<!--": b"-->"}
_OPENS = re.compile(rb"<!\[CDATA\[|<!--")
_DECLARATION = b"<?xml "
# What customers' keyboards let slip in now and then, and no XML may hold: the rest of their message counts all the same. Not the
# zero byte, of which text in another encoding is full.
_UNWRITABLE = bytes({*range(1, 32)} - {*b"\t\n\r"})


def fields_of(body: bytes, *, xml_only: bool = False) -> dict[str, Any]:
    """The fields of a push by name: text as it was written, an empty one as ``""``, nested ones as they are.

    What the body begins with decides what it is. Raises ``Rejected`` for everything else; a field that stands there twice is
    no text, so whoever reads it refuses it.
    """
    body = body.removeprefix(codecs.BOM_UTF8).strip()
    return _json_fields(body) if body.startswith(b"{") and not xml_only else _xml_fields(body)


def _xml_fields(body: bytes) -> dict[str, Any]:
    if body.startswith(_DECLARATION):
        body = body[body.find(b"?>") + 2 :]
    tidied = _tidied(body.translate(None, _UNWRITABLE).replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b""))
    try:
        parsed = xmltodict.parse(tidied.decode("utf-8"), strip_whitespace=False, xml_attribs=False)
    except (ExpatError, ValueError, RecursionError):
        raise Rejected("bad_xml") from None
    root = parsed.get("xml")
    if not isinstance(root, dict):
        raise Rejected("bad_xml")
    return {name: "" if value is None else value for name, value in root.items() if name != "#text"}


def _json_fields(body: bytes) -> dict[str, Any]:
    """Numbers as text, because the same field comes as either."""
    try:
        parsed = _JSON.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Rejected("bad_json") from None
    if not isinstance(parsed, dict):
        raise Rejected("bad_json")
    return {name: "" if value is None else value for name, value in parsed.items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands there twice, all values, as in XML."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = [found[name], value] if name in found else value
    return found


# Not strict: control characters within text are taken as they come.
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_once, strict=False)


def text_field(fields: dict[str, Any], name: str, *, limit: int, required: bool = False) -> str:
    """The text of element *name*, ``""`` when it is absent. Raises ``Rejected`` when it is no text, too long, or missed."""
    value = fields.get(name, "")
    if not isinstance(value, str) or len(value) > limit:
        raise Rejected("bad_field")
    value = speakable(value)
    if required and not value.strip():
        raise Rejected("missing_field")
    return value


def _tidied(body: bytes) -> bytes:
    """*body* if it holds no document type, entity or instruction, and few elements; without blanks around CDATA sections.

    Only CDATA sections and comments may hold such characters: a customer may well type ``<!DOCTYPE html>``, and that message
    counts too. Since nothing else that begins with ``<!`` is let through, what we take for CDATA the parser takes for CDATA.
    Blanks beside a section come from whoever wrote the XML; what the customer typed stands inside.
    """
    parts: list[bytes] = []
    elements, position, after_section = 0, 0, False
    while True:
        opening = _OPENS.search(body, position)
        outside = body[position : opening.start() if opening else len(body)]
        if b"<!" in outside or b"<?" in outside:
            raise Rejected("forbidden_markup")
        elements += outside.count(b"<")
        if elements > 2 * MAX_ELEMENTS:
            raise Rejected("too_many_elements")
        before_section = opening is not None and opening.group() == _CDATA
        if after_section and outside.lstrip().startswith(b"</"):
            outside = outside.lstrip()
        if before_section and outside.rstrip().endswith(b">"):
            outside = outside.rstrip()
        parts.append(outside)
        if opening is None:
            return b"".join(parts)
        ending = _CLOSES[opening.group()]
        closes = body.find(ending, opening.end())
        if closes < 0:
            raise Rejected("bad_xml")
        position = closes + len(ending)
        after_section = before_section
        parts.append(body[opening.start() : position])
