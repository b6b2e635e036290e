"""What a forward takes besides its input: named tensors and numbers, so that every forward of it has them.

A pre-hook of the module hands them over: who runs the model (with a batch, with edits, recorded) need not know of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import handle_torch_function

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

Maker = Callable[[Tensor], Any]  # names with tensors; what a person's function gives is checked
Handed = tuple[tuple[Any, ...], dict[str, Any]]  # what forward is called with
Placed = Callable[[Tensor, Mapping[str, Any]], Handed]  # of the input and the named others
WORDS = ("mask", "padding", "ones", "zeros", "positions")  # what can be said without a function


def token_mask(ids: Tensor, pad: int) -> Tensor:
    """(N, L) int64: 1 up to the last token that is no padding, 0 behind it."""
    return ids.ne(pad).long().flip(-1).cummax(-1).values.flip(-1)


def by_word(names: Mapping[str, str], pad: int | None) -> Maker:
    """Makes the tensors that words name. mask: `token_mask`; padding: True where it is 0; positions: 0, 1, 2, …"""

    def make(ids: Tensor) -> dict[str, Tensor]:
        return {name: apart(partial(_made, word, pad=pad), ids) for name, word in names.items()}

    return make


class _Unseen:
    """An input that those who watch a forward do not see among the arguments of a function."""

    def __init__(self, ids: Tensor) -> None:
        self.ids = ids


def apart(make: Callable[[Tensor], Tensor], ids: Tensor) -> Tensor:
    """What `make` gives for the input, as a constant for those who watch the forward: where the padding lies is not followed, so that
    cells behind a mask still stand over their own tokens."""
    return _constant(make, _Unseen(ids))


def _constant(make: Callable[[Tensor], Tensor], given: _Unseen) -> Tensor:
    if torch._C._is_torch_function_mode_enabled():
        made: Tensor = handle_torch_function(_constant, (), make, given)
        return made
    with torch._C.DisableTorchFunction():
        return make(given.ids)


def _made(word: str, ids: Tensor, pad: int | None) -> Tensor:
    if word in ("mask", "padding"):
        mask = torch.ones_like(ids) if pad is None else token_mask(ids, pad)
        return mask if word == "mask" else mask == 0
    if word == "positions":
        return torch.arange(ids.shape[-1], device=ids.device).expand_as(ids)
    return torch.ones_like(ids) if word == "ones" else torch.zeros_like(ids)


def first(x: Tensor, made: Mapping[str, Any]) -> Handed:
    """The input first, the others by name."""
    return (x,), dict(made)


def by_name(key: str) -> Placed:
    """All by name; the input is called `key`."""
    return lambda x, made: ((), {key: x, **made})


def in_dict(key: str) -> Placed:
    """One dict of all of them, in which the input is called `key`."""
    return lambda x, made: (({key: x, **made},), {})


def in_order(names: Sequence[str], key: str) -> Placed:
    """All in this order, without names."""
    return lambda x, made: (tuple(x if name == key else made[name] for name in names), {})


def as_clip(frames: int) -> Placed:
    """The picture (N, C, H, W) as a clip (N, C, frames, H, W) that stands still."""
    return lambda x, made: ((x.unsqueeze(2).expand(-1, -1, frames, -1, -1),), dict(made))


def nothing(_x: Tensor) -> dict[str, Tensor]:
    """No others."""
    return {}


def give(module: nn.Module, make: Maker, who: str, placed: Placed = first) -> None:
    """Every call of the module with one tensor gets them from now on. Errors of `make` are ExplorerErrors that name `who`."""

    def hand_over(_module: nn.Module, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        x = args[0] if args else None
        if not isinstance(x, Tensor) or len(args) > 1:
            return args, kwargs
        with torch.no_grad():
            made = _checked(make, x, who)
        found, named = placed(x, made)
        return found, {**named, **kwargs}

    nn.Module.register_forward_pre_hook(module, hand_over, with_kwargs=True)  # a ScriptModule refuses it by name


def _checked(make: Maker, x: Tensor, who: str) -> dict[str, Any]:
    try:
        made = make(x)
    except (KeyboardInterrupt, torch.OutOfMemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - sys.exit() too
        raise ExplorerError(
            tr("The arguments that {who} makes failed.", who=who), f"{told(error)}.", tr("Correct them there.")
        ) from None
    if not isinstance(made, Mapping):
        why = tr("It gives a {name}, not names with tensors.", name=type(made).__name__)
        raise ExplorerError(
            tr("The arguments that {who} makes cannot be used.", who=who), why, tr('Give {"attention_mask": tensor}.')
        )
    for name, value in made.items():
        if not isinstance(name, str) or not isinstance(value, Tensor | int | float):
            why = tr("{name!r} is a {name2}.", name=name, name2=type(value).__name__)
            raise ExplorerError(
                tr("The arguments that {who} makes cannot be used.", who=who),
                why,
                tr("Each has to be a tensor or a number."),
            )
    return {name: _there(value, x) if isinstance(value, Tensor) else value for name, value in made.items()}


def _there(value: Tensor, x: Tensor) -> Tensor:
    return value if value.device == x.device else value.to(x.device)


def joined(makers: Sequence[Maker]) -> Maker:
    """All that several of them give."""
    if len(makers) == 1:
        return makers[0]

    def make(x: Tensor) -> Any:
        made: dict[str, Any] = {}
        for each in makers:
            found = each(x)
            if not isinstance(found, Mapping):
                return found  # said by who checks it
            made |= found
        return made

    return make


def unknown_names(module: nn.Module, names: Mapping[str, Any]) -> tuple[str, ...]:
    """Those that its forward has no parameter for; () where that cannot be said."""
    try:
        parameters = inspect.signature(module.forward).parameters
    except (TypeError, ValueError):
        return ()
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values()):
        return ()
    return tuple(name for name in names if name not in parameters)
