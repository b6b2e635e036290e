"""Models of timm and transformers in the engine: true values, grids, attention, and nothing left behind in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hf_nets import saved
from optional import package
from torch import Tensor, nn

from explorer.core.activations import Capture
from explorer.core.inputs import InputRef, Picture
from explorer.core.interventions import Edit
from explorer.core.models import ModelSpec, Preprocess
from explorer.engine.ablation.ablate import ablate, base_from
from explorer.engine.attention.record import find
from explorer.engine.capture.outputs import tensors_of
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel, extras, open_model

# model, its input, prefix tokens and grid of the block `tap`, number of attentions
TIMM = (
    ("deit3_small_patch16_224", (96, 128), "blocks.3", 1, (6, 8), 12),
    ("vit_small_patch14_reg4_dinov2.lvd142m", (112, 140), "blocks.3", 5, (8, 10), 12),
    ("swin_tiny_patch4_window7_224", (224, 224), "layers.1", 0, (28, 28), 12),
    ("convnext_atto", (96, 128), "stages.1", 0, (12, 16), 0),
)
HF = (
    ("ViTForImageClassification", "vit.layers.0", 1, (6, 8), 2),
    ("Dinov2WithRegistersModel", "encoder.layer.0", 5, (6, 8), 2),
    ("CLIPVisionModel", "encoder.layers.0", 1, (6, 8), 2),
    ("SiglipVisionModel", "encoder.layers.0", 0, (6, 8), 3),  # and one that pools
    ("ViTMAEForPreTraining", "layers.0", 1, (6, 8), 2),
    ("DINOv3ViTModel", "model.layer.0", 1, (6, 8), 2),
    ("ResNetForImageClassification", "resnet.encoder", 0, (6, 8), 0),
)


def picture(seed: int = 0) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    return Picture(InputRef("picture"), pixels, str(seed))


def job() -> Job:
    return Job(0, Lane.LOAD, "", lambda _event: None)


def plainly(module: nn.Module, path: str, x: Tensor) -> Tensor:
    """The output of a layer by a hook of torch alone."""
    seen: list[Tensor] = []

    def keep(_module: Any, _args: Any, output: Any) -> None:
        seen.append(next(iter(tensors_of(output).values())).detach().clone())

    handle = module.get_submodule(path).register_forward_hook(keep)
    with torch.no_grad():
        module(x)
    handle.remove()
    return seen[0]


def state(module: nn.Module) -> list[Any]:
    """What a method could leave behind."""
    hooks = [(len(m._forward_hooks), len(m._forward_pre_hooks), m.training) for m in module.modules()]
    return [*hooks, *((p.requires_grad, p.grad is None) for p in module.parameters())]


def judged(loaded: LoadedModel, path: str, prefix: int, grid: tuple[int, int], attentions: int) -> Capture:
    """Captures, looks at attention, and compares with plain torch."""
    before = state(loaded.module)
    bench = ModelSession()
    bench.adopt(loaded)
    capture = bench.capture(loaded.card.digest, picture(), job())
    (tap, *_) = (tap for tap in capture.taps if tap.path == path and tap.observable)
    assert (tap.prefix, tap.grid) == (prefix, grid)
    x = to_tensor(picture(), loaded.card.preprocess)
    expected = plainly(loaded.module, path, x)
    assert np.array_equal(capture.values[tap.name], expected[0].numpy())
    assert bool(capture.prediction) is loaded.card.classifies
    found = find(loaded.module, x, values=True)
    assert len(found.records) == attentions
    for name, one in found.records.items():
        assert one.result is not None
        torch.testing.assert_close(one.mixed(), one.grouped(one.result), rtol=0, atol=1e-5, msg=name)
    assert state(loaded.module) == before
    return capture


@pytest.mark.parametrize(("name", "size", "path", "prefix", "grid", "attentions"), TIMM, ids=[c[0] for c in TIMM])
def test_timm(name: str, size: tuple[int, int], path: str, prefix: int, grid: tuple[int, int], attentions: int) -> None:
    package(extras.TIMM)
    preprocess = Preprocess(height=size[0], width=size[1], fit="stretch")
    loaded = open_model(ModelSpec(f"timm:{name}", untrained=True, preprocess=preprocess))
    judged(loaded, path, prefix, grid, attentions)


@pytest.mark.parametrize(("name", "path", "prefix", "grid", "attentions"), HF, ids=[case[0] for case in HF])
def test_transformers(
    tmp_path: Path, name: str, path: str, prefix: int, grid: tuple[int, int], attentions: int
) -> None:
    saved(package(extras.HF), name, tmp_path / "net")
    preprocess = Preprocess(height=48, width=64, fit="stretch")
    loaded = open_model(ModelSpec(f"hf:{tmp_path / 'net'}", preprocess=preprocess))
    capture = judged(loaded, path, prefix, grid, attentions)
    last = next(tap for tap in capture.taps if tap.path == "" and tap.observable)
    assert last.name.startswith("output[")


def test_what_describes_a_picture_is_no_prediction_under_edits_either(tmp_path: Path) -> None:
    """timm's output of DINOv2 is a vector like that of a classifier."""
    package(extras.TIMM)
    small = Preprocess(height=56, width=56, fit="stretch")
    loaded = open_model(ModelSpec("timm:vit_small_patch14_reg4_dinov2.lvd142m", untrained=True, preprocess=small))
    bench = ModelSession()
    bench.adopt(loaded)
    capture = bench.capture(loaded.card.digest, picture(), job())
    loaded, x, plan = bench.given(loaded.card.digest, picture(), job())
    base = base_from(loaded.module, x, plan, capture)
    base.classifies = loaded.card.classifies
    done = ablate(base, (Edit("blocks.3", (0,)),), ("blocks.4",))
    assert (capture.prediction, done.prediction, done.shifts) == ((), (), ())
    assert not np.array_equal(done.values["blocks.4"], capture.values["blocks.4"])


def test_picture_after_picture_gives_the_values_of_each(tmp_path: Path) -> None:
    """Also when the forward is recorded and replayed, which begins after some pictures."""
    saved(package(extras.HF), "Dinov2WithRegistersModel", tmp_path / "net")
    small = Preprocess(height=48, width=64, fit="stretch")
    loaded = open_model(ModelSpec(f"hf:{tmp_path / 'net'}", preprocess=small))
    bench = ModelSession()
    bench.adopt(loaded)
    for seed in range(14):
        capture = bench.capture(loaded.card.digest, picture(seed), job())
        expected = plainly(loaded.module, "encoder.layer.1", to_tensor(picture(seed), small))
        (tap, *_) = (tap for tap in capture.taps if tap.path == "encoder.layer.1" and tap.observable)
        assert np.array_equal(capture.values[tap.name], expected[0].numpy())
