"""The arithmetic of a cell against plain torch: every kind of layer, and cells of whole networks."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from families import networks
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import CASES, InferenceInside, InPlace, SkipFromReluInput, TinyViT, seeded
from torch import Tensor, nn

from explorer.core.activations import Kind
from explorer.core.arithmetic import TOLERANCE, Arithmetic, largest
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import extent, index_of
from explorer.engine.arithmetic.cell import explain_cell, worksheet
from explorer.engine.arithmetic.recorded import trace
from explorer.engine.capture.forward import discover

# what rounding may leave where large terms cancel: float32 keeps 24 bits of every partial sum
CANCELLED = 2e-6


def zoo(name: str) -> nn.Module:
    from explorer.engine.models.torchvision_compat import import_torchvision

    torch.manual_seed(0)
    extra: dict[str, Any] = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model: nn.Module = import_torchvision().models.get_model(name, weights=None, **extra)
    return model.eval()


def size_for(name: str) -> int:
    return 224 if name.startswith(("vit_", "maxvit")) else 128 if name == "inception_v3" else 64


def terms_of(found: Arithmetic) -> float:
    patch = found.steps[0].patch
    return 0.0 if patch is None else float(np.abs(patch.products).sum())


def assert_near(found: Arithmetic, true: float) -> None:
    assert found.value == true
    for step in (*found.steps, *found.following):
        allowed = TOLERANCE * abs(step.stored) + (CANCELLED * terms_of(found) if step.patch is not None else 1e-6)
        assert abs(step.difference) <= allowed, (found.tap, step.operation, step.gives, step.stored)
        assert step.relative <= TOLERANCE or found.why


def check_everywhere(net: nn.Module, x: Tensor, cells: int = 4, path: str = "0") -> list[Arithmetic]:
    """Random cells of one tap against the tensor."""
    seen = discover(net, x.clone())
    tap = next(t for t in seen.plan.taps if t.name == path)
    rng, (h, w) = random.Random(0), extent(tap)
    found = []
    for _ in range(cells):
        channel, cell = rng.randrange(tap.channels), (rng.randrange(h), rng.randrange(w))
        one = explain_cell(net, x, seen.plan, path, channel, cell)
        assert_near(one, float(seen.tensors[path][index_of(tap, channel, cell)]))
        found.append(one)
    return found


def x_of(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def one_or_two(*values: Any) -> Any:
    return st.tuples(st.sampled_from(values), st.sampled_from(values))


@pytest.mark.filterwarnings("ignore:Using padding=.same.")
@settings(max_examples=60, deadline=None)
@given(
    kernel=one_or_two(1, 2, 3, 5),
    stride=one_or_two(1, 2, 3),
    padding=st.one_of(st.sampled_from(["same", "valid"]), one_or_two(0, 1, 2, 4)),
    dilation=one_or_two(1, 2),
    groups=st.sampled_from([1, 2, 4]),
    mode=st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
    bias=st.booleans(),
)
def test_every_two_dimensional_convolution(**options: Any) -> None:
    kernel, padding = options.pop("kernel"), options["padding"]
    if padding == "same":
        options["stride"] = (1, 1)
    mode = options.pop("mode")
    net = seeded(nn.Sequential(nn.Conv2d(4, 8, kernel, padding_mode=mode, **options)))
    x = x_of(1, 4, 11, 13)
    for found in check_everywhere(net, x):
        patch = found.steps[0].patch
        assert patch is not None
        assert patch.values.shape == (4 // options["groups"], *kernel)
        # what is read is there in the map before: the very values
        for y, row in enumerate(patch.read[0]):
            for z, column in enumerate(patch.read[1]):
                here = x[0, patch.channels, row, column].double().numpy() if row >= 0 and column >= 0 else 0.0
                assert np.array_equal(patch.values[:, y, z], np.broadcast_to(here, patch.values[:, y, z].shape))
        outside = np.array([[a < 0 or a >= 11 or b < 0 or b >= 13 for b in patch.at[1]] for a in patch.at[0]])
        assert np.array_equal(patch.padded, outside)


@settings(max_examples=40, deadline=None)
@given(
    kernel=st.sampled_from([1, 2, 3, 4]),
    stride=st.sampled_from([1, 2, 5]),
    padding=st.sampled_from([0, 1]),
    dilation=st.sampled_from([1, 2]),
    groups=st.sampled_from([1, 2, 4]),
    bias=st.booleans(),
)
def test_every_transposed_convolution(kernel: int, **options: Any) -> None:
    reach = options["dilation"] * (kernel - 1)
    if reach < options["padding"]:
        options["padding"] = 0
    extra = min(1, max(options["stride"], options["dilation"]) - 1)
    net = seeded(nn.Sequential(nn.ConvTranspose2d(4, 8, kernel, output_padding=extra, **options)))
    check_everywhere(net, x_of(1, 4, 6, 5))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv1d(4, 6, 3, padding=2, dilation=2, groups=2), (1, 4, 12)),
        (nn.ConvTranspose1d(4, 6, 3, stride=2), (1, 4, 7)),
        (nn.Linear(5, 3), (1, 5)),
        (nn.Linear(5, 3, bias=False), (1, 7, 5)),
        (nn.Conv2d(4, 4, 3, groups=4), (1, 4, 3, 3)),
    ],
)
def test_other_sums(layer: nn.Module, shape: tuple[int, ...]) -> None:
    check_everywhere(seeded(nn.Sequential(layer)), x_of(*shape))


LAYERS = [
    nn.BatchNorm2d(4), nn.GroupNorm(2, 4), nn.InstanceNorm2d(4, affine=True), nn.InstanceNorm2d(4, track_running_stats=True),
    nn.BatchNorm2d(4, track_running_stats=False), nn.LayerNorm((6, 7)), nn.LayerNorm(7, bias=False), nn.RMSNorm(7),
    nn.ReLU(), nn.ReLU(inplace=True), nn.ReLU6(), nn.Hardtanh(-0.5, 0.5), nn.SiLU(inplace=True), nn.Hardswish(), nn.GELU(),
    nn.GELU(approximate="tanh"), nn.Sigmoid(), nn.Hardsigmoid(), nn.ELU(0.7), nn.CELU(0.7), nn.SELU(), nn.LeakyReLU(0.2),
    nn.PReLU(), nn.PReLU(4), nn.Tanh(), nn.Mish(), nn.Softplus(2, 3), nn.Softsign(), nn.LogSigmoid(), nn.Softmax(1),
    nn.Softmax(-1), nn.LogSoftmax(1), nn.Softmax2d(), nn.MaxPool2d(2), nn.MaxPool2d(3, 2, 1, ceil_mode=True),
    nn.MaxPool2d(2, dilation=2), nn.AvgPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1, count_include_pad=False),
    nn.AvgPool2d(3, 2, 1, ceil_mode=True), nn.AvgPool2d(2, divisor_override=3), nn.AdaptiveAvgPool2d(1),
    nn.AdaptiveAvgPool2d((4, 3)), nn.AdaptiveMaxPool2d((4, 3)),
]  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS, ids=lambda m: str(m).lower())
def test_normalisation_activation_and_pooling(layer: nn.Module) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), seeded(layer)).eval()
    found = check_everywhere(net, x_of(1, 3, 8, 9), 6, "1")
    pooled = found[0].steps[-1].patch is not None
    for one in found:
        assert one.steps[0].operation == ("conv2d" if not pooled else one.steps[-1].operation)


class Functional(nn.Module):
    """Sums, gates and curves that no module makes, in the ways people write them."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.out = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 1), nn.Identity()
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 4, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.a(x), self.b(x)
        a = F.relu(a, inplace=True)
        a += b
        a = self.out(a) * self.gate(a)
        joined = torch.cat([self.out(a), self.out(1 - b / 2)], 1)
        return self.out(F.gelu(joined).permute(0, 2, 3, 1).contiguous()[:, 1:].permute(0, 3, 1, 2))


