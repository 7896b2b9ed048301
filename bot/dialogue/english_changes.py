"""How an English customer puts a read-back right: which field, and its new value. Pure."""

import re

_TO = r"(?: of [^,.;]{1,30}?)?\s*(?:is|was|should be|should say|must be|:|=|(?:changed )?to)\s*"
_MINE = r"\b(?:the |my |your )*"
# What is wanted of the read-back, or of a person, is no demand.
_NOT_MEANT = r"(?!to (?:change|correct|talk|speak)\b|change\b|correct\b|(?:a|the|to) (?:person|human)\b)"

ENGLISH_CHANGES = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("demand", rf"{_MINE}(?:request|demand|wish){_TO}(?:that )?(?P<value>.{{2,200}})"),
        (
            "demand",
            r"\b(?:i|we) (?:just |only |also )?(?:want|would like|wish for|demand|need|ask for)(?: you)?(?: to)? "
            rf"(?P<value>{_NOT_MEANT}.{{2,200}})",
        ),
        ("place", rf"{_MINE}(?:place|location|address|branch){_TO}(?P<value>.{{2,60}})"),
        (
            "place",
            r"\bit (?:was|happened)(?: not)? (?:at|in|on) (?:the )?"
            r"(?P<value>(?!\d)[^,.;]{0,40}(?:branch|atm|street|road|mall|station|airport)\b)",
        ),
        (
            "staff_name",
            rf"{_MINE}(?:name(?: of the (?:clerk|teller|manager))?|clerk|teller|manager){_TO}(?P<value>[^,.;]{{2,30}})",
        ),
        ("problem", rf"{_MINE}(?:problem|description|what happened|suggestion){_TO}(?P<value>.{{4,2000}})"),
    )
)
# A number that is no time and no count.
_SUM = (
    r"(?:cny|rmb|¥)?\s*(?P<value>\d[\d,]{0,11}(?:\.\d{1,2})?)"
    r"(?![\d:.-]|\s?[ap]m|\s?o'?clock|\s?(?:days?|weeks?|months?|hours?|minutes?|people|times))"
)
ENGLISH_SUM_NAMED = re.compile(rf"\b(?:amount|sum|money|total){_TO}{_SUM}", re.IGNORECASE)
ENGLISH_NEW_SUM = re.compile(
    rf"(?:\b(?:should be|it was|it is|it's|make it|change it to|actually)\s*|^\s*){_SUM}(?=\s*(?:yuan|rmb|,?\s*not\b|$))",
    re.IGNORECASE,
)
