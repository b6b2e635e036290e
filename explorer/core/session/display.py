"""What a tap looks like under a session's choices: maps, vector or sequence, with limits and order. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from explorer.core import render
from explorer.core.activations import Capture, Tap
from explorer.core.arrays import Array
from explorer.core.long_lines import ReducedLine
from explorer.core.render import colormaps
from explorer.core.render.scale import Extremes
from explorer.core.session.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Display:
    """One tap, ready to be drawn. Exactly one of maps, vector and sequence is set."""

    tap: Tap
    maps: Array | None = None  # (C, H, W)
    vector: Array | None = None  # (C,)
    sequence: Array | None = None  # (C, T)
    columns: Array | None = None  # (C, width) of the sequence over all its steps, where it was reduced ahead
    prefix: Array | None = None  # (P, C) tokens before the grid
    limits: render.Limits | None = None
    order: Array | None = None
    colormap: str = "magma"  # the one that is used: a diverging one for signed values
    chosen_colours: bool = False  # whether that diverging one was chosen; else it is that of the theme
    unit: str = ""  # of the values where they are not the layer's own: "σ"
    of: Display | None = None  # the layer's own values, where others are shown

    @property
    def plain(self) -> Array:
        """The values in the form the layer's numbers are taken of."""
        for values in (self.maps, self.sequence, self.vector):
            if values is not None:
                return values
        return np.zeros(0, np.float32)


def display(tap: Tap, values: Array, session: Session, dark: bool, reduced: ReducedLine | None = None) -> Display:
    """`reduced`: the same layer, if it is a long line and was made ready. Raises ExplorerError when the values do not fit what
    the tap says of them."""
    values = _numbers(values)
    prefix, line = render.prefix_tokens(values, tap) if tap.grid is not None else None, render.as_line(values, tap)
    if line is not None and line.shape[1:] != (1,):
        limits = _limits(line[None], session, reduced.extremes if reduced is not None else None)
        columns = reduced.columns if reduced is not None else None
        shown = Display(tap, sequence=line, columns=columns, prefix=prefix)
        return rescaled(shown, limits, session, dark)
    maps = render.as_maps(values, tap)
    if maps is not None and maps.shape[1:] != (1, 1):
        limits = _limits(maps, session)
        order = _order(tap, maps, session)
        return rescaled(Display(tap, maps=maps, prefix=prefix, order=order), limits, session, dark)
    single = maps[:, 0, 0] if maps is not None else line[:, 0] if line is not None else None
    vector = single if single is not None else render.as_vector(values, tap)
    return Display(tap, vector=np.asarray(values).reshape(-1) if vector is None else vector)


def rescaled(shown: Display, limits: render.Limits, session: Session, dark: bool) -> Display:
    """The same maps between other limits, in the colours that fit those."""
    chosen = limits.signed and session.colormap in colormaps.DIVERGING
    return replace(shown, limits=limits, colormap=_colormap(limits, session, dark), chosen_colours=chosen)


def _numbers(values: Array) -> Array:
    """Floats as they are; truth values and whole numbers as float64, which holds them and can be subtracted."""
    return values if values.dtype.kind == "f" else values.astype(np.float64)


def _order(tap: Tap, maps: Array, session: Session) -> Array:
    if (
        session.sort is render.SortKey.MEASURED
        and session.order is not None
        and session.order.fits(tap.name, len(maps))
    ):
        return np.array(session.order.channels, np.int64)
    return render.sort_channels(maps, session.sort, min(session.channel, len(maps) - 1), session.cell)


def _limits(maps: Array, session: Session, known: Extremes | None = None) -> render.Limits:
    if session.scale is render.ScaleMode.FIXED and not session.fixed[0] < session.fixed[1]:
        return render.limits(maps, render.ScaleMode.PER_LAYER, known=known)
    return render.limits(maps, session.scale, session.fixed, session.percentile, known)


def _colormap(limits: render.Limits, session: Session, dark: bool) -> str:
    """The chosen map where it can tell the sign; signed values never get a sequential one by accident."""
    chosen_diverges = session.colormap in colormaps.DIVERGING
    if limits.signed:
        return session.colormap if chosen_diverges else colormaps.diverging_for(dark)
    return "magma" if chosen_diverges else session.colormap


def thumbnail(tap: Tap, values: Array, session: Session, dark: bool) -> Array:
    """A small picture of a tap for the layer strip, 32-bit pixels."""
    diverging = session.colormap if session.colormap in colormaps.DIVERGING else colormaps.diverging_for(dark)
    sequential = "magma" if session.colormap in colormaps.DIVERGING else session.colormap
    values = _numbers(values) if values.size else np.zeros(1)
    line = render.as_line(values, tap) if values.ndim > 1 else None
    if line is not None and line.shape[1:] != (1,):
        return render.thumbnail(line[None], sequential, diverging, tiles=1, side=48)
    maps = render.as_maps(values, tap) if values.ndim > 1 else None
    if maps is not None and maps.shape[1:] != (1, 1):
        side, tiles = (48, 1) if session.single else (24, 4)
        return render.thumbnail(maps, sequential, diverging, tiles, side, 0xFF000000 if dark else 0xFFFFFFFF)
    return render.strip_of(np.asarray(values, np.float32).reshape(-1), sequential, diverging)


def liveliest(capture: Capture, name: str) -> int:
    """The channel with the largest variance: what is selected of a layer that nobody has chosen a channel of."""
    tap = next((t for t in capture.taps if t.name == name), None)
    values = capture.values.get(name)
    maps = None if tap is None or values is None else render.as_maps(values, tap)
    if maps is None or not len(maps):
        return 0
    return int(render.sort_channels(maps, render.SortKey.VARIANCE)[0])