def test_sums_and_gates_that_functions_make() -> None:
    net, x = seeded(Functional()), x_of(1, 3, 6, 6)
    plan = discover(net, x).plan
    total = explain_cell(net, x, plan, "out", 2, (3, 3))
    assert [o.name for o in total.steps[-1].operands] == ["a result of the function relu", "b"]
    gated = explain_cell(net, x, plan, "out_1", 2, (3, 3))
    assert [o.name for o in gated.steps[-1].operands] == ["out", "gate.2"]
    scaled = explain_cell(net, x, plan, "out_2", 1, (3, 3))
    assert [s.operation for s in scaled.steps] == ["conv2d", "div", "sub"]
    assert [s.operation for s in scaled.following] == ["gelu"]
    last = explain_cell(net, x, plan, "output", 5, (2, 3))
    assert [s.operation for s in last.steps] == ["conv2d", "div", "sub", "gelu"]
    assert last.value == explain_cell(net, x, plan, "out_2", 1, (3, 3)).following[0].stored
    for found in (total, gated, scaled, last):
        assert found.agrees
        assert_near(found, found.value)


def test_torchvisions_own_normalisations() -> None:
    from explorer.engine.models.torchvision_compat import import_torchvision

    import_torchvision()
    from torchvision.models.convnext import LayerNorm2d
    from torchvision.ops.misc import FrozenBatchNorm2d

    for norm, operations in ((LayerNorm2d(4), ["layer_norm"]), (FrozenBatchNorm2d(4), ["mul", "add"])):
        net = seeded(nn.Sequential(nn.Conv2d(3, 4, 3), norm, nn.ReLU()))
        for found in check_everywhere(net, x_of(1, 3, 8, 8), path="2"):
            assert [s.operation for s in found.steps] == ["conv2d", *operations, "relu"]


