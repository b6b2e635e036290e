"""timm's models: names, how pictures are prepared for them, what their outputs are called, and building them.

`pretrained=False` always: timm itself never reads a file and never goes to the network.
"""

from __future__ import annotations

import difflib
import inspect
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args, get_type_hints

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.models import Preprocess
from explorer.core.translation import tr
from explorer.engine.models import extras
from explorer.engine.models import torchvision_models as zoo

# What lets a transformer take pictures of any size: of the first, positions are resampled; of the second, windows padded.
_ANY_SIZE = {"dynamic_img_size": True, "strict_img_size": False}
_INTERPOLATIONS = get_args(get_type_hints(Preprocess)["interpolation"])


@dataclass(frozen=True, slots=True)
class TimmRecipe:
    """What timm knows of an architecture's weights. `name` is the full one, ARCHITECTURE.TAG."""

    name: str
    architecture: str
    repo: str  # on the hub, "" where the weights are elsewhere
    url: str
    file: str  # in that repository, "" for the usual one
    classes: int
    classifier: bool  # False: the last layer turns the picture into a vector that is compared with those of texts
    preprocess: Preprocess
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimmShape:
    """What of an architecture can differ; None: as its weights have it."""

    classes: int | None = None
    channels: int | None = None
    size: tuple[int, int] | None = None  # of the pictures its positions are made for


def check_name(name: str) -> str:
    """The name with its tag, where the architecture has one. ExplorerError naming the closest models when there is none."""
    timm = extras.load(extras.TIMM)
    architecture, _, tag = name.partition(".")
    if timm.is_model(architecture):
        try:
            config = timm.models.get_pretrained_cfg(name)
        except RuntimeError:
            raise _no_tag(timm, architecture, tag) from None
        return f"{architecture}.{config.tag}" if config is not None and config.tag else architecture
    close = difflib.get_close_matches(architecture.lower(), timm.list_models(), n=4, cutoff=0.5)
    todo = tr("Did you mean {list}?", list=", ".join(close)) if close else tr("The command models timm lists all.")
    raise ExplorerError(tr("timm has no model “{architecture}”.", architecture=architecture), "", todo)


def _no_tag(timm: Any, architecture: str, tag: str) -> ExplorerError:
    known = [full for full in timm.list_models(pretrained=True) if full.startswith(f"{architecture}.")]
    what = tr("timm knows no weights “{tag}” of {architecture}.", tag=tag, architecture=architecture)
    return ExplorerError(
        what, "", tr("There are {list}.", list=", ".join(known[:8])) if known else tr("It has none at all.")
    )


@lru_cache(maxsize=64)
def recipe(name: str) -> TimmRecipe:
    """Of a full name."""
    timm = extras.load(extras.TIMM)
    architecture = name.partition(".")[0]
    config = timm.models.get_pretrained_cfg(name)
    known: dict[str, Any] = config.to_dict(remove_source=False) if config is not None else {}
    preprocess, notes = _preprocess(timm, known)
    return TimmRecipe(
        name,
        architecture,
        str(known.get("hf_hub_id") or ""),
        str(known.get("url") or ""),
        str(known.get("hf_hub_filename") or ""),
        int(known.get("num_classes") or 0) if known else zoo.CLASSES,
        not _compares(name),
        preprocess,
        notes,
    )


def _compares(name: str) -> bool:
    """Whether it is the picture tower of a model that learnt to compare pictures with texts, as its name says."""
    towers = ("clip", "siglip", "aimv2", "vitamin", "vit_pe_", "_mci")
    return any(word in name for word in towers) and "ft_in" not in name


