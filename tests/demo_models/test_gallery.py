"""The gallery: pictures, masks and what is said of them belong together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from demo_models import gallery
from demo_models.world import backgrounds, materials, shapes
from PIL import Image


def test_the_gallery_shows_everything_and_its_masks_name_its_objects(tmp_path: Path) -> None:
    assert gallery.main(["--out", str(tmp_path)]) == 0
    entries = json.loads((tmp_path / "gallery.json").read_text())
    assert len(entries) == gallery.PICTURES + gallery.SCENES
    for entry in entries:
        picture, mask = (np.asarray(Image.open(tmp_path / entry[part])) for part in ("picture", "mask"))
        assert picture.shape == (*mask.shape, 3)
        assert picture.std() > 5
        seen = set(np.unique(mask).tolist()) - {0}
        assert seen <= {thing["number"] for thing in entry["objects"]}
        assert 1 in seen
    small = entries[: gallery.PICTURES]
    assert {entry["objects"][0]["shape"] for entry in small} == set(shapes.NAMES)
    assert {entry["objects"][0]["material"] for entry in small} == set(materials.NAMES)
    assert {entry["background"] for entry in small} == set(backgrounds.KINDS)
