"""Models of several inputs: what a person's file says of them, by a function and a name.

`example_inputs()` gives one set of inputs, as torch.onnx and torch.export take it: a tuple of what `forward` takes in order, or a dict of
names with values. `INPUT` names the one that the opened input fills (default: the first tensor). Values are tensors, numbers, truth
values, or paths of pictures, which are prepared as the opened one is.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.models import AnyPreprocess, Preprocess
from explorer.core.other_inputs import Argument
from explorer.core.translation import tr
from explorer.engine.inputs.pictures import open_picture
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models.arguments import Placed, apart, by_name, first, in_dict, in_order

_WRITTEN = 64  # values of a tensor that is written out
_TODO = tr("Return a tuple of what forward takes, or a dict of names with values.")
Value = Tensor | int | float | bool


@dataclass(frozen=True, slots=True, eq=False)
class FurtherInputs:
    """`values`: what is handed over besides the opened input, by name; `placed`: how; `shown`: for a person."""

    values: Mapping[str, Value]
    placed: Placed
    shown: tuple[Argument, ...]
    example: Tensor | None = None  # of the opened input itself


def further_inputs(
    examples: Any, wanted: Any, module: nn.Module, file: Path, pre: AnyPreprocess, chosen: Sequence[tuple[str, str]]
) -> FurtherInputs:
    """`examples`: what `example_inputs()` gave, None without one; `wanted`: INPUT; `chosen`: names with texts that a person has set.

    Raises ExplorerError naming what is wrong.
    """
    if wanted is not None and not isinstance(wanted, str):
        raise ExplorerError(
            tr("INPUT in {file} is no name.", file=file.name),
            tr("It is {value!r}.", value=wanted),
            tr("Name a parameter of forward, as in INPUT = “image”."),
        )
    if examples is None:
        _check_names((), chosen)
        return FurtherInputs({}, by_name(wanted) if wanted else first, ())
    named, placed, given = _named(examples, wanted, module, file)
    own = given if isinstance(given, Tensor) else None
    _check_names(tuple(named), chosen)
    texts, values, shown = dict(chosen), dict[str, Value](), list[Argument]()
    for name, example in named.items():
        values[name], argument = _taken(name, example, texts.get(name), file, pre)
        shown.append(argument)
    return FurtherInputs(values, placed, tuple(shown), own)


def _check_names(known: Sequence[str], chosen: Sequence[tuple[str, str]]) -> None:
    for name, _ in chosen:
        if name not in known:
            why = tr("It has {list}.", list=", ".join(known)) if known else tr("It takes the opened input alone.")
            raise ExplorerError(tr("The model takes no argument {name}.", name=name), why)


def _named(examples: Any, wanted: str | None, module: nn.Module, file: Path) -> tuple[dict[str, Any], Placed, Any]:
    """(names with values of all but the opened input, how they are handed over, the value of the opened one)."""
    what = tr("example_inputs of {file} cannot be used.", file=file.name)
    parameters = _parameters(module)
    if isinstance(examples, tuple | list) and examples:
        names = [parameters[at] if at < len(parameters) else f"input {at + 1}" for at in range(len(examples))]
        named = dict(zip(names, examples, strict=True))
        key = _opened(named, wanted, what)
        return {k: v for k, v in named.items() if k != key}, in_order(names, key), named[key]
    if isinstance(examples, Mapping) and examples and all(isinstance(name, str) for name in examples):
        named = dict(examples)
        key = _opened(named, wanted, what)
        takes = all(name in parameters for name in named) or _any_name(module)
        if not takes and len(_required(module)) != 1:
            strange = next(name for name in named if name not in parameters)
            raise ExplorerError(
                what, tr("Its forward takes no “{strange}”.", strange=strange), tr("Name the parameters of forward.")
            )
        return {k: v for k, v in named.items() if k != key}, by_name(key) if takes else in_dict(key), named[key]
    raise ExplorerError(what, tr("It gives a {name}.", name=type(examples).__name__), _TODO)


def _opened(named: Mapping[str, Any], wanted: str | None, what: str) -> str:
    if wanted is not None:
        if wanted not in named:
            raise ExplorerError(
                what, tr("INPUT is {wanted!r}, but there is {list}.", wanted=wanted, list=", ".join(named)), _TODO
            )
        return wanted
    key = next((name for name, value in named.items() if isinstance(value, Tensor) or value is None), None)
    if key is None:
        raise ExplorerError(what, tr("None of them is a tensor that the opened input could stand for."), _TODO)
    return key


def _signature(module: nn.Module) -> Sequence[inspect.Parameter]:
    try:
        return tuple(inspect.signature(module.forward).parameters.values())
    except (TypeError, ValueError):
        return ()


def _parameters(module: nn.Module) -> list[str]:
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [each.name for each in _signature(module) if each.kind in plain]


def _required(module: nn.Module) -> list[str]:
    named = _parameters(module)
    return [each.name for each in _signature(module) if each.name in named and each.default is inspect.Parameter.empty]


def _any_name(module: nn.Module) -> bool:
    return any(each.kind is inspect.Parameter.VAR_KEYWORD for each in _signature(module))


# --- one value


def _taken(name: str, example: Any, text: str | None, file: Path, pre: AnyPreprocess) -> tuple[Value, Argument]:
    """The value of an argument, the person's where there is one, and what is said of it."""
    chosen = text is not None
    if isinstance(example, bool | int | float):
        number = example if text is None else _number(name, text, type(example))
        return number, Argument(name, "number", _written(number), type(example).__name__, chosen)
    if isinstance(example, np.ndarray):
        example = torch.from_numpy(example.copy())
    if isinstance(example, Tensor):
        if not example.is_floating_point() and example.dtype not in _WHOLE:
            raise _unusable(name, str(example.dtype), file)
        tensor = example.detach() if text is None else _tensor(name, text, example)
        shape = "×".join(str(size) for size in example.shape) or "1"
        says = f"{shape} {str(example.dtype).removeprefix('torch.')}"
        shown = text if text is not None and text.lower().endswith(".npy") else _written(tensor)
        return tensor, Argument(name, "tensor", shown, says, chosen)
    if isinstance(example, str | Path):
        return _picture(name, text if text is not None else str(example), file, pre, chosen)
    raise _unusable(name, type(example).__name__, file)


