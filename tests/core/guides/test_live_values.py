"""Live values: what a name gives is what numpy says of the captured values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.core.activations import Layout
from explorer.core.guides.guide import fault_of_values, placeholders, with_values
from explorer.core.guides.known_facts import Facts
from explorer.core.guides.live_values import live, live_name, live_number, live_one
from explorer.core.guides.result_values import flattened
from tests.support.lesson_files import VALUES, facts

EXPECTED = {
    "channel": 1,
    "cell.row": 1,
    "cell.column": 2,
    "edits": 0,
    "columns": 0,
    "top.label": "star",
    "top.probability": 0.94,
    "prediction.cross": 1 - 0.94,
    "model.layers": 2,
    "model.macs": 244,
    "input.height": 48,
    "input.width": 64,
    "tap": "conv",
    "layer.channels": 2,
    "layer.channels@head": 2,
    "layer.height": 3,
    "layer.width": 4,
    "layer.cells": 12,
    "layer.type@head": "Linear",
    "layer.shape": "2 × 3 × 4",
    "layer.parameters": 20,
    "layer.macs@head": 4,
    "layer.bytes": 96,
    "layer.stride": 2,
    "layer.receptive": 7,
    "layer.depth@head": 2,
    "layer.min": float(VALUES.min()),
    "layer.max": float(VALUES.max()),
    "layer.mean": float(VALUES.mean()),
    "layer.zeros": float((VALUES == 0).mean()),
    "layer.silent": 0,
    "map.max": float(VALUES[1].max()),
    "map.max[0]": float(VALUES[0].max()),
    "map.min@conv[0]": float(VALUES[0].min()),
    "map.mean": float(VALUES[1].mean()),
    "map.row": 2,
    "map.column": 3,
    "value": float(VALUES[1, 1, 2]),
    "value@conv[0,2,3]": float(VALUES[0, 2, 3]),
    "value@head[0]": 3.0,
    "health.effective_rank": 1.5,
    "health.rows.channel[1]": 7,
    "count(health.rows.channel)": 2,
    "nonzero(health.rows.dead)": 1,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_value_is_read(name: str) -> None:
    assert live_one(name, facts()) == pytest.approx(EXPECTED[name])


@pytest.mark.parametrize(
    "name",
    [
        "value@conv[5,0,0]",
        "value@conv[0,9,9]",
        "layer.channels@no",
        "prediction.ring",
        "health.no",
        "layer.stride@head",
    ],
)
def test_what_is_not_known_is_no_value(name: str) -> None:
    assert live(name, facts()) == ()
    assert live_number(name, facts()) is None


@pytest.mark.parametrize("name", [name for name in EXPECTED if not name.startswith(("edits", "columns", "channel"))])
def test_an_empty_window_has_no_values(name: str) -> None:
    assert live(name, Facts()) == ()


def test_tokens_are_read_on_their_grid_without_the_prefix() -> None:
    found = facts()
    assert found.capture is not None
    tokens = np.arange(5 * 2, dtype=np.float32).reshape(5, 2)  # CLS and 2 × 2 patches of 2 features
    tap = replace(found.capture.taps[0], layout=Layout.NLC, shape=(1, 5, 2), grid=(2, 2), prefix=1)
    capture = replace(found.capture, taps=(tap,), values={"conv": tokens})
    assert live_one("value@conv[1,1,0]", replace(found, capture=capture)) == tokens[1 + 2, 1]

    class_token = replace(found, capture=capture, channel=1, cell=(-1, 0))
    assert live_one("value", class_token) == tokens[0, 1]


def test_windowed_tokens_and_slices_are_read_as_they_are_shown() -> None:
    found = facts()
    assert found.capture is not None
    order = (0, 2, 1, 3)  # token 1 is the cell in row 1, column 0
    tokens = np.arange(4 * 2, dtype=np.float32).reshape(2, 2, 2)  # two windows of two tokens
    tap = replace(found.capture.taps[0], layout=Layout.NLC, shape=(2, 2, 2), grid=(2, 2), order=order)
    shown = replace(found, capture=replace(found.capture, taps=(tap,), values={"conv": tokens}))
    assert live_one("value@conv[1,1,0]", shown) == tokens[0, 1, 1]
    assert (live_one("map.row[0]", shown), live_one("map.column[0]", shown)) == (1, 1)
    clip = np.arange(2 * 4 * 3 * 5, dtype=np.float32).reshape(2, 4, 3, 5)  # 4 slices, two in a row
    tap = replace(found.capture.taps[0], layout=Layout.NCDHW, shape=(1, 2, 4, 3, 5), grid=(6, 10))
    shown = replace(found, capture=replace(found.capture, taps=(tap,), values={"conv": clip}))
    assert live_one("value@conv[1,4,7]", shown) == clip[1, 3, 1, 2]


def test_a_vector_has_a_map_of_one_cell() -> None:
    assert (live_one("map.row@head[0]", facts()), live_one("map.column@head[0]", facts())) == (0, 0)


def test_a_map_without_numbers_has_no_values() -> None:
    found = facts()
    assert found.capture is not None
    nothing = np.full((2, 3, 4), np.nan, np.float32)
    shown = replace(found, capture=replace(found.capture, values={"conv": nothing}))
    assert [live(name, shown) for name in ("map.row", "map.column", "map.max", "layer.mean")] == [(), (), (), ()]
    assert live_number("value", shown) is None


def test_entries_are_counted_of_a_result_that_is_there() -> None:
    assert live("count(health.dead)", facts()) == ()
    assert live("count(health.rows.channel)", replace(facts(), measured={"health.rows": ()})) == (0,)


def test_the_selected_cell_of_a_line_is_in_row_0() -> None:
    """Of sounds and texts: (C, T), and the window selects (0, t)."""
    found = facts(channel=1, cell=(0, 2))
    assert found.capture is not None
    line = np.array([[0, 1, 2, 3], [4, 5, 9, 7]], np.float32)
    tap = replace(found.capture.taps[0], layout=Layout.NCT, shape=(1, 2, 4), grid=None)
    shown = replace(found, capture=replace(found.capture, taps=(tap,), values={"conv": line}))
    assert (live_one("map.row", shown), live_one("map.column", shown)) == (0, 2)
    assert live_one("value", shown) == live_one("value@conv[1,0,2]", shown) == live_one("map.max", shown) == 9.0
    assert live("value", replace(shown, cell=None)) == ()


def test_names_of_layers_may_have_brackets() -> None:
    assert live_name("layer.channels@attn[0]").tap == "attn[0]"
    assert (live_name("map.max@attn[0][3]").tap, live_name("map.max@attn[0][3]").at) == ("attn[0]", (3,))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("loudness", "there is no 'loudness'; known are"),
        ("layer.colour", "there is no 'layer.colour'; known are layer.channels"),
        ("layer.channels[3]", "has 1 indices"),
        ("value[1,2]", "has 2 indices"),
        ("map.max[1,2]", "has 2 indices"),
        ("prediction.star@conv", "is not about a layer"),
        ("{}", "is no name of a value"),
    ],
)
def test_a_wrong_name_is_refused(name: str, why: str) -> None:
    with pytest.raises(ValueError) as caught:
        live_name(name)
    assert why in str(caught.value)


def test_texts_show_values_by_their_formats() -> None:
    text = "{top.probability:.0%} {prediction.star} {layer.macs:,} {value:.2f} {top.label} {layer.stride} {health.no} "
    text += "{count(health.rows.channel)}"
    assert with_values(text, facts()) == "94 % 94.0 % 240 13.00 star 2 … 2"
    assert placeholders("{value:.2f} and {tap}") == ("{tap}", "{value:.2f}")
    assert "is no format" in fault_of_values("{value:>99}")
    assert "there is no 'volume'" in fault_of_values("{volume}")
    assert fault_of_values(text) == ""
    assert with_values("{layer.min} {layer.min:.2f} {layer.min:.1e}", facts()) == "−5 −5.00 −5.0e+00"


def test_layers_are_counted_that_the_strip_shows() -> None:
    found = facts()
    assert found.capture is not None
    block = replace(found.capture.taps[0], name="block", path="block", alias="conv")
    more = replace(found.capture, taps=(*found.capture.taps, block))
    assert live("model.layers", replace(found, capture=more)) == live("model.layers", found) == (2,)


def test_a_format_that_does_not_fit_shows_no_value() -> None:
    assert with_values("{value:d}", facts()) == "…"


def test_results_are_read_from_their_json() -> None:
    data = {
        "a": 1,
        "b": {"c": [1, None]},
        "rows": [{"x": 1, "map": [[1]]}, {"x": 2, "map": [[2]]}],
        "none": [],
        "m": [[1]],
    }
    assert flattened(data) == {"a": (1,), "b.c": (1, ""), "rows.x": (1, 2), "none": ()}


def test_multiply_adds_of_the_model_count_what_is_in_no_leaf() -> None:
    """Attention is computed by functions: the block has more than its layers together."""
    known = facts()
    assert known.capture is not None
    block = replace(known.capture.taps[0], name="block", macs=1000, leaf=False)
    there = replace(known, capture=replace(known.capture, taps=(*known.capture.taps, block)))
    assert live_one("model.macs", there) == 1000
