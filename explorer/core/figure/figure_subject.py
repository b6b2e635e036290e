"""What a figure is about: model, input and layer, with the words that say so beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer import __version__
from explorer.core.activations import Capture, Tap
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import BarsPart, FigureAxis, FigurePart, NotePart, PicturePart, WordsPart
from explorer.core.inputs import Picture, Text
from explorer.core.model_output import Boxes, ClassMap
from explorer.core.models import ModelCard
from explorer.core.pairs import ShownPair
from explorer.core.render.input_overlay import seen_of
from explorer.core.selection import Selection
from explorer.core.sounds import Sound
from explorer.core.translation import tr

_MOST = 22.0  # em that an input is wide


@dataclass(frozen=True, slots=True, eq=False)
class HeatStyle:
    """How a map over the input is drawn."""

    signed: bool = True
    percentile: float = 99.0
    strength: float = 0.8  # opacity, 0..1


@dataclass(frozen=True, slots=True, eq=False)
class FigureSubject:
    """What a result is about, as far as it is known. `further`: what else was computed about it; `heat`: how it is drawn over the
    input; `pictures`: what belongs to the result and is no part of it, by name or number."""

    selection: Selection | None = None
    pair: ShownPair | None = None
    card: ModelCard | None = None  # of a result that is about a model alone
    further: Any = None
    heat: HeatStyle = HeatStyle()
    pictures: Any = None

    @property
    def channel(self) -> int:
        """The selected one."""
        return self.selection.channel if self.selection is not None else 0

    def class_name(self, index: int) -> str:
        """The label of a class, or its number."""
        card = self.selection.card if self.selection is not None else self.card
        return card.class_name(index) if card is not None else tr("class {index}", index=index)

    def caption(self, *more: str, layer: bool = True) -> str:
        """Model, input, layer (of results that are about one) and program, with what else must be known."""
        if self.pair is not None:
            sides = [side for side in self.pair.sides if side.card is not None]
            models = [
                f"{s.letter}: {model_words(s.card)}{(tr(', layer {tap}', tap=s.tap) if s.tap else '')}"
                for s in sides
                if s.card
            ]
            return sentences(*models, *more, program())
        if self.selection is not None:
            s = self.selection
            return caption_of(s.card, s.capture, s.tap if layer else None, *more)
        return sentences(*([model_words(self.card)] if self.card is not None else []), *more, program())


def program() -> str:
    """Which program, in which version."""
    return tr("Feature Map Explorer {version}", version=__version__)


def sentences(*parts: str) -> str:
    """Each with a full stop."""
    return " ".join(f"{part.strip().rstrip('.')}." for part in parts if part.strip())


def model_words(card: ModelCard) -> str:
    """ "Model shapes-cnn (demo:shapes-cnn, trained, sha256 0123456789ab)"; of a file its name without the folders."""
    prefix, _, rest = card.spec.id.partition(":")
    short = rest.replace("\\", "/").rpartition("/")[2]
    id_ = f"{prefix}:{short}" if prefix in ("file", "card", "pt2", "onnx") else card.spec.id
    digest = tr(", sha256 {sha256}", sha256=card.weights.sha256[:12]) if card.weights.sha256 else ""
    name = "" if card.name == card.spec.id else f"{card.name} "
    return tr("Model {name}({id}, {label}{digest})", name=name, id=id_, label=card.weights.label, digest=digest)


def input_words(given: Input) -> str:
    """ "star.png, 96 × 96 px (sha256 …)"."""
    name = given.name or given.ref.path.replace("\\", "/").rpartition("/")[2] or given.ref.kind
    if isinstance(given, Picture):
        size = f", {given.size[1]} × {given.size[0]} px"
    elif isinstance(given, Sound):
        size = tr(", {seconds:.2f} s at {rate:,} Hz", seconds=given.seconds, rate=given.rate)
    else:
        size = tr(", {count:,} characters", count=len(given.text))
    frame = tr(", frame {frame}", frame=given.ref.frame) if given.ref.frame else ""
    return tr("Input {name}{frame}{size} (sha256 {digest})", name=name, frame=frame, size=size, digest=given.digest)


def tap_words(tap: Tap) -> str:
    """ "Layer stage3.1.norm1 (BatchNorm2d), 64 × 12 × 12"."""
    shape = " × ".join(str(size) for size in (tap.shape[1:] if tap.batched else tap.shape))
    return tr(
        "Layer {tap}{type}{shape}",
        tap=tap.name,
        type=f" ({tap.type})" if tap.type else "",
        shape=f", {shape}" if shape else "",
    )


def caption_of(card: ModelCard, capture: Capture, tap: Tap | None, *more: str) -> str:
    """The provenance of what is shown of a layer."""
    edits = tr("Values under edits ({edits})", edits=capture.edits) if capture.edits else ""
    layer = tap_words(tap) if tap is not None else ""
    return sentences(model_words(card), input_words(capture.picture), layer, edits, *more, program())


def input_part(capture: Capture, title: str = "Input") -> FigurePart:
    """The input as it is shown: the picture, the sound's picture over its time, the tokens of a text."""
    given = capture.picture
    if isinstance(given, Picture):
        return PicturePart(title, given.shown, most=_MOST)
    if isinstance(given, Sound):
        rgb = seen_of(given)
        time = FigureAxis(tr("time"), "s", (given.first, given.first + given.seconds))
        return PicturePart(title, rgb, aspect=rgb.shape[0] / rgb.shape[1], x=time)
    return words_part(given, [t.piece for t in capture.text.tokens] if capture.text is not None else [], title)


def words_part(given: Text, pieces: Sequence[str], title: str) -> FigurePart:
    """A text, by its tokens where they are known."""
    if not pieces:
        return NotePart(given.text, title)
    plain = np.tile(np.array([[128, 128, 128, 40]], np.uint8), (len(pieces), 1))
    return WordsPart(title, tuple(pieces), plain)


def prediction_part(capture: Capture, most: int = 5) -> BarsPart | None:
    """The best classes with their probabilities, the largest classes of a class map, the best boxes; None without any of these."""
    output = capture.output
    if isinstance(output, ClassMap) and output.areas:
        areas = output.areas[:most]
        words = tuple(f"{100 * area.share:.1f} %" for area in areas)
        title = tr("Classes, share of the picture")
        return BarsPart(title, tuple(area.label for area in areas), tuple(area.share for area in areas), words)
    if isinstance(output, Boxes) and output.found:
        found = output.found[:most]
        words = tuple(f"{each.score:.2f}" for each in found)
        return BarsPart(
            tr("Objects, score"), tuple(each.label for each in found), tuple(each.score for each in found), words
        )
    best = capture.prediction[:most]
    if not best:
        return None
    shares = tuple(guess.probability for guess in best)
    words = tuple(f"{100 * share:.1f} %" for share in shares)
    return BarsPart(tr("Prediction"), tuple(guess.label for guess in best), shares, words)


def rgb_from(pixels: Array) -> Array:
    """(H, W, 3) uint8 of (H, W) 0xffRRGGBB pixels."""
    found: Array = np.stack([(pixels >> shift & 0xFF).astype(np.uint8) for shift in (16, 8, 0)], axis=-1)
    return found


def numbers_rows(pairs: Sequence[tuple[str, float | str]]) -> tuple[tuple[str, str], ...]:
    """Names with their values, for a table."""
    return tuple((name, value if isinstance(value, str) else written(value)) for name, value in pairs)
