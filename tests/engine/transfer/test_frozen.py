"""Frozen maps, parameters and buffers are equal to the last bit, for every layer; and the frozen part computed once learns the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_classes import NETS, job, network, opened, target, tiny_classes
from torch import Tensor, nn

from explorer.core.transfer import TransferParams
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.transfer.fine_tuner import FineTuner
from explorer.engine.transfer.prepared import Prepared, learning_copy, prepared, trainable
from explorer.engine.transfer.training_run import TrainingRun


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tiny")
    tiny_classes(made, 12)
    return made


def ready(folder: Path, net: nn.Module) -> Prepared:
    bench, digest = opened(net)
    return prepared(bench, digest, open_picture(folder / "red" / "0.png"), job())


def points(kind: str, folder: Path) -> tuple[str, ...]:
    return trainable(ready(folder, network(kind))).points


def outputs(net: nn.Module, x: Tensor) -> list[tuple[str, Tensor]]:
    """What every module returns, in the order of returning: by hooks of this test's own."""
    seen: list[tuple[str, Tensor]] = []
    handles = [
        m.register_forward_hook(lambda _m, _a, out, path=path: seen.append((path, out.detach().clone())))
        for path, m in net.named_modules()
    ]
    with torch.no_grad():
        net.eval()(x.clone())
    for handle in handles:
        handle.remove()
    return seen


def bits(values: dict[str, Tensor]) -> dict[str, bytes]:
    return {name: value.detach().numpy().tobytes() for name, value in values.items()}


@pytest.mark.parametrize("kind", NETS)
def test_every_frozen_map_and_buffer_is_equal_to_the_last_bit(kind: str, folder: Path) -> None:
    net = network(kind)
    of = ready(folder, net)
    state, x = bits(net.state_dict()), torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    before = outputs(net, x)
    found = trainable(of)
    assert len(found.points) >= 7
    for tap in found.points:
        params = TransferParams(freeze=tap, rate=0.1, body=1.0)
        _, learning = learning_copy(of, params, 3)
        tuner = FineTuner(learning, params)
        for step in range(2):
            batch = torch.randn(18, 3, 16, 16, generator=torch.Generator().manual_seed(step))
            tuner.training_step((batch,), torch.arange(18) % 3, 0.3, step)
        copy, (path, call) = learning.module, of.plan.key_of(tap)
        after = outputs(copy, x)
        last = [i for i, (p, _) in enumerate(before) if p == path][call]
        for (one, a), (two, b) in zip(before[: last + 1], after[: last + 1], strict=True):
            assert one == two
            assert torch.equal(a, b), f"{one} has changed with everything up to {tap} frozen"
        moved = {name for name, value in bits(copy.state_dict()).items() if value != state.get(name)}
        learns = {name.rpartition(".")[0] for name in learning.parameters}
        assert {name.rpartition(".")[0] for name in moved} <= learns
        assert sum(v.numel() for v in learning.parameters.values()) > 0
        assert not any(m.training for m in copy.modules())
    assert bits(net.state_dict()) == state, "the opened model has changed"


def test_what_is_not_frozen_learns(folder: Path) -> None:
    of = ready(folder, network("batch norm"))
    _, learning = learning_copy(of, TransferParams(freeze="relu"), 3)
    tuner = FineTuner(learning, TransferParams())
    before = {name: value.detach().clone() for name, value in learning.module.state_dict().items()}
    tuner.training_step((torch.randn(16, 3, 16, 16),), torch.arange(16) % 3, 0.3, 0)
    moved = {name for name, value in learning.module.state_dict().items() if not torch.equal(value, before[name])}
    assert moved == {
        *("conv2.weight", "conv2.bias", "bn2.weight", "bn2.bias", "fc.weight", "fc.bias"),
        *("bn2.running_mean", "bn2.running_var", "bn2.num_batches_tracked"),
    }
    tuner.training_step((torch.randn(15, 3, 16, 16),), torch.arange(15) % 3, 0.3, 0)
    assert int(learning.module.bn2.num_batches_tracked) == int(before["bn2.num_batches_tracked"]) + 1, "15 are too few"


def test_a_layer_that_is_called_again_behind_the_frozen_part_is_frozen(folder: Path) -> None:
    of = ready(folder, network("dropout"))
    _, learning = learning_copy(of, TransferParams(freeze="twice"), 3)
    assert not any(name.startswith(("first.", "twice.")) for name in learning.parameters)
    assert any(name.startswith("second.") for name in learning.parameters)


@pytest.mark.parametrize("kind", NETS)
def test_the_frozen_part_computed_once_learns_the_same(kind: str, folder: Path) -> None:
    data = tiny_classes(folder, 12)
    net = network(kind)
    bench, digest = opened(net)
    taps = points(kind, folder)
    trusted = 0
    for tap in taps[:: max(1, len(taps) // 4)]:
        asked = target(digest, data, freeze=tap, epochs=1, batch=8, head="random")
        weights = []
        for cached in (True, False):
            run = TrainingRun(bench, asked, job(), cached)
            run._make(None)
            for _ in run._fill(run._all()):
                pass
            for _ in run._epoch():
                pass
            trusted += run.tuner.of.part is not None
            assert cached or run.tuner.of.part is None
            weights.append(run.tuner.weights())
        for name, value in weights[0].items():
            assert torch.allclose(value, weights[1][name], rtol=0, atol=1e-6), f"{name} differs, frozen up to {tap}"
    assert trusted >= 3


def test_only_what_the_rest_looks_at_is_kept(folder: Path) -> None:
    data = tiny_classes(folder, 12)
    bench, digest = opened(network("batch norm"))
    run = TrainingRun(bench, target(digest, data, freeze="relu"), job())
    run._make(None)
    assert run.tuner.of.part is not None
    assert run.tuner.of.part.needed == (("relu", 0),)
