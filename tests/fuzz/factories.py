"""Python files that make odd models: each opens and shows what it has, or is refused in words that say why."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

HEAD = """
import torch, sys
from torch import nn
class Sly(Exception):
    def __str__(self): raise ZeroDivisionError
    __repr__ = __str__
class Base(BaseException):
    def __str__(self): raise SystemExit(3)
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.act = nn.Conv2d(3, 4, 3), nn.ReLU()
    def forward(self, x):
        return self.act(self.conv(x)).mean((2, 3))
"""
ERRORS = ["ValueError('no')", "Sly()", "Base()", "KeyboardInterrupt", "SystemExit(3)", "GeneratorExit", "StopIteration"]
ERRORS += ["RecursionError", "MemoryError", "AttributeError('x')", "KeyError('k')", "RuntimeError('a\\nb\\nc' * 500)"]
ERRORS += [
    "UnicodeDecodeError('utf-8', b'x', 0, 1, 'r')",
    "OSError(28, 'full')",
    "ValueError('\\ud800')",
    "StopAsyncIteration",
]
METHODS = [
    "to",
    "train",
    "eval",
    "cpu",
    "float",
    "parameters",
    "named_parameters",
    "named_modules",
    "modules",
    "children",
]
METHODS += [
    "named_children",
    "state_dict",
    "load_state_dict",
    "buffers",
    "named_buffers",
    "apply",
    "_apply",
    "requires_grad_",
]
METHODS += [
    "zero_grad",
    "extra_repr",
    "__repr__",
    "__str__",
    "__len__",
    "__iter__",
    "__bool__",
    "__eq__",
    "__hash__",
    "__call__",
]
METHODS += [
    "__getattr__",
    "__setattr__",
    "__delattr__",
    "__dir__",
    "__getstate__",
    "__deepcopy__",
    "__del__",
    "_get_name",
]
METHODS += [
    "register_forward_hook",
    "register_forward_pre_hook",
    "get_submodule",
    "half",
    "double",
    "type",
    "_named_members",
]
RETURNS = [
    "None",
    "0",
    "'text'",
    "()",
    "self",
    "[]",
    "{}",
    "NotImplemented",
    "iter(())",
    "(x for x in ())",
    "object()",
    "float('nan')",
]
OUTPUTS = [
    "None",
    "3",
    "'text'",
    "[]",
    "{}",
    "()",
    "x.shape",
    "(y for y in (x,))",
    "{'a': {'b': [x, None, 3]}}",
    "x[:0]",
]
OUTPUTS += [
    "x.double()",
    "x.to(torch.complex64)",
    "x.bool()",
    "x.to(torch.int8)",
    "x * float('nan')",
    "x.sum()",
    "x.squeeze(0)",
]
OUTPUTS += [
    "x[None, None, None]",
    "torch.cat([x] * 3)",
    "x.to_sparse()",
    "nn.Parameter(x)",
    "self",
    "[x] * 70",
    "x.numpy()",
]
OUTPUTS += [
    "x.to('meta')",
    "torch.quantize_per_tensor(x, 0.1, 0, torch.quint8)",
    "x.as_strided((1, 2, 2**20, 2**12), (0, 0, 0, 0))",
]
TOPS = [
    "",
    "",
    "",
    "import warnings; warnings.warn('hm')",
    "print('said' * 10_000)",
    "sys.stdout = None",
    "sys.excepthook = None",
]
TOPS += [
    "torch.set_default_dtype(torch.float16)",
    "sys.path.clear()",
    "nn.Conv2d.forward = None",
    "import os; os.environ.clear()",
]
TOPS += [
    "NAME = object()",
    "LABELS = 7",
    "LABELS = [object()] * 4",
    "PREPROCESS = {'height': 10**9}",
    "TRAINED = 'yes'",
]
TOPS += ["class __X:\n    pass\n__file__ = 3", "__name__ = None", "LABELS = ['a']"]


def source_of(rng: random.Random) -> str:
    """A Python file: a sound network with one to three things wrong."""
    text = HEAD + rng.choice(TOPS) + "\n"
    for _ in range(rng.choice([0, 1, 1, 2])):
        name, body = rng.choice(METHODS), f"raise {rng.choice(ERRORS)}"
        if rng.random() < 0.5:
            body = f"return {rng.choice(RETURNS)}"
        text += f"def _f(self, *a, **k):\n    {body}\nN.{name} = _f\n"
    if rng.random() < 0.5:
        body = rng.choice([f"raise {rng.choice(ERRORS)}", f"return {rng.choice(OUTPUTS)}", "return self(x)"])
        text += f"def _g(self, x):\n    x = self.act(self.conv(x)).detach()\n    {body}\nN.forward = _g\n"
    made = rng.choice(
        ["N()"] * 8 + ["N", "nn.Sequential(N(), N())", "(N(), {'labels': 3})", "(N(), {'preprocess': {'std': 0}})"]
    )
    return text + f"def make_model():\n    return {made}\n"


def tried(source: str, folder: Path, number: int) -> BaseException | None:
    """What is wrong with how the file is taken; None where it is shown, or refused in words."""
    from explorer.core.inputs import InputRef
    from explorer.core.models import ModelSpec
    from explorer.engine.inputs import open_input
    from explorer.engine.jobs.runner import Job, Lane, failure_of
    from explorer.engine.model_session import ModelSession

    path = folder / f"net{number}.py"
    path.write_text(source, encoding="utf-8", errors="surrogatepass")
    told: list[Any] = []
    job = Job(1, Lane.LOAD, "", told.append)
    try:
        bench = ModelSession()
        card = bench.open(ModelSpec(f"file:{path}"), job, trust_code=True).card
        bench.capture(card.digest, open_input(InputRef("sample", "cat")), job)
    except BaseException as error:  # noqa: BLE001 - of any kind, that is the point
        said = failure_of(error)
        return error if said.what.startswith("Internal error") or not said.text else None
    return None


def fuzz(count: int, seed: int, tell: Callable[[str], None] = print) -> int:
    """How many files were not taken as they should be."""
    rng, found = random.Random(seed), 0
    with tempfile.TemporaryDirectory(prefix="fme-factories-", ignore_cleanup_errors=True) as folder:
        for number in range(count):
            source = source_of(rng)
            error = _apart(source, Path(folder), number)
            if error is not None:
                found += 1
                where = _where(error)
                tell(f"FOUND {type(error).__name__} at {where}\n{source[len(HEAD) :]}")
    return found


def _apart(source: str, folder: Path, number: int) -> BaseException | None:
    """In a thread, as the application does it."""
    answers: list[BaseException | None] = []
    thread = threading.Thread(target=lambda: answers.append(tried(source, folder, number)))
    thread.start()
    thread.join(60)
    return answers[0] if answers else TimeoutError("no answer after 60 s")


def _where(error: BaseException) -> str:
    import traceback

    frames = [f for f in traceback.extract_tb(error.__traceback__) if "explorer" in f.filename]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in frames[-3:][::-1])


def main(argv: list[str]) -> int:
    """Ends with 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz factories", description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    found = fuzz(given.count, given.seed, lambda text: print(text, flush=True))
    print(f"factories: seed {given.seed}, {given.count} files, {found} findings", flush=True)
    sys.stdout.flush()
    return 1 if found else 0
