"""Values of ONNX models against onnx's reference evaluator and against the networks that were exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import TensorProto
from onnx_files import exported, node, reference, reopened, written
from tiny_classes import job, tiny_classes
from torch import Tensor, nn

from explorer.core.activations import Kind, Layout
from explorer.core.errors import ExplorerError
from explorer.core.interventions import Edit
from explorer.engine.ablation.ablate import ablate, base_of, forward_under
from explorer.engine.arithmetic.cell import explain_cell
from explorer.engine.capture.forward import Discovery, capture, discover
from explorer.engine.capture.kernels import kernels_of
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.model_session import ModelSession
from explorer.engine.models import LoadedModel
from explorer.engine.transfer.prepared import prepared

WEIGHT = np.random.default_rng(0).normal(size=(8, 3, 3, 3)).astype(np.float32)


class Small(nn.Module):
    """A convolution with a batch norm, a residual sum, a pool, tokens, a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.bn, self.relu = nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU()
        self.body = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, groups=2), nn.ReLU6(), nn.Conv2d(8, 8, 1))
        self.pool, self.norm, self.fc = nn.MaxPool2d(2), nn.LayerNorm(8), nn.Linear(8, 5)
        nn.init.normal_(self.bn.running_mean)
        nn.init.uniform_(self.bn.running_var, 0.5, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn(self.conv(x)))
        x = self.pool(self.relu(x + self.body(x)))
        return self.fc(self.norm(x.flatten(2).transpose(1, 2)).mean(1))


def picture(*size: int) -> Tensor:
    return torch.randn(*(size or (1, 3, 32, 32)), generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LoadedModel, Discovery]:
    path = exported(Small(), picture(), tmp_path_factory.mktemp("onnx") / "small.onnx")
    loaded = reopened(path)
    return path, loaded, discover(loaded.module, picture())


def close(value: Tensor, other: Tensor) -> bool:
    return torch.allclose(value, other, rtol=0, atol=1e-5 * float(other.abs().max()))


def test_every_value_is_the_reference_evaluators(small: tuple[Path, LoadedModel, Discovery]) -> None:
    path, loaded, seen = small
    expected = reference(path, picture())
    layers = loaded.module.graph.layers
    assert len(layers) == 13
    for layer in layers:
        assert close(seen.tensors[layer.path], torch.from_numpy(expected[layer.outputs[0]])), layer.path


def test_layers_with_the_names_of_the_original_are_its_layers(small: tuple[Path, LoadedModel, Discovery]) -> None:
    _, _, seen = small
    original = discover(Small().eval(), picture())
    taps, known = ({tap.name: tap for tap in each.plan.taps} for each in (seen, original))
    # the batch norm is part of the convolution before it
    assert close(seen.tensors["conv"], original.tensors["bn"])
    same = sorted((taps.keys() & known.keys()) - {"conv"})
    assert same == ["body.0", "body.1", "body.2", "fc", "norm", "output", "pool", "relu", "relu_1"]
    for name in same:
        assert close(seen.tensors[name], original.tensors[name]), name
        for part in ("shape", "layout", "grid", "receptive", "kind", "detail", "macs"):
            if (name, part) not in (("output", "macs"), ("output", "kind"), ("pool", "detail")):
                assert getattr(taps[name], part) == getattr(known[name], part), (name, part)
    assert taps["conv"].fed_by == ("",)
    assert taps["Add"].fed_by == ("body.2", "relu")


def test_later_forwards_give_the_same_values(small: tuple[Path, LoadedModel, Discovery]) -> None:
    _, loaded, seen = small
    names = [tap.name for tap in seen.plan.taps if tap.observable]
    again = capture(loaded.module, picture(), seen.plan, names, early=False)
    alone = capture(loaded.module, picture(), seen.plan, ["body.0"], early=False)
    assert all(close(again.tensors[name], seen.tensors[name]) for name in names)
    assert close(alone.tensors["body.0"], seen.tensors["body.0"])
    assert close(alone.output, seen.output)


