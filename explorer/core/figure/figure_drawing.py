"""A figure laid out: texts, boxes, pictures and lines at places in millimetres. Whoever paints it decides nothing any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from explorer.core.arrays import Array
from explorer.core.figure.figure_parts import MM_PER_INCH, FigureStyle

HAIR = 0.12  # mm: the thinnest line
Align = Literal["left", "right", "centre"]


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of a theme. `series` can be told apart by colour-blind eyes (Okabe and Ito 2008)."""

    paper: str
    ink: str
    dim: str
    line: str
    accent: str
    warm: str
    cold: str
    series: tuple[str, ...]


INKS = {
    "light": Inks(
        *("#ffffff", "#1a1d24", "#565d6b", "#b9c0cb", "#0b6bb8", "#c26a05", "#3572c6"),
        ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#5b5b5b", "#e69f00"),
    ),
    "dark": Inks(
        *("#15171c", "#e8eaf0", "#a0a6b4", "#454c5a", "#5cc8ff", "#ffb454", "#6fa8f5"),
        ("#56b4e9", "#e69f00", "#2fc79a", "#e39bc3", "#f0e442", "#4f9bd9", "#b8bcc6", "#ee7733"),
    ),
}


def over_paper(rgba: Array, paper: str) -> Array:
    """(..., 3) uint8 of (..., 4) uint8 on a paper of that colour."""
    ground = np.array(list(bytes.fromhex(paper[1:])), float)
    share = rgba[..., 3:] / 255
    found: Array = np.rint(rgba[..., :3] * share + ground * (1 - share)).astype(np.uint8)
    return found


def is_bright(rgb: Array) -> bool:
    """Whether text on a colour (3,) must be dark: by its luma (ITU-R BT.601)."""
    return float(rgb @ np.array([0.299, 0.587, 0.114])) > 140


@dataclass(frozen=True, slots=True)
class TextItem:
    """One line of text in the box (x, y, width, height); `baseline` is the y of its baseline, of an upright one (read from
    below) the x."""

    x: float
    y: float
    width: float
    height: float
    baseline: float
    text: str
    size: float
    colour: str
    bold: bool = False
    upright: bool = False


@dataclass(frozen=True, slots=True)
class BoxItem:
    """A rectangle; "" for no fill or no line."""

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    line: str = ""
    thickness: float = HAIR
    opacity: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ImageItem:
    """Pixels (H, W, 3) uint8, each a rectangle of one colour."""

    x: float
    y: float
    width: float
    height: float
    rgb: Array


@dataclass(frozen=True, slots=True)
class LineItem:
    """A line through points; `filled`: an area instead, without a line."""

    points: tuple[tuple[float, float], ...]
    colour: str
    thickness: float = 0.25
    dashed: bool = False
    filled: bool = False
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class DotItem:
    """A filled circle about (x, y)."""

    x: float
    y: float
    radius: float
    colour: str
    line: str = ""


Item = TextItem | BoxItem | ImageItem | LineItem | DotItem


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """Items on a paper of that colour, all lengths in millimetres."""

    title: str
    width: float
    height: float
    paper: str
    items: tuple[Item, ...]


class Ruler(Protocol):
    """How much room text takes, in millimetres; `size` is the height of an em."""

    def width(self, text: str, size: float, bold: bool = False) -> float: ...
    def ascent(self, size: float) -> float: ...
    def descent(self, size: float) -> float: ...


