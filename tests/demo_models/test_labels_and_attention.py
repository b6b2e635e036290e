"""What the page on labels and attention says of the demo models is what their cards and the samples that ship give."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from demo_models import gallery
from demo_models.evaluate import WEIGHTS
from demo_models.measure.foreground import by_attention, last_block, overlap
from demo_models.measure.weights import load
from PIL import Image
from torch import Tensor

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "labels-and-attention.md").read_text(encoding="utf-8")
NAMES = ("shapes-ssl-vit", "shapes-vit", "shapes-vit-untrained")
SHOWN = "world-05-cross-clouds"


def figures(key: str) -> list[float]:
    cards: list[dict[str, Any]] = [json.loads((WEIGHTS / f"{name}.json").read_text(encoding="utf-8")) for name in NAMES]
    return [card["figures"][key] for card in cards]


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("knn_shape", "{:.1f} %"),
        ("iou_attention", "{:.3f}"),
        ("mass_attention", "{:.1f} %"),
        ("entropy_attention", "{:.2f} nats"),
    ],
)
def test_the_table_says_what_the_cards_say(key: str, written: str) -> None:
    row = " | ".join(written.format(value) for value in figures(key))
    assert f" | {row} |\n" in PAGE


def test_the_tokens_looked_at_are_what_the_entropies_mean() -> None:
    own, supervised, _ = (math.exp(value) for value in figures("entropy_attention"))
    said = PAGE.replace("\n", " ")
    assert f"as if at {supervised:.0f} tokens alike, the network without labels as if at {own:.0f}." in said


def test_the_components_are_what_the_cards_say() -> None:
    own, supervised, _ = figures("iou_component")
    assert f"component {own:.2f} and {supervised:.2f})" in PAGE.replace("\n", " ")


@cache
def picture(name: str) -> tuple[Tensor, Tensor]:
    """(1, 3, S, S) and the pixels of all objects (1, S, S)."""
    pixels, mask = (np.array(Image.open(gallery.GALLERY / f"{name}{end}.png")) for end in ("", ".mask"))
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255, torch.from_numpy(mask > 0)[None]


@cache
def overlaps(name: str) -> dict[str, float]:
    """Of each world sample."""
    net, found = load(name, WEIGHTS), {}
    for path in sorted(gallery.GALLERY.glob("world-??-*.mask.png")):
        sample = path.name.removesuffix(".mask.png")
        images, truth = picture(sample)
        given, _ = last_block(net, images)
        found[sample] = overlap(by_attention(given), truth, net.grid)
    return found


def test_the_picture_shown_is_no_best_case() -> None:
    own, supervised = (overlaps(name) for name in NAMES[:2])
    assert f"--input sample:{SHOWN}" in PAGE
    assert f"overlaps are {own[SHOWN]:.2f} and {supervised[SHOWN]:.2f}" in PAGE.replace("\n", " ")
    apart, means = own[SHOWN] - supervised[SHOWN], figures("iou_attention")
    assert 0 < apart < means[0] - means[1], "nearer than the means"
    larger = sum(own[sample] > supervised[sample] for sample in own)
    assert f"in {larger} of the {len(own)} such samples" in PAGE.replace("\n", " ")
