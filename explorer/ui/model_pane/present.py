"""Values as the lines of text and numbers that a pane shows beside its pictures. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from explorer.core import render
from explorer.core.activations import Capture, Kind, Tap
from explorer.core.byte_words import byte_words
from explorer.core.input_notes import notes_of
from explorer.core.kind_words import counted
from explorer.core.models import AnyPreprocess, ModelCard, Preprocess
from explorer.core.session.resolve import relative_depth, stage
from explorer.core.slices import slices_of
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.texts import WRITTEN, TextPreprocess, TokenRow
from explorer.core.translation import tr
from explorer.ui.graphics.layer_strip import StripItem
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row

_LISTED = 10  # labels
ANOTHER = tr("differs from run to run")


def layer_rows(tap: Tap, numbers: render.LayerNumbers | None, unit: str = "px") -> list[Row]:
    """This layer's numbers; those of the values are dashes while there are none. Always the same rows. `unit`: of the input."""
    n = numbers
    finite = n is not None and not math.isnan(n.minimum)
    rows = [
        Row(tr("shape"), _shape(tap), tr("{layout} without the batch", layout=tap.layout)),
        Row(
            tr("range"),
            f"{text.number(n.minimum)} … {text.number(n.maximum)}" if finite and n else "–",
            tr("Smallest and largest finite value"),
        ),
        Row(
            tr("mean ± std"),
            f"{text.number(n.mean)} ± {text.number(n.std)}" if finite and n else "–",
            tr("Over all cells and channels"),
        ),
        Row(
            tr("sparsity"),
            text.percent(n.zeros) if finite and n else "–",
            tr("Fraction of cells that are exactly zero on this input"),
        ),
        Row(
            tr("silent here"),
            tr("{dead} of {channels}", dead=n.dead, channels=n.channels) if n else "–",
            tr(
                "Channels that are zero in every cell on this input; another input may activate them (the page Health finds dead ones)"
            ),
        ),
        Row(tr("stride · field"), _field(tap, unit), _field_tip(tap, unit)),
        Row(
            tr("parameters"),
            text.count(tap.parameters),
            tr("{parameters:,} weights of this module with its children", parameters=tap.parameters),
        ),
        Row(
            tr("multiply-adds"),
            text.count(tap.macs),
            tr("{macs:,} for one input, of this module with its children", macs=tap.macs),
        ),
        Row(
            tr("memory"), byte_words(tap.nbytes), tr("{nbytes:,} bytes of {dtype}", nbytes=tap.nbytes, dtype=tap.dtype)
        ),
    ]
    bad = n.bad if n is not None else 0
    rows.append(Row(tr("not finite"), f"{bad:,}", tr("NaN or infinite values, drawn in magenta"), warm=bad > 0))
    return rows


def _shape(tap: Tap) -> str:
    shown = text.shape(tap.shape[1:] if tap.batched else tap.shape)
    return f"{shown}  ({tap.prefix} + {tap.grid[0]}×{tap.grid[1]})" if tap.prefix and tap.grid else shown


def _field(tap: Tap, unit: str) -> str:
    f = tap.receptive
    if f is None:
        return "–"
    if unit != "px":  # a row
        if f.whole and f.causal:
            return tr("{jump_x:g} · all before it", jump_x=f.jump_x)
        return (
            tr("{jump_x:g} · whole input", jump_x=f.jump_x)
            if f.whole
            else f"{f.jump_x:g} · {'' if f.exact else '≤ '}{f.size_x:g} {unit}"
        )
    stride = f"{f.jump_y:g}" if f.jump_y == f.jump_x else f"{f.jump_y:g} × {f.jump_x:g}"
    if f.whole:
        return tr("{stride} · whole input", stride=stride)
    extent = f"{f.size_y:g}" if f.size_y == f.size_x else f"{f.size_y:g} × {f.size_x:g}"
    return f"{stride} · {'' if f.exact else '≤ '}{extent} px"


