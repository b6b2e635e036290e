"""What a session file names is computed again from the very picture, or an error says why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from PIL import Image
from studied import PRE, job, made

from explorer.core.activations import Capture
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import Edit
from explorer.core.layer_views import BasisOrigin, Sheet
from explorer.engine.inputs import open_input
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.representations.layer_painter import Painter
from explorer.engine.restore import frozen_again, palette_again
from explorer.engine.studies import Studies


@pytest.fixture
def given() -> tuple[Studies, Capture, InPlace]:
    return made(seeded(InPlace()))


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    return draw(tmp_path / "a.png", 1)


def draw(path: Path, seed: int) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (18, 22, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return open_input(InputRef("picture", str(path)))


def freezing(picture: Picture) -> Edit:
    return Edit("conv1", (1,), mode="freeze", source=picture.digest, origin=picture.ref)


def test_frozen_values_are_those_of_plain_torch_on_that_picture(
    given: tuple[Studies, Capture, InPlace], picture: Picture
) -> None:
    studies, plain, net = given
    edits = (freezing(picture), Edit("conv2", (0,)), Edit("conv2", mode="freeze", source="of a file of before"))
    found = frozen_again(studies.bench, plain.model, edits, job()).frozen
    with torch.no_grad():
        expected = net.conv1(to_tensor(picture, PRE))[0].numpy()
    assert found.keys() == {picture.digest}
    assert found[picture.digest].keys() == {"conv1"}
    np.testing.assert_allclose(found[picture.digest]["conv1"], expected, rtol=1e-5, atol=1e-6)


def test_a_layer_that_was_not_kept_is_computed(given: tuple[Studies, Capture, InPlace], picture: Picture) -> None:
    studies, plain, net = given
    studies.bench.store.clear()
    studies.bench.store.budget = 5_000
    assert "conv1" not in studies.bench.capture(plain.model, picture, job()).values
    found = frozen_again(studies.bench, plain.model, (freezing(picture),), job()).frozen
    with torch.no_grad():
        expected = net.conv1(to_tensor(picture, PRE))[0].numpy()
    np.testing.assert_allclose(found[picture.digest]["conv1"], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("foreground", [False, True])
def test_a_palette_is_the_one_that_was_pinned(
    given: tuple[Studies, Capture, InPlace], picture: Picture, foreground: bool
) -> None:
    studies, plain, _ = given
    sheet = Sheet(studies.bench.capture(plain.model, picture, job()), "conv1", PRE)
    pinned = Painter().paint(sheet, foreground).palette
    again = palette_again(studies.bench, Painter(), pinned.of, job())
    assert again.of == pinned.of
    for one, other in ((again.basis, pinned.basis), (again.whole, pinned.whole)):
        np.testing.assert_array_equal(one.axes, other.axes)
        np.testing.assert_array_equal(one.mean, other.mean)


def test_a_picture_that_is_gone_or_another_one_is_said(
    given: tuple[Studies, Capture, InPlace], picture: Picture
) -> None:
    studies, plain, _ = given
    origin = BasisOrigin(plain.model, "conv1", picture.ref, picture.digest, picture.name)
    for kind in ("clipboard", "camera"):
        gone = InputRef(kind)  # type: ignore[arg-type]
        with pytest.raises(ExplorerError, match=f"pinned colours of conv1 .* from the {kind} is no longer available"):
            palette_again(studies.bench, Painter(), replace(origin, input=gone), job())
        with pytest.raises(ExplorerError, match=f"held values of conv1 .* from the {kind} is no longer available"):
            frozen_again(studies.bench, plain.model, (replace(freezing(picture), origin=gone),), job())
    draw(Path(picture.ref.path), 2)
    with pytest.raises(ExplorerError, match="has changed since then"):
        frozen_again(studies.bench, plain.model, (freezing(picture),), job())
    with pytest.raises(ExplorerError, match="edited"):
        palette_again(studies.bench, Painter(), replace(origin, edits="0123"), job())