def test_a_forward_asks_the_runtime_for_what_is_looked_at(
    small: tuple[Path, LoadedModel, Discovery], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, loaded, seen = small
    asked, run = [], loaded.module.sessions.run
    monkeypatch.setattr(loaded.module.sessions, "run", lambda wanted, given: asked.append(wanted) or run(wanted, given))
    capture(loaded.module, picture(), seen.plan, ["pool"], early=False)
    assert asked == [(loaded.module._modules["pool"].node.outputs[0], loaded.module.graph.outputs[0])]


def test_kernels_are_the_initialisers(small: tuple[Path, LoadedModel, Discovery]) -> None:
    _, loaded, _ = small
    own = kernels_of(Small().eval(), loaded.card.preprocess)
    found = kernels_of(loaded.module, loaded.card.preprocess)
    assert found.keys() == own.keys()
    for name in ("body.0", "body.2", "fc"):
        assert np.array_equal(found[name].weight, own[name].weight)
        assert found[name].groups == own[name].groups


@pytest.mark.parametrize("tap", ["conv", "body.0", "relu_1"])
def test_ablation_gives_what_the_original_gives(small: tuple[Path, LoadedModel, Discovery], tap: str) -> None:
    _, loaded, seen = small
    edits = (Edit(tap, (2,)),)
    net = Small().eval()
    plain = discover(net, picture())
    there = ablate(base_of(net, picture(), plain), (Edit("bn" if tap == "conv" else tap, (2,)),), ("pool", "fc"))
    here = ablate(base_of(loaded.module, picture(), seen), edits, ("pool", "fc"))
    assert here.resumed, here.note
    started = forward_under(loaded.module, picture(), seen.plan, edits, ("pool", "fc"))
    for name in ("pool", "fc"):
        assert np.allclose(here.values[name], there.values[name], rtol=0, atol=1e-5)
        assert close(started.tensors[name][0], torch.from_numpy(np.array(here.values[name])))
    assert not np.allclose(here.values["fc"], seen.tensors["fc"][0], rtol=0, atol=1e-4)


def test_only_what_stands_behind_an_edit_is_run_again(
    small: tuple[Path, LoadedModel, Discovery], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, loaded, seen = small
    base = base_of(loaded.module, picture(), seen)
    ablate(base, (Edit("pool", (1,)),), ("fc",))
    graph, needed, sizes = loaded.module.graph, loaded.module.graph.needed, []
    run = loaded.module.sessions.run
    monkeypatch.setattr(
        loaded.module.sessions,
        "run",
        lambda wanted, given: sizes.append(len(needed(wanted, given)[0])) or run(wanted, given),
    )
    ablate(base, (Edit("pool", (2,)),), ("fc",))
    assert sizes == [len(graph.nodes) - [each.path for each in graph.nodes].index("pool") - 1]


def test_the_numbers_of_a_cell_are_explained(small: tuple[Path, LoadedModel, Discovery]) -> None:
    _, loaded, seen = small
    found = explain_cell(loaded.module, picture(), seen.plan, "body.0", 3, (2, 2))
    assert found.steps[-1].stored == pytest.approx(float(seen.tensors["body.0"][0, 3, 2, 2]))
    assert found.steps[-1].gives == pytest.approx(found.steps[-1].stored, rel=1e-4, abs=1e-6)
    assert found.why == ""


def test_gradients_are_refused_in_words(small: tuple[Path, LoadedModel, Discovery]) -> None:
    _, loaded, _ = small
    assert loaded.card.abilities.no_gradients
    with pytest.raises(ExplorerError, match="values and no gradients"):
        loaded.module(picture().requires_grad_())


def test_fine_tuning_is_refused_before_it_begins(small: tuple[Path, LoadedModel, Discovery], tmp_path: Path) -> None:
    _, loaded, _ = small
    tiny_classes(tmp_path, 1)
    bench = ModelSession()
    digest = bench.adopt(loaded).card.digest
    with pytest.raises(ExplorerError, match="cannot be fine-tuned"):
        prepared(bench, digest, open_picture(tmp_path / "red" / "0.png"), job())


def test_operators_of_old_and_new_files(tmp_path: Path) -> None:
    """Asymmetric padding, an even window, resizing, slices, a split, an old form of attributes."""
    nodes = [
        node("Conv", "x w", "a", pads=[0, 0, 1, 1], strides=[2, 2], name="first"),
        node("Clip", "a", "b", min=0.0, max=6.0),
        node("Split", "b", "c d", axis=1, split=[3, 5]),
        node("Unsqueeze", "c", "e", axes=[0]),
        node("Squeeze", "e", "f", axes=[0]),
        node("AveragePool", "d", "g", kernel_shape=[2, 2], strides=[2, 2]),
        node("Slice", "f", "h", starts=[0, 0], ends=[4, 4], axes=[2, 3]),
        node("Concat", "g h", "i", axis=1),
        node("ReduceMean", "i", "y", axes=[2, 3], keepdims=0),
    ]
    path = written(tmp_path / "old.onnx", nodes, {"w": WEIGHT}, opset=9)
    loaded = reopened(path)
    x = picture(1, 3, 16, 16)
    seen, expected = discover(loaded.module, x), reference(path, x)
    layouts = {tap.name: tap.layout for tap in seen.plan.taps}
    for layer in loaded.module.graph.layers:
        for number, name in enumerate(layer.outputs):
            tap = layer.path if len(layer.outputs) == 1 else f"{layer.path}[{number}]"
            assert close(seen.tensors[tap], torch.from_numpy(expected[name])), tap
    assert layouts["first"] is Layout.NCHW
    assert layouts["Concat_7"] is Layout.NCHW
    assert layouts["output"] is Layout.NC


def test_an_operator_that_torch_has_not_is_shown_and_not_followed(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w", "a"), node("MaxUnpool", "a i", "b", kernel_shape=[1, 1]), node("Relu", "b", "y")]
    path = written(
        tmp_path / "n.onnx", [nodes[0], node("Einsum", "a", "b", equation="nchw->nwhc"), nodes[2]], {"w": WEIGHT}
    )
    loaded, x = reopened(path), picture(1, 3, 16, 16)
    seen, expected = discover(loaded.module, x), reference(path, x)
    taps = {tap.name: tap for tap in seen.plan.taps}
    assert close(seen.tensors["Einsum_1"], torch.from_numpy(expected["b"]))
    assert taps["Einsum_1"].layout is Layout.OTHER
    assert taps["Relu_2"].grid is None


def test_a_quantised_model(tmp_path: Path) -> None:
    nodes = [
        node("QuantizeLinear", "x s z", "q"),
        node("DequantizeLinear", "wq s2 z2", "wd"),
        node("DequantizeLinear", "q s z", "xd"),
        node("Conv", "xd wd", "c"),
        node("QuantizeLinear", "c s z", "cq"),
        node("DequantizeLinear", "cq s z", "y"),
    ]
    constants = {
        "s": np.float32(0.05),
        "z": np.uint8(128),
        "s2": np.float32(0.02),
        "z2": np.int8(0),
        "wq": np.clip(WEIGHT * 40, -127, 127).astype(np.int8),
    }
    path = written(tmp_path / "q.onnx", nodes, constants)
    loaded, x = reopened(path), picture(1, 3, 16, 16)
    seen, expected = discover(loaded.module, x), reference(path, x)
    assert {str(value.dtype) for value in seen.tensors.values()} == {"torch.uint8", "torch.float32"}
    for layer in loaded.module.graph.layers:
        # the runtime joins the three operators around a convolution: a step of the scale, at a border, is rounded otherwise
        steps = (seen.tensors[layer.path].float() - torch.from_numpy(expected[layer.outputs[0]]).float()).abs()
        assert float(steps.max()) <= (1 if seen.tensors[layer.path].dtype is torch.uint8 else 0.0501), layer.path


def test_channels_last_and_an_open_size(tmp_path: Path) -> None:
    nodes = [
        node("Transpose", "x", "t", perm=[0, 3, 1, 2]),
        node("Conv", "t w", "c"),
        node("GlobalAveragePool", "c", "y"),
    ]
    path = written(tmp_path / "last.onnx", nodes, {"w": WEIGHT}, shape=("n", "h", "w", 3))
    loaded, x = reopened(path), picture(1, 3, 20, 24)
    seen = discover(loaded.module, x)
    expected = reference(path, x.permute(0, 2, 3, 1))
    assert close(seen.tensors["Conv_1"], torch.from_numpy(expected["c"]))
    tap = next(tap for tap in seen.plan.taps if tap.name == "Conv_1")
    assert (tap.layout, tap.grid, tap.kind) == (Layout.NCHW, (18, 22), Kind.CONV)
    assert any("size" in note for note in loaded.card.notes)


def test_several_outputs_have_their_names(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w", "boxes"), node("Relu", "boxes", "scores")]
    path = written(tmp_path / "two.onnx", nodes, {"w": WEIGHT}, outputs=("boxes", "scores"))
    output = discover(reopened(path).module, picture(1, 3, 16, 16)).output
    assert list(output) == ["boxes", "scores"]


def test_half_precision(tmp_path: Path) -> None:
    nodes = [node("Conv", "x w", "a"), node("Relu", "a", "y")]
    path = written(tmp_path / "half.onnx", nodes, {"w": WEIGHT.astype(np.float16)}, kind=TensorProto.FLOAT16)
    seen = discover(reopened(path).module, picture(1, 3, 16, 16))
    assert {value.dtype for value in seen.tensors.values()} == {torch.float16}