def _field_tip(tap: Tap, unit: str) -> str:
    f = tap.receptive
    if f is None:
        return tap.reason or tr("No map: its cells have no position on the input")
    what = "pixels" if unit == "px" else unit
    if f.whole and f.causal:
        return tr(
            "Input {what} between neighbouring cells. Causal attention or a recurrent layer: a cell sees the input up to "
            "its own place, and nothing after it.",
            what=what,
        )
    if f.whole:
        return tr(
            "Input {what} between neighbouring cells. Attention, global pooling or statistics: every "
            "cell sees the whole input.",
            what=what,
        )
    return tr(
        "Input {what} between neighbouring cells, and those a cell can depend on (of the model's "
        "input, padding included)",
        what=what,
    )


def channel_noun(tap: Tap) -> str:
    return tr("entry") if tap.layout == "NC" else tr("channel")


def cell_words(tap: Tap, cell: tuple[int, int]) -> str:
    """The name of a cell of a map: of a clip or volume with its slice."""
    slices = slices_of(tap.layout, tap.shape)
    if slices is None:
        return tr("cell ({cell}, {cell2})", cell=cell[0], cell2=cell[1])
    part, y, x = slices.at(cell)
    return tr("slice {part}, cell ({y}, {x})", part=part, y=y, x=x)


def step_noun(tap: Tap) -> str:
    """What a column of a sequence is called."""
    return tr("token") if tap.layout == "NLC" else tr("step")


def headline(tap: Tap) -> str:
    """What the layer is, in a line: 'Conv2d 3×3 s2 depthwise · 144 × 28 × 28'."""
    parts = [" ".join(p for p in (tap.type, tap.detail) if p), text.shape(tap.shape[1:] if tap.batched else tap.shape)]
    slices = slices_of(tap.layout, tap.shape)
    if slices is not None and slices.count > 1:
        parts.append(tr("{count} slices", count=slices.count))
    return "  ·  ".join(p for p in parts if p)


def when(tap: Tap) -> str:
    """Where in the chain the values stand, so that nobody mistakes pre- for post-activation."""
    if tap.kind == Kind.ACTIVATION:
        return tr("after activation")
    return tr("before {then}", then=tap.then) if tap.then and tap.then not in ("Identity", "Dropout") else ""


def strip_items(taps: Iterable[Tap]) -> list[StripItem]:
    """The layers of a strip without their thumbnails, which come as time allows."""
    return [
        StripItem(
            t.name, None, stage(t), " ".join(p for p in (t.type, t.detail) if p), t.shape[1:] if t.batched else t.shape
        )
        for t in taps
    ]


def depth_line(capture: Capture, name: str) -> str:
    return tr(
        "{name}   (relative depth {relative_depth:.2f})", name=name, relative_depth=relative_depth(capture.taps, name)
    )


def model_tip(card: ModelCard) -> str:
    """All that is known of a model, a line each."""
    lines = [
        card.spec.id,
        card.description,
        tr("{parameters:,} parameters, {label}", parameters=card.parameters, label=card.weights.label),
    ]
    lines += [card.weights.path, _input_line(card.preprocess), _labels_line(card.labels), _reading_line(card)]
    lines = [line for line in lines if line]
    if card.facts:
        lines += ["", *(f"{tr(what)}: {value}" for what, value in card.facts)]
    if card.notes:
        lines += ["", *(f"· {note}" for note in card.notes)]
    return "\n".join(lines)


_HOW = {
    "crop": tr("centre crop"),
    "letterbox": "letterbox",
    "stretch": "stretch",
    "stretch-crop": tr("stretch, then centre crop"),
    "keep": tr("unscaled, centre crop"),
}
_BY = {"pillow": "", "torch": tr(" by torch"), "torch-float": tr(" by torch, not rounded")}


