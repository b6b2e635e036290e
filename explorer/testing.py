"""Contract checks for methods of plug-ins, which the program's own pass too.

    from my_package.spec import SPEC

    @pytest.mark.explorer_method(SPEC)
    def test_contract(contract_check):
        contract_check()

The marker and `contract_check` come with the program (`explorer.pytest_plugin`); other test runners take `checks_of`.

A check is a function without arguments that raises AssertionError. They run the method with parameters that make it quick, on small
models that come with the program; those of its kind of input.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import torch
from torch import nn

from explorer.api.method_runs import PLACED, Place, selected, side_of
from explorer.api.opened_models import open as open_model
from explorer.api.workbench import Workbench, first_input
from explorer.core.activations import Layout
from explorer.core.errors import ExplorerError
from explorer.core.method import MethodSpec, Scope
from explorer.core.params import Param, ParamKind, made, params_of, plain
from explorer.core.registry import load
from explorer.core.requests import Lane, Request
from explorer.engine.executor import answered
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.models.base import LoadedModel
from explorer.engine.models.module_state import state_digest

Spec = MethodSpec[Any, Any]
MODELS = {
    "picture": "demo:shapes-plain",
    "sound": "demo:sounds-wave-cnn-untrained",
    "text": "demo:sentences-textcnn-small",
}
_QUICK = 4  # steps, samples, noisy copies


@dataclass(frozen=True, slots=True)
class Asked:
    """A method asked on a workbench of its own: the models, and the request."""

    bench: Workbench
    models: tuple[LoadedModel, ...]
    request: Request[Any]


def ask(spec: Spec, values: Mapping[str, Any] | None = None) -> Asked:
    """The method about a small model, by parameters that make it quick and `values` in the place of some of them."""
    loaded = _model(spec.kinds[0] if spec.kinds else "picture")
    bench = Workbench()
    bench.bench.adopt(loaded)
    given = first_input(loaded.card.preprocess)
    quick = {param.name: _quick(param) for param in params_of(spec.params)} | dict(values or {})
    params = made(spec.params, quick)
    if spec.pair is not None:
        usable = [tap.name for tap in bench.plan(loaded).taps if tap.layout == Layout.NCHW and tap.channels > 1]
        side = side_of(bench, spec, loaded, usable[:1])
        return Asked(bench, (loaded,), spec.pair_request(side, side, params))
    if spec.scope == Scope.DATA_SET:
        return Asked(bench, (loaded,), spec.data_request(loaded.card.digest, params))
    capture = bench.capture(loaded, given, [])
    taps = [tap.name for tap in capture.taps if tap.observable and tap.layout != Layout.OTHER and tap.channels > 1]
    why = ""
    for tap in taps if spec.scope in PLACED else [""]:
        cell = (0, 0) if spec.scope in (Scope.CELL, Scope.TOKEN) else None
        selection = replace(selected(spec, loaded.card, capture, Place(tap, 0, cell)), class_index=0)
        why = spec.unavailable(selection, params)
        if not why:
            return Asked(bench, (loaded,), spec.request(selection, params))
    raise AssertionError(f"{spec.id} can be computed of no layer of {loaded.card.name}: {why}")


@lru_cache(3)
def _model(kind: str) -> LoadedModel:
    return open_model(MODELS[kind]).loaded


def _quick(param: Param) -> Any:
    if param.kind == ParamKind.INTEGER and param.default > 2 * _QUICK:
        return int(max(param.low or 1, _QUICK))
    if param.kind == ParamKind.DATASET:
        return param.choices[0] if param.choices[0] != "folder" else param.default
    return param.default


# --- what a module must be afterwards ---


def state_of(module: nn.Module) -> tuple[Any, ...]:
    """Hooks, modes, gradients, weights and random numbers: what a method leaves as it was."""
    hooks = sum(
        len(each)
        for part in module.modules()
        for each in (part._forward_hooks, part._forward_pre_hooks, part._backward_hooks, part._backward_pre_hooks)
    )
    modes = tuple(part.training for part in module.modules())
    wants = tuple((p.requires_grad, p.grad is None) for p in module.parameters())
    chance = torch.get_rng_state().numpy().tobytes()
    return hooks, modes, wants, state_digest(module), chance, torch.is_grad_enabled(), torch.get_num_threads()


_PARTS = ("hooks", "training flags", "gradients", "weights", "random numbers", "gradient mode", "threads")


def _unchanged(before: tuple[Any, ...], after: tuple[Any, ...]) -> None:
    left = [name for name, one, other in zip(_PARTS, before, after, strict=True) if one != other]
    assert not left, f"the model, or torch, is not left as it was: {', '.join(left)}"


def _steps(asked: Asked) -> Generator[Any, None, Any]:
    steps = answered(asked.bench.worker, asked.request, asked.bench.job)
    assert isinstance(steps, Generator), "`run` of compute.py must be a generator"
    return steps


# --- the checks ---


def check_description(spec: Spec) -> None:
    """Titles, help and an about without a full stop; parameters that go through JSON and are their own keys."""
    assert spec.title, "it has no title"
    assert spec.about, "it has no about"
    assert not spec.about.endswith("."), "its about ends with a full stop"
    for param in params_of(spec.params):
        assert param.title, f"{param.name} has no title"
        assert param.help, f"{param.name} has no help"
    params = spec.params()
    assert made(spec.params, json.loads(json.dumps(plain(params)))) == params, "its parameters do not go through JSON"
    assert hash(params) == hash(spec.params()), "its parameters cannot be a key"


def check_parts(spec: Spec) -> None:
    """`compute.py` has a generator `run`, and imports no Qt."""
    compute = load(f"{spec.package}.compute")
    assert inspect.isgeneratorfunction(getattr(compute, "run", None)), "compute.py has no generator `run`"
    names = {getattr(value, "__module__", "") or "" for value in vars(compute).values()}
    assert not any(name.startswith(("PySide6", "explorer.ui")) for name in names), "compute.py knows Qt"


def check_result(spec: Spec) -> None:
    """The result is of the declared type, its JSON has no NaN, its text is one; a second run gives the same."""
    found = []
    for _ in range(2):
        asked = ask(spec)
        value = asked.bench.last(_steps(asked))
        assert isinstance(value, spec.result), f"the result is a {type(value).__name__}"
        found.append(json.dumps(spec.to_json(value), allow_nan=False))
        assert isinstance(spec.write(value), str), "`write` gives no text"
    assert found[0] == found[1], "a second run gives another result"


def check_restores(spec: Spec) -> None:
    """A whole run leaves the model and torch as they were, and what the model answers."""
    asked = ask(spec)
    before, outputs = [state_of(m.module) for m in asked.models], [_output(m) for m in asked.models]
    asked.bench.last(_steps(asked))
    for loaded, state, output in zip(asked.models, before, outputs, strict=True):
        _unchanged(state, state_of(loaded.module))
        assert torch.equal(_output(loaded), output), "the model answers something else"


def check_stopped(spec: Spec) -> None:
    """A run that is left after its first step, and one that is cancelled, leave everything as it was."""
    asked = ask(spec)
    before = state_of(asked.models[0].module)
    steps = _steps(asked)
    next(steps, None)
    steps.close()
    _unchanged(before, state_of(asked.models[0].module))
    asked = ask(spec)
    steps = _steps(asked)
    next(steps, None)
    asked.bench.job.cancel()
    count = 0
    try:
        for _ in steps:
            count += 1
            assert count < 100, "it goes on after it was cancelled"
    except (CancelledError, ExplorerError):
        pass
    finally:
        steps.close()
    _unchanged(before, state_of(asked.models[0].module))


def check_bad_input(spec: Spec) -> None:
    """A network that raises in the middle: an ExplorerError, and everything as it was."""
    asked = ask(spec)
    last = [part for part in asked.models[0].module.modules() if not list(part.children())][-1]

    def fail(_module: nn.Module, _args: Any) -> None:
        raise RuntimeError("this layer fails on purpose")

    asked.bench.job = Job(0, Lane.METHOD, "", asked.bench.heard)
    before = state_of(asked.models[0].module)
    handle = last.register_forward_pre_hook(fail)
    try:
        asked.bench.bench.store.clear()
        asked.bench.last(_steps(asked))
    except ExplorerError:
        pass
    finally:
        handle.remove()
    _unchanged(before, state_of(asked.models[0].module))


def _output(loaded: LoadedModel) -> torch.Tensor:
    x = input_tensor(first_input(loaded.card.preprocess), loaded.card.preprocess)
    with torch.no_grad():
        found = loaded.module(x)
    assert isinstance(found, torch.Tensor)
    return found


CHECKS: tuple[Callable[[Spec], None], ...] = (
    check_description, check_parts, check_result, check_restores, check_stopped, check_bad_input,
)  # fmt: skip


def checks_of(spec: Spec, expected: Mapping[str, str] | None = None) -> list[tuple[str, Callable[[], None], str]]:
    """(name, check, why it is expected to fail or "") of each check."""
    reasons = expected or {}
    return [(each.__name__, partial(each, spec), reasons.get(each.__name__, "")) for each in CHECKS]


def cases_of(specs: Iterable[Spec], expected: Mapping[str, str] | None = None) -> list[Any]:
    """A parameter of pytest for each check of each method. expected: names of checks that must fail, with the reason."""
    import pytest

    cases = []
    for spec in specs:
        for name, check, why in checks_of(spec, expected):
            marks = [pytest.mark.xfail(reason=why, strict=True)] if why else []
            cases.append(pytest.param(check, id=f"{spec.id}-{name.removeprefix('check_')}", marks=marks))
    return cases


def parametrize_with_checks(
    specs: Iterable[Spec], expected: Mapping[str, Mapping[str, str]] | None = None
) -> Callable[[Any], Any]:
    """A pytest decorator where the marker is not there (`-p no:explorer.pytest_plugin`): the test is called with `check`. expected:
    by the id of a method, the names of checks that must fail, with the reason."""
    import pytest

    cases = [case for spec in specs for case in cases_of([spec], (expected or {}).get(spec.id))]
    mark: Callable[[Any], Any] = pytest.mark.parametrize("check", cases)
    return mark
