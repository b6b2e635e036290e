"""The document, its history, and what is resolved from it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.core.activations import Capture, Kind, Layout, Tap
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import Edit
from explorer.core.layer_views import BasisOrigin, Shows
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.render import ScaleMode, SortKey
from explorer.core.session.comparison import Column, Comparison, Link, SharedScale
from explorer.core.session.display import display, liveliest
from explorer.core.session.history import History
from explorer.core.session.resolve import first_tap, nearest, resolve, stage, strip_taps
from explorer.core.session.session import Order, Session, changed, from_json, to_json

PICTURE = Picture(InputRef("sample", "cat"), np.zeros((4, 4, 3), np.uint8), "0" * 16)

COMPARED = Comparison(
    (
        Column(
            4,
            ModelSpec("torchvision:vgg11", untrained=True, preprocess=Preprocess(64, 64, "stretch")),
            InputRef("picture", "ä.png"),
            "features.3",
            channel=2,
            offset=-3,
            locked=False,
            minus=False,
            edits=(
                Edit("features.0", (1, 2), (0, 1, 5, 6)),
                Edit("features.3", (0,), mode="mean", means=(0.5, 1.5)),
                Edit("features.6", mode="freeze", source="0123456789abcdef"),
                Edit("features.6", (1,), mode="freeze", source="0123", origin=InputRef("video", "b.mp4", 3)),
            ),
        ),
        Column(1, ModelSpec("demo:seeded"), frozen=True, minus=True, shows=Shows.SIMILARITY, to_first=True),
    ),
    Link.STRIDE,
    SharedScale.PERCENTILE,
    kept=(0.25, 1.0),
)


def tap(name: str, **more: object) -> Tap:
    given: dict[str, object] = {"shape": (1, 3, 4, 5), "layout": Layout.NCHW, "grid": (4, 5), "kind": Kind.CONV, **more}
    return Tap(name, name, 0, "Conv2d", **given)  # type: ignore[arg-type]


def capture(*taps: Tap, **values: np.ndarray) -> Capture:
    return Capture("model", PICTURE, taps, values)


def test_a_session_survives_its_file() -> None:
    session = Session(
        ModelSpec(
            "file:a b.py:make", "w.pth", True, 3, Preprocess(32, 48, "letterbox", mean=(0.5,), std=(0.25,), channels=1)
        ),
        InputRef("video", "ä/b c.mp4", 17),
        "layer1.0.relu_1",
        5,
        (2, 3),
        SortKey.VARIANCE,
        ScaleMode.FIXED,
        (-1.0, 2.0),
        98.5,
        "viridis",
        True,
        order=Order("layer1.0.relu_1", "zeros ↓", (2, 0, 1)),
        comparison=COMPARED,
        pinned=BasisOrigin("digest", "layer1.0", InputRef("picture", "ä.png"), "0123", "ä.png", foreground=True),
    )
    assert from_json(to_json(session)) == session


def test_a_file_of_before_pictures_were_named_reads_as_it_was() -> None:
    data = json.loads(to_json(Session(comparison=COMPARED)))
    del data["pinned"]
    for edit in data["comparison"]["columns"][0]["edits"]:
        del edit["origin"]
    edits = from_json(json.dumps(data)).comparison.columns[0].edits
    assert [edit.origin for edit in edits] == [None] * 4
    assert edits[2] == COMPARED.columns[0].edits[2]


def test_a_file_of_before_there_was_a_comparison_has_none() -> None:
    data = json.loads(to_json(Session(ModelSpec("a"), comparison=COMPARED)))
    del data["comparison"]
    assert from_json(json.dumps(data)) == Session(ModelSpec("a"))
    data["comparison"] = {"columns": [], "from": "a newer version"}
    assert from_json(json.dumps(data)) == Session(ModelSpec("a"))


@pytest.mark.parametrize(
    ("at", "value"),
    [
        *(("key", -1), ("tap", 3), ("channel", "two"), ("offset", 0.5), ("frozen", 1), ("model", "resnet18")),
        *(("input", {"kind": "smell"}), ("model", {"id": "a", "seed": "b"}), ("edits", [{"tap": "a", "mode": "blur"}])),
        *(("edits", [{"tap": "a", "channels": ["x"]}]), ("edits", [{"tap": "a", "region": [1, 2]}]), ("edits", [{}])),
        *(
            ("edits", [{"tap": "a", "means": ["x"]}]),
            ("edits", [{"tap": "a", "origin": {"kind": "smell"}}]),
            ("shows", "a smell"),
            ("to_first", 1),
        ),
    ],
)
def test_a_column_that_cannot_be_makes_it_no_session(at: str, value: object) -> None:
    data = json.loads(to_json(Session(comparison=COMPARED)))
    data["comparison"]["columns"][0][at] = value
    with pytest.raises(ExplorerError, match="session"):
        from_json(json.dumps(data))


@pytest.mark.parametrize("keys", [[0], [0, 0], [0, 1, 2, 3, 4]])
def test_too_few_or_too_many_columns_are_no_session(keys: list[int]) -> None:
    data = json.loads(to_json(Session(comparison=COMPARED)))
    column = data["comparison"]["columns"][0]
    data["comparison"]["columns"] = [{**column, "key": key} for key in keys]
    with pytest.raises(ExplorerError, match="session"):
        from_json(json.dumps(data))


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{", '{"model": 3}', '{"input": {"nothing": 1}}', '{"sort": "by taste"}', "null"),
        *('{"order": 1}', '{"order": {"tap": "a"}}', '{"order": {"tap": "a", "by": "b", "channels": [0, "x"]}}'),
        *('{"pinned": 1}', '{"pinned": {"model": "a", "tap": "b", "digest": "c", "input": {"kind": "smell"}}}'),
    ],
)
def test_what_is_no_session_says_so(text: str) -> None:
    with pytest.raises(ExplorerError, match="session"):
        from_json(text)


def test_fields_of_newer_versions_are_ignored() -> None:
    assert from_json('{"format": 9, "tap": "conv1", "hologram": true}') == Session(tap="conv1")


def test_changed_names_the_fields() -> None:
    assert changed(Session(), Session(tap="a", channel=2)) == {"tap", "channel"}


def test_history_goes_back_and_forward() -> None:
    history = History(Session())
    one, two = Session(colormap="viridis"), Session(colormap="grey")
    history.push(one)
    history.push(two)
    assert history.back() == one
    assert history.back() == Session()
    assert history.back() is None
    assert history.forward() == one
    history.push(Session(colormap="inferno"))
    assert history.forward() is None


def test_scrubbing_is_one_step_until_the_hand_rests() -> None:
    history = History(Session(tap="a"))
    for name in "bcd":
        history.push(Session(tap=name))
    history.push(Session(tap="e"), quick=False)
    history.push(Session(tap="f"))
    assert history.back() == Session(tap="d")
    assert history.back() == Session(tap="a")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.booleans()), max_size=30))
def test_back_and_forward_are_inverse(steps: list[tuple[str, int, bool]]) -> None:
    history = History(Session())
    for name, channel, quick in steps:
        history.push(Session(tap=name, channel=channel), quick)
    before = history.back()
    if before is not None:
        after = history.forward()
        assert history.back() == before
        assert history.forward() == after


def test_resolve_asks_only_for_what_was_dropped() -> None:
    kept, dropped, unseen = tap("a"), tap("b"), replace(tap("c"), observable=False, reason="fused")
    seen = capture(kept, dropped, unseen, a=np.zeros((3, 4, 5)))
    assert resolve(Session(), None).tap is None
    assert not resolve(Session(tap="a"), seen).missing
    assert resolve(Session(tap="b"), seen).missing
    view = resolve(Session(tap="c"), seen)
    assert (view.missing, view.reason) == (False, "fused")
    assert resolve(Session(tap="a", channel=99), seen).channel == 2


def test_a_tap_that_is_not_there_gives_the_first() -> None:
    assert nearest([replace(tap("x"), observable=False), tap("y")], "gone").name == "y"
    assert resolve(Session(), capture(replace(tap("x"), observable=False))).tap is None


def test_a_new_model_is_shown_at_its_first_activation() -> None:
    relu = tap("relu", kind=Kind.ACTIVATION)
    assert first_tap([tap("conv"), relu, tap("conv2")]) == "relu"
    assert first_tap([tap("fc", layout=Layout.NC, grid=None, shape=(1, 3))]) == "fc"
    assert first_tap([]) == ""


def test_the_film_leaves_out_what_only_hands_on() -> None:
    taps = (tap("a"), replace(tap("block"), alias="a"), replace(tap("f"), observable=False), tap("sum"))
    assert [t.name for t in strip_taps(taps, blocks=False)] == ["a", "sum"]
    assert [t.name for t in strip_taps(taps, blocks=True)] == ["a", "block", "sum"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("layer1.0.conv1", "layer1"),
        ("features.4.conv.1", "features.4"),
        ("encoder.layers.encoder_layer_3.mlp", "encoder.layers.encoder_layer_3"),
        ("conv1", "conv1"),
        ("", "output"),
    ],
)
def test_stages(path: str, expected: str) -> None:
    assert stage(replace(tap("t"), path=path)) == expected


def test_signed_values_never_get_a_sequential_map() -> None:
    signed = np.linspace(-1, 1, 60, dtype=np.float32).reshape(3, 4, 5)
    for chosen in ("magma", "viridis", "grey"):
        assert "-" in display(tap("a"), signed, Session(colormap=chosen), dark=True).colormap
    assert display(tap("a"), abs(signed), Session(colormap="blue-white-red"), dark=True).colormap == "magma"


def test_one_cell_maps_are_a_vector() -> None:
    pooled = tap("pool", shape=(1, 3, 1, 1), grid=(1, 1))
    shown = display(pooled, np.arange(3, dtype=np.float32).reshape(3, 1, 1), Session(), dark=True)
    assert shown.maps is None
    assert shown.vector.tolist() == [0, 1, 2]


def test_the_liveliest_channel_is_the_one_that_varies_most() -> None:
    values = np.zeros((3, 4, 5), np.float32)
    values[1] = np.arange(20).reshape(4, 5)
    assert liveliest(capture(tap("a"), a=values), "a") == 1
    assert liveliest(capture(tap("a")), "a") == 0


def test_a_measured_order_holds_on_its_own_layer_and_only_when_whole() -> None:
    maps = np.random.default_rng(0).random((3, 4, 5), np.float32)
    session = Session(tap="a", sort=SortKey.MEASURED, order=Order("a", "zeros", (2, 0, 1)))
    assert display(tap("a"), maps, session, True).order.tolist() == [2, 0, 1]
    assert session.measured is session.order
    other = replace(session, tap="b")
    assert other.measured is None
    assert display(tap("b"), maps, other, True).order.tolist() == [0, 1, 2]
    for channels in ((2, 0), (2, 2, 1), (0, 1, 3)):
        broken = replace(session, order=Order("a", "zeros", channels))
        assert display(tap("a"), maps, broken, True).order.tolist() == [0, 1, 2]
    assert display(tap("a"), maps, replace(session, order=None), True).order.tolist() == [0, 1, 2]


HUGE = [2**31, 2**39, 2**63, 10**40, 1e308, -1e308, float("nan"), float("inf"), 0.5, "7", None, True]


@pytest.mark.parametrize(
    "path",
    [
        ("channel",),
        ("input", "frame"),
        ("model", "preprocess", "height"),
        ("model", "preprocess", "width"),
        ("model", "preprocess", "resize"),
        ("model", "preprocess", "channels"),
        ("comparison", "columns", 0, "key"),
        ("comparison", "columns", 0, "channel"),
        ("comparison", "columns", 0, "offset"),
    ],
)
def test_whole_numbers_of_a_session_stay_within_what_the_window_can_count(path: tuple[str | int, ...]) -> None:
    for value in HUGE:
        data = json.loads(
            to_json(Session(ModelSpec("a", preprocess=Preprocess()), InputRef("scene"), comparison=COMPARED))
        )
        at = data
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        with pytest.raises(ExplorerError, match="session"):
            from_json(json.dumps(data))


@pytest.mark.parametrize(
    ("name", "bad"), [("fixed", [0, 1e308]), ("percentile", 0), ("percentile", 101), ("cell", [-2, 0])]
)
def test_other_numbers_of_a_session(name: str, bad: object) -> None:
    with pytest.raises(ExplorerError, match="session"):
        from_json(json.dumps({"format": 1, name: bad}))


@pytest.mark.parametrize("std", [[0, 1, 1], [1e-40, 1, 1], [1e40, 1, 1], [], ["1"], [2**70, 1, 1]])
def test_a_deviation_that_nothing_can_be_divided_by(std: list[object]) -> None:
    data = {"format": 1, "model": {"id": "a", "preprocess": {"std": std}}}
    with pytest.raises(ExplorerError, match="session"):
        from_json(json.dumps(data))


def test_a_model_input_that_fits_no_memory() -> None:
    for height, fits in ((4096, True), (16384, False)):
        data = {"format": 1, "model": {"id": "a", "preprocess": {"height": height, "width": height, "resize": height}}}
        if fits:
            assert from_json(json.dumps(data)).model.preprocess.height == height
            continue
        with pytest.raises(ExplorerError, match="would not fit in memory"):
            from_json(json.dumps(data))


def test_a_token_before_the_grid_is_a_cell() -> None:
    assert from_json(to_json(Session(cell=(-1, 4)))).cell == (-1, 4)


def test_a_region_without_cells_is_none() -> None:
    data = json.loads(to_json(Session(comparison=COMPARED)))
    data["comparison"]["columns"][0]["edits"] = [{"tap": "a", "region": [3, 3, 3, 5]}]
    with pytest.raises(ExplorerError, match="session"):
        from_json(json.dumps(data))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 10_000, '{"channel": ' + "9" * 5000 + "}"])
def test_deep_or_endless_texts_are_no_session(text: str) -> None:
    with pytest.raises(ExplorerError, match="session"):
        from_json(text)


@pytest.mark.parametrize("size", [[0, 4], [4], [4, 2**40], [4.5, 4], "ab", 7])
def test_a_size_of_positions_is_two_sides(size: object) -> None:
    assert from_json(to_json(Session(ModelSpec("a", size=(64, 96))))).model == ModelSpec("a", size=(64, 96))
    with pytest.raises(ExplorerError, match="session"):
        from_json(json.dumps({"format": 1, "model": {"id": "a", "size": size}}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("fill", [2]), ("fill", [float("nan")]), ("order", "gbr"), ("rounding", 3), ("transform_input", 1)],
)
def test_other_fields_of_a_preprocessing(name: str, value: object) -> None:
    with pytest.raises(ExplorerError, match="session"):
        from_json(json.dumps({"format": 1, "model": {"id": "a", "preprocess": {name: value}}}))