def _input_line(pre: AnyPreprocess) -> str:
    if not isinstance(pre, Preprocess):
        return pre.says
    mean, std = (", ".join(f"{value:g}" for value in values) for values in (pre.mean, pre.std))
    how = {
        **_HOW,
        "crop": tr("shorter side resized to {resize} px, centre crop", resize=pre.resize),
        "stretch-crop": tr("stretched to {resize} px, centre crop", resize=pre.resize),
        "keep": tr("not resized, centre crop"),
    }[pre.fit]
    order = tr(", blue, green, red") if pre.order == "bgr" and pre.channels == 3 else ""
    then = tr(", then transform_input") if pre.transform_input else ""
    size = tr(
        "takes {width}×{height} px ({how}, {interpolation}{by})",
        width=pre.width,
        height=pre.height,
        how=how,
        interpolation=pre.interpolation,
        by=_BY[pre.resizer],
    )
    return tr(
        "{size}, {channels} channels{order}, mean {mean}, std {std}{then}",
        size=size,
        channels=pre.channels,
        order=order,
        mean=mean,
        std=std,
        then=then,
    )


def _reading_line(card: ModelCard) -> str:
    spec = card.spec
    output = tr("the class vector is the output “{output}”", output=spec.output) if spec.output else ""
    numbers = (
        tr("its numbers become probabilities by: {probabilities}", probabilities=spec.probabilities)
        if spec.probabilities != "auto"
        else ""
    )
    return ", ".join(part for part in (output, numbers) if part)


def _labels_line(labels: Sequence[str]) -> str:
    first = ", ".join(labels[:_LISTED])
    return (
        tr("{count} labels: {first}{part}", count=len(labels), first=first, part=", …" if len(labels) > _LISTED else "")
        if labels
        else ""
    )


def seen_line(card: ModelCard, capture: Capture) -> str:
    """Under the input: what the model sees of it."""
    pre, given = card.preprocess, capture.picture
    if isinstance(pre, SoundPreprocess) and isinstance(given, Sound):
        at = (
            tr(" at {hertz:g} kHz, waveform", hertz=pre.hertz / 1000)
            if pre.bands == 1
            else tr(", {bands} mels, low on top", bands=pre.bands)
        )
        return "; ".join((f"{given.seconds:.3g} s{at}", *notes_of(given, pre)))
    if isinstance(pre, TextPreprocess) and capture.text is not None:
        return _read_line(capture.text, pre)
    if not isinstance(pre, Preprocess):
        return pre.says
    how = _HOW[pre.fit]
    height, width = capture.picture.size
    return f"{width}×{height}, {how} {pre.width}×{pre.height}{_channels(pre.channels)}"


def _read(count: int, unit: str) -> str:
    """ "1 word", "20 tokens"; a unit that a tokenizer names in words of its own stands as it is."""
    kind = {"words": "word", "characters": "character", "tokens": "token"}.get(unit)
    return counted(kind, count) if kind else f"{count:,} {unit}"


def _read_line(row: TokenRow, pre: TextPreprocess) -> str:
    kinds = [token.kind for token in row.tokens]
    unknown, special, lost = kinds.count("unknown"), kinds.count("special"), row.left_out
    parts = [
        _read(sum(kind in WRITTEN for kind in kinds), pre.unit),
        tr("{unknown:,} unknown", unknown=unknown) if unknown else "",
        tr("{special:,} special", special=special) if special else "",
        tr("{lost:,} left out", lost=lost) if lost else "",
    ]
    return ", ".join(part for part in parts if part)


def prediction_notes(capture: Capture, reading: bool = False) -> tuple[str, ...]:
    """What must be known of a prediction: by how much answers differ, and (`reading`) how the class vector was read where it is
    not simply the model's logits."""
    repeat, scores = capture.repeat, capture.scores
    noise = f"±{repeat.most:.3g} pp " if repeat is not None and repeat.most else tr("another answer ")
    said = (tr("{noise}from run to run", noise=noise),) if repeat is not None and not repeat.same else ()
    plain = scores is None or (not scores.output and scores.scale == "softmax")
    return said if plain or not reading or scores is None else (*said, scores.text)


def _channels(count: int) -> str:
    if count == 3:
        return ""
    return tr(", grey") if count == 1 else tr(", {count} channels: red, green, blue in turn", count=count)
