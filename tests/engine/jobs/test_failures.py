"""A forward that raises is told with the reason and a way out that fits it; modules passed by say that they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.target import Target
from explorer.engine.attribution.attribution_run import evaluate
from explorer.engine.capture.forward import capture, discover

X = torch.zeros(1, 3, 12, 12)


def told(net: nn.Module, x: Tensor = X) -> ExplorerError:
    with pytest.raises(ExplorerError) as raised:
        discover(net.eval(), x.clone())
    return raised.value


class TwoArguments(nn.Module):
    def forward(self, image: Tensor, mask: Tensor, scale: float = 2.0) -> Tensor:
        return image * mask * scale


class Named(nn.Module):
    def forward(self, *, pixel_values: Tensor) -> Tensor:
        return pixel_values


class Takes(nn.Module):
    def __init__(self, use: Callable[[Any], Any]) -> None:
        super().__init__()
        self.use, self.inner = use, TwoArguments()

    def forward(self, batch: Any) -> Any:
        return self.use(batch)


def _unpacked(batch: Any) -> Any:
    _image, _mask = batch
    return _image


@pytest.mark.parametrize("net", [TwoArguments(), Named()])
def test_a_forward_of_other_arguments_names_them(net: nn.Module) -> None:
    error = told(net)
    assert "TypeError" in error.why
    wanted = (
        "(image: 'Tensor', mask: 'Tensor', scale: 'float' = 2.0)" if isinstance(net, TwoArguments) else "pixel_values"
    )
    assert wanted in error.todo
    assert "size" not in error.todo


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence")  # of torch, for batch["image"]
@pytest.mark.parametrize(
    "use",
    [
        lambda batch: batch["image"],
        lambda batch: batch.get("image"),
        lambda batch: batch.pixel_values,
        lambda batch: dict(**batch),
        lambda batch: torch.cat(batch),
        _unpacked,
    ],
)
def test_a_forward_of_a_dict_or_a_list_is_told_so(use: Callable[[Any], Any]) -> None:
    error = told(Takes(use))
    assert "(batch: 'Any')" in error.todo
    assert "something else than one tensor" in error.todo
    assert "test_failures.py, line " in error.why


def test_an_inner_mistake_is_no_matter_of_the_model_s_signature() -> None:
    net = Takes(lambda batch: batch)
    net.use = lambda batch: net.inner(batch)
    error = told(net)
    assert "TwoArguments.forward() missing 1 required positional argument" in error.why
    assert "comes from the model" in error.todo


@pytest.mark.parametrize(
    ("make", "todo"),
    [
        (lambda: nn.Conv2d(4, 4, 3), "Set the number of channels in the preprocessing to 4."),
        (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(3, 4)), "The input is 1 × 3 × 12 × 12: check"),
        (lambda: nn.Conv2d(3, 4, 30), "The input is 1 × 3 × 12 × 12: check"),
        (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(10, 4).double()), "2 of float32, 2 of float64"),
        (lambda: nn.Embedding(9, 4), "whole numbers"),
        (lambda: nn.ModuleList([nn.ReLU()]), "a part of it that has a forward"),
    ],
)
def test_the_way_out_fits_the_error(make: Callable[[], nn.Module], todo: str) -> None:
    assert todo in told(make()).todo


class Raises(nn.Module):
    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def forward(self, x: Tensor) -> Tensor:
        raise self.error


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "why"), [(ValueError("no licence"), "no licence"), (Mute(), "Mute: its message cannot be read")]
)
def test_any_other_error_is_the_model_s_own(error: Exception, why: str) -> None:
    found = told(Raises(error))
    assert why in found.why
    assert "comes from the model" in found.todo


class Toggle(nn.Module):
    """Every other forward fails in a way that looks like a wrong size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.count = nn.Conv2d(3, 4, 3), 0

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        y: Tensor = self.conv(x)
        return y if self.count % 2 else y.view(3, 5)


def test_what_ran_before_does_not_fail_for_its_size() -> None:
    net = Toggle().eval()
    plan = discover(net, X.clone()).plan
    with pytest.raises(ExplorerError) as raised:
        capture(net, X.clone(), plan)
    assert "has run on an input of this shape before" in raised.value.todo
    assert "after layer conv" in raised.value.what


class OneAtATime(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(1, 3, 144).mean(-1)


def test_a_model_of_one_picture_says_that_it_takes_no_more() -> None:
    net = OneAtATime().eval()
    plan = discover(net, X.clone()).plan
    with pytest.raises(ExplorerError, match="not take 2 of them at once"):
        evaluate(net, X.expand(2, -1, -1, -1), Target("", 0), plan)


class PassesBy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block, self.norm = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), nn.BatchNorm2d(4)
        self.act, self.twice, self.unused = nn.ReLU(), nn.ReLU(), nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm.forward(self.twice(self.block.forward(x)))
        result: Tensor = self.act.forward(self.twice.forward(y))
        return result


def test_modules_whose_forward_is_called_by_name_are_listed_with_that_reason() -> None:
    net = PassesBy().eval()
    taps = {tap.name: tap for tap in discover(net, X.clone()).plan.taps}
    passed = {name for name, tap in taps.items() if "called by name" in tap.reason}
    assert passed == {"block", "norm", "act", "twice_1"}
    assert taps["twice"].observable
    assert taps["block.0"].observable
    assert "not called" in taps["unused"].reason


class Child(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) + 1


def test_a_parent_class_s_forward_passes_nothing_by() -> None:
    net = nn.Sequential(Child(3, 4, 3), nn.Sequential(Child(4, 4, 3))).eval()
    assert all(tap.observable or tap.kind == "function" for tap in discover(net, X.clone()).plan.taps)
