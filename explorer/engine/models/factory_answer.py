"""What a person's file says about its model, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args, get_type_hints

from torch import nn
from torch.nn.parameter import is_lazy

from explorer.core.errors import ExplorerError
from explorer.core.models import AnyPreprocess, Preprocess
from explorer.core.scores import OUTPUT_KINDS, OutputKind
from explorer.core.session.validate import VALUES
from explorer.core.translation import tr
from explorer.engine.models.arguments import Maker
from explorer.engine.models.own_arguments import own_arguments
from explorer.engine.models.own_inputs import own_input

KEYS = ("preprocess", "labels", "name", "trained", "output")


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """The module and what its file tells of it; None and () where it tells nothing."""

    module: nn.Module
    preprocess: AnyPreprocess | None = None
    labels: tuple[str, ...] = ()
    name: str = ""
    trained: bool | None = None
    arguments: Maker | None = None  # what its forward takes besides the input
    takes: tuple[str, ...] = ()  # their names, as far as they are known
    output: OutputKind = "auto"  # what it returns


def what_it_says(result: Any, namespace: Mapping[str, Any], file: str, factory: str) -> Said:
    """From the factory's result and the file's module-level names. Raises ExplorerError."""
    module, told = _module(result, file, factory)
    # The factory knows better than the file it stands in.
    words = {key: told.get(key, namespace.get(key.upper())) for key in KEYS}
    trained, name, given = words["trained"], words["name"], words["preprocess"]
    asked = given.get("arguments") if isinstance(given, Mapping) else None
    if asked is not None:
        given = {key: value for key, value in given.items() if key != "arguments"}
    preprocess = input_from(given, file, _vocabulary(module)) if given is not None else None
    maker, takes = own_arguments(asked, module, preprocess, file) if asked is not None else (None, ())
    return Said(
        module,
        preprocess,
        _labels(words["labels"], file),
        name if isinstance(name, str) else "",
        trained if isinstance(trained, bool) else None,
        maker,
        takes,
        _output(words["output"], file),
    )


def _output(given: Any, file: str) -> OutputKind:
    if given is None:
        return "auto"
    found = next((kind for kind in OUTPUT_KINDS if kind == given), None)
    if found is None:
        raise ExplorerError(
            tr("OUTPUT in {file} is {given!r}.", file=file, given=given),
            "",
            tr("Possible: {right}.", right=", ".join(kind for kind in OUTPUT_KINDS if kind != "auto")),
        )
    return found


def _vocabulary(module: nn.Module) -> int:
    """Numbers of tokens that a model has embeddings for, at most; 0 where it has none."""
    return max((each.num_embeddings for each in module.modules() if isinstance(each, nn.Embedding)), default=0)


def input_from(given: Any, file: str, vocabulary: int = 0) -> AnyPreprocess:
    """The preprocessing that a table describes, of whatever kind of input. ExplorerError naming what is wrong."""
    own = own_input(given, file, vocabulary) if isinstance(given, Mapping) else None
    return preprocess_from(given, file) if own is None else own


def preprocess_from(given: Any, file: str) -> Preprocess:
    """A `Preprocess` from a table of its fields. ExplorerError naming the field that is wrong."""
    if isinstance(given, Preprocess):
        return given
    if not isinstance(given, Mapping):
        raise _wrong(file, tr("PREPROCESS is a {name}", name=type(given).__name__))
    given = {key: value for key, value in given.items() if key != "input"}
    known = [field.name for field in fields(Preprocess)]
    strange = [str(key) for key in given if key not in known]
    if strange:
        raise _wrong(file, tr("PREPROCESS has “{strange}”", strange=strange[0]))
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    for key, value in values.items():
        _check(key, value, file)
    made = Preprocess(**values)
    if len(made.mean) != made.channels or len(made.std) != made.channels:
        raise _wrong(file, tr("{channels} channels need as many values in mean and std", channels=made.channels))
    if made.height * made.width * made.channels > VALUES:
        raise _wrong(
            file,
            tr(
                "an input of {channels} × {height} × {width} values would not fit in memory",
                channels=made.channels,
                height=made.height,
                width=made.width,
            ),
        )
    return made


def _check(key: str, value: Any, file: str) -> None:
    kind = get_type_hints(Preprocess)[key]
    if key in ("mean", "std", "fill"):
        right = isinstance(value, tuple) and all(isinstance(part, (int, float)) for part in value)
        right = right and (key != "std" or all(part for part in value))
    elif get_args(kind):
        right = value in get_args(kind)
    elif kind is bool:
        right = isinstance(value, bool)
    else:
        right = isinstance(value, int) and not isinstance(value, bool) and value > 0
    if not right:
        raise _wrong(file, tr("“{key}” cannot be {value!r}", key=key, value=value))


def _wrong(file: str, why: str) -> ExplorerError:
    known = ", ".join(field.name for field in fields(Preprocess))
    return ExplorerError(
        tr("{file} describes its preprocessing in a way that is not understood.", file=file),
        f"{why}.",
        tr("Fields: {known}.", known=known),
    )


def _module(result: Any, file: str, factory: str) -> tuple[nn.Module, Mapping[str, Any]]:
    told: Mapping[str, Any] = {}
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], Mapping):
        result, told = result
    if not isinstance(result, nn.Module):
        why = tr(
            "It returns {name}{a_class_call_it}.",
            name=type(result).__name__,
            a_class_call_it=tr(", a class: call it") if isinstance(result, type) else "",
        )
        todo = tr("Let it return a torch.nn.Module, or (module, {…}).")
        raise ExplorerError(tr("“{factory}” in {file} returns no model.", factory=factory, file=file), why, todo)
    values = [*result.parameters(), *result.buffers()]
    if any(is_lazy(value) or value.is_meta for value in values):
        why = tr("Some of its parameters have no values yet (lazy layers, or the meta device).")
        raise ExplorerError(
            tr("The model of {file} is not complete.", file=file), why, tr("Run it once inside the factory.")
        )
    return result, told


def _labels(given: Any, file: str) -> tuple[str, ...]:
    if given is None:
        return ()
    if isinstance(given, (str, bytes)) or not hasattr(given, "__iter__"):
        raise ExplorerError(
            tr("LABELS in {file} is no list of names.", file=file),
            tr("It is a {name}.", name=type(given).__name__),
            tr("Write LABELS = [“cat”, …]."),
        )
    return tuple(str(label) for label in given)
