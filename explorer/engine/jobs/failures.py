"""What a forward that raises is told as: where, why, and the way out, which depends on what kind of error it is.

What has run on an input of the same shape before is remembered: then size, channels and types are not the reason.
"""

from __future__ import annotations

import inspect
import os
import re
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.weak import WeakIdKeyDictionary

from explorer.core.error_text import message_of
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

_NOT_THEIRS = (str(Path(torch.__file__).parent) + os.sep, str(Path(__file__).parents[2]) + os.sep, "<")
_ran: Any = WeakIdKeyDictionary()  # network -> shapes of one input that went through

_SIGNATURE = re.compile(r"missing \d+ required|takes \d+ positional argument|takes from \d+|unexpected keyword")
# what a forward does to its argument that a tensor does not bear: x["image"], x.get(...), x.pixel_values, **x, a, b = x
_NO_TENSOR = re.compile(
    r"'Tensor' object has no attribute|must be a mapping, not Tensor|values to unpack|__contains__ only supports"
    r"|too many indices for tensor|only integers, slices|must be (tuple|list) of Tensors, not Tensor"
)
_INDICES = re.compile(r"argument #1 'indices'|scalar types: Long|tensors used as indices")
_CHANNELS = re.compile(r"to have (\d+) channels, but got (\d+) channels")
_TYPES = re.compile(
    r"same dtype|should be the same|mixed dtype|expected scalar type|does not match weight dtype|scalar types?:"
)
_DEVICES = re.compile(r"same device|on cpu but|device type|Expected.*device")
_SIZES = re.compile(
    r"shape|size|channel|dimension|\bdims?\b|height|width|view|patch|divisible|broadcast|must match|out of range|mat1"
)
_GRADIENT = re.compile(r"backward|derivative|does not require grad|FakeTensor")


def has_run(module: nn.Module, x: Tensor) -> None:
    """Notes that a forward on x came to its end."""
    _ran.setdefault(module, set()).add(tuple(x.shape[1:]))


def forward_error(
    error: BaseException, where: str, module: nn.Module | None = None, x: Tensor | None = None
) -> ExplorerError:
    """`where` names the layer, `module` is the network, `x` what it was given."""
    said = next(iter(message_of(error).splitlines()), tr("no message"))
    line = _line(error.__traceback__)
    why = f"{type(error).__name__}: {said}" + (f" ({line})" if line else "")
    return ExplorerError(
        tr("The model stopped in {where}.", where=where), why + _stop(why), _way_out(error, said, module, x)
    )


def _stop(text: str) -> str:
    return "" if text.endswith((".", "!", "?")) else "."


def _line(trace: TracebackType | None) -> str:
    """The innermost line that is neither torch's nor ours."""
    frames = [f for f in traceback.extract_tb(trace) if not _is_ours(f.filename)]
    return tr("{name}, line {lineno}", name=Path(frames[-1].filename).name, lineno=frames[-1].lineno) if frames else ""


def is_about_types(error: BaseException) -> bool:
    """Whether tensors of different types met."""
    return _TYPES.search(message_of(error)) is not None


def _is_ours(file: str) -> bool:
    """torch's, or the application's."""
    return file.startswith(_NOT_THEIRS)


def _way_out(error: BaseException, said: str, module: nn.Module | None, x: Tensor | None) -> str:
    if module is None or (torch.is_grad_enabled() and _GRADIENT.search(said)):
        return tr("Choose occlusion, which needs no gradient.")
    if module is not None and x is not None and tuple(x.shape[1:]) in _ran.get(module, ()):
        return _not_again(x)
    if f"{type(module).__name__}.forward()" in said and _SIGNATURE.search(said):
        return tr("Its forward takes {parameters}. {wrap}", parameters=_parameters(module), wrap=_WRAP)
    if _NO_TENSOR.search(said) and _about(error, x):
        return tr(
            "Its forward takes {parameters}, and handles it as something else than one tensor. {wrap}",
            parameters=_parameters(module),
            wrap=_WRAP,
        )
    return next((tell(module, x, said) for sign, tell in _KINDS if sign.search(said)), _OWN)


_OWN = tr("The error comes from the model: fix it and open the model again.")
_WRAP = tr("The application passes one picture as a tensor: open a module whose forward takes that and calls this one.")


def _not_again(x: Tensor) -> str:
    if x.shape[0] > 1:
        return tr(
            "It has run on one picture: it does not take {shape} of them at once, or does not always do the same.",
            shape=x.shape[0],
        )
    return tr(
        "It has run on an input of this shape before: what it does depends on more than that, or changes every time."
    )


def _about(error: BaseException, x: Tensor | None) -> bool:
    """Whether the line that failed knows the very input of the model."""
    outside = [f for f, _ in traceback.walk_tb(error.__traceback__) if not _is_ours(f.f_code.co_filename)]
    return bool(outside) and any(value is x for value in outside[-1].f_locals.values())


def _parameters(module: nn.Module) -> str:
    try:
        names = [str(p) for p in inspect.signature(module.forward).parameters.values()]
    except (TypeError, ValueError):
        return tr("other arguments")
    return f"({', '.join(names)})"


def _given(x: Tensor | None) -> str:
    return tr("The input is {list}: check", list=" × ".join(map(str, x.shape))) if x is not None else "Check"


def _sizes(_module: nn.Module | None, x: Tensor | None, _said: str) -> str:
    return tr(
        "{given} that size and number of channels in the preprocessing are what the model expects.", given=_given(x)
    )


def _channels(module: nn.Module | None, x: Tensor | None, said: str) -> str:
    found = _CHANNELS.search(said)
    if found is None or x is None or x.dim() < 2 or int(found[2]) != x.shape[1]:
        return _sizes(module, x, said)
    return tr("Set the number of channels in the preprocessing to {found}.", found=found[1])


def _types(module: nn.Module | None, _x: Tensor | None, _said: str) -> str:
    counted = Counter(str(p.dtype).removeprefix("torch.") for p in module.parameters()) if module is not None else {}
    told = ", ".join(tr("{count} of {name}", count=count, name=name) for name, count in counted.items())
    return tr(
        "{told}Make them fit together where the model is made.",
        told=tr("Among its parameters are {told}. ", told=told) if told else "",
    )


def _devices(_module: nn.Module | None, _x: Tensor | None, _said: str) -> str:
    return tr(
        "Keep the model's tensors as parameters or buffers (register_buffer), so that all of them move to one device."
    )


_KINDS: tuple[tuple[re.Pattern[str], Callable[[nn.Module | None, Tensor | None, str], str]], ...] = (
    (
        _INDICES,
        lambda _m, _x, _s: tr("It takes whole numbers, as the tokens of a text are; the application passes a picture."),
    ),
    (_CHANNELS, _channels),
    (_TYPES, _types),
    (_DEVICES, _devices),
    (re.compile(r'missing the required "forward"'), lambda _m, _x, _s: tr("Open a part of it that has a forward.")),
    (_SIZES, _sizes),
)
