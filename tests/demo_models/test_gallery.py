"""The gallery: pictures, masks and what is said of them belong together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from demo_models import gallery
from PIL import Image

from explorer.engine.data_sets.world import backgrounds, materials, shapes


def test_the_gallery_that_ships_is_what_the_script_draws(tmp_path: Path) -> None:
    """Another processor may round another way: a step of brightness is allowed, and hardly any pixel of a mask."""
    assert gallery.main(["--out", str(tmp_path)]) == 0
    shipped, drawn = (json.loads((folder / "gallery.json").read_text()) for folder in (gallery.GALLERY, tmp_path))
    assert [entry["name"] for entry in shipped] == [entry["name"] for entry in drawn]
    assert {path.name for path in gallery.GALLERY.iterdir()} == {path.name for path in tmp_path.iterdir()}
    for entry in shipped:
        one, two = (
            np.asarray(Image.open(folder / entry["picture"])).astype(int) for folder in (gallery.GALLERY, tmp_path)
        )
        assert np.quantile(np.abs(one - two), 0.999) <= 1, entry["name"]
        one, two = (np.asarray(Image.open(folder / entry["mask"])) for folder in (gallery.GALLERY, tmp_path))
        assert (one != two).mean() < 1e-3, entry["name"]
    assert sum(path.stat().st_size for path in gallery.GALLERY.iterdir()) < 3_000_000


def test_subjects_are_large_and_stand_out() -> None:
    pictures = gallery.draw(gallery.SEED, 60)
    plain = gallery.plain_to_see(pictures)
    assert 0.2 < float(plain.float().mean()) < 0.8
    area = pictures.masks[:, 0].float().mean((1, 2))
    assert float(area[plain].min()) >= gallery.AREA
    grey = replace(pictures, images=torch.full_like(pictures.images, 0.5))
    assert not bool(gallery.plain_to_see(grey).any()), "what cannot be seen is not plain to see"


def test_the_gallery_shows_everything_and_its_masks_name_its_objects(tmp_path: Path) -> None:
    assert gallery.main(["--out", str(tmp_path)]) == 0
    entries = json.loads((tmp_path / "gallery.json").read_text())
    assert len(entries) == gallery.PICTURES + 3 * gallery.PAIRS + gallery.SCENES
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
