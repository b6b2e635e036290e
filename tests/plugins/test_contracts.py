"""The contract checks that plug-ins are offered, on the program's own methods first, and on methods that break them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

import pytest
import torch

from explorer import catalogue, testing
from explorer.core.method import MethodSpec
from explorer.core.registry import load

_NO_INDEX = "it reads an index, and there is none"
_RUNS = ("check_result", "check_restores", "check_stopped")
EXPECTED = ("examples", "changed-examples")
LONG = ("probe",)  # fits classifiers; its JSON also tells how many forwards it took, which fall when features are kept


SPECS = [spec for spec in catalogue.methods if spec.id not in LONG]


@pytest.mark.explorer_method(*(spec for spec in SPECS if spec.id not in EXPECTED))
@pytest.mark.explorer_method(*(spec for spec in SPECS if spec.id in EXPECTED), expected=dict.fromkeys(_RUNS, _NO_INDEX))
def test_contract(contract_check: Callable[[], None]) -> None:
    contract_check()


def test_the_long_ones_are_described_and_have_their_parts() -> None:
    for spec in catalogue.methods:
        if spec.id in LONG:
            testing.check_description(spec)
            testing.check_parts(spec)


# --- what breaks the contract ---


def broken(monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]) -> MethodSpec[Any, Any]:
    """Health, computed by another function."""
    spec = catalogue.methods.get("health")
    assert spec is not None
    monkeypatch.setattr(load(f"{spec.package}.compute"), "run", run)
    return spec


def real_run() -> Callable[..., Any]:
    run: Callable[..., Any] = load("explorer.methods.health.compute:run")
    return run


def test_a_hook_that_stays_a_flag_and_a_random_number_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    run = real_run()

    def hooked(engine: Any, request: Any, job: Any) -> Generator[Any, None, Any]:
        engine.bench.model(request.model).module.register_forward_hook(lambda *_: None)
        return (yield from run(engine, request, job))

    def drawn(engine: Any, request: Any, job: Any) -> Generator[Any, None, Any]:
        torch.rand(1)
        return (yield from run(engine, request, job))

    def trained(engine: Any, request: Any, job: Any) -> Generator[Any, None, Any]:
        engine.bench.model(request.model).module.train()
        return (yield from run(engine, request, job))

    for wrong, words in ((hooked, "hooks"), (drawn, "random numbers"), (trained, "training flags")):
        spec = broken(monkeypatch, wrong)
        testing._model.cache_clear()  # the model that it has spoilt
        with pytest.raises(AssertionError, match=words):
            testing.check_restores(spec)
    testing._model.cache_clear()


def test_a_wrong_result_and_one_that_changes_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    run, spec = real_run(), catalogue.methods.get("health")
    assert spec is not None
    count = iter(range(9))
    with pytest.raises(AssertionError, match="gives another result"):
        testing.check_result(replace(spec, to_json=lambda _result: {"number": next(count)}))
    with pytest.raises(ValueError, match="JSON"):
        testing.check_result(replace(spec, to_json=lambda _result: {"number": float("nan")}))

    def forever(engine: Any, request: Any, job: Any) -> Generator[Any, None, Any]:
        while True:
            yield None

    with pytest.raises(AssertionError, match="goes on after it was cancelled"):
        testing.check_stopped(broken(monkeypatch, forever))
    assert run is not forever


def test_a_description_without_help_is_found() -> None:
    spec = catalogue.methods.get("health")
    assert spec is not None
    with pytest.raises(AssertionError, match="full stop"):
        testing.check_description(replace(spec, about="It ends so."))