_WHOLE = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool)


def _unusable(name: str, kind: str, file: Path) -> ExplorerError:
    return ExplorerError(
        tr("example_inputs of {file} cannot be used.", file=file.name),
        tr("“{name}” is a {kind}.", name=name, kind=kind),
        tr("Give tensors, numbers, truth values, or paths of pictures."),
    )


def _written(value: Value) -> str:
    if isinstance(value, Tensor):
        return json.dumps(_rounded(value.tolist())) if value.numel() <= _WRITTEN else ""
    return json.dumps(value) if isinstance(value, bool) else repr(value)


def _rounded(value: Any) -> Any:
    """Without the digits that a float32 does not have."""
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def _wrong(name: str, text: str, right: str) -> ExplorerError:
    return ExplorerError(
        tr("The argument {name} cannot be {text!r}.", name=name, text=text[:60]),
        "",
        tr("It takes {right}.", right=right),
    )


def _number(name: str, text: str, kind: type) -> int | float | bool:
    right = {bool: tr("true or false"), int: tr("a whole number"), float: tr("a number")}[kind]
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise _wrong(name, text, right)
        return text.lower() == "true"
    try:
        return int(text) if kind is int else float(text)
    except ValueError:
        raise _wrong(name, text, right) from None


def _tensor(name: str, text: str, example: Tensor) -> Tensor:
    """Nested lists, one number for all of it, or a file of numpy."""
    shape = tuple(example.shape)
    right = tr(
        "{shape} values as nested lists, one number for all of them, or a file .npy",
        shape="×".join(str(size) for size in shape) or "1",
    )
    try:
        read = (
            np.load(Path(text).expanduser(), allow_pickle=False) if text.lower().endswith(".npy") else json.loads(text)
        )
        made = torch.as_tensor(np.array(read)).to(example.dtype)
    except (OSError, ValueError, TypeError, RuntimeError):
        raise _wrong(name, text, right) from None
    if made.dim() == 0:
        return made.expand(shape).clone()
    if tuple(made.shape) != shape:
        raise _wrong(name, text, right)
    return made


def _picture(name: str, text: str, file: Path, pre: AnyPreprocess, chosen: bool) -> tuple[Tensor, Argument]:
    """A picture, prepared as the opened one is; a path of the file is seen from its folder."""
    if not isinstance(pre, Preprocess):
        raise ExplorerError(
            tr("The argument {name} is a file, and the model takes no pictures.", name=name),
            pre.says,
            tr("Give a tensor instead."),
        )
    path = Path(text).expanduser()
    whole = path if path.is_absolute() or chosen else file.parent / path
    return to_tensor(open_picture(whole), pre), Argument(name, "picture", str(whole), tr("a picture"), chosen)


def handed(values: Mapping[str, Value]) -> Callable[[Tensor], dict[str, Value]]:
    """Gives the same values to every forward, constants for those who watch it; what is of one input is repeated for each input of a
    batch."""

    def make(x: Tensor) -> dict[str, Value]:
        return {
            name: apart(partial(_for_batch, value), x) if isinstance(value, Tensor) else value
            for name, value in values.items()
        }

    return make


def _for_batch(value: Tensor, x: Tensor) -> Tensor:
    if len(x) == 1 or value.dim() == 0 or value.shape[0] != 1:
        return value
    return value.expand(len(x), *value.shape[1:])
