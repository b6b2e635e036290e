"""What a person's file says of the further arguments of its forward: {"arguments": {"attention_mask": "mask"}}, or a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.models import AnyPreprocess
from explorer.core.texts import TextPreprocess
from explorer.core.translation import tr
from explorer.engine.models.arguments import WORDS, Maker, by_word, unknown_names

_TODO = tr(
    "Write names with one of {list}, or a function from the input tensor to named tensors.", list=", ".join(WORDS)
)


def own_arguments(
    given: Any, module: nn.Module, preprocess: AnyPreprocess | None, file: str
) -> tuple[Maker, tuple[str, ...]]:
    """(how they are made, their names as far as they are known). `given`: names with words, or a function from the input tensor (N, ...) to
    a dict of tensors, called before each forward. ExplorerError naming what is wrong."""
    what = tr("{file} describes the arguments of its model in a way that is not understood.", file=file)
    if callable(given):
        return given, (tr("what a function of the file gives"),)
    if not isinstance(given, Mapping) or not given:
        raise ExplorerError(what, tr("“arguments” is a {name}.", name=type(given).__name__), _TODO)
    wrong = [
        tr("{name!r} is {word!r}", name=name, word=word)
        for name, word in given.items()
        if not isinstance(name, str) or word not in WORDS
    ]
    if wrong:
        raise ExplorerError(what, f"{wrong[0]}.", _TODO)
    if not isinstance(preprocess, TextPreprocess):
        raise ExplorerError(
            what, tr("Words are for tokens, and its input is no text."), tr("Write a function instead.")
        )
    strange = unknown_names(module, given)
    if strange:
        raise ExplorerError(
            what, tr("Its forward takes no “{strange}”.", strange=strange[0]), tr("Name the parameters of forward.")
        )
    pad = preprocess.pad if preprocess.length else None
    return by_word(dict(given), pad), tuple(f"{name} ({word})" for name, word in given.items())