def test_the_chain_goes_from_the_convolution_to_the_cell_and_on() -> None:
    net, x = seeded(InPlace()).eval(), x_of(1, 3, 8, 8)
    plan = discover(net, x).plan
    found = explain_cell(net, x, plan, "bn1", 3, (2, 2))
    assert [(s.operation, s.tap) for s in found.steps] == [("conv2d", "conv1"), ("batch_norm", "bn1")]
    assert [(s.operation, s.tap) for s in found.following] == [("relu", "relu")]
    assert found.before == "the input"
    terms, rest = largest(found.steps[0].patch, 5)
    assert [abs(t.product) for t in terms] == sorted((abs(t.product) for t in terms), reverse=True)
    total = sum(t.product for t in terms) + rest + found.steps[0].bias
    assert total == pytest.approx(found.steps[0].stored, rel=1e-4)
    last = explain_cell(net, x, plan, "relu_1", 0, (1, 1))
    assert [o.name for o in last.steps[0].operands] == ["bn2", "relu"]
    logits = explain_cell(net, x, plan, "output", 2, (0, 0))
    assert logits.steps[0].operation == "linear"
    assert logits.before == "pool"


@pytest.mark.parametrize("make", [c for c in CASES if c is not InferenceInside])
def test_every_tap_of_odd_networks_is_explained_or_says_why(make: type[nn.Module]) -> None:
    net, x = seeded(make()).eval(), x_of(1, 3, 8, 8)
    seen = discover(net, x.clone())
    links = trace(net, x)
    unexplained: dict[str, str] = {}
    for tap in seen.plan.taps:
        if not tap.observable:
            continue
        try:
            found = explain_cell(net, x, seen.plan, tap.name, 0, (0, 0), links=links)
        except ExplorerError as error:
            unexplained[tap.name] = error.why
            continue
        assert_near(found, float(seen.tensors[tap.name][index_of(tap, 0, (0, 0))]))
    assert all(unexplained.values())
    assert set(unexplained) <= {"keeper"}  # a buffer that the model writes into by itself


def test_tokens_are_explained() -> None:
    net, x = seeded(TinyViT()), x_of(1, 3, 8, 8)
    plan = discover(net, x).plan
    token = explain_cell(net, x, plan, "qkv", 20, (1, 0))
    assert [s.operation for s in token.steps] == ["linear"]
    assert token.before == "norm"
    assert token.agrees
    prefix = explain_cell(net, x, plan, "qkv", 20, (-1, 0))
    assert prefix.value != token.value


