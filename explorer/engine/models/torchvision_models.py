"""torchvision's models: names, official recipes (preprocessing and labels), and building them."""

from __future__ import annotations

import difflib
import math
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args, get_type_hints

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.models import Preprocess
from explorer.core.translation import tr
from explorer.engine.models.torchvision_compat import import_torchvision
from explorer.engine.models.torchvision_table import OFFICIAL
from explorer.engine.models.torchvision_tasks import all_names, task_of

CLASSES = 1000
# Nets whose own weights want `transform_input`: they were trained by another library, with mean and std 0.5.
CONVERTED = ("googlenet", "inception_v3")
# Shorter side that a detection model resizes a picture to; the others: 800 px.
_SIDES = {"fasterrcnn_mobilenet_v3_large_320_fpn": 320, "ssd300_vgg16": 300, "ssdlite320_mobilenet_v3_large": 320}
_NO_EPS = ("fasterrcnn_resnet50_fpn", "keypointrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn", "retinanet_resnet50_fpn")
_ONE_HEAD = ("lraspp_mobilenet_v3_large",)  # a segmentation model without an auxiliary head
_AUXILIARY = {"googlenet": ("aux1.", "aux2."), "inception_v3": ("AuxLogits.",)}
_BY_FILE = tr("A Python file with a function that returns the model opens it: file:net.py:make.")
_SECOND = tr("A Python file with example_inputs() gives the second one: file:net.py:make.")
# torchvision.models.TASK: what its models do, and the way out
_TASKS = {
    "optical_flow": (tr("compares two pictures"), _SECOND),
}
# The names that densenet files of 2017 carry: norm.1 became norm1.
_OLD_DENSE = re.compile(r"^(.*denselayer\d+\.(?:norm|conv))\.([12]\..+)$")


@dataclass(frozen=True, slots=True)
class TorchvisionRecipe:
    """Official weights: where they are, how pictures are prepared for them, what their outputs are called."""

    member: str  # IMAGENET1K_V2
    file: str
    url: str
    preprocess: Preprocess
    labels: tuple[str, ...]
    default: bool


def names() -> tuple[str, ...]:
    """All classification models, alphabetically."""
    return tuple(OFFICIAL)


def check_name(name: str) -> None:
    """ExplorerError naming the closest models when there is no such one, or what a model does instead of naming classes."""
    if name in OFFICIAL or task_of(name) is not None:
        return
    _check_task(name)
    close = difflib.get_close_matches(name.lower(), all_names(), n=4, cutoff=0.5)
    todo = (
        tr("Did you mean {list}?", list=", ".join(close))
        if close
        else tr("There are {count}, from alexnet to wide_resnet50_2.", count=len(OFFICIAL))
    )
    raise ExplorerError(tr("torchvision has no model “{name}”.", name=name), "", todo)


def _check_task(name: str) -> None:
    """ExplorerError where torchvision has the model, but for another task than to tell classes of a picture."""
    import_torchvision()
    from torchvision.models import get_model_builder, list_models

    if name not in list_models():
        return
    task = get_model_builder(name).__module__.split(".")[2]
    does, todo = _TASKS.get(task, (tr("is for another task"), _BY_FILE))
    raise ExplorerError(
        tr("torchvision's {name} {does}.", name=name, does=does),
        tr("{count} of its models open by name.", count=len(all_names())),
        todo,
    )


@lru_cache(maxsize=128)
def recipes(name: str) -> tuple[TorchvisionRecipe, ...]:
    """Official weights of a model, the default first; those without a classifier left out."""
    import_torchvision()
    from torchvision.models import get_model_weights

    members = get_model_weights(name)
    found = [_recipe(name, member, member is members.DEFAULT) for member in members if member.meta.get("categories")]
    return tuple(sorted(found, key=lambda recipe: not recipe.default))


def standard(name: str) -> TorchvisionRecipe:
    """The recipe taken where no file says which: the plain 224 px one of the first release, if there is one."""
    # Files under a plain name mostly come from other tools, which took over the first recipe; and no recipe is smaller.
    return min(recipes(name), key=lambda recipe: (recipe.preprocess.height, recipe.member != "IMAGENET1K_V1"))


@dataclass(frozen=True, slots=True)
class TorchvisionShape:
    """What of an architecture can differ. `size`: of a vision transformer's pictures in pixels, None: 224.

    `pretrained`: weights follow, so that initial values, which take GoogLeNet and Inception long, are spared.
    """

    classes: int = CLASSES
    size: int | None = None
    channels: int = 3
    pretrained: bool = False
    auxiliary: bool = False  # a second head, beside the one that is used


def build(name: str, shape: TorchvisionShape = TorchvisionShape()) -> nn.Module:
    """A model with initial weights from torch's generator."""
    check_name(name)
    import_torchvision()
    from torchvision.models import get_model

    options: dict[str, Any] = {"weights": None, "num_classes": shape.classes}
    task = task_of(name)
    if is_quantised(name):
        return _quantised(name, options | {"quantize": True})
    if task is not None and task.id != "video":
        options["weights_backbone"] = None  # else its backbone would be downloaded
    if task is not None and task.id == "segmentation" and name not in _ONE_HEAD:
        options["aux_loss"] = shape.auxiliary
    if name in _AUXILIARY:
        # The auxiliary classifiers serve training only: they never run in eval mode. The conversion of the input is a
        # part of the preprocessing here, where it can be seen and changed.
        options |= {"aux_logits": False, "init_weights": not shape.pretrained, "transform_input": False}
    if shape.size is not None and is_vit(name):
        options["image_size"] = shape.size
    try:
        module = get_model(name, **options)
    except (AssertionError, ValueError, RuntimeError) as error:
        raise ExplorerError(
            tr("{name} cannot be built for this input.", name=name), f"{error}.", tr("Use another size.")
        ) from None
    assert isinstance(module, nn.Module)
    if shape.channels != 3:
        _take_channels(module, shape.channels)
    return module


