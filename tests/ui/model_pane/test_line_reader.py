"""Long lines are made ready on the worker, the one that is shown and those beside it."""

from __future__ import annotations

import numpy as np
from fake_engine import FakeEngine
from PySide6.QtCore import QObject

from explorer.core import render
from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.inputs import InputRef
from explorer.core.long_lines import LineNumbers, PrepareLines, ReducedLine
from explorer.core.session.display import display
from explorer.core.session.session import Session
from explorer.core.sounds import sound_from_array
from explorer.engine.line_answers import prepare_lines
from explorer.ui.model_pane.line_reader import LineReader

STEPS = 70_000


def tap(name: str, steps: int = STEPS) -> Tap:
    return Tap(name, name, 0, "Conv1d", Kind.CONV, shape=(1, 16, steps), layout=Layout.NCT, grid=(1, steps))


def captured() -> Capture:
    rng = np.random.default_rng(0)
    taps = tap("a"), tap("b"), tap("small", 10), tap("c")
    values = {t.name: rng.standard_normal(t.shape[1:]).astype(np.float32) for t in taps}
    values["b"][3, 7] = np.nan
    sound = sound_from_array(np.zeros((1, 800), np.float32), 800, InputRef("sample", "x"), "x")
    return Capture("model", sound, taps, values, number=4)


def answers(request: PrepareLines) -> list[ReducedLine | LineNumbers]:
    return list(prepare_lines(None, request, None))  # type: ignore[arg-type]  # neither is looked at


def test_the_layer_and_those_beside_it_are_asked_for_once(qapp: object) -> None:
    engine, capture, owner = FakeEngine(), captured(), QObject()
    lines = LineReader(engine.client, owner)
    a, b, small, c = capture.taps
    lines.read(capture, [a, b, small], 100)
    assert engine.request == PrepareLines(capture, 4, ("a", "b"), 100)
    made = answers(engine.request)
    for answer in made:
        engine.answer(answer, partial=True)
    assert lines.reduced(b, capture.values["b"], 100) is made[1]
    assert lines.reduced(small, capture.values["small"], 100) is None
    lines.read(capture, [b, c, a], 100)
    assert engine.request == PrepareLines(capture, 4, ("c",), 100)
    lines.read(capture, [small, c], 50)  # another width; a and b are let go of
    assert engine.request == PrepareLines(capture, 4, ("c",), 50)
    again = lines.reduced(a, capture.values["a"], 50)  # shown before the worker came to it
    assert again is not made[0]
    assert again is not None
    assert again.columns.shape == (16, 50)
    assert lines.reduced(a, capture.values["a"], 50) is again


def test_a_layer_is_counted_when_asked_for_and_not_while_others_are_read(qapp: object) -> None:
    engine, capture, owner = FakeEngine(), captured(), QObject()
    lines, heard = LineReader(engine.client, owner), []
    a, b, *_ = capture.taps
    lines.counted.connect(lambda: heard.append(lines.numbers("a", capture.values["a"])))
    lines.read(capture, [a, b], 100)
    assert engine.request.shown == ""
    lines.count(capture, a)
    assert engine.request == PrepareLines(capture, 4, (), 0, "a")
    for answer in answers(engine.request):
        engine.answer(answer, partial=True)
    assert [n.maximum for n in heard if n is not None] == [float(capture.values["a"].max())]


def test_a_reduced_line_is_displayed_as_the_plain_one() -> None:
    """Limits are those of all values, also of ones that are not finite."""
    capture = captured()
    found = [a for a in answers(PrepareLines(capture, 4, ("a", "b", "gone"), 333, "b")) if isinstance(a, ReducedLine)]
    assert [line.tap for line in found] == ["a", "b"]
    for line in found:
        plain = display(capture.tap(line.tap), line.values, Session(), True)
        ready = display(capture.tap(line.tap), line.values, Session(), True, line)
        assert plain.limits is not None
        assert ready.limits is not None
        assert (ready.limits.of(0), ready.limits.bad_total) == (plain.limits.of(0), plain.limits.bad_total)
        assert ready.columns is line.columns
        assert (ready.colormap, plain.columns) == (plain.colormap, None)


def test_numbers_are_those_of_all_values() -> None:
    capture = captured()
    (found,) = answers(PrepareLines(capture, 4, (), 333, "b"))
    assert isinstance(found, LineNumbers)
    assert found.numbers.mean == render.layer_numbers(capture.values["b"]).mean
    assert found.numbers.bad == 1
