"""Which models a sweep goes over: all of torchvision's classification models, one small model of each module of timm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from explorer.engine.models.torchvision_compat import import_torchvision

Make = Callable[[], tuple[nn.Module, int]]  # the model, untrained, and the side of its input

_TOO_LARGE = {"vit_h_14"}  # the same code as the other vision transformers, and minutes to draw
_SMALL = (
    "test_",
    "atto",
    "femto",
    "pico",
    "nano",
    "xxs",
    "_xs",
    "_s0",
    "tiny",
    "mini",
    "small",
    "_050",
    "_18",
    "_b0",
    "_s",
    "_t",
)


def torchvision_models() -> dict[str, Make]:
    from explorer.engine.models.torchvision_models import names

    return {f"torchvision:{name}": _of_torchvision(name) for name in names() if name not in _TOO_LARGE}


def _of_torchvision(name: str) -> Make:
    def make() -> tuple[nn.Module, int]:
        extra: dict[str, Any] = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        net = import_torchvision().models.get_model(name, weights=None, **extra)
        side = 224 if name.startswith(("vit_", "maxvit")) else 128 if name == "inception_v3" else 64
        return net, side

    return make


def timm_models() -> dict[str, Make]:
    """One of each module of timm, the smallest by its name; of those with equal names the one with the fewest parameters."""
    import_torchvision()
    from timm.models import list_models, list_modules

    found = {}
    for module in list_modules():
        if names := list_models(module=module):
            name = min(names, key=_size)
            found[f"timm:{name}"] = _of_timm(name)
    return found


def _size(name: str) -> tuple[int, int, str]:
    rank = next((i for i, word in enumerate(_SMALL) if word in f"{name}_"), len(_SMALL))
    return rank, len(name), name


def _of_timm(name: str) -> Make:
    def make() -> tuple[nn.Module, int]:
        import timm

        net = timm.create_model(name, pretrained=False)
        return net, _side(net)

    return make


def _side(net: nn.Module) -> int:
    """A small input where the model takes any, its own where it does not."""
    own = int(net.pretrained_cfg["input_size"][-1])  # type: ignore[index,call-overload,union-attr]
    for side in (64, 96, 128):
        if side < own and not net.pretrained_cfg.get("fixed_input_size"):  # type: ignore[union-attr,operator]
            try:
                with torch.no_grad():
                    net.eval()(torch.rand(1, 3, side, side))
            except Exception:  # noqa: BLE001 what a model says to a size that it does not take
                continue
            return side
    return own
