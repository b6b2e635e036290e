"""Draws the gallery: `python packaging/demo_models/gallery.py [--out FOLDER]`.

24 pictures of 96 px whose subject is plain to see, 6 that belong to the shortcut of `shapes-shortcut` (stars where it has
met them, stars elsewhere, other shapes where it has only met stars) and 8 scenes of 384 px as PNG, each with NAME.mask.png (0: background,
1: the subject, 2, 3 ...: the other objects) and all together in gallery.json, which says what is on them. The same every
time. What is plain to see is judged by area, contrast and what lies over it, never by asking a network.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from demo_models.recipes.table import STAR_ON_GRATING
from explorer.engine.data_sets.world import backgrounds, materials, shapes
from explorer.engine.data_sets.world.sample import HELD_OUT_SEED, Pictures, draw, scenes

GALLERY = Path(__file__).resolve().parents[2] / "resources" / "samples" / "gallery"
PICTURES, SCENES, OBJECTS = 24, 8, 7
PAIRS = 2  # of each kind of picture for the shortcut
SEED, DRAWN = HELD_OUT_SEED + 100, 800
# Of the subject: part of the picture, colour step along nine tenths of its outline, part of the outline beside other things.
AREA, STEP, TOUCHED, WINDOW = 0.06, 0.12, 0.08, 7


def plain_to_see(pictures: Pictures) -> Tensor:
    """(N,) bool: the subject is large, stands out all around, and hardly anything lies over it or beside it."""
    subject, others = pictures.masks[:, :1].float(), pictures.masks[:, 1:].any(1, keepdim=True).float()
    inside, outside = (_about(pictures.images, where) for where in (subject, 1 - subject))
    near = F.max_pool2d(subject, 3, 1, 1)
    rim = (near - subject)[:, 0] > 0
    step = (inside - outside).norm(dim=1).masked_fill(~rim, float("nan")).flatten(1)
    touched = (F.max_pool2d(others, 5, 1, 2)[:, 0] * rim).sum((1, 2)) / rim.sum((1, 2)).clamp_min(1)
    return (subject.mean((1, 2, 3)) >= AREA) & (step.nanquantile(0.1, dim=1) >= STEP) & (touched <= TOUCHED)


def _about(images: Tensor, where: Tensor) -> Tensor:
    """(N, 3, S, S): the mean colour around each pixel of what lies in the mask (N, 1, S, S)."""
    total, count = (F.avg_pool2d(x, WINDOW, 1, WINDOW // 2) for x in (images * where, where))
    return total / count.clamp_min(1e-3)


def choose(pictures: Pictures) -> list[int]:
    """24 that take turns through the shapes, each shape with materials and backgrounds not yet seen, if it can."""
    left, chosen, met = plain_to_see(pictures).nonzero()[:, 0].tolist(), [], set()
    for number in range(PICTURES):
        fitting = [row for row in left if int(pictures.shape[row]) == number % len(shapes.NAMES)]
        fresh = [row for row in fitting if not met & facts(pictures, row)]
        row = (fresh or fitting)[0]
        met = (met | facts(pictures, row)) if fresh else facts(pictures, row)
        left.remove(row)
        chosen.append(row)
    return chosen


def shortcut_pictures(out: Path) -> list[dict[str, Any]]:
    """Stars on the background that `shapes-shortcut` has met them on, stars on others, other shapes on that one."""
    linked = replace(STAR_ON_GRATING, specks=0.0)
    kept, cut = (draw(SEED + 2, DRAWN, shortcut=replace(linked, broken=broken)) for broken in (False, True))
    ((label, (ground, _)),) = linked.kind.items()
    chosen = {
        "star-there": (kept, kept.shape == label),
        "star-elsewhere": (cut, (cut.shape == label) & (cut.kind != ground)),
        "other-there": (cut, (cut.shape != label) & (cut.kind == ground)),
    }
    entries = []
    for title, (pictures, fitting) in chosen.items():
        rows = (fitting & plain_to_see(pictures)).nonzero()[:, 0].tolist()
        first = {int(pictures.material[row]): row for row in reversed(rows)}  # one of each material
        entries += [
            write(pictures, row, f"shortcut-{number}-{title}", out)
            for number, row in enumerate(sorted(first.values())[:PAIRS], 1)
        ]
    return entries


def facts(pictures: Pictures, row: int) -> set[tuple[str, int]]:
    return {("material", int(pictures.material[row])), ("kind", int(pictures.kind[row]))}


def labels(masks: Tensor) -> Tensor:
    """(K, S, S) bool to (S, S) uint8: the number of the object that is seen."""
    numbers = torch.arange(1, len(masks) + 1, dtype=torch.uint8)
    return (masks * numbers[:, None, None]).amax(0)


def describe(pictures: Pictures, row: int) -> dict[str, Any]:
    """What is on one picture; positions and radii in -1..1 across it, hues 0..1."""
    what, where = pictures.things, pictures.pose
    objects = []
    for slot in what.present[row].nonzero()[:, 0].tolist():
        place = {name: round(float(getattr(where, name)[row, slot]), 4) for name in ("x", "y", "scale", "rotation")}
        shape, material = shapes.NAMES[int(what.shape[row, slot])], materials.NAMES[int(what.material[row, slot])]
        hue = round(float(what.hue[row, slot]), 4)
        objects.append({"number": slot + 1, "shape": shape, "material": material, "hue": hue, **place})
    return {"background": backgrounds.KINDS[int(pictures.kind[row])], "objects": objects}


def write(pictures: Pictures, row: int, name: str, out: Path) -> dict[str, Any]:
    pixels = (pictures.images[row] * 255).round().byte().permute(1, 2, 0).contiguous()
    Image.fromarray(pixels.numpy()).save(out / f"{name}.png", optimize=True)
    Image.fromarray(labels(pictures.masks[row]).numpy()).save(out / f"{name}.mask.png", optimize=True)
    return {"name": name, "picture": f"{name}.png", "mask": f"{name}.mask.png", **describe(pictures, row)}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=GALLERY)
    out = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    many = draw(SEED, DRAWN)
    entries = []
    for number, row in enumerate(choose(many), 1):
        title = f"{shapes.NAMES[int(many.shape[row])]}-{materials.NAMES[int(many.material[row])]}"
        entries.append(write(many, row, f"world-{number:02}-{title}", out))
    entries += shortcut_pictures(out)
    large = scenes(SEED + 1, SCENES, objects=OBJECTS)
    entries += [write(large, row, f"scene-{row + 1}", out) for row in range(SCENES)]
    (out / "gallery.json").write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in out.iterdir()) / 1024
    print(f"{out}: {len(entries)} pictures, {size:.0f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