def test_what_was_overwritten_out_of_sight_is_not_claimed() -> None:
    net, x = seeded(SkipFromReluInput()), x_of(1, 3, 8, 8)
    plan = discover(net, x).plan
    assert explain_cell(net, x, plan, "conv", 1, (2, 2)).agrees
    assert [s.operation for s in explain_cell(net, x, plan, "relu", 1, (2, 2)).steps] == ["conv2d", "relu"]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_says_by_how_much_and_why(dtype: torch.dtype) -> None:
    net, x = seeded(nn.Sequential(nn.Conv2d(3, 4, 3))).to(dtype), x_of(1, 3, 8, 8).to(dtype)
    plan = discover(net, x).plan
    found = [explain_cell(net, x, plan, "0", c, (y, y)) for c in range(4) for y in range(5)]
    assert not all(f.agrees for f in found)
    assert all(str(dtype).removeprefix("torch.") in f.why for f in found if not f.agrees)
    assert max(f.relative for f in found) < 0.5


def test_not_a_number_is_carried_through() -> None:
    net, x = (
        seeded(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))).eval(),
        x_of(1, 3, 8, 8),
    )
    x[0, 1, 3, 3] = float("nan")
    plan = discover(net, x).plan
    for path in "0123":
        found = explain_cell(net, x, plan, path, 1, (1, 1))
        assert np.isnan(found.value)
        assert np.isnan(found.computed)
        assert found.agrees
    assert np.isnan(largest(explain_cell(net, x, plan, "0", 1, (1, 1)).steps[0].patch, 1)[0][0].product)


@pytest.mark.parametrize(
    ("name", "channel", "cell", "said"),
    [
        ("nothing", 0, (0, 0), "nothing"),
        ("add", 0, (0, 0), "function"),
        ("conv1", 8, (0, 0), "channel 8"),
        ("conv1", -1, (0, 0), "channel -1"),
        ("conv1", 0, (8, 0), "cell 8,0"),
        ("fc", 0, (0, 1), "cell 0,1"),
    ],
)
def test_what_does_not_exist_is_named(name: str, channel: int, cell: tuple[int, int], said: str) -> None:
    net, x = seeded(InPlace()).eval(), x_of(1, 3, 8, 8)
    with pytest.raises(ExplorerError) as raised:
        explain_cell(net, x, discover(net, x).plan, name, channel, cell)
    assert said in str(raised.value)


QUICK = ("resnet18", "mobilenet_v2", "densenet121", "shufflenet_v2_x0_5", "regnet_y_400mf")


def check_convolutions(name: str, cells: int) -> None:
    net, size = zoo(name), size_for(name)
    x = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(1))
    seen, links, rng = discover(net, x.clone()), trace(net, x), random.Random(1)
    taps = [t for t in seen.plan.taps if t.observable and t.kind in (Kind.CONV, Kind.LINEAR)]
    assert taps
    sheet = worksheet(net, x, seen.plan, [t.name for t in taps], links=links)
    for tap in taps:
        h, w = extent(tap)
        for _ in range(cells):
            channel, cell = rng.randrange(tap.channels), (rng.randrange(h), rng.randrange(w))
            found = sheet.cell(tap.name, channel, cell)
            assert found.steps[-1].operation in ("conv2d", "linear")
            assert_near(found, float(seen.tensors[tap.name][index_of(tap, channel, cell)]))


def test_a_worksheet_explains_a_sliding_window_without_another_forward() -> None:
    net, x = seeded(InPlace()).eval(), x_of(1, 3, 8, 8)
    plan, ran = discover(net, x).plan, []
    sheet = worksheet(net, x, plan, ["bn1", "fc"])
    handle = net.register_forward_pre_hook(lambda *_: ran.append(1))
    for y in range(8):
        one, alone = sheet.cell("bn1", 2, (y, 3)), explain_cell(net, x, plan, "bn1", 2, (y, 3))
        assert (one.value, one.computed, len(one.following)) == (alone.value, alone.computed, 1)
    assert len(ran) == 2 * 8  # those of explain_cell alone
    handle.remove()


@pytest.mark.parametrize("name", QUICK)
def test_every_convolution_of_a_network(name: str) -> None:
    check_convolutions(name, 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", networks())
def test_every_convolution_of_the_zoo(name: str) -> None:
    check_convolutions(name, 2)
