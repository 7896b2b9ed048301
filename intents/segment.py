"""Cuts Chinese text into words with jieba and the bank's own vocabulary."""

import logging
import os
import warnings
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any

import yaml

# jieba's time grows with the square of a run of characters that it knows no word for: it gets texts in pieces.
STRETCH_CHARS = 1000


class Segmenter:
    """One jieba tokenizer with our words in it: loaded when it is first needed, for it takes a second and 80 MB."""

    def __init__(self, cache_dir: Path | None = None) -> None:
        """Jieba will keep its cache in *cache_dir*: by default it lies under a fixed name in a folder everybody may write."""
        self._cache_dir = cache_dir
        self._loading = Lock()
        self._tokenizer: Any = None

    @property
    def is_ready(self) -> bool:
        """Whether the words of a text can be told at once."""
        return self._tokenizer is not None

    def warm(self) -> None:
        """Load the dictionary, unless it is there already. Any thread may call this."""
        with self._loading:
            if self._tokenizer is None:
                self._tokenizer = _tokenizer(self._cache_dir)

    def words(self, text: str) -> list[str]:
        """The words of *text* in order."""
        if self._tokenizer is None:
            self.warm()
        return [
            word
            for begin in range(0, len(text), STRETCH_CHARS)
            for word in self._tokenizer.lcut(text[begin : begin + STRETCH_CHARS])
        ]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each word that is not blank."""
        result, start = [], 0
        for word in self.words(text):
            if not word.isspace():
                result.append((start, start + len(word)))
            start += len(word)
        return result


def _tokenizer(cache_dir: Path | None) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # escapes in its sources that newer Pythons complain about
        import jieba
    jieba.setLogLevel(logging.ERROR)
    tokenizer = jieba.Tokenizer()
    if cache_dir is not None:
        cache_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        tokenizer.tmp_dir = os.fspath(cache_dir)
    tokenizer.initialize()
    words = yaml.safe_load((files("intents") / "lexicons" / "words.yml").read_text("utf-8"))
    for frequency, terms in words.items():
        for term in terms:
            # Without a frequency jieba keeps 被盗/刷 apart even when it knows 盗刷.
            tokenizer.add_word(term, int(frequency))
    return tokenizer