def _preprocess(timm: Any, config: Mapping[str, Any]) -> tuple[Preprocess, tuple[str, ...]]:
    """What timm's own evaluation does to a picture, and what of it is done otherwise here."""
    data = timm.data.resolve_data_config(pretrained_cfg=dict(config))
    channels, height, width = data["input_size"]
    share, mode = data["crop_pct"], data["crop_mode"]
    notes: list[str] = []
    fits: dict[str, Literal["crop", "letterbox", "stretch"]] = {"squash": "stretch", "border": "letterbox"}
    fit: Literal["crop", "letterbox", "stretch", "stretch-crop"] = fits.get(mode, "crop")
    if fit == "stretch" and share != 1:
        fit = "stretch-crop"
    if fit == "letterbox" and share != 1:
        notes.append(
            tr("timm enlarges by {share:.3f} and crops after that; here the whole picture is seen.", share=1 / share)
        )
    kind = data["interpolation"]
    if kind not in _INTERPOLATIONS:
        notes.append(tr("timm resizes with {kind}; here it is bicubic.", kind=kind))
        kind = "bicubic"
    resize = math.floor(min(height, width) / share)
    mean, std = (tuple(map(float, data[key])) for key in ("mean", "std"))
    # timm pads with the mean colour, as 8-bit numbers
    fill = tuple(round(255 * value) / 255 for value in mean) if fit == "letterbox" else (0.0,)
    return Preprocess(height, width, fit, resize, mean, std, channels, kind, fill=fill), tuple(notes)


def labels(classes: int) -> tuple[str, ...]:
    """Names of ImageNet's classes where this is their number, of the large sets too; () otherwise."""
    if classes == zoo.CLASSES:
        return zoo.standard("resnet18").labels  # the same words as torchvision's models have
    extras.load(extras.TIMM)
    from timm.data import ImageNetInfo, infer_imagenet_subset

    subset = infer_imagenet_subset({"num_classes": classes})
    if subset is None:
        return ()
    known = ImageNetInfo(subset)
    # the first of several words for one thing, as in the short list
    return tuple(known.index_to_description(index).split(",")[0] for index in range(classes))


def build(name: str, shape: TimmShape = TimmShape()) -> nn.Module:
    """A model with initial weights from torch's generator, that takes pictures of any size where its architecture can."""
    timm = extras.load(extras.TIMM)
    options: dict[str, Any] = {"pretrained": False}
    options |= {"num_classes": shape.classes} if shape.classes is not None else {}
    options |= {"in_chans": shape.channels} if shape.channels is not None else {}
    options |= {"img_size": shape.size} if shape.size is not None else {}
    try:
        module = timm.create_model(name, **options, **any_size(name))
    except (AssertionError, ValueError, RuntimeError, TypeError) as error:
        raise ExplorerError(tr("{name} cannot be built like this.", name=name), f"{_first_line(error)}.", "") from None
    assert isinstance(module, nn.Module)
    return module


@lru_cache(maxsize=64)
def any_size(name: str) -> dict[str, bool]:
    """The options that let this architecture take pictures of any size, {} where it has none or needs none."""
    timm = extras.load(extras.TIMM)
    with torch.device("meta"), torch.random.fork_rng(devices=[]):
        try:
            known = inspect.signature(type(timm.create_model(name, pretrained=False)).__init__).parameters
        except (RuntimeError, NotImplementedError, ValueError, TypeError):  # it counts with values while it is built
            return {}
    return {option: value for option, value in _ANY_SIZE.items() if option in known}


def takes(name: str, shape: TimmShape, channels: int, height: int, width: int) -> str:
    """Why pictures of this size make its forward fail, in timm's words, "" when they do not.

    Tried without values, on the meta device, so that it costs no time; "" too where that cannot be tried.
    """
    try:
        with torch.device("meta"), torch.random.fork_rng(devices=[]), torch.no_grad():
            build(name, shape).eval()(torch.empty(1, channels, height, width))
    except (AssertionError, ValueError) as error:
        return _first_line(error)
    except RuntimeError as error:
        # shapes that do not go together; operations without a meta kernel say so in other words
        text = _first_line(error)
        return text if any(word in text for word in ("shape", "size", "view", "mat1")) else ""
    except ExplorerError as error:  # it was not built: for an option that it has not, or since it counts with values
        return error.why.rstrip(".") if "unexpected keyword" in error.why else ""
    except (NotImplementedError, TypeError):
        return ""
    return ""


def converted(module: nn.Module, state: Mapping[str, Tensor]) -> dict[str, Tensor] | None:
    """A state of the original authors under timm's names, by the rule of that architecture; None where it has none."""
    rule = getattr(sys.modules[type(module).__module__], "checkpoint_filter_fn", None)
    if rule is None:
        return None
    try:
        made = rule(dict(state), module)
    except Exception:  # noqa: BLE001 - the rule expects a file of its kind, and this may be any
        return None
    if not isinstance(made, Mapping):
        return None
    return {str(key): value for key, value in made.items() if isinstance(value, Tensor)}


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
