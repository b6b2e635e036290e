"""Text as a model takes it: pieces with their places in the characters, and their numbers in a vocabulary."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

from explorer.core.errors import ExplorerError

MOST_CHARACTERS = 100_000
_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
TokenKind = Literal["word", "unknown", "start", "padding"]


@dataclass(frozen=True, slots=True)
class Token:
    """One entry of the model's input: its number, what it stands for, and its span of characters in the text ((0, 0): none)."""

    id: int
    piece: str
    start: int = 0
    end: int = 0
    kind: TokenKind = "word"


@dataclass(frozen=True, slots=True, repr=False)
class TextPreprocess:
    """How a text becomes a row of token numbers (1, length).

    Words are runs of letters and digits, and single signs; a piece that `words` has not is `unknown`. The number of a piece is its place
    in `words`.
    """

    UNIT: ClassVar[str] = "tokens"
    DEPTHS: ClassVar[tuple[str, str]] = ("words", "phrases, what is meant")

    words: tuple[str, ...] = ()
    split: Literal["words", "characters"] = "words"
    length: int = 0  # tokens that the model takes, padded or cut; 0: as many as the text has
    pad: int = 0
    unknown: int = 1
    first: int | None = None  # the number of a token that is put before all others (CLS)
    lower: bool = True  # whether capital letters are made small first

    @property
    def height(self) -> int:
        """A text is one row."""
        return 1

    @property
    def width(self) -> int:
        """Tokens, at most."""
        return self.length or MOST_CHARACTERS

    @property
    def channels(self) -> int:
        """Numbers of a token."""
        return 1

    def __repr__(self) -> str:
        """Short, and another one for every other vocabulary: it is part of the digest of models."""
        about = hashlib.sha256("\0".join(self.words).encode()).hexdigest()[:16]
        rest = (self.split, self.length, self.pad, self.unknown, self.first, self.lower)
        return f"TextPreprocess({len(self.words)} words {about}, {', '.join(map(repr, rest))})"

    @property
    def says(self) -> str:
        """In one sentence."""
        unit = "words" if self.split == "words" else "characters"
        long = f"{self.length} {unit}, shorter texts padded" if self.length else f"any number of {unit}"
        return f"Takes {long}, from {len(self.words)} known ones; others are unknown."


def pieces(text: str, split: Literal["words", "characters"] = "words") -> list[tuple[str, int, int]]:
    """(piece, start, end) of a text, in order."""
    if split == "characters":
        return [(sign, at, at + 1) for at, sign in enumerate(text)]
    return [(found.group(), found.start(), found.end()) for found in _WORD.finditer(text)]


@lru_cache(maxsize=16)  # asked for several times for each word that is written, and a vocabulary may be large
def tokenised(text: str, pre: TextPreprocess) -> tuple[Token, ...]:
    """The tokens of a text, padded or cut to the length. Raises ExplorerError where there is none."""
    numbers = {word: number for number, word in enumerate(pre.words)}
    found = [Token(pre.first, _name(pre, pre.first), kind="start")] if pre.first is not None else []
    for piece, start, end in pieces(text, pre.split):
        number = numbers.get(piece.lower() if pre.lower else piece)
        kind: TokenKind = "word" if number is not None else "unknown"
        found.append(Token(pre.unknown if number is None else number, piece, start, end, kind))
    if not any(token.kind in ("word", "unknown") for token in found):
        raise ExplorerError("The text is empty.", "There is no word in it.", "Write a word.")
    if not pre.length:
        return tuple(found)
    padding = Token(pre.pad, _name(pre, pre.pad), kind="padding")
    return (*found[: pre.length], *(padding for _ in range(pre.length - len(found))))


def example(pre: TextPreprocess) -> str:
    """A text of the first words that a vocabulary knows."""
    known = [word for word in pre.words if word[:1].isalnum()]
    return (" " if pre.split == "words" else "").join(known[:8]) or "a"


def left_out(text: str, pre: TextPreprocess) -> int:
    """How many pieces the model does not see, for the text is too long for it."""
    count = len(pieces(text, pre.split)) + (pre.first is not None)
    return max(count - pre.length, 0) if pre.length else 0


def _name(pre: TextPreprocess, number: int) -> str:
    return pre.words[number] if 0 <= number < len(pre.words) else f"#{number}"


def unread(text: str) -> str:
    """Why a text cannot be given to a model; "" where it can."""
    if not text.strip():
        return "Nothing is written."
    if len(text) > MOST_CHARACTERS:
        return f"The text is too long: {len(text):,} characters, {MOST_CHARACTERS:,} at most."
    return ""
