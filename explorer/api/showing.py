"""The window, opened from a running program in a process of its own."""

from __future__ import annotations

import importlib
import importlib.util
import json
import pickle
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explorer.api.opened_models import AnyModel, Shown, busy, open, opened
from explorer.app import has_display
from explorer.core.arrays import Array
from explorer.core.command_text import model_arguments
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.translation import tr
from explorer.engine.inputs.given_tensor import KIND
from explorer.engine.models.base import LoadedModel
from explorer.engine.models.handed_over import PREFIX, packed

# In the other process: the folders where classes are looked for, then what was handed over, each with its length before it.
_CHILD = """
import json, struct, sys
def part():
    size, = struct.unpack("<Q", sys.stdin.buffer.read(8))
    return sys.stdin.buffer.read(size)
told = json.loads(part())
sys.path[:] = told["path"]
pickled, numbers = part(), part()
import numpy
exact = numpy.frombuffer(numbers, "<f4").reshape(told["shape"]).copy() if numbers else None
from explorer.engine.models.handed_over import receive
receive(pickled, exact, told["name"])
from explorer.__main__ import main
sys.exit(main())
"""


@dataclass(frozen=True, eq=False, repr=False)
class ShownWindow:
    """A window in a process of its own. It shows the module as it was when it was handed over."""

    process: subprocess.Popen[bytes]

    @property
    def open(self) -> bool:
        """Whether it is there still."""
        return self.process.poll() is None

    def wait(self, timeout: float | None = None) -> int:
        """Waits until it is closed; its exit code. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        return self.process.wait(timeout)

    def close(self) -> None:
        """Closes it, as Ctrl+C in its terminal would."""
        if self.open:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __repr__(self) -> str:
        return f"<explorer.ShownWindow: process {self.process.pid}{'' if self.open else ', closed'}>"


def show(model: AnyModel, input: Shown = None) -> ShownWindow:
    """Opens the window on a model and an input, in a process of its own: neither waits for the other.

    model: a name as `open` takes it, a Model, or a module of one's own. input: an input; a module needs a tensor (1, C, H, W), or to be
    opened first with `explorer.open(module, size=...)`. A module goes there pickled, through a pipe that only the two processes
    have; the window shows it as it is now, on the CPU. Its class must be in a file that the other process can import: a class of
    the script itself or of a notebook goes only where the package cloudpickle is installed.

    Raises ExplorerError where there is no display, and where the module cannot be handed over, with the reason.
    """
    if not has_display():
        raise ExplorerError(
            tr("There is no display to open a window on."), "", tr("Set DISPLAY, or run under xvfb-run.")
        )
    if isinstance(model, str) and (input is None or isinstance(input, str | Path)):
        return window(["--model", model, *(["--input", str(input)] if input is not None else [])])
    with busy():
        if input is None:
            loaded, seen = open(model).loaded, None
        else:
            loaded, seen = opened(model, input)
    if isinstance(seen, Picture) and seen.exact is not None:
        return _handed_over(loaded, seen.exact)
    if seen is not None and not isinstance(input, str | Path):
        raise ExplorerError(
            tr("This input cannot be handed to another process."), "", tr("Give the name of a file, or a tensor.")
        )
    named = ["--input", str(input)] if input is not None else []
    spec = loaded.card.spec
    if spec.id.startswith(f"{PREFIX}:"):
        return _handed_over(loaded, None, named)
    return window(["--model", *model_arguments(spec), *named])


def window(arguments: Sequence[str]) -> ShownWindow:
    """A window with the arguments of a command line."""
    return ShownWindow(subprocess.Popen([sys.executable, "-m", "explorer", *arguments], stdin=subprocess.DEVNULL))


def _handed_over(loaded: LoadedModel, exact: Array | None, more: Sequence[str] = ()) -> ShownWindow:
    name = loaded.card.name
    given = ["--input", f"{KIND}:{name}"] if exact is not None else []
    return ShownWindow(hand_over(loaded, exact, ["--model", f"{PREFIX}:{name}", *given, *more]))


def hand_over(
    loaded: LoadedModel, exact: Array | None, arguments: Sequence[str], stdout: int | None = None
) -> subprocess.Popen[bytes]:
    """A process of the program with these arguments, in which the module is `live:NAME` and the numbers (C, H, W) are `tensor:NAME`.

    Raises ExplorerError where the module cannot be pickled, or the process ends before it has read it."""
    pickled = _pickled(loaded)
    numbers = b"" if exact is None else np.ascontiguousarray(exact, "<f4").tobytes()
    told = {"path": sys.path, "name": loaded.card.name, "shape": [] if exact is None else list(exact.shape)}
    process = subprocess.Popen([sys.executable, "-c", _CHILD, *arguments], stdin=subprocess.PIPE, stdout=stdout)
    assert process.stdin is not None  # it was asked for
    try:
        for part in (json.dumps(told).encode(), pickled, numbers):
            process.stdin.write(struct.pack("<Q", len(part)))
            process.stdin.write(part)
        process.stdin.close()
    except BrokenPipeError:
        raise ExplorerError(tr("The window could not be opened."), tr("Its process has ended.")) from None
    process.stdin = None  # `communicate` would write to it
    return process


def _pickled(loaded: LoadedModel) -> bytes:
    here = sorted({type(part).__name__ for part in loaded.module.modules() if type(part).__module__ == "__main__"})
    by_value = importlib.util.find_spec("cloudpickle") is not None
    if here and not by_value:
        raise ExplorerError(
            tr("The class {name} cannot be handed to another process.", name=here[0]),
            tr("It is defined in the script or notebook that runs, which the other process cannot import."),
            tr("Put the class into a file of its own and import it, or install cloudpickle."),
        )
    pickler: Any = importlib.import_module("cloudpickle") if here else pickle
    try:
        return packed(loaded.module, loaded.card, pickler)
    except Exception as error:  # noqa: BLE001 - whatever a class raises
        raise ExplorerError(
            tr("The module cannot be handed to another process."),
            f"{type(error).__name__}: {str(error)[:200]}.",
            tr("Save its weights and open them with its architecture."),
        ) from None
