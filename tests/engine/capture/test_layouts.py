"""Layouts of sequences and clips: known from followed cells, or unknown. Fields against gradients and changed inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from nets import seeded
from sequence_nets import PATHS, Clip, Path, Rows, Sentence, Wave, Words
from torch import Tensor, nn

from explorer.core.activations import Layout, Tap
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import columns, extent, has_maps, index_of, mask
from explorer.core.interventions import Edit
from explorer.engine.ablation.ablate import ablate, base_of
from explorer.engine.arithmetic.cell import explain_cell
from explorer.engine.attribution.target_output import cells
from explorer.engine.capture.forward import Discovery, discover
from explorer.engine.capture.values import to_array
from explorer.engine.health.channel_health import health
from explorer.engine.inputs.dataset_samples import DatasetItem
from explorer.engine.maximisation import aim


def taps_of(seen: Discovery) -> dict[str, Tap]:
    return {tap.name: tap for tap in seen.plan.taps if tap.observable}


def sound(seed: int = 0) -> Tensor:
    return torch.randn(1, 1, 16000, generator=torch.Generator().manual_seed(seed))


def ids(seed: int = 0, count: int = 12) -> Tensor:
    return torch.randint(0, 50, (1, count), generator=torch.Generator().manual_seed(seed))


def picture(side: int = 16) -> Tensor:
    return torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("name", PATHS)
def test_no_tap_has_channels_and_positions_exchanged(name: str) -> None:
    net, shape, expected = PATHS[name]
    taps = taps_of(discover(seeded(net).eval(), torch.rand(shape, generator=torch.Generator().manual_seed(1))))
    for tap, (layout, channels) in expected.items():
        found = taps[tap]
        assert found.layout == layout, (tap, found.layout)
        if layout == "other":
            assert found.reason
        else:
            assert found.channels == channels, tap


@pytest.mark.parametrize("name", PATHS)
def test_an_element_is_the_same_number_wherever_it_is_read(name: str) -> None:
    net, shape, _ = PATHS[name]
    seen = discover(seeded(net).eval(), torch.rand(shape, generator=torch.Generator().manual_seed(1)))
    for tap in taps_of(seen).values():
        if tap.layout is Layout.OTHER or (tap.layout is Layout.NC and not tap.batched):
            continue
        tensor, (rows, across) = seen.tensors[tap.name], extent(tap)
        flat = columns(to_array(tensor, tap.batched), tap)
        assert flat.shape == (tap.channels, rows * across)
        channel = tap.channels - 1
        for cell in {(0, 0), (rows // 2, across // 3), (rows - 1, across - 1)}:
            value = float(tensor[index_of(tap, channel, cell)])
            assert flat[channel, cell[0] * across + cell[1]] == value
        assert np.array_equal(aim.cells(tensor, tap)[0].numpy(), flat)
        if tap.batched or tap.layout is Layout.NLC:
            assert np.array_equal(cells(tensor, tap, 1)[0].numpy(), flat)
        with pytest.raises(ExplorerError, match=f"no channel {tap.channels}"):
            mask(tap, (tap.channels,), None)


# --- a network over a sound ---

# tap -> (samples of the field, samples between neighbours, first and last sample of the middle cell)
PUBLISHED = {
    "first": (160, 8, 7920, 8080),
    "relu": (160, 8, 7920, 8080),
    "pool": (184, 32, 7920, 8104),
    "features.0.0": (312, 32, 7856, 8168),
    "features.0": (344, 64, 7856, 8200),
    "features.1.0": (600, 64, 7728, 8328),
    "features.2.0": (1176, 128, 7408, 8584),
    "features": (1304, 256, 7408, 8712),
}


def test_every_layer_of_a_network_over_a_sound_is_channels_over_steps() -> None:
    seen = discover(seeded(Wave()).eval(), sound())
    for tap in taps_of(seen).values():
        wanted = "NC" if tap.name in ("fc", "output") else "NCT"
        assert tap.layout == wanted, tap.name
        if wanted == "NCT":
            assert tap.grid == (1, tap.shape[2])
            assert tap.channels == tap.shape[1]


def test_fields_in_samples_are_those_that_are_known() -> None:
    taps = taps_of(discover(seeded(Wave()).eval(), sound()))
    for name, (size, jump, first, last) in PUBLISHED.items():
        field, middle = taps[name].receptive, taps[name].shape[2] // 2
        assert field is not None
        assert (field.size_x, field.jump_x, field.exact, field.whole) == (size, jump, True, False)
        box = field.box(0, middle)
        assert (box.x0, box.x1) == (first, last), name


def reached(net: nn.Module, tap: Tap, step: int) -> tuple[int, int]:
    """First and one past the last sample that any channel's gradient reaches, over six sounds."""
    touched = torch.zeros(16000, dtype=torch.bool)
    for seed in range(6):
        x, kept = sound(seed).requires_grad_(), list[Tensor]()
        handle = net.get_submodule(tap.path).register_forward_hook(lambda _m, _a, out, kept=kept: kept.append(out))
        net(x)
        handle.remove()
        weights = torch.randn(tap.shape[1], generator=torch.Generator().manual_seed(seed))
        (kept[tap.call][0, :, step] * weights).sum().backward()
        assert x.grad is not None
        touched |= x.grad[0, 0] != 0
    found = torch.nonzero(touched).flatten()
    return int(found[0]), int(found[-1]) + 1


