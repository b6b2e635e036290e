"""Input tensors against the libraries' own preprocessing: transformers' processors, timm's data configs, torchvision's weights.

`python -m tests.sweeps processors [transformers] [timm] [torchvision]`. Pictures are odd, oblong, tiny, of one row, grey and
colour. A tensor is wrong where it differs by more than a thousandth of a level of 255 and no note says so.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import Preprocess
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models import extras
from explorer.engine.models import timm_models as timm_zoo
from explorer.engine.models import torchvision_models as torchvision_zoo
from explorer.engine.models.hf_folder import PROCESSOR, Folder
from explorer.engine.models.hf_models import TYPES
from explorer.engine.models.hf_preprocess import preprocess_of

SIZES = ((61, 97), (150, 47), (3, 5), (1, 9), (224, 224), (257, 256), (301, 451), (40, 2))
FEW = ((57, 101), (131, 40), (2, 7))  # for one of many variations
CLOSE = 1e-3 / 255  # of 0..1
# of transformers: everything that a processor_config of a picture model has been seen to set
VARIATIONS: tuple[dict[str, Any], ...] = (
    {},
    {"do_resize": False},
    {"do_center_crop": True, "crop_size": {"height": 33, "width": 47}},
    {"do_center_crop": True, "crop_size": {"height": 300, "width": 301}},
    {"do_center_crop": False},
    {"do_resize": False, "do_center_crop": True, "crop_size": {"height": 55, "width": 44}},
    {"size": {"height": 45, "width": 61}},
    {"size": {"height": 64, "width": 64}, "do_center_crop": True, "crop_size": {"height": 51, "width": 51}},
    {"size": {"height": 80, "width": 80}, "do_center_crop": True, "crop_size": {"height": 51, "width": 40}},
    {"size": {"shortest_edge": 57}},
    {"size": {"shortest_edge": 57}, "do_center_crop": True, "crop_size": {"height": 50, "width": 50}},
    {"size": {"shortest_edge": 57, "longest_edge": 90}},
    {"size": {"shortest_edge": 57}, "crop_pct": 0.875},
    {"size": {"shortest_edge": 57}, "crop_pct": 0.9, "do_center_crop": True, "crop_size": {"height": 57, "width": 57}},
    {"size": {"shortest_edge": 400}, "crop_pct": 0.875},
    *({"resample": kind} for kind in range(6)),
    {"do_rescale": False},
    {"do_rescale": False, "do_normalize": False},
    {"do_normalize": False},
    {"do_normalize": True},
    {"rescale_factor": 1 / 127.5},
    {"rescale_factor": 1 / 127.5, "rescale_offset": True, "do_normalize": False},
    {"image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6]},
    {"image_mean": 0.5, "image_std": 0.25},
    {"include_top": False},
    {"do_flip_channel_order": True},
    {"do_flip_channel_order": False},
    {"do_convert_rgb": True},
    {"do_pad": True},
    {"do_pad": True, "pad_size": {"height": 512, "width": 512}},
    {"do_grayscale": True},
    {"size_divisor": 32},
    {"do_reduce_labels": True},
    {"unheard_of": True},
)
Check = Callable[[Image.Image], torch.Tensor]


class Counts:
    """What came of every tensor, and the first that were wrong."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        self.wrong: list[str] = []

    def add(self, what: str, pre: Preprocess, noted: bool, own: Check, few: bool = False) -> None:
        for size, channels in itertools.product(FEW if few else SIZES, (3,) if few else (3, 1)):
            pixels = np.random.default_rng(size).integers(0, 256, (*size, channels), dtype=np.uint8)
            image = Image.fromarray(pixels if channels == 3 else pixels[..., 0]).convert("RGB")
            try:
                wanted = own(image)
            except Exception:  # noqa: BLE001 - the library cannot take this picture
                self.of["the library fails"] += 1
                continue
            found = to_tensor(Picture(InputRef("picture"), pixels, "0"), pre)[0]
            std = torch.tensor(pre.stds).view(-1, 1, 1)
            same = found.shape == wanted.shape and float(((found - wanted) * std).abs().max()) <= CLOSE
            self.of["the same" if same else "other, and noted" if noted else "WRONG"] += 1
            if not same and not noted:
                self.wrong.append(f"{what}, picture {size[0]} × {size[1]} × {channels}")


