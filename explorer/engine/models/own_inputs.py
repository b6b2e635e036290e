"""What a file or a card says of its input, where that is no picture: {"input": "text", "words": [...], "length": 36, ...}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.core.models import AnyPreprocess
from explorer.core.texts import TextPreprocess

_TEXT = ("input", "words", "tokens", "split", "length", "pad", "unknown", "first", "lower")
_MOST_WORDS, _MOST_TOKENS = 1_000_000, 100_000


def own_input(given: Mapping[str, Any], file: str) -> AnyPreprocess | None:
    """The preprocessing; None where it is that of a picture. ExplorerError naming what is wrong."""
    kind = given.get("input", "picture")
    if kind == "picture":
        return None
    if kind == "text":
        return _text(given, file)
    raise _wrong(file, f"“input” is {kind!r}", "picture, text")


def _text(given: Mapping[str, Any], file: str) -> TextPreprocess:
    strange = [str(key) for key in given if key not in _TEXT]
    if strange:
        raise _wrong(file, f"there is “{strange[0]}”", ", ".join(_TEXT))
    words = given.get("words", given.get("tokens", ()))
    if callable(words):
        raise _wrong(file, "“tokens” is a function", "a list of words, whose places are their numbers")
    if not isinstance(words, list | tuple) or not words or not all(isinstance(word, str) for word in words):
        raise _wrong(file, "“words” is no list of words", "a list of words, whose places are their numbers")
    if len(words) > _MOST_WORDS:
        raise _wrong(file, f"there are {len(words):,} words", f"at most {_MOST_WORDS:,}")
    split = given.get("split", "words")
    if split not in ("words", "characters"):
        raise _wrong(file, f"“split” is {split!r}", "words, characters")
    length = _number(given, "length", 0, _MOST_TOKENS, file)
    pad, unknown = _number(given, "pad", 0, len(words) - 1, file), _number(given, "unknown", 1, len(words) - 1, file)
    first = None if given.get("first") is None else _number(given, "first", 0, len(words) - 1, file)
    return TextPreprocess(tuple(words), split, length, pad, unknown, first, bool(given.get("lower", True)))


def _number(given: Mapping[str, Any], name: str, default: int, most: int, file: str) -> int:
    value = given.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _wrong(file, f"“{name}” is {value!r}", f"a whole number from 0 to {most:,}")
    return value


def _wrong(file: str, why: str, right: str) -> ExplorerError:
    return ExplorerError(
        f"{file} describes its input in a way that is not understood.", f"{why}.", f"Possible: {right}."
    )