def test_every_field_is_exactly_what_gradients_reach() -> None:
    net = seeded(Wave()).eval()
    for tap in taps_of(discover(net, sound())).values():
        if tap.layout == "NCT" and tap.name != "head":
            assert tap.receptive is not None
            box = tap.receptive.box(0, tap.shape[2] // 2)
            assert reached(net, tap, tap.shape[2] // 2) == (box.x0, box.x1), tap.name


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Conv1d(1, 4, 3, stride=2, dilation=3), nn.AvgPool1d(3, 2, 1), nn.Conv1d(4, 4, 5, padding="same", groups=2)],
        [nn.ConstantPad1d((6, 0), 0.0), nn.Conv1d(1, 4, 3, dilation=3), nn.MaxPool1d(2, 1, dilation=3)],
        [nn.Conv1d(1, 4, 3, padding=2, dilation=2), nn.Conv1d(4, 4, 3, padding=4, dilation=4), nn.Conv1d(4, 2, 3)],
        [nn.ConstantPad1d((6, 0), 0.0), nn.Conv1d(1, 4, 3, dilation=3)],
        [nn.Conv1d(1, 4, 4, 2, 1), nn.ConvTranspose1d(4, 3, 4, 2, 1), nn.Conv1d(3, 2, 1)],
        [nn.Conv1d(1, 4, 5, padding=2, padding_mode="reflect"), nn.Upsample(scale_factor=2), nn.AdaptiveAvgPool1d(7)],
        [nn.ReplicationPad1d((1, 4)), nn.Conv1d(1, 4, 3), nn.AdaptiveAvgPool1d(23)],
    ],
)
def test_no_sample_outside_a_field_has_a_gradient_and_an_exact_field_is_filled(layers: list[nn.Module]) -> None:
    net, x = seeded(nn.Sequential(*layers)).eval(), torch.randn(1, 1, 64, generator=torch.Generator().manual_seed(2))
    for tap in taps_of(discover(net, x)).values():
        field = tap.receptive
        assert tap.layout == "NCT"
        assert field is not None
        for step in range(tap.shape[2]):
            leaf, kept = x.clone().requires_grad_(), list[Tensor]()
            handle = net.get_submodule(tap.path).register_forward_hook(lambda _m, _a, out, kept=kept: kept.append(out))
            net(leaf)
            handle.remove()
            weights = torch.rand(tap.shape[1], generator=torch.Generator().manual_seed(7)) + 0.5
            (kept[0][0, :, step] * weights).sum().backward()
            assert leaf.grad is not None
            touched = torch.nonzero(leaf.grad[0, 0]).flatten().tolist()
            box = field.box(0, step)
            assert all(box.x0 <= sample < box.x1 for sample in touched), (tap.name, step)
            if field.exact and box.x1 > 0 and not any(isinstance(layer, nn.MaxPool1d) for layer in layers):
                assert (touched[0], touched[-1] + 1) == (max(box.x0, 0), min(box.x1, 64)), (tap.name, step)


def test_a_squeeze_of_a_sequence_sees_the_whole_sound() -> None:
    net = Path(
        lambda s, x: s.last(s.act(s.conv(x) * torch.sigmoid(s.conv(x).mean(2, keepdim=True)))),
        conv=nn.Conv1d(1, 6, 3),
        act=nn.ReLU(),
        last=nn.Conv1d(6, 2, 3),
    )
    taps = taps_of(discover(seeded(net).eval(), torch.rand(1, 1, 64)))
    assert [taps[name].receptive.whole for name in ("conv", "act", "last")] == [False, True, True]


# --- networks over words ---


