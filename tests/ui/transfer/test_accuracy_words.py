"""What a probe says in words: of layers, of a twin that is not there, of pictures that are left out."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from explorer.core.data_sets import DataClass, DataPicture, DataSet, split
from explorer.core.probe import PIXELS, UNTRAINED, Point, Probe, ProbeParams
from explorer.ui.transfer.accuracy_series import axis_names, conclusion, left_out

DATA = DataSet("set", "set", tuple(DataClass(c, tuple(DataPicture(f"{c}/{n}.png", c) for n in range(4))) for c in "ab"))


def point(tap: str, right: float, baseline: str = "") -> Point:
    return Point(tap, 0, "logreg", right, right - 0.05, right + 0.05, 5, baseline=baseline)


def of(*points: Point, taps: tuple[str, ...] = ("conv",)) -> Probe:
    curve = tuple(p for p in points if not p.baseline)
    baselines = tuple(p for p in points if p.baseline)
    return Probe("m", ProbeParams(), DATA, split(DATA), taps, curve, baselines, final=True)


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ((point(PIXELS, 0.3, PIXELS),), "Better than the pixels: conv 80.0 %"),
        ((point(PIXELS, 0.3, PIXELS), point("conv", 0.4, UNTRAINED)), "Features transfer: conv 80.0 %"),
        ((point("conv", 0.9, UNTRAINED),), "No transfer"),
    ],
)
def test_nothing_transfers_without_a_twin_beside_it(beside: tuple[Point, ...], said: str) -> None:
    assert conclusion(of(point("conv", 0.8), *beside), 0).startswith(said)


def test_a_block_that_ends_a_stage_begins_no_other() -> None:
    taps = ("features.0.0", "features.0", "features.1.conv", "features.1", "features", "head")
    capture: Any = SimpleNamespace(taps=[SimpleNamespace(name=name, path=name) for name in taps])
    assert axis_names(of(taps=taps), capture)[:6] == ("features.0", "", "features.1", "", "", "head")


def test_pictures_that_only_the_network_could_not_read_are_said() -> None:
    listed = DATA.without({"a/0.png": "empty"})
    known = replace(of(), data=listed)
    assert left_out(known, listed) == ""
    one = replace(of(), data=listed.without({"b/1.png": "cut short"}))
    assert left_out(one, listed) == "Left out: b/1.png: cut short"
    two = replace(of(), data=listed.without({"b/1.png": "cut short", "b/2.png": "gone"}))
    assert left_out(two, listed).startswith("Left out: 2 pictures")
