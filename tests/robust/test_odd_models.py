"""Captures of models with odd habits: the true values under the right names, or a word why not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.scores import Scores
from explorer.engine import export
from explorer.engine.capture.describe import kernel_of
from explorer.engine.capture.forward import capture, discover
from explorer.engine.capture.outputs import parts
from explorer.engine.capture.values import guesses, to_arrays
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.jobs.runner import Job, Lane
from explorer.engine.model_session import ModelSession
from explorer.engine.models.base import LoadedModel
from tests.robust import odd_nets as odd


def x_of(brightness: float = 0.0) -> Tensor:
    return torch.randn(1, 3, 12, 12, generator=torch.Generator().manual_seed(1)) + brightness


def made(make: Any) -> nn.Module:
    torch.manual_seed(0)
    return make().eval()


def truth(net: nn.Module, x: Tensor) -> dict[tuple[str, int], Tensor]:
    """What each call returned, numbered as the calls began; without hooks."""
    results: dict[tuple[str, int], Tensor] = {}
    begun: Counter[str] = Counter()

    def watched(path: str, forward: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            number = begun[path]
            begun[path] += 1
            result = forward(*args, **kwargs)
            if isinstance(result, Tensor):
                results[path, number] = result.detach().clone()
            return result

        return run

    for path, module in net.named_modules():
        module.forward = watched(path, module.forward)
    with torch.no_grad():
        net(x.clone())
    for module in net.modules():
        del module.forward
    return results


@pytest.mark.parametrize(
    "make", [odd.Names, lambda: odd.Holds(odd.Recursive()), odd.Tries, odd.HandsOnChanged, odd.Repeats]
)
def test_every_tap_has_its_own_name_and_the_values_of_its_own_call(make: Any) -> None:
    net, x = made(make), x_of()
    expected = truth(net, x)
    watched = discover(net, x.clone())
    quick = capture(net, x.clone(), watched.plan)
    names = [tap.name for tap in watched.plan.taps]
    assert len(set(names)) == len(names)
    whole = [tap for tap in watched.plan.taps if tap.observable and not tap.key]
    assert {(tap.path, tap.call) for tap in whole} == set(expected)
    for tap in whole:
        for seen in (watched, quick):
            assert torch.equal(seen.tensors[tap.name], expected[tap.path, tap.call]), tap.name


def test_a_module_keeps_its_path_as_its_name() -> None:
    names = {tap.name: tap for tap in discover(made(odd.Names), x_of()).plan.taps}
    for path in ("output", "relu", "relu_1", "file", "parts[0]"):
        assert (names[path].path, names[path].call) == (path, 0)
    assert names["relu__1"].path == "relu"
    assert names["output_"].path == ""
    assert names["parts_[0]"].path == "parts"
    assert names["manifest_"].path == "manifest"


def test_a_part_that_raised_is_listed_with_the_reason() -> None:
    taps = {tap.name: tap for tap in discover(made(odd.Tries), x_of()).plan.taps}
    assert taps["bad.0"].observable
    assert not taps["bad"].observable
    assert "raised" in taps["bad"].reason
    assert "raised" in taps["bad.1"].reason


def test_more_calls_than_planned_are_watched_anew() -> None:
    net = made(odd.Repeats)
    plan = discover(net, x_of()).plan
    bright = x_of(3.0)
    seen = capture(net, bright.clone(), plan)
    assert torch.equal(seen.tensors["conv_1"], truth(net, bright)["conv", 1])


def test_results_of_every_kind_are_shown_or_explained() -> None:
    net, x = made(odd.Kinds), x_of()
    seen = capture(net, x, discover(net, x).plan)
    by_name = {tap.name: tap for tap in seen.plan.taps}
    arrays = to_arrays(seen.plan.taps, seen.tensors)
    for name in odd.RESULTS:
        assert by_name[name].observable == (name not in odd.UNSEEN)
        assert bool(by_name[name].reason) or name not in odd.UNSEEN
        assert (name in arrays) == (name not in odd.UNSEEN)
    assert arrays["tiny"].dtype == np.float32
    assert np.array_equal(arrays["truth"], arrays["conv"] > 0)


def test_keys_of_a_nested_output_are_never_the_same() -> None:
    found = dict(parts({"a.b": 1, "a": {"b": 2}, 0: 3, "0": 4}))
    assert found == {"a.b": 1, "a.b_": 2, "0": 3, "0_": 4}


def test_scripted_parts_show_their_result() -> None:
    with pytest.warns(DeprecationWarning, match="deprecated"):
        inner = torch.jit.script(nn.Sequential(odd.conv(3, 4), nn.ReLU()))
    net = odd.Holds(inner).eval()
    taps = {tap.name: tap for tap in discover(net, x_of()).plan.taps}
    assert taps["inner"].observable
    assert "TorchScript" in taps["inner.0"].reason
    assert not inner._forward_hooks
    assert not inner._forward_pre_hooks


def test_a_class_called_a_pool_may_have_no_kernel() -> None:
    taps = discover(nn.Sequential(odd.MaxPoolOwn()), x_of()).plan.taps
    assert [tap.detail for tap in taps if tap.path == "0"] == [""]


def test_a_layer_may_keep_its_weights_elsewhere() -> None:
    layer = nn.Linear(2, 2)
    del layer.weight
    assert kernel_of(layer) is None


@pytest.mark.parametrize(("make", "place"), [(odd.Exits, "after layer conv"), (odd.Recursive, "layer conv")])
def test_where_a_forward_stops_is_said(make: Any, place: str) -> None:
    net = made(make)
    x = torch.zeros(1, 3, 8, 8) if make is odd.Exits else torch.zeros(1, 2, 8, 8)
    with pytest.raises(ExplorerError) as raised:
        discover(net, x)
    assert place in raised.value.what
    assert raised.value.why
    assert all(not m._forward_hooks and not m._forward_pre_hooks for m in net.modules())


def test_what_a_model_prints_stays_off_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    net, x = odd.Talks(odd.conv(3, 4)).eval(), x_of()
    with pytest.warns(UserWarning, match="loudest"):
        plan = discover(net, x).plan
    with pytest.warns(UserWarning, match="loudest"):
        capture(net, x, plan)
    assert capfd.readouterr() == ("", "")


def test_values_that_want_gradients_become_arrays() -> None:
    net, x = odd.Differentiates(odd.conv(3, 4)).eval(), x_of()
    seen = capture(net, x.clone(), discover(net, x.clone()).plan)
    assert to_arrays(seen.plan.taps, seen.tensors)["inner"].shape == (4, 12, 12)


@pytest.mark.parametrize("output", [torch.ones(1, 5, dtype=torch.int64), torch.ones(1, 5).to_sparse(), "text"])
def test_only_a_vector_of_floats_is_a_prediction(output: object) -> None:
    scores = Scores(classes=5)
    assert guesses(torch.ones(1, 5), (), scores)
    assert guesses(output, (), scores) == guesses(output, (), None) == ()


# --- on the workbench


def card_of(sha256: str = "a") -> ModelCard:
    weights = WeightsInfo(True, sha256=sha256)
    return ModelCard(ModelSpec("file:x.py:f"), "x", "file", weights, Preprocess(16, 16, resize=16))


def job() -> Job:
    return Job(0, Lane.LOAD, "", lambda _event: None)


PICTURE = picture_from_array(np.full((20, 20, 3), 99, np.uint8), InputRef("clipboard"))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_models_of_another_precision_get_their_input_in_it(dtype: torch.dtype) -> None:
    bench = ModelSession()
    bench.adopt(LoadedModel(made(lambda: nn.Sequential(odd.conv(3, 4))).to(dtype), card_of()))
    values = bench.capture(card_of().digest, PICTURE, job()).values["0"]
    assert values.dtype == (np.float64 if dtype == torch.float64 else np.float32)
    assert np.isfinite(values).all()


def test_another_network_of_the_same_file_is_computed_anew() -> None:
    bench, card = ModelSession(), card_of()
    bench.adopt(LoadedModel(nn.Sequential(nn.ReLU()), card))
    old = bench.capture(card.digest, PICTURE, job())
    bench.adopt(LoadedModel(nn.Sequential(nn.Sigmoid()), card))
    new = bench.capture(card.digest, PICTURE, job())
    assert not np.array_equal(old.values["0"], new.values["0"])
    assert new.tap("0").type == "Sigmoid"


def test_a_file_of_values_takes_any_name(tmp_path: Any) -> None:
    bench, card = ModelSession(), card_of()
    bench.adopt(LoadedModel(made(odd.Names), card))
    shot = bench.capture(card.digest, PICTURE, job())
    names = ["file", "manifest_", "relu__1", "parts[0]"]
    (tmp_path / "v.npz").write_bytes(export.values_file(card, shot, names))
    with np.load(tmp_path / "v.npz", allow_pickle=False) as stored:
        assert sorted(stored) == sorted([*names, "manifest"])
        for name in names:
            assert np.array_equal(stored[name], shot.values[name])