def test_a_window_of_tokens_changes_with_its_tokens_and_no_other() -> None:
    net, given = seeded(Words()).eval(), ids()
    seen = discover(net, given)
    taps = taps_of(seen)
    assert (taps["embed"].layout, taps["embed"].grid) == ("NLC", (1, 12))
    for name, width in (("convs.0", 2), ("act", 2), ("convs.1", 3), ("act_1", 3), ("convs.2", 5), ("act_2", 5)):
        tap = taps[name]
        assert (tap.layout, tap.channels, tap.grid) == ("NCT", 6, (1, tap.shape[2]))
        assert tap.receptive is not None
        assert tap.receptive.size_x == width
        for token in range(12):
            other = given.clone()
            other[0, token] = (other[0, token] + 1) % 50
            moved = (discover(net, other).tensors[name] != seen.tensors[name]).any(1)[0]
            expected = [tap.receptive.box(0, t).x0 <= token < tap.receptive.box(0, t).x1 for t in range(tap.shape[2])]
            assert moved.tolist() == expected, (name, token)


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_transformer_over_words_has_its_class_token_before_a_line_of_tokens(batch_first: bool) -> None:
    seen = discover(seeded(Sentence(batch_first)).eval(), ids())
    inside = [tap for tap in taps_of(seen).values() if tap.name.startswith(("encoder", "norm"))]
    assert len(inside) == 20
    for tap in inside:
        assert (tap.layout, tap.grid, tap.prefix) == ("NLC", (1, 12), 1), tap.name
        assert tap.receptive is not None
        assert tap.receptive.whole
        tokens = seen.tensors[tap.name].reshape(13, -1)
        assert float(seen.tensors[tap.name][index_of(tap, 2, (0, 4))]) == float(tokens[5, 2])
        assert float(seen.tensors[tap.name][index_of(tap, 2, (-1, 0))]) == float(tokens[0, 2])


# --- inside a picture ---


def test_a_row_of_a_picture_is_a_line_over_it_and_columns_stand_over_all_their_pixels() -> None:
    along = Path(lambda s, x: s.conv(x[:, :, 5]), conv=nn.Conv1d(3, 4, 3, 2))
    field = taps_of(discover(seeded(along).eval(), torch.rand(1, 3, 16, 24)))["conv"].receptive
    assert field is not None
    assert (field.start_y, field.size_y, field.start_x, field.size_x, field.jump_x) == (5, 1, 0, 3, 2)
    rows = Path(lambda s, x: s.rnn(x[:, 0])[0], rnn=nn.GRU(24, 7, batch_first=True))
    tap = taps_of(discover(seeded(rows).eval(), torch.rand(1, 3, 16, 24)))["rnn[0]"]
    assert tap.receptive is not None
    assert (tap.grid, tap.receptive.jump_y, tap.receptive.size_x, tap.receptive.whole) == ((16, 1), 1, 24, True)


def test_steps_of_a_map_read_row_after_row_have_no_box_and_say_so() -> None:
    taps = taps_of(discover(seeded(Rows()).eval(), picture()))
    for name in map(str, range(8)):
        assert (taps[name].layout, taps[name].grid, taps[name].receptive) == ("NCT", None, None)
        assert taps[name].reason
    assert taps["6"].channels == 16


def test_health_counts_the_channels_of_a_sequence() -> None:
    net = seeded(Rows()).eval()
    with torch.no_grad():
        net[5].bias[3] = -1000.0
    samples = [DatasetItem(str(seed), lambda seed=seed: picture() + seed) for seed in range(3)]
    found = [partial for partial in health(net, "6", samples) if partial is not None][-1]
    with torch.no_grad():
        stacked = torch.cat([nn.Sequential(*list(net)[:7])(sample.load()) for sample in samples])
    dead = (stacked == 0).all(2).all(0).tolist()
    assert dead[3]
    assert [row.dead for row in found.channels] == dead
    assert found.cells == 3 * 56


def test_an_edit_of_a_channel_behind_a_sequence_is_that_of_plain_torch() -> None:
    net, x = seeded(Rows()).eval(), picture()
    start = base_of(net, x, discover(net, x.clone()))

    def hook(_m: nn.Module, _a: Any, out: Tensor) -> Tensor:
        changed = out.clone()
        changed[:, 3] = 0
        return changed

    handle = net[3].register_forward_hook(hook)
    with torch.no_grad():
        expected = net(x)[0].numpy()
    handle.remove()
    assert np.array_equal(ablate(start, (Edit("3", (3,)),), ["output"]).values["output"], expected)
    with pytest.raises(ExplorerError, match="no channel 8"):
        ablate(start, (Edit("3", (8,)),), ["output"])


