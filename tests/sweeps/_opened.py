"""Models as the application opens them: all of torchvision, one of each module of timm, every picture model of transformers."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import Tensor

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec, Preprocess
from explorer.engine.models import LoadedModel, extras, open_model
from explorer.engine.models.torchvision_compat import import_torchvision
from tests.sweeps._zoo import timm_models

_HUGE = {"vit_h_14", "regnet_y_128gf"}  # the same code as their smaller sisters, and gigabytes
_SIDES = (96, 224)


def names() -> list[str]:
    from hf_nets import MODELS

    found = [f"torchvision:{name}" for name in import_torchvision().models.list_models() if name not in _HUGE]
    return [*found, *timm_models(), *(f"hf:{name}" for name in MODELS)]


def picture(loaded: LoadedModel) -> Tensor:
    import torch

    pre = loaded.card.preprocess
    return torch.rand(1, pre.channels, pre.height, pre.width, generator=torch.Generator().manual_seed(1))


def opened(name: str) -> LoadedModel:
    """Untrained, for small pictures where it takes them. Raises ExplorerError where the application refuses."""
    source, _, rest = name.partition(":")
    if source == "hf":
        return _saved(rest)
    for side in _SIDES if source == "timm" or "vit" not in rest else ():
        try:
            return open_model(ModelSpec(name, untrained=True, preprocess=Preprocess(side, side, resize=side)))
        except ExplorerError:
            continue
    return open_model(ModelSpec(name, untrained=True))


def _saved(name: str) -> LoadedModel:
    from hf_nets import saved

    with tempfile.TemporaryDirectory() as folder:
        saved(extras.load(extras.HF), name, Path(folder) / "net")
        return open_model(ModelSpec(f"hf:{folder}/net", preprocess=Preprocess(64, 64, resize=64)))


def each(words: list[str]) -> Iterator[tuple[str, LoadedModel | str, float]]:
    """(name, the model or why it is refused, seconds that opening took) of all whose names have one of the words."""
    for name in names():
        if words and not any(word in name for word in words):
            continue
        begun = time.monotonic()
        found: Any
        try:
            found = opened(name)
        except ExplorerError as error:
            found = str(error)
        yield name, found, time.monotonic() - begun
        del found
        gc.collect()
