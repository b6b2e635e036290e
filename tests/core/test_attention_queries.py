"""Which block stands for a layer, which token for a point, and what of the grid one window shows."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.core.activations import Kind, Tap
from explorer.core.arrays import Array
from explorer.core.attention import AttentionCall, AttentionKind, AttentionMaps, Tokens
from explorer.core.attention_queries import (
    Looked,
    block_of,
    default_spot,
    has_map,
    measured_look,
    nearest_call,
    query_of,
    spot_of,
    tap_of,
)
from explorer.core.boxes import ReceptiveField

FIELD = ReceptiveField(4, 8, 0, 0, 4, 8)
GRID = (3, 4)


def tokens(prefix: int = 0, grid: tuple[int, int] | None = GRID) -> Tokens:
    if grid is None:
        return Tokens(2)
    count = grid[0] * grid[1]
    cells = np.concatenate([np.full(prefix, -1), np.arange(count)])[None].astype(np.int32)
    return Tokens(prefix + count, cells, grid, prefix, FIELD)


def call(
    path: str, number: int = 0, kind: AttentionKind = AttentionKind.TOKENS, one: Tokens | None = None
) -> AttentionCall:
    one = one or tokens(1)
    return AttentionCall(path, path, number, "Attention", kind, ((2, False),), 8, one, one, True)


def tap(path: str, number: int = 0) -> Tap:
    return Tap(f"{path}_{number}" if number else path, path, number, "Module", Kind.OTHER)


PATHS = ["patches", "blocks.0.norm", "blocks.0.attn.q", "blocks.0.attn", "blocks.0.mlp", "blocks.0"]
PATHS += ["blocks.1.norm", "blocks.1.attn.q", "blocks.1.attn", "blocks.1.mlp", "blocks.1", "blocks", "head"]
TAPS = [tap(path) for path in PATHS]
CALLS = [call("blocks.0.attn"), call("blocks.1.attn")]


@pytest.mark.parametrize(
    ("path", "number", "how"),
    [
        ("patches", 0, "after this layer"),
        ("blocks.0.norm", 0, "after this layer"),
        ("blocks.0.attn.q", 0, "around this layer"),
        ("blocks.0.attn", 0, "this layer"),
        ("blocks.0.mlp", 0, "before this layer"),
        ("blocks.0", 0, "inside this layer"),
        ("blocks.1.norm", 1, "after this layer"),
        ("blocks.1", 1, "inside this layer"),
        ("blocks", 1, "inside this layer"),
        ("head", 1, "before this layer"),
    ],
)
def test_the_block_that_stands_for_a_layer(path: str, number: int, how: str) -> None:
    assert nearest_call(CALLS, TAPS, tap(path)) == (number, how)


def test_a_module_that_runs_twice_has_two_attentions() -> None:
    calls, taps = [call("attn"), call("attn", 1)], [tap("attn"), tap("attn", 1)]
    assert nearest_call(calls, taps, taps[1]) == (1, "this layer")
    assert tap_of(calls[1], taps) is taps[1]


def test_an_attention_in_the_forward_of_the_model_itself() -> None:
    assert nearest_call([call("")], TAPS, tap("head")) == (0, "around this layer")


def test_the_layer_to_go_to() -> None:
    assert tap_of(CALLS[1], TAPS).name == "blocks.1.attn"
    without = [t for t in TAPS if t.path != "blocks.1.attn"]
    assert tap_of(CALLS[1], without).name == "blocks.1.attn.q"
    assert tap_of(CALLS[1], [tap("blocks.1")]).name == "blocks.1"
    assert tap_of(CALLS[1], [tap("head")]) is None


@pytest.mark.parametrize("cell", [(0, 0), (2, 3), (1, 2)])
def test_a_cell_is_found_again_at_its_middle(cell: tuple[int, int]) -> None:
    assert query_of(tokens(), spot_of(FIELD, cell)) == cell


def test_points_belong_to_the_nearest_cell_and_numbers_to_tokens_before_the_grid() -> None:
    assert query_of(tokens(), (3.9, 8.1)) == (0, 1)
    assert query_of(tokens(), (-50.0, 999.0)) == (0, 3)
    assert query_of(tokens(2), 1) == 1
    assert query_of(tokens(2), 2) is None
    assert query_of(tokens(grid=None), 1) == 1
    assert query_of(tokens(grid=None), (3.0, 3.0)) is None
    assert spot_of(None, (0, 0)) is None
    assert spot_of(None, 3) == 3


def test_the_first_spot_is_the_class_token_or_the_middle() -> None:
    assert default_spot(tokens(1)) == 0
    assert query_of(tokens(), default_spot(tokens())) == (1, 2)
    assert default_spot(tokens(grid=None)) == 0


def test_channels_and_tokens_without_a_place_have_no_map() -> None:
    assert has_map(CALLS[0])
    assert not has_map(call("a", kind=AttentionKind.CHANNELS))
    assert not has_map(call("a", kind=AttentionKind.UNPLACED, one=tokens(grid=None)))


def windows(*cells: list[int]) -> Tokens:
    array: Array = np.array(cells, np.int32)
    return Tokens(array.shape[1], array, (4, 4), 0, FIELD)


def test_a_window_is_shown_in_its_own_order() -> None:
    shifted = windows([15, 12, 3, 0], [5, 6, 9, 10])  # one goes over the edges
    rows, columns = block_of(shifted, 0)
    assert (rows.tolist(), columns.tolist()) == ([3, 0], [3, 0])
    rows, columns = block_of(shifted, 1)
    assert (rows.tolist(), columns.tolist()) == ([1, 2], [1, 2])
    rows, columns = block_of(windows([0, 2, 8, 10]), 0)  # dilated
    assert (rows.tolist(), columns.tolist()) == ([0, 2], [0, 2])


@pytest.mark.parametrize("cells", [[0, 1, 2, 7], [0, 1, -1, -1], [0, 4, 1, 5]])
def test_what_is_no_rectangle_is_shown_on_the_whole_grid(cells: list[int]) -> None:
    rows, columns = block_of(windows(cells), 0)
    assert (rows.tolist(), columns.tolist()) == ([0, 1, 2, 3], [0, 1, 2, 3])


def test_the_prefix_is_no_part_of_the_picture() -> None:
    rows, columns = block_of(tokens(2), 0)
    assert (len(rows), len(columns)) == GRID


def test_what_is_measured_of_a_look_is_of_each_head_and_of_their_mean() -> None:
    maps = np.array([[[0.6, 0.1], [0.1, 0.1]], [[0.0, 0.0], [0.1, 0.8]]], np.float32)
    prefix = np.array([[0.1], [0.1]], np.float32)
    look = AttentionMaps(maps, np.ones((2, 2), bool), prefix, np.zeros(2, np.float32), np.ones(2))
    found = measured_look(Looked("block", 0, False, look))
    # of the mean 0.3, 0.05, 0.1, 0.45: the two largest hold 0.75 of 0.9
    assert (found["patches"], found["patches_of_mean"]) == ((1, 1), (2,))
    assert found["largest"] == pytest.approx((0.6, 0.8))
    assert found["before"] == pytest.approx((0.1, 0.1))
    assert measured_look(None) == {} == measured_look(Looked("block", 0, False))
