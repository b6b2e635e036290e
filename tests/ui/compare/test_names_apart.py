from __future__ import annotations

import pytest

from explorer.ui.compare.words import without_common


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["shapes-cnn", "shapes-vit", "shapes-ssl-cnn"], ["…cnn", "…vit", "…ssl-cnn"]),
        (["n2n_unet  · first", "n2n_unet  · second"], ["…first", "…second"]),
        (["shapes-cnn", "shapes-cnn-untrained"], ["…cnn", "…cnn-untrained"]),
        (["resnet18", "resnet50"], ["resnet18", "resnet50"]),  # parts of a name are not cut
        (["a-x", "a-y"], ["a-x", "a-y"]),  # nothing worth it
        (["alike-twins", "alike-twins"], ["alike-twins", "alike-twins"]),
        (["alone-here"], ["alone-here"]),
        ([], []),
    ],
)
def test_what_all_names_begin_with_is_left_out(names: list[str], told: list[str]) -> None:
    assert without_common(names) == told
