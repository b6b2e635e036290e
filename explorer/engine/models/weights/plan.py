"""A tensor that a file describes and that nobody has made yet: checked numbers, from which it can be made safely."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.core.translation import tr
from explorer.engine.models.weights.inert import Broken

LARGEST = 1 << 62  # elements, and any number in a shape
DIMS = 32


@dataclass(frozen=True, slots=True, eq=False)
class TensorPlan:
    """`nbytes`: of all its elements together; `same`: equal for two that are one memory; `wrong`: why it cannot be made, else ""."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    make: Callable[[], Tensor]
    nbytes: int = 0
    same: Hashable = None
    wrong: str = ""
    damaged: bool = False  # it is wrong because the file is


def sizes(given: object) -> tuple[int, ...]:
    """A shape or strides that torch can be given. Raises Broken."""
    if not isinstance(given, (tuple, list)) or len(given) > DIMS:
        raise Broken(tr("a tensor's shape is none"))
    numbers = tuple(number(each) for each in given)
    if math.prod(each for each in numbers if each) > LARGEST:
        raise Broken(tr("a tensor's shape is none"))
    return numbers


def number(given: object) -> int:
    """A whole number from 0. Raises Broken."""
    if type(given) is not int or not 0 <= given <= LARGEST:
        raise Broken(tr("a tensor's shape is none"))
    return given


def reach(shape: tuple[int, ...], strides: tuple[int, ...], offset: int, there: int) -> int:
    """Elements from the first to the last of a view; Broken when it reaches beyond `there` elements of memory."""
    if len(strides) != len(shape):
        raise Broken(tr("a tensor's shape is none"))
    if 0 in shape:
        return 0
    last = sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if offset + last >= there:
        raise Broken(tr("a tensor reaches beyond the numbers that are there"))
    return last + 1


def unknown(why: str, damaged: bool = False) -> TensorPlan:
    """Stands for a tensor that cannot be made."""

    def make() -> Tensor:
        raise Broken(why)

    return TensorPlan((), torch.float32, make, wrong=why, damaged=damaged)
