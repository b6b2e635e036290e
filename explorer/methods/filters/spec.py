"""Filters on a waveform: spectrum, peak and width of each, and what all of them pass together."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from explorer.core.activations import Kind
from explorer.core.arrays import Array
from explorer.core.method import Explanation, Export, MethodSpec, Scope
from explorer.core.selection import Selection
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class FilterParams:
    """Nothing is to be chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Filters:
    """One entry a filter, in the layer's order. decibels: (filters, F) against its own largest; hertz: (F,); peak, width: (filters,)
    in Hz, width at -6 dB; share: (filters,) of the energy within 300 Hz of the peak; cumulative: (F,), 1 at its largest."""

    tap: str
    hertz: Array
    decibels: Array
    peak: Array
    width: Array
    share: Array
    order: tuple[int, ...]  # by their peak
    cumulative: Array
    rate: int

    def words(self, number: int) -> str:
        """Its peak, and half its width at −6 dB."""
        return f"{self.peak[number]:,.0f} ± {self.width[number] / 2:,.0f} Hz"


def _unavailable(selection: Selection, _params: FilterParams) -> str:
    pre, tap = selection.card.preprocess, selection.tap
    if not isinstance(pre, SoundPreprocess) or pre.bands != 1:
        return tr(
            "The filters of a spectrogram network are no filters over samples: this is about networks that take a waveform."
        )
    if tap.kind is not Kind.CONV or tap.receptive is None or tap.grid is None or tap.grid[0] != 1:
        return tr("Only the convolution that sees the samples themselves has filters over them.")
    return ""


def _to_json(result: Filters) -> dict[str, Any]:
    return {
        "tap": result.tap,
        "rate": result.rate,
        "order": list(result.order),
        "filters": [
            {"channel": n, "peak_hz": float(p), "width_hz": float(w), "share_near_peak": float(s)}
            for n, (p, w, s) in enumerate(zip(result.peak, result.width, result.share, strict=True))
        ],
        "cumulative": {"hz": result.hertz.tolist(), "response": result.cumulative.tolist()},
    }


def _rows(result: Filters) -> list[tuple[int, float, float, float]]:
    return [(n, float(result.peak[n]), float(result.width[n]), float(result.share[n])) for n in result.order]


def _write(result: Filters) -> str:
    lines = [f"{tr('channel'):>7} {tr('peak Hz'):>9} {tr('width Hz'):>9} {tr('near peak'):>9}"]
    return "\n".join([*lines, *(f"{n:>7} {p:>9.0f} {w:>9.0f} {s:>9.1%}" for n, p, w, s in _rows(result))])


def _csv(result: Filters) -> bytes:
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(["channel", "peak_hz", "width_hz", "share_near_peak"])
    writer.writerows(_rows(result))
    return made.getvalue().encode()


def _name(result: Filters) -> str:
    return f"filters-{result.tap}"


SPEC = MethodSpec(
    id="filters",
    title=tr("Filters"),
    about=tr("What each filter of a first layer over a waveform passes: spectrum, peak, width"),
    package="explorer.methods.filters",
    scope=Scope.LAYER,
    params=FilterParams,
    result=Filters,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    needs_picture=lambda _params: False,
    exports=(Export(tr("Save as CSV …"), ".csv", "CSV", _csv, _name, tr("One line a filter, by peak")),),
    invitation=tr("The spectra of this layer's filters: which frequencies each one passes."),
    run_title=tr("Compute"),
    noun="",
    kinds=("sound",),
    source="Ravanelli and Bengio 2018",
    explained=Explanation(
        shows=tr("The frequencies that each filter of a first layer over a waveform passes: spectrum, peak and width."),
        read=tr(
            "A narrow peak is a band-pass filter; ordered by peak the filters show which bands the layer "
            "covers densely."
        ),
        misleads=tr(
            "It is the first layer alone, before any nonlinearity, and a short filter cannot be narrow: its "
            "width says as much about its length as about what was learnt."
        ),
    ),
)
