"""Models from a person's own Python file: `file:PATH.py:FACTORY`, run only after consent to that very content.

The factory returns a module, or (module, {"preprocess": ..., "labels": ..., "name": ..., "trained": ...}); the module-level
names PREPROCESS, LABELS, NAME, TRAINED and OUTPUT (what it returns) say the same. A preprocess is a table of the fields of `Preprocess`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NoReturn

from torch import Tensor, nn

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, ModelSpec, Preprocess, WeightsInfo
from explorer.core.translation import tr
from explorer.engine.capture.modes import exported, to_eval
from explorer.engine.models import arguments, torchvision_compat
from explorer.engine.models.arguments import first
from explorer.engine.models.base import FACTORY, CatalogueEntry, LoadedModel, OpenRequest, parse_file
from explorer.engine.models.code_consent import Consent
from explorer.engine.models.example_inputs import further_inputs, handed
from explorer.engine.models.factory import run_apart
from explorer.engine.models.factory_answer import Said, what_it_says
from explorer.engine.models.guard import ImportGuard, guarded, show_source
from explorer.engine.models.labels import labels_beside
from explorer.engine.models.module_state import parameter_count, seeded, state_digest
from explorer.engine.models.open_errors import ConsentNeeded, MoreConsentNeeded
from explorer.engine.models.own_code import Code, content_hash, digest_of
from explorer.engine.models.undo import undone
from explorer.engine.models.weights.checkpoint import not_finite, read_checkpoint
from explorer.engine.models.weights.load_state import load_into
from explorer.engine.models.weights.locate import sha256_of


class FileSource:
    """`file:PATH.py:FACTORY`."""

    def open(self, name: str, spec: ModelSpec, opening: OpenRequest) -> LoadedModel:
        given, factory = parse_file(name)
        path = given.absolute()
        # Read once, by the path without links: what was agreed to is what runs, whatever happens to the files meanwhile.
        code = Consent().code(path)
        if not opening.trust_code and not Consent().granted(code.path, code.digest):
            raise ConsentNeeded(code.path, code.digest)
        opening.say(tr("Running {path}", path=path.name))
        if any(b"torchvision" in source for source in code.files.values()):
            torchvision_compat.prepare()
        compiled = _compiled(code.source, code.path)
        # The whole path, so that the session finds the file again from another folder.
        spec = replace(spec, id=f"file:{path}:{factory}")
        with undone(code.path.parent) as changes:
            made, printed = _made(compiled, code, factory, spec.seed, opening)
            torchvision_compat.complete()
            loaded = _used(spec, path, factory, made, printed, opening)
        card = replace(loaded.card, notes=(*changes.notes, *loaded.card.notes))
        return LoadedModel(loaded.module, card)

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    result: Any
    namespace: Mapping[str, Any]
    examples: Any  # what its example_inputs() gave, None without one
    code: str  # sha256 of all that ran


def _compiled(source: bytes, path: Path) -> CodeType:
    try:
        return compile(source, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        line = tr("Line {lineno}: {msg}.", lineno=error.lineno, msg=error.msg) if error.lineno else f"{error.msg}."
        raise ExplorerError(
            tr("{path} is not valid Python.", path=path.name), line, tr("Fix that line and open it again.")
        ) from None
    except ValueError as error:
        raise ExplorerError(
            tr("{path} is not valid Python.", path=path.name), f"{error}.", tr("Is it really a Python file?")
        ) from None
    except (MemoryError, RecursionError):  # what the parser says of it
        why = tr("Something in it is nested too deeply for Python.")
        raise ExplorerError(
            tr("{path} is not valid Python.", path=path.name), why, tr("Is it really a Python file?")
        ) from None


def _made(compiled: CodeType, code: Code, factory: str, seed: int, opening: OpenRequest) -> tuple[_Made, str]:
    """What came of running the file, and what it printed."""
    with guarded(code, opening.trust_code) as guard:
        try:
            made, printed = run_apart(lambda: _run(compiled, code, factory, seed), str(code.path), opening.cancelled)
        finally:
            if guard.refused:
                _ask_for_more(code.path, guard)
    return replace(made, code=digest_of(code.path, guard.ran)), printed


def _used(spec: ModelSpec, path: Path, factory: str, made: _Made, printed: str, opening: OpenRequest) -> LoadedModel:
    """The model that the file made. Its own code answers here too, by whatever errors."""
    try:
        said = what_it_says(made.result, made.namespace, path.name, factory)
        named = path.stem if factory == FACTORY else f"{path.stem}.{factory}"
        said = said if said.name else replace(said, name=named)
        return _finish(spec, path, said, made, _printed(printed), opening)
    except ExplorerError:
        raise
    except BaseException as error:  # noqa: BLE001
        # a module that answers the simplest questions (its parameters, eval()) with an error
        raise ExplorerError(
            tr("The model of {path} cannot be used.", path=path.name), f"{told(error)}.", tr("Fix the model's class.")
        ) from None


def _ask_for_more(path: Path, guard: ImportGuard) -> NoReturn:
    Consent().wanted(path, guard.refused)
    names = tuple(dict.fromkeys(file.name for file in guard.refused))
    raise MoreConsentNeeded(path, Consent().code(path).digest, names) from None


def _run(compiled: CodeType, code: Code, factory: str, seed: int) -> _Made:
    """Execute the file and call its factory, seeded."""
    module = ModuleType(f"_explorer_file_{content_hash(code.source)[:16]}")
    module.__file__ = str(code.path)
    # dataclasses and pickling look a class's module up by name.
    sys.modules[module.__name__] = module
    show_source(str(code.path), code.source)
    results: list[Any] = []

    def make() -> nn.Module:
        exec(compiled, module.__dict__)
        results.append(_factory(module, factory, code.path)())
        examples = module.__dict__.get("example_inputs")
        results.append(examples() if callable(examples) else examples)
        return nn.Identity()

    try:
        seeded(make, seed)
    finally:
        module.__file__ = str(code.path)  # a file may have set it, and others read it of every module that there is
    return _Made(results[0], module.__dict__, results[1], "")


def _factory(module: ModuleType, name: str, path: Path) -> Callable[[], Any]:
    made = getattr(module, name, None)
    if callable(made):
        return made  # type: ignore[no-any-return]
    own = [
        key
        for key, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", "") == module.__name__ and not key.startswith("_")
    ]
    what = (
        tr("{path} has no function “{name}”.", path=path.name, name=name)
        if made is None
        else tr("“{name}” in {path} cannot be called.", name=name, path=path.name)
    )
    todo = (
        tr(
            "It has {list}{part}: open file:{path}:{own}.",
            list=", ".join(own[:8]),
            part=", …" if len(own) > 8 else "",
            path=path,
            own=own[0],
        )
        if own
        else tr("Write one that returns the model.")
    )
    raise ExplorerError(what, "", todo)


def _finish(
    spec: ModelSpec, path: Path, said: Said, made: _Made, more: tuple[str, ...], opening: OpenRequest
) -> LoadedModel:
    weights, labels, notes, head = (
        _given_weights(said, spec, path, opening) if spec.weights else _own_weights(said, spec)
    )
    notes = (*more, *notes)
    if exported(said.module):
        notes = (*notes, tr("An exported program runs in the mode in which it was exported; it cannot be switched."))
    if spec.preprocess is None and said.preprocess is None:
        notes = (*notes, tr("The file names no PREPROCESS: ImageNet's usual one is assumed; it can be changed."))
    preprocess = spec.preprocess or said.preprocess or _as_example(made.examples, made.namespace.get("INPUT"))
    more_inputs = further_inputs(
        made.examples, made.namespace.get("INPUT"), said.module, path, preprocess, spec.arguments
    )
    takes = (*said.takes, *(argument.name for argument in more_inputs.shown))
    if said.arguments is not None or made.examples is not None or more_inputs.placed is not first:
        makers = [handed(more_inputs.values), *([said.arguments] if said.arguments is not None else [])]
        arguments.give(said.module, arguments.joined(makers), path.name, more_inputs.placed)
    if takes:
        notes = (*notes, tr("Its forward also gets {list}.", list=", ".join(takes)))
    card = ModelCard(
        spec=spec,
        name=said.name,
        source="file",
        weights=weights,
        preprocess=preprocess,
        labels=labels,
        parameters=parameter_count(said.module),
        description=tr("Made by {path}.", path=path),
        notes=notes,
        code=made.code,
        head_trained=head,
        arguments=takes,
        given=more_inputs.shown,
        output_kind=said.output,
    )
    to_eval(said.module)
    for module in said.module.modules():
        if getattr(module, "training", False):  # its own train() does not do what it is for
            module.training = False
    return LoadedModel(said.module, card)


def _as_example(examples: Any, wanted: Any) -> Preprocess:
    """ImageNet's usual one, in the size of an example of the input where there is one."""
    values = (
        list(examples.values())
        if isinstance(examples, Mapping)
        else list(examples)
        if isinstance(examples, tuple | list)
        else []
    )
    if isinstance(examples, Mapping) and wanted in examples:
        values = [examples[wanted]]
    example = next((value for value in values if isinstance(value, Tensor)), None)
    if example is None or example.dim() != 4 or 0 in example.shape:
        return Preprocess()
    channels, height, width = example.shape[1:]
    half = (0.5,) * channels
    norm = {} if channels == 3 else {"mean": half, "std": half}
    return Preprocess(height, width, resize=min(height, width), channels=channels, **norm)  # type: ignore[arg-type]


