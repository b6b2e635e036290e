"""Whether a model answers the same input twice alike; if not, by how much its answers differ, and why."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.repeatability import Cause, Repeat
from explorer.core.scores import Scores
from explorer.core.translation import tr
from explorer.engine.capture.class_vector import probabilities, vector_in
from explorer.engine.capture.forward import explained, quiet
from explorer.engine.capture.outputs import has_values, same_output, shape_of, tensors_of
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never

_RUNS, _LEAST, _SECONDS = 16, 4, 5.0  # of a model whose first two answers differ; fewer where they take longer
_WIDE = 4 * 2**0.5  # standard deviations: a difference of two answers by chance is larger once in 16,000 times
_DEEP = 2  # levels of lists and mappings in which a module may keep something
Forward = Callable[[], Any]
SAME = Repeat(2)


def kept(output: Any) -> dict[str, Tensor]:
    """The tensors of an output, copied: a model may return memory that its next forward writes to."""
    return {key: tensor.detach().clone() for key, tensor in tensors_of(output).items()}


def once(module: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """What one clean forward returns. Raises ExplorerError when it raises."""
    with quiet(module), explained(lambda: tr("its second forward on the same input")):
        return kept(module(x.clone()))


def compare(
    module: nn.Module,
    x: Tensor,
    first: Mapping[str, Tensor],
    second: Mapping[str, Tensor],
    scores: Scores | None,
    cancelled: Cancelled = never,
) -> Repeat:
    """What two answers to the same input say; where they differ, some more are asked for."""
    if same_output(first, second):
        return SAME
    answers, end = [first, second], time.perf_counter() + _SECONDS
    try:
        cause = _cause(module, lambda: once(module, x))  # first: what is kept may settle after some forwards
        while len(answers) < _RUNS and (len(answers) < _LEAST or time.perf_counter() < end):
            if cancelled():
                raise CancelledError
            answers.append(once(module, x))
    except ExplorerError as error:
        return failed(error)
    shapes = [tuple(shape_of(t) for t in answer.values()) for answer in answers]
    why = "" if len(set(shapes)) == 1 else tr("its output has another shape each time")
    return Repeat(len(answers), False, cause, why, _points(answers, scores), _values(answers))


def failed(error: ExplorerError) -> Repeat:
    """Of a model that answers once and then no more."""
    return Repeat(
        2, False, "state", tr("a further forward on the same input fails ({why})", why=error.why or error.what)
    )


def repeated(module: nn.Module, x: Tensor, scores: Scores | None, cancelled: Cancelled = never) -> Repeat:
    """Runs the model twice on one input, more often where its answers differ."""
    with drawing():
        first = once(module, x)
        try:
            second = once(module, x)
        except ExplorerError as error:
            return failed(error)
        return compare(module, x, first, second, scores, cancelled)


@contextmanager
def drawing() -> Iterator[None]:
    """Random numbers go on being drawn within; afterwards the generators of torch, numpy and Python are where they were."""
    python, numpy = random.getstate(), np.random.get_state()
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


# --- how much -----------------------------------------------------------------------------------------------------------


def _points(answers: Sequence[Mapping[str, Tensor]], scores: Scores | None) -> tuple[float, ...]:
    """Of each class: by how much two answers differ by chance, in percentage points; a little more where there are few runs."""
    vectors = [vector for answer in answers if (vector := vector_in(answer, scores)) is not None]
    if len(vectors) < 2:
        return ()
    shares = 100 * probabilities(torch.stack(vectors), scores)
    likely = _WIDE * (1 + 3 / len(vectors)) * shares.std(0)
    most = 100.0 if bool((shares >= 0).all() and (shares <= 100).all()) else float("inf")
    return tuple(torch.maximum(shares.amax(0) - shares.amin(0), likely).clamp(max=most).tolist())


def _values(answers: Sequence[Mapping[str, Tensor]]) -> float:
    """The largest difference of any number of the outputs that have the same shape each time."""
    most = 0.0
    for key, first in answers[0].items():
        tensors = [answer[key] for answer in answers if key in answer and shape_of(answer[key]) == shape_of(first)]
        if len(tensors) > 1 and all(map(has_values, tensors)):
            held = torch.stack([(t.dequantize() if t.is_quantized else t).detach().cpu().double() for t in tensors])
            spread = (held.amax(0) - held.amin(0)).max()
            most = max(most, float(spread)) if bool(torch.isfinite(spread)) else most
    return most


# --- why ----------------------------------------------------------------------------------------------------------------


def _cause(module: nn.Module, forward: Forward) -> Cause:
    """Random numbers where answers are the same with fixed seeds and differ without, or where nothing that the modules keep
    has changed."""
    own = list(_generators(module))
    states = [_state_of(generator) for generator in own]
    answers = []
    for _ in range(2):
        for generator, state in zip(own, states, strict=True):
            _put_back(generator, state)
        with drawing():
            random.seed(0)
            np.random.seed(0)
            torch.manual_seed(0)
            answers.append(forward())
    before, one = _prints(module), forward()
    after = _prints(module)  # of one forward: after two a switch is where it was
    if same_output(*answers):
        return "state" if same_output(one, forward()) else "random"
    return "random" if after == before else "state"


def _generators(module: nn.Module) -> Iterator[Any]:
    """Generators of random numbers that modules keep for themselves."""
    kinds = (torch.Generator, np.random.Generator, np.random.RandomState, random.Random)
    for m in module.modules():
        for value in vars(m).values():
            held = (
                value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else (value,)
            )
            yield from (item for item in held if isinstance(item, kinds))


def _state_of(generator: Any) -> Any:
    if isinstance(generator, torch.Generator):
        return generator.get_state()
    if isinstance(generator, np.random.Generator):
        return generator.bit_generator.state
    return generator.get_state() if isinstance(generator, np.random.RandomState) else generator.getstate()


def _put_back(generator: Any, state: Any) -> None:
    if isinstance(generator, torch.Generator):
        generator.set_state(state)
    elif isinstance(generator, np.random.Generator):
        generator.bit_generator.state = state
    elif isinstance(generator, np.random.RandomState):
        generator.set_state(state)
    elif not isinstance(generator, random.SystemRandom):
        generator.setstate(state)


def _prints(module: nn.Module) -> list[Any]:
    """What all modules keep beside their weights, in a form that can be compared."""
    own = frozenset(vars(nn.Module())) - {"_buffers"}  # hooks, parameters, children
    return [
        (path, name, _print(v)) for path, m in module.named_modules() for name, v in vars(m).items() if name not in own
    ]


def _print(value: Any, deep: int = _DEEP) -> Any:
    if isinstance(value, Tensor):
        whole = value.layout == torch.strided and not value.is_meta and value.numel() and not value.is_quantized
        return (tuple(value.shape), str(value.dtype), float(value.detach().abs().double().sum()) if whole else 0.0)
    if isinstance(value, np.ndarray):
        return (value.shape, value.tobytes())
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return repr(value)
    if isinstance(value, Mapping) and deep:
        return [(str(key), _print(item, deep - 1)) for key, item in value.items()]
    if isinstance(value, (list, tuple)) and deep:
        return [_print(item, deep - 1) for item in value]
    return len(value) if isinstance(value, (Mapping, list, tuple, set, frozenset, deque)) else id(value)