def test_a_step_of_an_activation_is_recomputed_from_its_window() -> None:
    net, x = seeded(Rows()).eval(), picture()
    seen = discover(net, x)
    chain = explain_cell(net, x, seen.plan, "3", 5, (0, 100))
    assert chain.value == pytest.approx(float(seen.tensors["3"][0, 5, 100]), abs=1e-6)


# --- clips and volumes ---


def test_a_clip_has_channels_of_slices_side_by_side() -> None:
    net, x = seeded(Clip()).eval(), picture()
    seen = discover(net, x)
    taps = taps_of(seen)
    for name, channels, grid in (("conv1", 6, (32, 32)), ("act", 6, (32, 32)), ("conv2", 5, (16, 16))):
        tap = taps[name]
        assert (tap.layout, tap.channels, tap.grid, tap.receptive) == ("NCDHW", channels, grid, None)
        assert "slices" in tap.reason
        assert has_maps(tap)
        values = to_array(seen.tensors[name], tap.batched)
        flat, half = columns(values, tap).reshape(channels, *grid), grid[0] // 2
        for part, (row, column) in enumerate(((0, 0), (0, half), (half, 0), (half, half))):
            assert np.array_equal(flat[:, row : row + half, column : column + half], values[:, part])


def test_a_channel_of_a_clip_is_taken_away_in_all_its_slices() -> None:
    net, x = seeded(Clip()).eval(), picture()
    start = base_of(net, x, discover(net, x.clone()))
    handle = net.act.register_forward_hook(lambda _m, _a, out: out * (torch.arange(6) != 2).view(1, 6, 1, 1, 1))
    with torch.no_grad():
        expected = net(x)[0].numpy()
    handle.remove()
    assert np.allclose(ablate(start, (Edit("act", (2,)),), ["output"]).values["output"], expected, atol=1e-6)


def test_a_scripted_part_says_its_layout_by_its_graph() -> None:
    with pytest.warns(DeprecationWarning, match="deprecated"):
        part = torch.jit.script(nn.Sequential(nn.Conv1d(1, 6, 3), nn.ReLU()))
    net = Path(lambda s, x: s.last(s.part(x)), part=part, last=nn.Tanh())
    taps = taps_of(discover(net.eval(), torch.rand(1, 1, 64)))
    assert [(taps[name].layout, taps[name].channels) for name in ("part", "last")] == [("NCT", 6)] * 2


X3 = lambda y: y.flatten(2)  # noqa: E731
NAMED: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "permute": (lambda y: torch.permute(y, (0, 2, 3, 1)), lambda y: torch.permute(dims=(0, 2, 3, 1), input=y)),
    "flatten": (lambda y: torch.flatten(y, 2), lambda y: torch.flatten(start_dim=2, input=y)),
    "movedim": (lambda y: torch.movedim(y, 1, 3), lambda y: torch.movedim(source=1, destination=3, input=y)),
    "flip": (lambda y: torch.flip(y, (3,)), lambda y: torch.flip(dims=(3,), input=y)),
    "index_select": (
        lambda y: torch.index_select(y, 1, torch.tensor([2, 0])),
        lambda y: torch.index_select(index=torch.tensor([2, 0]), dim=1, input=y),
    ),
    "cat": (lambda y: torch.cat([y, y], 1), lambda y: torch.cat(axis=1, tensors=[y, y])),
    "matmul": (
        lambda y: torch.matmul(X3(y).mT, torch.eye(6)[:, :4]),
        lambda y: torch.matmul(other=torch.eye(6)[:, :4], input=X3(y).mT),
    ),
    "bmm": (
        lambda y: torch.bmm(X3(y).mT, torch.eye(6)[None, :, :4]),
        lambda y: torch.bmm(mat2=torch.eye(6)[None, :, :4], input=X3(y).mT),
    ),
    "baddbmm": (
        lambda y: torch.baddbmm(torch.ones(4), X3(y).mT, torch.eye(6)[None, :, :4]),
        lambda y: torch.baddbmm(batch2=torch.eye(6)[None, :, :4], batch1=X3(y).mT, input=torch.ones(4)),
    ),
    "linear": (
        lambda y: nn.functional.linear(X3(y).mT, torch.eye(6)[:4]),
        lambda y: nn.functional.linear(weight=torch.eye(6)[:4], input=X3(y).mT),
    ),
    "mean": (lambda y: torch.mean(y, (2, 3)), lambda y: torch.mean(axis=(2, 3), input=y)),
    "softmax": (lambda y: torch.softmax(y, 1), lambda y: torch.softmax(dim=1, input=y)),
    "pad": (lambda y: nn.functional.pad(y, (1, 2)), lambda y: nn.functional.pad(pad=(1, 2), input=y)),
    "conv2d": (
        lambda y: nn.functional.conv2d(y, torch.ones(4, 6, 3, 3), padding=1),
        lambda y: nn.functional.conv2d(weight=torch.ones(4, 6, 3, 3), padding=1, input=y),
    ),
    "attention": (
        lambda y: nn.functional.scaled_dot_product_attention(X3(y).mT, X3(y * 2).mT, X3(y * 3).mT),
        lambda y: nn.functional.scaled_dot_product_attention(value=X3(y * 3).mT, key=X3(y * 2).mT, query=X3(y).mT),
    ),
    "copy_": (
        lambda y: torch.zeros(1, 6, 2, 4, 5).copy_(y[:, :, None]).flatten(2, 3),
        lambda y: torch.zeros(1, 6, 2, 4, 5).copy_(non_blocking=False, other=y[:, :, None]).flatten(2, 3),
    ),
}


