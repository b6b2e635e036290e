from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.engine.models.weights.load_state import class_count, load_into
from explorer.engine.models.weights.prefixes import match_names


def net(classes: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, classes)
    )


def state() -> dict[str, Tensor]:
    torch.manual_seed(1)
    return dict(net().state_dict())


@pytest.mark.parametrize(
    "prefix",
    ["", "module.", "_orig_mod.", "model.", "backbone.", "module._orig_mod.", "_orig_mod.module.", "model.backbone."],
)
def test_prefixes_are_taken_off(prefix: str) -> None:
    given = {prefix + key: value for key, value in state().items()}
    module = net()
    notes = load_into(module, given, "w.pth", "net").notes
    assert all(torch.equal(value, given[prefix + key]) for key, value in module.state_dict().items())
    assert bool(notes) == bool(prefix)


def test_compiled_parts_inside() -> None:
    expected = state()
    given = {key.replace("0.", "0._orig_mod.", 1): value for key, value in expected.items()}
    assert given.keys() != expected.keys()
    module = net()
    load_into(module, given, "w.pth", "net")
    assert all(torch.equal(value, expected[key]) for key, value in module.state_dict().items())


def test_a_prefix_that_belongs_to_the_model_stays() -> None:
    wrapped = nn.Module()
    wrapped.model = net()
    given = {f"module.{key}": value for key, value in wrapped.state_dict().items()}
    assert match_names(given, wrapped.state_dict().keys())[0].keys() == wrapped.state_dict().keys()
    assert match_names(state(), wrapped.state_dict().keys())[0].keys() == wrapped.state_dict().keys()


def test_names_that_fit_are_left_alone() -> None:
    given = {"model.a": torch.zeros(1), "b": torch.zeros(1)}
    assert match_names(given, {"model.a", "b"}) == (given, ())


def test_a_mismatch_names_everything() -> None:
    given = state()
    given["extra.weight"] = given.pop("0.weight")
    given["4.weight"] = torch.zeros(3, 5)
    with pytest.raises(ExplorerError) as caught:
        load_into(net(), given, "w.pth", "mynet")
    error = caught.value
    assert "w.pth" in error.what
    assert "mynet" in error.what
    assert "1 missing from the file: 0.weight" in error.why
    assert "1 in the file without a place: extra.weight" in error.why
    assert "1 of another shape: 4.weight (3, 5) in the file, (3, 4) in the model" in error.why


def test_long_lists_are_cut_and_counted() -> None:
    notes = load_into(net(), state() | {f"k{i}": torch.zeros(1) for i in range(30)}, "w", "n").notes
    assert notes == ("Left out: 30 tensors in the file without a place in the model: k0, k1, k2, k3, k4, ….",)


def test_the_batch_counter_may_be_missing() -> None:
    given = state()
    del given["1.num_batches_tracked"]
    module = net()
    assert load_into(module, given, "w", "n").notes == ()
    assert all(torch.equal(module.state_dict()[key], value) for key, value in given.items())


def test_half_precision_is_converted_and_said() -> None:
    given = {key: value.half() if value.is_floating_point() else value for key, value in state().items()}
    module = net()
    notes = load_into(module, given, "w", "n").notes
    assert module[0].weight.dtype == torch.float32
    assert "float16" in notes[0]


def test_class_count() -> None:
    wanted = net(1000)
    assert class_count(net(1000).state_dict(), wanted, 1000) == 1000
    assert class_count(net(7).state_dict(), wanted, 1000) == 7
    other = net(7).state_dict()
    other["0.weight"] = torch.zeros(5, 3, 3, 3)
    assert class_count(other, wanted, 1000) == 1000