def is_quantised(name: str) -> bool:
    """Whether a model computes with whole numbers of 8 bit."""
    task = task_of(name)
    return task is not None and task.id == "quantization"


def _quantised(name: str, options: dict[str, Any]) -> nn.Module:
    """Scales of an untrained one are those of one dummy input, as torchvision makes them. The engine that it sets for the process is put
    back: packed weights know theirs."""
    from torchvision.models import get_model

    engine = torch.backends.quantized.engine
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that torch.ao.quantization will move
            module = get_model(name, **options)
    except RuntimeError as error:
        raise ExplorerError(
            tr("{name} cannot be built here.", name=name),
            f"{str(error).splitlines()[0]}.",
            tr("This build of torch has: {list}.", list=", ".join(torch.backends.quantized.supported_engines)),
        ) from None
    finally:
        torch.backends.quantized.engine = engine
    assert isinstance(module, nn.Module)
    return module


def first_convolution(module: nn.Module) -> tuple[str, nn.Conv2d | nn.Conv3d]:
    """(path, layer) that takes the picture in; every classification model begins with a convolution."""
    return next((path, layer) for path, layer in module.named_modules() if isinstance(layer, nn.Conv2d | nn.Conv3d))


def _take_channels(module: nn.Module, channels: int) -> None:
    path, old = first_convolution(module)
    kind: Any = type(old)
    bias = old.bias is not None
    new = kind(channels, old.out_channels, old.kernel_size, old.stride, old.padding, bias=bias)
    module.set_submodule(path, new)


def is_vit(name: str) -> bool:
    """Whether the model takes pictures of one size only, which its position embedding fixes."""
    return name.startswith("vit_")


def vit_size(name: str, state: Mapping[str, Tensor]) -> int | None:
    """Picture size that a vision transformer's weights were trained at, None where they do not say."""
    positions = state.get("encoder.pos_embedding")
    if not is_vit(name) or positions is None or positions.ndim != 3:
        return None
    side = math.isqrt(positions.shape[1] - 1)
    patch = int(name.rsplit("_", 1)[1])
    return side * patch if side * side == positions.shape[1] - 1 else None


def modern(name: str, key: str) -> str | None:
    """A key of a state dict as today's torchvision calls it; None for what has no use outside training."""
    if key.startswith(_AUXILIARY.get(name, ())):
        return None
    match = _OLD_DENSE.match(key) if name.startswith("densenet") else None
    return match[1] + match[2] if match else key


def _recipe(name: str, member: Any, default: bool) -> TorchvisionRecipe:
    file = str(member.url).rsplit("/", 1)[-1]
    labels = tuple(str(label) for label in member.meta["categories"])
    transform = member.transforms()
    preprocess = _preprocess(transform) if hasattr(transform, "mean") else _of_detection(name)
    return TorchvisionRecipe(member.name, file, str(member.url), preprocess, labels, default)


def usual_classes(name: str) -> int:
    """Classes of the official weights of a model, in the order of its labels."""
    return CLASSES if task_of(name) is None else len(standard(name).labels)


def _preprocess(transform: Any) -> Preprocess:
    if not hasattr(transform, "crop_size"):
        return _uncropped(transform)
    crop, resize = transform.crop_size[0], min(transform.resize_size)
    fit: Any = "stretch-crop" if list(transform.resize_size) == [resize, resize] else "crop"
    interpolation: Any = transform.interpolation.value
    if interpolation not in get_args(get_type_hints(Preprocess)["interpolation"]):
        interpolation = "bilinear"
    mean, std = tuple(map(float, transform.mean)), tuple(map(float, transform.std))
    return Preprocess(crop, crop, fit, resize, mean, std, 3, interpolation)


def _uncropped(transform: Any) -> Preprocess:
    """Of a transform that resizes the shorter side and keeps the whole picture: here it is fitted into a square of that size and padded,
    so that all pictures make inputs of one size."""
    side = transform.resize_size[0]
    mean, std = tuple(map(float, transform.mean)), tuple(map(float, transform.std))
    return Preprocess(side, side, "letterbox", side, mean, std)


def _of_detection(name: str) -> Preprocess:
    """A detection model resizes and normalises by itself: it is given the size that it would resize to, so that its maps stand on the
    input, with values from 0 to 1."""
    side = _SIDES.get(name, 800)
    return Preprocess(side, side, "letterbox", side, (0.0,) * 3, (1.0,) * 3)


def without_eps(name: str, recipe: TorchvisionRecipe, module: nn.Module) -> None:
    """Official weights that torchvision uses with an eps of 0 in the batch norms of the backbone (pytorch/vision#2933)."""
    if name in _NO_EPS and recipe.member == "COCO_V1":
        for layer in module.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.eps = 0.0
