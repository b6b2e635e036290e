"""The Python API on modules of one's own, against plain torch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from nets import InPlace, seeded
from torch import Tensor, nn

import explorer
from explorer.core.errors import ExplorerError


@pytest.fixture
def net() -> nn.Module:
    """In training mode, as in a training loop."""
    return seeded(InPlace()).train()


@pytest.fixture
def x() -> Tensor:
    return torch.randn(1, 3, 12, 12, generator=torch.Generator().manual_seed(5))


def hooks(module: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in module.modules())


def by_hand(net: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """What every module returned at its first call, copied at once."""
    found: dict[str, Tensor] = {}

    def keep(name: str, out: Tensor) -> None:
        found.setdefault(name, out.detach().clone())

    handles = [
        m.register_forward_hook(lambda _m, _a, out, name=name: keep(name, out)) for name, m in net.named_modules()
    ]
    with torch.no_grad():
        net.eval()(x.clone())
    for handle in handles:
        handle.remove()
    net.train()
    return found


def test_capture_gives_true_values_again_and_again_and_leaves_the_module_as_it_was(net: nn.Module, x: Tensor) -> None:
    expected = by_hand(net, x)
    flags = [(m.training, [p.requires_grad for p in m.parameters()]) for m in net.modules()]
    for _ in range(3):
        found = explorer.capture(net, x)
        for tap in found.taps:
            if tap.observable and tap.call == 0 and not tap.key and tap.path in expected:
                np.testing.assert_array_equal(found[tap.name], expected[tap.path][0].numpy())
        torch.testing.assert_close(found.output, expected[""], rtol=0, atol=0)
    assert hooks(net) == 0
    assert [(m.training, [p.requires_grad for p in m.parameters()]) for m in net.modules()] == flags
    assert {"relu", "relu_1"} <= set(found)
    with pytest.raises(ValueError, match="read-only"):
        found["conv1"][:] = 0


def test_capture_sees_new_weights_and_new_layers(net: nn.Module, x: Tensor) -> None:
    explorer.capture(net, x)
    with torch.no_grad():
        net.conv1.weight.mul_(2)
    net.relu = nn.Sequential(nn.ReLU())
    found, expected = explorer.capture(net, x), by_hand(net, x)
    np.testing.assert_array_equal(found["conv1"], expected["conv1"][0].numpy())
    np.testing.assert_array_equal(found["relu.0"], expected["relu.0"][0].numpy())


def test_patterns_choose_taps_and_unknown_ones_are_named(net: nn.Module, x: Tensor) -> None:
    assert list(explorer.capture(net, x, "bn*")) == ["bn1", "bn2"]
    assert list(explorer.capture(net, x, ["conv2", "bn1"])) == ["bn1", "conv2"]
    with pytest.raises(ExplorerError, match="no tap named conv9"):
        explorer.capture(net, x, "conv9")
    with pytest.raises(ExplorerError, match="no tap named nothing"):
        explorer.capture(net, x)["nothing"]


def test_a_module_that_raises_is_left_as_it_was(net: nn.Module, x: Tensor) -> None:
    explorer.capture(net, x)
    for given in (torch.randn(1, 5, 12, 12), torch.randn(1, 4, 12, 12)):
        with pytest.raises(ExplorerError, match="conv1"):
            explorer.capture(net, given)
    assert hooks(net) == 0
    assert all(m.training for m in net.modules())


@pytest.mark.parametrize("shape", [(2, 3, 12, 12), (3, 12, 12), (7,)])
def test_several_inputs_are_refused_in_words(net: nn.Module, shape: tuple[int, ...]) -> None:
    with pytest.raises(ExplorerError, match="One input is captured at a time"):
        explorer.capture(net, torch.zeros(shape))


def test_values_save_themselves_with_a_manifest(net: nn.Module, x: Tensor, tmp_path: Path) -> None:
    found = explorer.capture(net, x)
    with np.load(found.save(tmp_path / "values.npz")) as stored:
        np.testing.assert_array_equal(stored["conv1"], found["conv1"])
        manifest = json.loads(str(stored["manifest"]))
    assert manifest["name"] == "InPlace"
    assert len(manifest["weights"]["sha256"]) == 64
    assert manifest["taps"]["conv1"]["shape"] == [8, 12, 12]
    assert "<table>" in found._repr_html_()
    with pytest.raises(ExplorerError, match=r"\.npz"):
        found.save(tmp_path / "values.csv")


def test_a_gradient_of_a_tensor_is_that_of_autograd(net: nn.Module, x: Tensor) -> None:
    found = explorer.explain(net, x, class_=2)
    leaf = x.clone().requires_grad_()
    expected = torch.autograd.grad(net.eval()(leaf)[0, 2], leaf)[0][0]
    np.testing.assert_allclose(found.values, expected.numpy(), rtol=1e-5, atol=1e-7)
    net.train()
    assert found._repr_png_()[:4] == b"\x89PNG"
    assert any("weights in memory" in line for line in found.warnings)


def test_without_a_channel_the_prediction_is_that_of_a_zeroed_one(net: nn.Module, x: Tensor) -> None:
    found = explorer.ablate(net, x, tap="relu_1", channels=[1, 4])

    def drop(_m: nn.Module, _a: object, out: Tensor) -> Tensor:
        calls.append(1)
        mask = torch.ones(8)
        mask[[1, 4]] = 0
        return out * mask[:, None, None] if len(calls) == 2 else out

    calls: list[int] = []
    handle = net.relu.register_forward_hook(drop)
    with torch.no_grad():
        logits = net.eval()(x.clone())[0]
    handle.remove()
    expected = logits.softmax(0)
    for shift in found.shifts:
        assert shift.logit_after == pytest.approx(float(logits[shift.index]), rel=1e-5)
        assert shift.after == pytest.approx(float(expected[shift.index]), rel=1e-5)


def test_an_opened_module_is_a_copy_of_that_moment(net: nn.Module) -> None:
    model = explorer.open(net, size=12, labels=list("abcde"), trained=True)
    with torch.no_grad():
        net.conv1.weight.zero_()
    assert all(m.training for m in net.modules())
    assert model.module.conv1.weight.detach().abs().max() > 0
    pixels = np.random.default_rng(0).integers(0, 255, (12, 12, 3), np.uint8)
    given = explorer.preprocess(model, pixels)
    np.testing.assert_allclose(given[0], pixels.transpose(2, 0, 1) / 255, atol=1e-6)
    found = explorer.capture(model, pixels)
    with torch.no_grad():
        expected = model.module(torch.from_numpy(given))[0]
    assert found.prediction[0].label == "abcde"[int(expected.argmax())]
    assert explorer.explain(model, pixels, class_="b").warnings == ()


def test_a_module_without_a_size_and_a_folder_as_an_input_are_refused(net: nn.Module, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="Give size="):
        explorer.open(net)
    with pytest.raises(ExplorerError, match="is a folder"):
        explorer.preprocess(explorer.open(net, size=12), str(tmp_path))
    with pytest.raises(ExplorerError, match="not finite"):
        explorer.explain(net, torch.full((1, 3, 12, 12), torch.nan), class_=0)


def test_a_mosaic_holds_the_maps(net: nn.Module, x: Tensor) -> None:
    found = explorer.capture(net, x)
    drawn = explorer.mosaic(found, "conv1")
    assert drawn.rgb.dtype == np.uint8
    np.testing.assert_array_equal(drawn.rgb, explorer.mosaic(found["conv1"]).rgb)
    with pytest.raises(ExplorerError, match="colour map"):
        explorer.mosaic(found, "conv1", colormap="jet")
    with pytest.raises(ExplorerError, match="cannot be drawn"):
        explorer.mosaic(np.zeros((1, 2, 3, 4)))


def test_the_other_inputs_of_a_model_are_named(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.pool = torch.nn.Flatten()\n\n    def forward(self, x, gain):\n        return self.pool(x) * gain\n\n\n"
        "def make_model():\n    return Net()\n\n\ndef example_inputs():\n    return torch.zeros(1, 3, 8, 8), 2.0\n"
    )
    spec, picture = f"file:{tmp_path / 'net.py'}:make_model", np.full((8, 8, 3), 51, np.uint8)
    plain = explorer.capture(explorer.open(spec, trust_code=True), picture)
    louder = explorer.capture(explorer.open(spec, trust_code=True, arguments={"gain": 6.0}), picture)
    np.testing.assert_array_equal(louder["pool"], plain["pool"])
    name = list(plain)[-1]
    assert name != "pool"
    np.testing.assert_allclose(louder[name], 3 * plain[name], rtol=1e-6)


def test_a_manifest_names_no_weights_that_the_values_are_not_of(net: nn.Module, x: Tensor, tmp_path: Path) -> None:
    given = x.clone()
    found = explorer.capture(net, given)
    known = found.manifest()
    assert len(known["weights"]["sha256"]) == 64
    given.zero_()
    assert found.manifest() == known
    torch.optim.SGD(net.parameters(), 0.1).step()  # without gradients nothing is written
    assert found.manifest() == known
    net(x).sum().backward()
    torch.optim.SGD(net.parameters(), 0.1).step()
    assert found.manifest()["weights"]["sha256"] == ""
    assert explorer.capture(net, x).manifest()["weights"]["sha256"] != known["weights"]["sha256"]


def test_values_read_late_are_those_of_their_forward(net: nn.Module, x: Tensor) -> None:
    explorer.capture(net, x)
    expected = {name: values.numpy()[0] for name, values in by_hand(net, x).items()}
    found = explorer.capture(net, x)
    with torch.no_grad():  # as training goes on before anybody looks
        for tensor in (*net.parameters(), *net.buffers()):
            tensor.add_(1)
        net.eval()(x + 1)
        net.train()
        explorer.capture(net, x + 2)
    for tap in found.taps:
        if tap.observable and tap.call == 0 and tap.path in expected:
            np.testing.assert_array_equal(found[tap.name], expected[tap.path])
            assert found[tap.name] is found[tap.name]
            assert not found[tap.name].flags.writeable


class Parts(nn.Module):
    """A half-precision value, and a small view of a large memory."""

    def __init__(self) -> None:
        super().__init__()
        self.narrow, self.part = Half(), View()

    def forward(self, x: Tensor) -> Tensor:
        return self.part(self.narrow(x).float())


class Half(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.to(torch.bfloat16)


class View(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return (x * torch.ones(50, 1, 1, 1))[:1, :1]


def test_half_types_are_floats_and_small_views_keep_no_large_memory(x: Tensor) -> None:
    net = Parts()
    for _ in range(2):
        found = explorer.capture(net, x)
        assert found["narrow"].dtype == np.float32
        np.testing.assert_array_equal(found["narrow"], x[0].to(torch.bfloat16).float().numpy())
        base = found["part"].base
        assert isinstance(base, Tensor | np.ndarray)
        assert base.nbytes < 10 * found["part"].nbytes
        np.testing.assert_array_equal(found["part"], x[0, :1].to(torch.bfloat16).float().numpy())


def test_a_hook_of_ones_own_comes_first(net: nn.Module, x: Tensor) -> None:
    first = next(name for name, part in net.named_modules() if name and not list(part.children()))
    handle = net.get_submodule(first).register_forward_hook(lambda _m, _a, out: out * 0 + 7)
    for _ in range(2):
        assert np.unique(explorer.capture(net, x)[first]).tolist() == [7]
    handle.remove()
    assert hooks(net) == 0
