"""Models from a person's own Python file: `file:PATH.py:FACTORY`, run only after consent to that very content.

The factory returns a module, or (module, {"preprocess": ..., "labels": ..., "name": ..., "trained": ...}); the module-level
names PREPROCESS, LABELS, NAME and TRAINED say the same. A preprocess is a table of the fields of `Preprocess`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import torch
from torch import nn

from explorer.core.types import ExplorerError, ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.engine.models import torchvision_compat
from explorer.engine.models.checkpoint import not_finite, read_checkpoint
from explorer.engine.models.consent import Consent, content_hash, read_source
from explorer.engine.models.errors import ConsentNeeded
from explorer.engine.models.factory import run_apart
from explorer.engine.models.fit import load_into
from explorer.engine.models.labels import labels_beside
from explorer.engine.models.said import Said, what_it_says
from explorer.engine.models.state import parameter_count, seeded, state_digest
from explorer.engine.models.values import FACTORY, Entry, LoadedModel, Opening, parse_file
from explorer.engine.models.weights import sha256_of
from explorer.engine.modes import exported, to_eval


class FileSource:
    """`file:PATH.py:FACTORY`."""

    def open(self, name: str, spec: ModelSpec, opening: Opening) -> LoadedModel:
        given, factory = parse_file(name)
        path = given.absolute()
        # Read once: what was consented to is what runs, whatever happens to the file meanwhile.
        source = read_source(path)
        sha256 = content_hash(source)
        if not opening.trust_code and not Consent().granted(path, sha256):
            raise ConsentNeeded(path, sha256)
        opening.say(f"Running {path.name}")
        if b"torchvision" in source:
            torchvision_compat.prepare()
        code = _compiled(source, path)
        made, printed = run_apart(lambda: _run(code, path, sha256, factory, spec.seed), str(path), opening.cancelled)
        # The whole path, so that the session finds the file again from another folder.
        spec = replace(spec, id=f"file:{path}:{factory}")
        try:
            said = what_it_says(made.result, made.namespace, path.name, factory)
            named = path.stem if factory == FACTORY else f"{path.stem}.{factory}"
            said = said if said.name else replace(said, name=named)
            return _finish(spec, path, said, made, printed, opening)
        except ExplorerError:
            raise
        except Exception as error:  # noqa: BLE001
            # a module that answers the simplest questions (its parameters, eval()) with an error
            why = f"{type(error).__name__}: {str(error) or 'no message'}."
            raise ExplorerError(f"The model of {path.name} cannot be used.", why, "Mend the model's class.") from None

    def entries(self) -> tuple[Entry, ...]:
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    result: Any
    namespace: Mapping[str, Any]
    code: str  # sha256 of the file and of the neighbours it imported


def _compiled(source: bytes, path: Path) -> CodeType:
    try:
        return compile(source, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        line = f"Line {error.lineno}: {error.msg}." if error.lineno else f"{error.msg}."
        raise ExplorerError(f"{path.name} is not valid Python.", line, "Mend that line and open it again.") from None
    except ValueError as error:
        raise ExplorerError(f"{path.name} is not valid Python.", f"{error}.", "Is it really a Python file?") from None


def _run(code: CodeType, path: Path, sha256: str, factory: str, seed: int) -> _Made:
    """Execute the file and call its factory, seeded."""
    module = ModuleType(f"_explorer_file_{sha256[:16]}")
    module.__file__ = str(path)
    # dataclasses and pickling look a class's module up by name.
    sys.modules[module.__name__] = module
    results: list[Any] = []

    def make() -> nn.Module:
        exec(code, module.__dict__)
        results.append(_factory(module, factory, path)())
        return nn.Identity()

    with _neighbours(path.parent) as imported, _as_before():
        seeded(make, seed)
    whole = hashlib.sha256(sha256.encode())
    for neighbour in sorted(imported):
        whole.update(neighbour.read_bytes())
    return _Made(results[0], module.__dict__, whole.hexdigest())


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """What a file may set for its own good and every other model would suffer from."""
    dtype, folder = torch.get_default_dtype(), os.getcwd()
    try:
        yield
    finally:
        torch.set_default_dtype(dtype)
        os.chdir(folder)


def _factory(module: ModuleType, name: str, path: Path) -> Callable[[], Any]:
    made = getattr(module, name, None)
    if callable(made):
        return made  # type: ignore[no-any-return]
    own = [
        key
        for key, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", "") == module.__name__ and not key.startswith("_")
    ]
    what = f"{path.name} has no function “{name}”." if made is None else f"“{name}” in {path.name} cannot be called."
    todo = (
        f"It has {', '.join(own[:8])}{', …' if len(own) > 8 else ''}: open file:{path}:{own[0]}."
        if own
        else "Write one that returns the model."
    )
    raise ExplorerError(what, "", todo)


@contextlib.contextmanager
def _neighbours(folder: Path) -> Iterator[set[Path]]:
    """Within, files beside the person's file can be imported; yields those that were."""
    before, imported = set(sys.modules), set[Path]()
    # At the end of the path, so that a neighbour called types.py hides nothing.
    sys.path.append(str(folder))
    try:
        yield imported
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and folder in Path(file).parents and not name.startswith("_explorer_file_"):
                imported.add(Path(file))
                del sys.modules[name]  # read anew when the model is opened again after an edit


def _finish(spec: ModelSpec, path: Path, said: Said, made: _Made, printed: str, opening: Opening) -> LoadedModel:
    weights, labels, notes = _given_weights(said, spec, path, opening) if spec.weights else _own_weights(said, spec)
    if exported(said.module):
        notes = (*notes, "An exported program runs in the mode in which it was exported; it cannot be switched.")
    if printed:
        notes = (f"The file printed: {printed[:500]}", *notes)
    if spec.preprocess is None and said.preprocess is None:
        notes = (*notes, "The file names no PREPROCESS: ImageNet's usual one is assumed; it can be changed.")
    card = ModelCard(
        spec=spec,
        name=said.name,
        source="file",
        weights=weights,
        preprocess=spec.preprocess or said.preprocess or Preprocess(),
        labels=labels,
        parameters=parameter_count(said.module),
        description=f"Made by {path}.",
        notes=notes,
        code=made.code,
    )
    return LoadedModel(to_eval(said.module), card)


_Weights = tuple[WeightsInfo, tuple[str, ...], tuple[str, ...]]  # with labels and notes


def _given_weights(said: Said, spec: ModelSpec, path: Path, opening: Opening) -> _Weights:
    file = Path(spec.weights).expanduser()
    opening.say(f"Reading {file.name}")
    checkpoint = read_checkpoint(file)
    fitted = load_into(said.module, checkpoint.state, file.name, f"the model of {path.name}")
    labels, more = (said.labels, ()) if said.labels else labels_beside(file)
    return WeightsInfo(True, str(file), sha256_of(file)), labels, (*checkpoint.notes, *fitted, *more)


def _own_weights(said: Said, spec: ModelSpec) -> _Weights:
    digest = state_digest(said.module)
    note = "as its file made them"
    broken = not_finite(said.module.state_dict())
    if said.trained:
        return WeightsInfo(True, sha256=digest, note=note), said.labels, broken
    if said.trained is False or spec.untrained:
        return WeightsInfo(False, sha256=digest, seed=spec.seed, note=note), said.labels, broken
    unsaid = "The file does not say whether its weights are trained: write TRAINED = True or False in it."
    return WeightsInfo(False, sha256=digest, note=note), said.labels, (*broken, unsaid)