def processors() -> Iterator[str]:
    """Names of the processors of every type of picture model that is opened, and of some that files of others name."""
    from transformers.models.auto.image_processing_auto import (  # type: ignore[attr-defined]
        IMAGE_PROCESSOR_MAPPING_NAMES,
    )

    names = {}
    for kind in TYPES:
        classes = IMAGE_PROCESSOR_MAPPING_NAMES.get(kind) or {}
        names |= dict.fromkeys(str(name) for name in classes.values() if name)
    more = (
        "Levit",
        "PoolFormer",
        "EfficientNet",
        "MobileNetV2",
        "Perceiver",
        "Segformer",
        "DPT",
        "Pvt",
        "GLPN",
        "Flava",
    )
    yield from names | dict.fromkeys(f"{name}ImageProcessor" for name in more)


def transformers_part(counts: Counts) -> int:
    extras.load(extras.HF)
    import transformers

    tried = 0
    with tempfile.TemporaryDirectory() as where:
        folder = Folder(Path(where), {}, True)
        for name, more in itertools.product(processors(), VARIATIONS):
            (folder.path / PROCESSOR).write_text(json.dumps({"image_processor_type": name, **more}))
            try:
                pre, notes = preprocess_of(folder, None)
            except ExplorerError:
                counts.of["refused"] += 1
                continue
            with extras.silent():
                held = transformers.AutoImageProcessor.from_pretrained(where, local_files_only=True)
            tried += 1

            def own(image: Image.Image, held: Any = held) -> torch.Tensor:
                made = held(images=image, return_tensors="pt")["pixel_values"]
                assert made.ndim == 4
                return made[0].float()

            counts.add(f"{name} {more}", pre, bool(notes), own, few=bool(more))
            if more is VARIATIONS[-1]:
                print(f"  {name}: {dict(counts.of)}", flush=True)
    return tried


def timm_part(counts: Counts) -> int:
    timm = extras.load(extras.TIMM)
    seen = set()
    for name in timm.list_models(pretrained=True):
        known = timm.models.get_pretrained_cfg(name).to_dict(remove_source=False)
        data = timm.data.resolve_data_config(pretrained_cfg=known)
        if str(data) not in seen:
            seen.add(str(data))
            recipe = timm_zoo.recipe(name)
            counts.add(name, recipe.preprocess, bool(recipe.notes), timm.data.create_transform(**data))
    return len(seen)


def torchvision_part(counts: Counts) -> int:
    torchvision_zoo.names()
    torchvision_zoo.recipes("resnet18")  # imports torchvision
    from torchvision.models import get_model_weights

    seen = set()
    for name in torchvision_zoo.names():
        for member in get_model_weights(name):
            transform = member.transforms()
            recipe = next((r for r in torchvision_zoo.recipes(name) if r.member == member.name), None)
            if recipe is not None and str(transform) not in seen:
                seen.add(str(transform))
                counts.add(f"{name} {member.name}", recipe.preprocess, False, transform)
    return len(seen)


PARTS = {"transformers": transformers_part, "timm": timm_part, "torchvision": torchvision_part}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sweeps processors")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all without")
    torch.set_num_threads(1)
    failed = 0
    for part in parser.parse_args(arguments).parts or PARTS:
        counts, started = Counts(), time.monotonic()
        configs = PARTS[part](counts)
        told = ", ".join(f"{count} {what}" for what, count in counts.of.most_common())
        print(f"{part}: {configs} configurations, {told}; {time.monotonic() - started:.0f} s", flush=True)
        for line in counts.wrong[:40]:
            print(f"  wrong: {line}")
        failed += len(counts.wrong)
    return int(failed > 0)