def _printed(text: str) -> tuple[str, ...]:
    return (tr("The file printed: {text}", text=text[:500]),) if text else ()


_Weights = tuple[
    WeightsInfo, tuple[str, ...], tuple[str, ...], bool
]  # with labels, notes, whether the last layer is trained


def _given_weights(said: Said, spec: ModelSpec, path: Path, opening: OpenRequest) -> _Weights:
    file = Path(spec.weights).expanduser()
    opening.say(tr("Reading {file}", file=file.name))
    checkpoint = read_checkpoint(file)
    fitted = load_into(said.module, checkpoint.state, file.name, tr("the model of {path}", path=path.name))
    labels, more = (said.labels, ()) if said.labels else labels_beside(file)
    return (
        WeightsInfo(True, str(file), sha256_of(file)),
        labels,
        (*checkpoint.notes, *fitted.notes, *more),
        not fitted.untrained,
    )


def _own_weights(said: Said, spec: ModelSpec) -> _Weights:
    digest = state_digest(said.module)
    note = tr("as its file made them")
    broken = not_finite(said.module.state_dict())
    if said.trained:
        return WeightsInfo(True, sha256=digest, note=note), said.labels, broken, True
    if said.trained is False or spec.untrained:
        return WeightsInfo(False, sha256=digest, seed=spec.seed, note=note), said.labels, broken, True
    unsaid = tr("The file does not say whether its weights are trained: write TRAINED = True or False in it.")
    return WeightsInfo(False, sha256=digest, note=note), said.labels, (*broken, unsaid), True
