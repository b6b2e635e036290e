"""A column with the edits that were made in Explore, beside the same model without them."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit, digest_of
from explorer.core.models import ModelSpec
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.inputs.samples import sample_pictures
from explorer.ui.compare.words import edits_line

Compare = Callable[..., Any]
EDITS = (Edit("2", (1,)), Edit("2", (4,)), Edit("3", (0,), mode="mean"))


def entry(menu: Any, words: str) -> Any:
    menu.aboutToShow.emit()
    return next(action for action in menu.actions() if action.text().startswith(words))


def by_hand(spec: ModelSpec, layer: int, view: Any) -> np.ndarray:
    """What plain torch computes up to a layer of make_model in net.py, with EDITS made by hand between its layers."""
    path, _, factory = spec.id.removeprefix("file:").rpartition(":")
    net = runpy.run_path(path)[factory]()
    with torch.no_grad():
        x = net[:3](to_tensor(view.picture, view.card.preprocess))
        x[:, [1, 4]] = 0
        if layer > 2:
            x = net[3](x)
            x[:, 0] = x[:, 0].mean()
            x = net[4 : layer + 1](x)
    return x[0].numpy()


def test_the_edits_of_explore_are_taken_over_and_given_up(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    app = compare("one", "one")
    control, (one, other) = app.compare, app.compare.columns
    menu = other.model.menu()
    assert not entry(menu, "With the edits").isEnabled()
    assert "no edits" in entry(menu, "With the edits").text()
    other.minus.click()
    for at in range(len(one.layers)):
        control.scrub(0, at)
        assert other.shown is not None
        assert not other.shown.plain.any()  # the same model, not edited yet
    app.page("ablation").put(EDITS)
    app.rest()
    assert one.capture.edits == other.capture.edits == ""  # Explore's edits are Explore's
    entry(menu, "With the edits").trigger()
    app.rest()
    assert control.doc.column(other.key).edits == EDITS
    assert (one.capture.edits, other.capture.edits) == ("", digest_of(EDITS))
    assert other.edits.accessibleName() == "3 edits: 2 channels 1, 4 zero; 3 channel 0 mean"
    for at in (0, 1):
        control.scrub(0, at)
        assert not other.shown.plain.any()  # before the first edit
    for at in range(2, len(one.layers)):
        control.scrub(0, at)
        assert other.shown.plain.any()
    for at in (2, 3, 4):
        control.scrub(0, at)
        np.testing.assert_allclose(other.plain.maps, by_hand(specs["one"], at, other), rtol=1e-4, atol=1e-5)
        expected = by_hand(specs["one"], at, other) - one.shown.maps
        np.testing.assert_allclose(other.shown.maps, expected, rtol=1e-3, atol=1e-4)
    probability = torch.tensor(by_hand(specs["one"], 7, other)).softmax(0)
    assert other.capture.prediction[0].probability == pytest.approx(float(probability.max()), rel=1e-4)
    assert not entry(menu, "With the edits").isEnabled()
    entry(menu, "Without edits").trigger()
    app.rest()
    control.scrub(0, 3)
    assert other.capture.edits == ""
    assert not other.shown.plain.any()
    assert not other.edits.isVisible()


def test_edits_stay_with_their_model_and_on_every_picture(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    app = compare("one", "one", "other")
    control, (_, other, third) = app.compare, app.compare.columns
    app.page("ablation").put(EDITS)
    assert control.edits_in_explore(third.key) == ()
    control.set_edits(other.key, control.edits_in_explore(other.key))
    app.rest()
    control.duplicate(other.key)
    sample = next(sample.name for sample in sample_pictures() if sample.name != "cat")
    app.open_input(InputRef("sample", sample))
    app.rest()
    copy = app.compare.columns[2]
    control.scrub(0, 3)
    for view in (other, copy):
        assert view.fits
        assert view.capture.picture.name == app.picture.name
        np.testing.assert_allclose(view.shown.maps, by_hand(specs["one"], 3, view), rtol=1e-4, atol=1e-5)
    assert app.desk.known(other.card, other.picture).edits == ""  # the store knows nothing of edits
    control.set_model(copy.key, specs["other"])
    app.rest()
    assert control.doc.column(copy.key).edits == ()
    assert copy.capture.edits == ""


def test_what_freezing_put_is_kept_as_long_as_a_column_needs_it(compare: Compare) -> None:
    app = compare("one", "one")
    control, (one, other) = app.compare, app.compare.columns
    explore = app.page("ablation")
    source = explore.keep(one.capture, "2")
    before = one.capture.values["2"].copy()
    explore.put((Edit("2", mode="freeze", source=source),))
    control.set_edits(other.key, control.edits_in_explore(other.key))
    explore.put(())
    app.open_pixels(np.full((40, 60, 3), 90, np.uint8), "grey")
    app.rest()
    control.scrub(0, 2)
    np.testing.assert_array_equal(other.shown.maps, before)
    assert not np.array_equal(one.shown.maps, before)
    control.set_edits(other.key, (Edit("2", mode="freeze", source="of nobody"),))
    app.rest()
    assert "no longer stored" in other.status
    assert "no longer stored" in other.subtitle.accessibleName()


def test_a_tap_that_was_dropped_comes_again_under_its_edits(compare: Compare, specs: dict[str, ModelSpec]) -> None:
    app = compare("one", "one")
    control, (_, other) = app.compare, app.compare.columns
    app.desk.bench.store.clear()
    app.desk.bench.store.budget = 60_000
    control.set_edits(other.key, EDITS)
    app.rest()
    for at in (6, 2, 3, 0):
        control.scrub(0, at)
        app.rest()
        assert other.shown is not None
    control.scrub(0, 3)
    app.rest()
    np.testing.assert_allclose(other.shown.maps, by_hand(specs["one"], 3, other), rtol=1e-4, atol=1e-5)
    assert other.capture.edits == digest_of(EDITS)


def test_edits_that_do_not_fit_are_said(compare: Compare) -> None:
    app = compare("one", "one")
    control, other = app.compare, app.compare.columns[1]
    before = other.shown.maps
    control.set_edits(other.key, (Edit("2", (77,)),))
    app.rest()
    assert "77" in other.subtitle.accessibleName()
    np.testing.assert_array_equal(other.shown.maps, before)


def test_words_put_alike_edits_together() -> None:
    region = replace(EDITS[0], region=(3, 4, 4, 5))
    assert edits_line(()) == ""
    assert edits_line((Edit("fc", mode="freeze", source="a"),)) == "1 edit: fc all channels held"
    assert edits_line((region, EDITS[1])) == "2 edits: 2 channel 1 cell (3, 4) zero; 2 channel 4 zero"


def test_a_picture_of_it(qapp: Any, specs: dict[str, ModelSpec], tmp_path: Path) -> None:
    from explorer.cli import run

    out = tmp_path / "edited.png"
    argv = ["screenshot", "--trust-code", "--input", "sample:cat", "--out", str(out), "--model", specs["one"].id]
    both = [*argv, "--workspace", "compare", "--model", specs["one"].id, "--tap", "3"]
    assert run([*both, "--edit", "2:1,4", "--edit", "3:0:mean", "--difference"]) == 0
    assert out.stat().st_size > 0
    assert run([*both, "--edit", "nowhere"]) == 1
    assert run([*both, "--edit", "2:99"]) == 1
    assert run([*argv, "--edit", "2:1"]) == 1
    assert run([*argv, "--cka"]) == 1
    assert run([*both, "--attention", "heads"]) == 1
    assert run([*both, "--view", "attention", "--attention", "rollout"]) == 0
