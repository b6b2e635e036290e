"""What is measured on: trained weights and real videos where they lie beside the checkout, else what the project has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.talk import ROOT

if TYPE_CHECKING:
    from explorer.core.inputs import InputRef
    from explorer.core.models import ModelSpec

SHARED = ROOT.parent / "shared" / "data"
SAMPLE = "cat"
_SIDE = 224
_WEIGHTS = {"mobilenet_v2": SHARED / "weights" / "mobilenet_v2-imagenet" / "mobilenet_v2.safetensors"}
_VIDEO = SHARED / "video" / "bottle-detection.mp4"


def weights(name: str) -> Path | None:
    """Trained weights of an architecture, None when there are none here."""
    path = _WEIGHTS.get(name)
    return path if path is not None and path.is_file() else None


def spec(name: str) -> ModelSpec:
    """The same model for the application."""
    from explorer.core.models import ModelSpec

    if ":" in name:  # its source is named
        return ModelSpec(name)
    found = weights(name)
    return ModelSpec(name, str(found)) if found else ModelSpec(f"torchvision:{name}", untrained=True)


def module(name: str) -> Any:
    """The same model as a plain script builds it, also where torchvision's compiled operators do not fit torch."""
    if ":" in name:
        return opened(name).module
    from explorer.engine.models.torchvision_compat import import_torchvision

    built = import_torchvision().models.get_model(name, weights=None)
    found = weights(name)
    if found:
        from safetensors.torch import load_file

        built.load_state_dict(load_file(found))
    return built.eval()


def opened(name: str) -> Any:
    """A model of a named source with its card."""
    from explorer.engine.models import open_model

    return open_model(spec(name))


def made_input(name: str) -> Any:
    """A batch of one for a model: noise of its own kind, of pictures at 224 px."""
    import torch

    from explorer.engine.inputs.input_tensor import noise

    return noise(opened(name).card.preprocess) if ":" in name else torch.rand(1, 3, _SIDE, _SIDE)


def sample_file() -> Path:
    """A picture that ships with the project."""
    from explorer.core.system import paths

    return next(path for path in sorted(paths.resources().rglob(f"{SAMPLE}.*")) if path.suffix in (".png", ".jpg"))


def moving() -> tuple[InputRef, str]:
    """What live streaming is measured on, and its name."""
    from explorer.core.inputs import InputRef

    if _VIDEO.is_file():
        return InputRef("video", str(_VIDEO)), f"video {_VIDEO.name}"
    return InputRef("scene"), "test scene"


def said(name: str) -> str:
    if ":" in name:
        return name
    return f"{name}, {'trained' if weights(name) else 'untrained'}"
