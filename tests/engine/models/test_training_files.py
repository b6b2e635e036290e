"""What training writes beside and around weights: opened, with what was left out named; or refused where it would be untrue."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.models import ModelSpec
from explorer.engine.models import open_model
from explorer.engine.models import torchvision_models as zoo
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.load_state import Fitted, load_into
from explorer.engine.models.weights.prefixes import match_names


class Net(nn.Module):
    def __init__(self, classes: int = 4, depth: int = 2) -> None:
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8)
        self.blocks = nn.Sequential(*(nn.Sequential(nn.Conv2d(8, 8, 1), nn.ReLU()) for _ in range(depth)))
        self.fc = nn.Linear(8, classes)
        self.register_buffer("mean", torch.ones(3), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.blocks(self.bn(self.conv(x))).mean((2, 3)))


def made(seed: int, **how: int) -> Net:
    torch.manual_seed(seed)
    return Net(**how).eval()


def filled(tmp_path: Path, held: Any, module: nn.Module | None = None) -> tuple[nn.Module, Fitted, tuple[str, ...]]:
    torch.save(held, tmp_path / "w.pth")
    read = read_checkpoint(tmp_path / "w.pth")
    module = module or made(99)
    return module, load_into(module, read.state, "w.pth", "net"), read.notes


def same(module: nn.Module, oracle: nn.Module) -> bool:
    """By what both compute."""
    x = torch.randn(2, 3, 8, 8)
    return torch.equal(module.eval()(x), oracle.eval()(x))


def prefixed(prefix: str, state: Any) -> dict[str, Tensor]:
    return {prefix + name: value for name, value in state.items()}


PREFIXES = [
    "module.",
    "_orig_mod.",
    "model.",
    "_fsdp_wrapped_module.",
    "module._orig_mod.",
    "model._orig_mod.module.",
    "net.backbone.",
    "student.backbone.",
    "encoder_q.",
    "module.encoder_q.",
    "online_network.net.",
    "ema_model.module.",
    "anything.at.all.",
]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_any_prefix_is_taken_off_and_told(tmp_path: Path, prefix: str) -> None:
    oracle = made(1)
    module, fitted, _ = filled(tmp_path, {"state_dict": prefixed(prefix, oracle.state_dict())})
    assert same(module, oracle)
    assert fitted.notes
    assert not fitted.untrained


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("model.", "ema_model."),
        ("encoder_q.", "encoder_k."),
        ("teacher.", "student."),
        ("online.", "target."),
        ("module.", "module_ema."),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_two_that_fit_the_same_one_is_taken_and_the_other_named(
    tmp_path: Path, first: str, second: str, turned: bool
) -> None:
    one, two = made(1), made(2)
    parts = [prefixed(first, one.state_dict()), prefixed(second, two.state_dict())]
    module, fitted, _ = filled(tmp_path, parts[1] | parts[0] if turned else parts[0] | parts[1])
    assert same(module, one)
    assert any(second in note and "not used" in note for note in fitted.notes)


def test_wrappers_inside_the_model(tmp_path: Path) -> None:
    oracle = made(1)
    state = {
        name.replace("blocks.", "blocks._checkpoint_wrapped_module."): value
        for name, value in oracle.state_dict().items()
    }
    module, _, _ = filled(tmp_path, prefixed("_fsdp_wrapped_module.", state))
    assert same(module, oracle)


def test_weights_of_a_part_go_into_the_whole() -> None:
    whole = nn.ModuleDict({"backbone": made(5)})
    found, notes = match_names(dict(prefixed("module.", made(1).state_dict())), whole.state_dict().keys())
    assert found.keys() == whole.state_dict().keys()
    assert "“module.” taken off and “backbone.” added" in notes[0]


EXTRAS: dict[str, dict[str, Tensor]] = {
    "counters": {
        "total_ops": torch.zeros(1),
        "total_params": torch.zeros(1),
        "conv.total_ops": torch.zeros(1),
        "blocks.0.0.total_params": torch.zeros(1),
    },
    "loss": {"criterion.pos_weight": torch.ones(4), "val_acc.tp": torch.zeros(4), "loss.weight": torch.ones(2)},
    "averaged": {"n_averaged": torch.tensor(3)},
    "another part": {"decoder.0.weight": torch.ones(3, 3), "projector.bias": torch.ones(2)},
    "indices": {
        "blocks.relative_position_index": torch.zeros(3, dtype=torch.long),
        "blocks.0.0.mask": torch.ones(2).bool(),
    },
    "what the model makes itself": {"mean": torch.ones(3)},
}


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("prefix", ["", "model."])
def test_keys_beside_the_models_own_are_named_and_left_out(tmp_path: Path, extra: str, prefix: str) -> None:
    oracle = made(1)
    module, fitted, _ = filled(
        tmp_path, OrderedDict({**prefixed(prefix, oracle.state_dict()), **prefixed(prefix, EXTRAS[extra])})
    )
    assert same(module, oracle)
    assert any(note.startswith(f"Left out: {len(EXTRAS[extra])} ") for note in fitted.notes)


@pytest.mark.parametrize(
    "name",
    [
        "conv.bias",
        "blocks.2.0.weight",
        "blocks.0.2.weight",
        "blocks.1.se.weight",
        "bn.scale",
        "blocks.0.0.weight_scale",
    ],
)
def test_what_took_part_in_training_is_not_left_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExplorerError, match=name):
        filled(tmp_path, {**made(1).state_dict(), name: torch.ones(8)})


def test_a_deeper_network_of_the_same_kind_is_another(tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match=r"blocks\.2\.0\.weight"):
        filled(tmp_path, made(1, depth=3).state_dict())


def test_a_network_that_ends_early_takes_what_it_has(tmp_path: Path) -> None:
    def body(depth: int) -> nn.Sequential:
        torch.manual_seed(1)
        return nn.Sequential(*(nn.Conv2d(3, 3, 1) for _ in range(depth)))

    module, fitted, _ = filled(tmp_path, body(4).state_dict(), body(2))
    assert same(module, body(4)[:2])
    assert "2.weight, 2.bias, 3.weight, 3.bias" in fitted.notes[0]


@pytest.mark.parametrize("case", ["without", "other classes", "other head"])
def test_a_head_that_is_missing_stays_untrained_and_is_told(tmp_path: Path, case: str) -> None:
    oracle = made(1, classes=7)
    state = dict(oracle.state_dict())
    if case != "other classes":
        del state["fc.weight"], state["fc.bias"]
    if case == "other head":
        state |= {"fc.0.weight": torch.ones(5, 8), "fc.2.weight": torch.ones(7, 5)}
    module, fitted, _ = filled(tmp_path, state)
    assert fitted.untrained == ("fc",)
    assert any(note.startswith("Untrained: fc ") for note in fitted.notes)
    module.fc, oracle.fc = nn.Identity(), nn.Identity()
    assert same(module, oracle)


@pytest.mark.parametrize("missing", ["conv.weight", "blocks.1.0.weight", "bn.running_mean", "fc.bias"])
def test_any_other_gap_is_refused(tmp_path: Path, missing: str) -> None:
    state = dict(made(1).state_dict())
    del state[missing]
    with pytest.raises(ExplorerError, match=missing):
        filled(tmp_path, state)


class Tied(nn.Module):
    def __init__(self, tie: bool = True) -> None:
        super().__init__()
        self.enc, self.dec = nn.Conv2d(3, 8, 3, bias=False), nn.ConvTranspose2d(8, 3, 3, bias=False)
        if tie:
            self.dec.weight = self.enc.weight

    def forward(self, x: Tensor) -> Tensor:
        return self.dec(self.enc(x).relu())


def test_tied_weights(tmp_path: Path) -> None:
    from safetensors.torch import save_model

    oracle = Tied()
    save_model(oracle, str(tmp_path / "w.safetensors"))
    for module in (Tied(), Tied(tie=False)):
        load_into(module, read_checkpoint(tmp_path / "w.safetensors").state, "w", "tied")
        assert same(module, oracle)
    module, _, _ = filled(tmp_path, {"dec.weight": oracle.enc.weight}, Tied())
    assert same(module, oracle)
    with pytest.raises(ExplorerError, match="one tensor in the model"):
        filled(tmp_path, Tied(tie=False).state_dict(), Tied())


def test_a_student_and_its_teacher(tmp_path: Path) -> None:
    """As DINO writes them: the teacher, without the head of its training."""
    student, teacher = made(1), made(2)
    body = {name: value for name, value in teacher.state_dict().items() if not name.startswith("fc")}
    head = {"head.mlp.0.weight": torch.zeros(8, 8), "head.last_layer.weight_g": torch.ones(4, 1)}
    held = {
        "student": prefixed("module.backbone.", student.state_dict()),
        "teacher": prefixed("backbone.", body) | head,
        "epoch": 3,
    }
    module, fitted, notes = filled(tmp_path, held)
    assert torch.equal(module.conv.weight, teacher.conv.weight)
    assert fitted.untrained == ("fc",)
    assert any("student" in note for note in notes)


def test_several_sets_of_weights_the_one_that_fits_is_taken(tmp_path: Path) -> None:
    oracle = made(1)
    module, fitted, notes = filled(tmp_path, {"generator": oracle.state_dict(), "discriminator": {"w": torch.ones(3)}})
    assert same(module, oracle)
    assert "generator, discriminator" in notes[0]
    assert any("discriminator.w" in note for note in fitted.notes)


def test_complex_parameters(tmp_path: Path) -> None:
    class Fourier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.randn(3, 4, dtype=torch.cfloat))

    oracle = Fourier()
    module, _, _ = filled(tmp_path, oracle.state_dict(), Fourier())
    assert torch.equal(module.weight, oracle.weight)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float8_e4m3fn, torch.float8_e5m2])
def test_lesser_precisions_are_computed_in_the_models_own(tmp_path: Path, dtype: torch.dtype) -> None:
    state = {
        name: value.to(dtype) if value.is_floating_point() else value for name, value in made(1).state_dict().items()
    }
    module, fitted, _ = filled(tmp_path, state)
    assert torch.equal(module.conv.weight, state["conv.weight"].float())
    assert str(dtype).removeprefix("torch.") in fitted.notes[-1]


def test_a_window_says_that_the_last_layer_is_untrained(tmp_path: Path) -> None:
    state = zoo.build("squeezenet1_1", zoo.TorchvisionShape()).state_dict()
    torch.save(
        {name: value for name, value in state.items() if not name.startswith("classifier")}, tmp_path / "w.pth.tar"
    )
    card = open_model(ModelSpec("torchvision:squeezenet1_1", weights=str(tmp_path / "w.pth.tar"))).card
    assert not card.head_trained
    assert any("Untrained: classifier.1" in note for note in card.notes)
