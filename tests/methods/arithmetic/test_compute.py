"""What the page of arithmetic asks for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from nets import InPlace, seeded
from studied import drained, job, made

from explorer.core.inputs import InputRef
from explorer.core.params import NoParams
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.methods.arithmetic import compute
from explorer.methods.arithmetic.spec import SPEC, Asked, EffectiveFieldRequest


def test_a_cell_ends_in_the_value_of_the_capture() -> None:
    studies, capture, _ = made(seeded(InPlace()))
    place: tuple[Any, ...] = ("relu", 3, (4, 5))
    request = Asked(capture.model, capture.picture.digest, capture.picture, SPEC, NoParams(), *place)
    _, found = drained(compute.run(studies, request, job()))
    assert found.agrees
    assert found.value == capture.values["relu"][3, 4, 5]
    assert SPEC.to_json(found)["value"] == found.value
    assert "value in the tensor" in SPEC.write(found)


def test_the_effective_field_averages_over_the_pictures_that_are_kept() -> None:
    studies, capture, _ = made(seeded(InPlace()))
    pixels = np.random.default_rng(2).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    studies.bench.capture(capture.model, picture_from_array(pixels, InputRef("clipboard"), "other"), job())
    given = capture.model, capture.picture.digest, capture.picture
    request = EffectiveFieldRequest(*given, "conv2", 1, (8, 8))
    partial, found = drained(compute.effective(SimpleNamespace(studies=studies), request, job()))
    assert [p.count for p in partial] == [1, 2]
    assert found.count == 2
    assert found.heat[0, 0] == 0
    assert found.heat[8, 8] > 0