class Called(nn.Module):
    def __init__(self, how: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.how, self.conv, self.seen = how, nn.Conv2d(3, 6, 1), nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.seen(self.how(self.conv(x)))


@pytest.mark.parametrize("name", NAMED)
def test_arguments_by_name_are_followed_as_those_by_position(name: str) -> None:
    """The same tap, and the same terms of a cell."""
    x, found, terms = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(2)), [], []
    for how in NAMED[name]:
        net = seeded(Called(how)).eval()
        plan = discover(net, x.clone()).plan
        found.append(next(tap for tap in plan.taps if tap.name == "seen"))
        try:
            cell = explain_cell(net, x.clone(), plan, "seen", 1, (0, 0))
            terms.append((cell.value, cell.computed, cell.before, cell.steps))
        except ExplorerError as error:
            terms.append((str(error),))
    assert found[0] == found[1]
    assert found[0].layout is not Layout.OTHER
    assert str(terms[0]) == str(terms[1])


def test_following_a_function_does_not_write_to_its_out() -> None:
    buffer, x = torch.zeros(1, 2, 4, 5, dtype=torch.float64), torch.rand(1, 3, 4, 5)
    net = seeded(Called(lambda y: torch.index_select(y.double(), 1, torch.tensor([2, 0]), out=buffer))).eval()
    with torch.no_grad():
        plan = discover(net, x.clone()).plan
        assert torch.equal(buffer, net.conv(x).double()[:, [2, 0]])
        explain_cell(net, x.clone(), plan, "seen", 1, (0, 0))
        assert torch.equal(buffer, net.conv(x).double()[:, [2, 0]])


def _put(shape: tuple[int, ...], key: Any, value: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def how(y: Tensor) -> Tensor:
        buffer = torch.zeros(shape)
        buffer[key] = value(y)
        return buffer

    return how


def _one_after_another(y: Tensor) -> Tensor:
    buffer = torch.zeros(1, 20, 6)
    for step in range(20):
        buffer[:, step] = y.flatten(2)[:, :, step]
    return buffer


ALL = slice(None)
WRITTEN: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "a canvas": (_put((1, 6, 8, 9), (ALL, ALL, slice(2, 6), slice(2, 7)), lambda y: y), "NCHW"),
    "a canvas, channels last: cells and padding": (
        _put((1, 8, 9, 6), (ALL, slice(4), slice(5)), lambda y: y.permute(0, 2, 3, 1)),
        "NLC",
    ),
    "a sequence": (_put((1, 6, 25), (..., slice(20)), lambda y: y.flatten(2)), "NCT"),
    "tokens behind an empty one": (_put((1, 21, 6), (ALL, slice(1, None)), lambda y: y.flatten(2).mT), "NLC"),
    "tokens, one after another": (_one_after_another, "NLC"),
    "some channels": (_put((1, 9, 4, 5), (ALL, [1, 2, 3, 5, 7, 8]), lambda y: y), "NCHW"),
    "a new dimension in front": (_put((6, 4, 5), (), lambda y: y[0]), "other"),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_buffer_is_laid_out_as_what_is_written_into_it(name: str) -> None:
    how, layout = WRITTEN[name]
    net, x = seeded(Called(how)).eval(), torch.rand(1, 3, 4, 5)
    tap = next(tap for tap in discover(net, x).plan.taps if tap.name == "seen")
    assert tap.layout == layout, tap.reason
    assert layout == "other" or tap.channels == (9 if name == "some channels" else 6)
