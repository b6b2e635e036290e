"""Which functions of a Python file could make a model: read, never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from explorer.core.translation import tr
from explorer.ui.dialogs.parts import is_file

_LARGEST = 2_000_000  # bytes; parsing more would hold the window up
_USUAL = "make_model"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a file came to: names that can be called without arguments, the usual one first; or what is wrong."""

    names: tuple[str, ...] = ()
    problem: str = ""


def read_factories(path: str) -> Reading:
    """Functions, and classes of modules, that can be called without arguments. `problem` is a sentence, "" when all is well."""
    if not is_file(path):
        return Reading(problem=tr("There is no file {path}.", path=path))
    try:
        if Path(path).stat().st_size > _LARGEST:
            return Reading(problem=tr("This file is too large to be a model's description."))
        source = Path(path).read_bytes()
    except OSError as error:
        return Reading(problem=tr("This file cannot be read: {strerror}.", strerror=error.strerror or error))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the person's code; they are seen when it runs
            tree = ast.parse(source)
    except SyntaxError as error:
        where = tr("line {lineno}: ", lineno=error.lineno) if error.lineno else ""
        return Reading(problem=tr("This is not valid Python: {where}{msg}.", where=where, msg=error.msg))
    except (ValueError, RecursionError, MemoryError):
        return Reading(problem=tr("This is not a Python file."))
    return Reading(_sorted(tree))


def _sorted(tree: ast.Module) -> tuple[str, ...]:
    statements = list(_top_level(tree.body))
    functions = [s.name for s in statements if isinstance(s, ast.FunctionDef) and _needs_nothing(s, 0)]
    classes = [s.name for s in statements if isinstance(s, ast.ClassDef) and _is_module(s)]
    names = dict.fromkeys(name for name in (*functions, *classes) if not name.startswith("_"))
    return tuple(sorted(names, key=lambda name: name != _USUAL))


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of the module, also those that stand in an `if` or `try` there."""
    for statement in body:
        yield statement
        for part in ("body", "orelse", "finalbody"):
            if isinstance(statement, (ast.If, ast.Try)):
                yield from _top_level(getattr(statement, part, []))
        for handler in getattr(statement, "handlers", []):
            yield from _top_level(handler.body)


def _needs_nothing(function: ast.FunctionDef, bound: int) -> bool:
    """Whether it can be called without arguments; `bound` of its first ones are given by Python (self)."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args][bound:]
    keywords = sum(default is None for default in arguments.kw_defaults)
    return len(positional) <= len(arguments.defaults) and not keywords


def _is_module(statement: ast.ClassDef) -> bool:
    """A class whose base is called ...Module and whose __init__ wants nothing."""
    bases = [ast.unparse(base) for base in statement.bases]
    makers = [s for s in statement.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"]
    return any(base.endswith("Module") for base in bases) and all(_needs_nothing(maker, 1) for maker in makers)
