"""What holds for the whole process and a person's file may set: how to read it and put it back."""

from __future__ import annotations

import builtins
import gc
import locale
import logging
import os
import random
import socket
import sys
import threading
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn.modules import module as hooks

from explorer.core.translation import tr

_ATTRIBUTES = ("argv", "excepthook", "unraisablehook", "displayhook", "breakpointhook", "dont_write_bytecode", "stdin")
_LISTS = ("path", "meta_path", "path_hooks")
_FLAGS = (  # of torch, by where they are
    ("torch.backends.cudnn", torch.backends.cudnn, ("enabled", "benchmark", "deterministic", "allow_tf32")),
    (
        "torch.backends.cuda.matmul",
        torch.backends.cuda.matmul,
        ("allow_tf32", "allow_fp16_reduced_precision_reduction"),
    ),
    ("torch.backends.mkldnn", torch.backends.mkldnn, ("enabled", "deterministic", "allow_tf32")),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """Something that holds for the whole process. `name`: what a person calls it where this model's values may hang on it,
    "" where they do not."""

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object]


def _attribute(name: str, holder: Any, attribute: str) -> Setting:
    return Setting(name, partial(getattr, holder, attribute), partial(setattr, holder, attribute))


def settings() -> list[Setting]:
    return [*_of_process(), *_of_python(), *_of_torch()]


def _of_process() -> list[Setting]:
    return [
        Setting("", os.getcwd, os.chdir),
        Setting("", lambda: dict(os.environ), _set_environment),
        Setting("", lambda: locale.setlocale(locale.LC_ALL), lambda name: locale.setlocale(locale.LC_ALL, name)),
        Setting("", socket.getdefaulttimeout, socket.setdefaulttimeout),
        Setting("", random.getstate, random.setstate),
        Setting("", lambda: _comparable(np.random.get_state()), lambda state: np.random.set_state(_state(state))),
        Setting("", lambda: tuple(torch.random.get_rng_state().tolist()), _set_torch_state),
    ]


def _set_environment(values: dict[str, str]) -> None:
    for name in os.environ.keys() - values.keys():
        del os.environ[name]
    for name, value in values.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def _comparable(state: Any) -> tuple[Any, ...]:
    return tuple(tuple(part.tolist()) if isinstance(part, np.ndarray) else part for part in state)


def _state(state: tuple[Any, ...]) -> Any:
    return tuple(np.asarray(part, np.uint32) if isinstance(part, tuple) else part for part in state)


def _set_torch_state(state: tuple[int, ...]) -> None:
    torch.random.set_rng_state(torch.tensor(state, dtype=torch.uint8))


def _of_python() -> list[Setting]:
    made = [_attribute("", sys, name) for name in _ATTRIBUTES]
    made += [_list_of_sys(name) for name in _LISTS]
    root = logging.getLogger()
    return [
        *made,
        Setting("", sys.getrecursionlimit, sys.setrecursionlimit),
        Setting("", sys.getswitchinterval, sys.setswitchinterval),
        Setting("", lambda: threading.excepthook, lambda hook: setattr(threading, "excepthook", hook)),
        Setting("", threading.gettrace, threading.settrace),
        Setting("", threading.getprofile, threading.setprofile),
        Setting("", lambda: dict(vars(builtins)), _set_builtins),
        Setting("", lambda: list(warnings.filters), _set_filters),
        Setting("", lambda: warnings.showwarning, lambda shown: setattr(warnings, "showwarning", shown)),
        Setting("", lambda: (root.level, list(root.handlers), root.manager.disable), _set_logging),
        Setting("", gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
        Setting("", gc.get_threshold, lambda values: gc.set_threshold(*values)),
    ]


def _list_of_sys(name: str) -> Setting:
    """A list of `sys`, as the same object: what a library has added to the finders stays, it is not asked for twice."""
    held = getattr(sys, name)

    def write(values: list[Any]) -> None:
        now = getattr(sys, name)
        kept = [each for each in now if each not in values and name != "path" and _of_library(each)]
        held[:] = [*kept, *values]
        setattr(sys, name, held)

    return Setting("", lambda: list(getattr(sys, name)), write)


def _of_library(each: Any) -> bool:
    kind = each if isinstance(each, (type, types.FunctionType)) else type(each)
    return getattr(kind, "__module__", "").partition(".")[0] in sys.modules and not kind.__module__.startswith(
        "_explorer"
    )


def _set_builtins(values: dict[str, Any]) -> None:
    for name in vars(builtins).keys() - values.keys():
        delattr(builtins, name)
    vars(builtins).update(values)


def _set_filters(values: list[Any]) -> None:
    warnings.resetwarnings()  # also tells the caches
    warnings.filters[:] = values  # type: ignore[index]


def _set_logging(values: tuple[int, list[logging.Handler], int]) -> None:
    root = logging.getLogger()
    root.setLevel(values[0])
    root.handlers[:] = values[1]
    logging.disable(values[2])


def _of_torch() -> list[Setting]:
    flags = [
        Setting(f"{where}.{name}", partial(_flag, module, name), partial(setattr, module, name))
        for where, module, names in _FLAGS
        for name in names
    ]
    sdp = [
        Setting(tr("{kind} attention", kind=kind), getattr(torch.backends.cuda, f"{kind}_sdp_enabled"), enable)
        for kind in ("flash", "mem_efficient", "math", "cudnn")
        if (enable := getattr(torch.backends.cuda, f"enable_{kind}_sdp", None)) is not None
    ]
    return [
        Setting("", torch.is_grad_enabled, torch.set_grad_enabled),
        Setting(tr("the default dtype"), torch.get_default_dtype, torch.set_default_dtype),
        Setting("", torch.get_num_threads, torch.set_num_threads),
        Setting(tr("the precision of float32 products"), torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
        Setting(tr("deterministic algorithms"), _deterministic, lambda on: torch.use_deterministic_algorithms(on[0], warn_only=on[1])),
        Setting("", lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()), lambda on: torch.set_anomaly_enabled(*on)),
        Setting("", torch.is_warn_always_enabled, torch.set_warn_always),
        Setting(tr("hooks of every module"), _hooks, _set_hooks),
        *flags,
        *sdp,
    ]  # fmt: skip


def _flag(module: Any, name: str) -> Any:
    with warnings.catch_warnings():  # some tell that they will be called something else
        warnings.simplefilter("ignore")
        return getattr(module, name)


def _deterministic() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _hook_tables() -> dict[str, dict[Any, Any]]:
    return {
        name: value for name, value in vars(hooks).items() if name.startswith("_global_") and isinstance(value, dict)
    }


def _hooks() -> dict[str, dict[Any, Any]]:
    return {name: dict(table) for name, table in _hook_tables().items()}


def _set_hooks(values: dict[str, dict[Any, Any]]) -> None:
    for name, table in _hook_tables().items():
        table.clear()
        table.update(values[name])
