"""What is read at a tap, against the maps that the window shows of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from nets import Parts, TinyViT, WithParts, seeded
from torch import Tensor, nn

from explorer.core.activations import Layout, Tap
from explorer.core.errors import ExplorerError
from explorer.core.maximisation import MaximiseSettings, Objective, class_logit
from explorer.core.render import as_maps
from explorer.engine.capture.forward import Discovery, TapError, discover
from explorer.engine.capture.values import to_array
from explorer.engine.maximisation.aim import alike, cells, take_aim
from tests.engine.maximisation.known_nets import Small


class Last(nn.Module):
    """Channels last, as Swin has them, and a sequence over time."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.turn, self.norm = nn.Conv2d(3, 4, 2, 2), nn.Identity(), nn.LayerNorm(4)
        self.time, self.head = nn.Conv1d(4, 5, 3), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.turn(self.conv(x).permute(0, 2, 3, 1)))
        self.time(y.flatten(1, 2).transpose(1, 2))
        return self.head(y.mean((1, 2)))


def seen(net: nn.Module, side: int = 16) -> Discovery:
    return discover(seeded(net).eval(), torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1)))


@pytest.mark.parametrize("net", [Small, TinyViT, Last, WithParts])
def test_channel_and_cell_are_those_of_the_maps(net: type[nn.Module]) -> None:
    found, checked = seen(net()), set()
    for tap in found.plan.taps:
        if not tap.observable or tap.grid is None:
            continue
        maps = as_maps(to_array(found.tensors[tap.name], tap.batched), tap)
        assert maps is not None
        channel, (y, x) = tap.channels - 1, (tap.grid[0] - 1, tap.grid[1] // 2)
        for objective, wanted in (
            (Objective(tap.name, (channel,)), maps[channel].mean()),
            (Objective(tap.name, (channel,), cell=(y, x)), maps[channel, y, x]),
            (Objective(tap.name, (0, channel), (2.0, -0.5)), 2 * maps[0].mean() - 0.5 * maps[channel].mean()),
            (Objective(tap.name, (0, channel), negative=True), -(maps[0].mean() + maps[channel].mean())),
        ):
            value = take_aim(found.plan, objective, MaximiseSettings()).read(found.tensors[tap.name])
            assert value.shape == (1,)
            assert float(value) == pytest.approx(float(wanted), abs=1e-5)
        checked.add(tap.layout)
    assert checked


def test_the_layouts_are_really_met() -> None:
    layouts = {tap.layout for net in (Small(), TinyViT(), Last()) for tap in seen(net).plan.taps if tap.observable}
    assert layouts >= {Layout.NCHW, Layout.NHWC, Layout.NLC, Layout.NC, Layout.NCT}


def test_tokens_in_another_order_with_prefix_and_padding() -> None:
    tap = Tap("t", "t", 0, "X", "other", "", (1, 6, 2), "float32", Layout.NLC, (2, 2), 1, (3, -1, 0, 2, 1))
    tokens = torch.arange(12.0).reshape(1, 6, 2)
    found = cells(tokens, tap)
    maps = as_maps(tokens[0].numpy(), tap)
    assert np.array_equal(found[0].reshape(2, 2, 2).numpy(), maps)


def test_a_token_before_the_grid_is_read_by_its_row() -> None:
    found, read = seen(TinyViT()), 0
    for tap in found.plan.taps:
        if not tap.observable or not tap.prefix:
            continue
        for token in range(tap.prefix):
            aim = take_aim(found.plan, Objective(tap.name, (0, 5), (1.0, -2.0), cell=(-1, token)), MaximiseSettings())
            values = found.tensors[tap.name]
            assert float(aim.read(values)) == pytest.approx(
                float(values[0, token, 0] - 2 * values[0, token, 5]), abs=1e-5
            )
            read += 1
        with pytest.raises(ExplorerError, match=f"has no token REG{tap.prefix}"):
            take_aim(found.plan, Objective(tap.name, (0,), cell=(-1, tap.prefix)), MaximiseSettings())
    assert read


def test_vectors_sequences_and_classes() -> None:
    found = seen(Last())
    logits, time = found.output, found.tensors["time"]
    assert take_aim(found.plan, class_logit(2), MaximiseSettings()).read(logits) == logits[0, 2]
    value = take_aim(found.plan, Objective("time", (4,)), MaximiseSettings()).read(time)
    assert float(value) == pytest.approx(float(time[0, 4].mean()))


def test_an_output_of_parts_is_its_first_tensor() -> None:
    found = seen(Parts())
    aim = take_aim(found.plan, class_logit(3), MaximiseSettings())
    assert float(aim.read(found.output[0])) == pytest.approx(float(found.output[0][0, 3].mean()))


@pytest.mark.parametrize("shape", [(3, 4, 5, 5), (3, 20, 2, 2)])
def test_likeness_is_the_mean_cosine_of_gram_matrices(shape: tuple[int, ...]) -> None:
    tap = Tap("t", "t", 0, "X", "conv", "", (1, *shape[1:]), "float32", Layout.NCHW, shape[2:])
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    grams = [(a.flatten(1) @ a.flatten(1).T).flatten() for a in x]
    pairs = [torch.cosine_similarity(grams[i], grams[j], 0) for i in range(3) for j in range(3) if i != j]
    assert float(alike(x, tap)) == pytest.approx(float(torch.stack(pairs).mean()), rel=1e-5)


def test_pictures_of_a_class_are_compared_at_the_last_maps() -> None:
    plan = seen(Small()).plan
    aim = take_aim(plan, class_logit(1), MaximiseSettings(batch=2, diversity=1.0))
    assert aim.spread is not None
    assert aim.spread.name == "relu_1"
    assert [tap.name for tap in aim.taps] == ["relu_1", "output"]
    own = take_aim(plan, Objective("second", (1,)), MaximiseSettings(batch=2, diversity=1.0))
    assert [tap.name for tap in own.taps] == ["second"]


@pytest.mark.parametrize(
    ("objective", "says"),
    [
        (Objective("nothing", (0,)), "no tap named nothing"),
        (Objective("second", (8,)), "second has no channel 8. It has 0 to 7"),
        (class_logit(5), "has no class 5. It has 0 to 4"),
        (Objective("second", (0,), cell=(16, 0)), "no cell 16, 0"),
        (Objective("head", (0,), cell=(0, 0)), "no grid"),
    ],
)
def test_what_does_not_exist_is_said(objective: Objective, says: str) -> None:
    with pytest.raises((ExplorerError, TapError), match=says):
        take_aim(seen(Small()).plan, objective, MaximiseSettings())


class Whole(nn.Module):
    """Rounds to whole numbers inside."""

    def __init__(self) -> None:
        super().__init__()
        self.count = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.count((x * 9).to(torch.int32)).float()


def test_whole_numbers_have_no_gradient() -> None:
    with pytest.raises(ExplorerError, match="No gradient reaches count"):
        take_aim(seen(Whole()).plan, Objective("count", (0,)), MaximiseSettings())
