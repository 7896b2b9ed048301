"""Text that every store, page and platform can carry."""

import re
import unicodedata

# Control characters but for tabs and line ends, halves of a pair that lost the other one, and what Unicode says is no character:
# PostgreSQL refuses the first of them, no file holds the second, XML has no way to write any. And marks that turn the order of
# what follows: with them one text passes for another ("exe.gpj" is read as "jpg.exe"); writing from right to left needs none. And
# spaces without width, behind which words and numbers hide from whoever looks for them. Joiners stay: emoji are made of them.
UNSEEN = "\u00ad\u034f\u180e\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufffe\uffff"
_UNSPEAKABLE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff{UNSEEN}]")
# Letters without a shape, of which one could make a name that looks empty.
_SHAPELESS = re.compile("[\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]")
MOST_MARKS = 4  # above and below one letter: more than any language has, fewer than cover the line before


def speakable(text: str) -> str:
    """*text* without characters that nobody can see and something on the way would choke on, or somebody be deceived by."""
    return _UNSPEAKABLE.sub("", text)


def as_name(text: str) -> str:
    """*text* as something or somebody is called: on one line, of what can be seen, no letter buried under marks."""
    seen, marks = [], 0
    for char in _SHAPELESS.sub("", text):
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind[0] == "Z" or char in "\t\n\r":
            seen.append(" ")
        elif kind[0] != "C" and marks <= MOST_MARKS:
            seen.append(char)
    return " ".join("".join(seen).split())


def as_file_name(text: str) -> str:
    """*text* as a file is called: a name, and no way into another folder."""
    return as_name(re.sub(r'[/\\:*?"<>|]', "_", text)).lstrip(".")