class FigureCanvas:
    """Collects items; what is written is measured by the ruler, so that lines break where they must."""

    def __init__(self, style: FigureStyle, ruler: Ruler) -> None:
        self.style, self.ruler, self.inks = style, ruler, INKS[style.theme]
        self.em = style.font_pt / 72 * MM_PER_INCH
        self.small, self.tiny = 0.88 * self.em, 0.8 * self.em
        self.gap = 0.7 * self.em
        self.items: list[Item] = []

    # --- text

    def line_height(self, size: float) -> float:
        return self.ruler.ascent(size) + self.ruler.descent(size)

    def wide(self, text: str, size: float, bold: bool = False) -> float:
        return self.ruler.width(text, size, bold)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: str = "",
        align: Align = "left",
        bold: bool = False,
    ) -> None:
        """One line whose top is y; x is its left end, its right end or its middle."""
        if not text:
            return
        width = self.wide(text, size, bold)
        left = x - width * {"left": 0.0, "right": 1.0, "centre": 0.5}[align]
        base = y + self.ruler.ascent(size)
        height = self.line_height(size)
        self.items.append(TextItem(left, y, width, height, base, text, size, colour or self.inks.ink, bold))

    def upright(self, x: float, bottom: float, text: str, size: float, colour: str = "") -> None:
        """One line that is read from below: it begins at `bottom`, its left side is x."""
        if text:
            width = self.wide(text, size)
            base = x + self.ruler.ascent(size)
            high = self.line_height(size)
            ink = colour or self.inks.ink
            self.items.append(TextItem(x, bottom - width, high, width, base, text, size, ink, upright=True))

    def paragraph(
        self, x: float, y: float, width: float, text: str, size: float, colour: str = "", bold: bool = False
    ) -> float:
        """Wrapped into a width; the y beneath it."""
        for line in self.wrapped(text, width, size, bold):
            self.text(x, y, line, size, colour, bold=bold)
            y += self.line_height(size)
        return y

    def wrapped(self, text: str, width: float, size: float, bold: bool = False) -> list[str]:
        """Lines that fit a width: broken between words, inside a word only where it does not fit alone."""
        lines: list[str] = []
        for paragraph in text.splitlines():
            line = ""
            for word in paragraph.split():
                longer = f"{line} {word}" if line else word
                if self.wide(longer, size, bold) <= width:
                    line = longer
                    continue
                if line:
                    lines.append(line)
                *whole, line = self._broken(word, width, size, bold)
                lines += whole
            if line:
                lines.append(line)
        return lines

    def _broken(self, word: str, width: float, size: float, bold: bool) -> list[str]:
        """A word in pieces that fit, broken behind a dot, a slash, a dash or an underline where one is there."""
        pieces: list[str] = []
        while self.wide(word, size, bold) > width and len(word) > 1:
            fits = next((n for n in range(len(word) - 1, 0, -1) if self.wide(word[:n], size, bold) <= width), 1)
            soft = max(word[:fits].rfind(sign) for sign in "./_-:") + 1
            cut = soft if soft >= fits / 2 else fits
            pieces.append(word[:cut])
            word = word[cut:]
        return [*pieces, word]

    def elided(self, text: str, width: float, size: float) -> str:
        """Its beginning and its end where all of it does not fit."""
        if self.wide(text, size) <= width:
            return text
        for left in range(len(text) - 2, 0, -1):
            shorter = f"{text[: left // 2]}…{text[len(text) - (left - left // 2) :]}"
            if self.wide(shorter, size) <= width:
                return shorter
        return "…"

    # --- shapes

    def box(self, x: float, y: float, width: float, height: float, fill: str = "", line: str = "") -> None:
        self.items.append(BoxItem(x, y, width, height, fill, line))

    def image(self, x: float, y: float, width: float, height: float, rgb: Array) -> None:
        self.items.append(ImageItem(x, y, width, height, rgb))

    def line(self, *points: tuple[float, float], colour: str = "", thickness: float = HAIR) -> None:
        self.items.append(LineItem(points, colour or self.inks.line, thickness))

    def polyline(self, points: Sequence[tuple[float, float]], colour: str, dashed: bool = False) -> None:
        self.items.append(LineItem(tuple(points), colour, 0.3, dashed))

    def area(self, points: Sequence[tuple[float, float]], colour: str, opacity: float) -> None:
        self.items.append(LineItem(tuple(points), colour, filled=True, opacity=opacity))
