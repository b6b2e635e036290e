"""The weights of an attention as rows on demand: what went into it is kept, the N × N matrix never."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Weights(Protocol):
    """softmax of the scores of one attention, whichever way the model computes it."""

    @property
    def q(self) -> Tensor:
        """(..., queries, width)"""

    @property
    def k(self) -> Tensor:
        """(..., keys, width)"""

    def rows(self, index: Tensor) -> Tensor:
        """(..., len(index), keys): the rows of these queries (int64)."""

    def tensors(self) -> Iterator[Tensor]:
        """All that is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """F.scaled_dot_product_attention: softmax(scale q k' + mask). A row in which nothing is allowed is 0."""

    q: Tensor
    k: Tensor
    mask: Tensor | None  # broadcast to (..., queries, keys); bool: what is allowed, else added
    scale: float
    causal: bool

    def rows(self, index: Tensor) -> Tensor:
        scores = wide(self.q)[..., index, :] @ wide(self.k).mT * self.scale
        if self.causal:
            scores = scores.masked_fill(
                torch.arange(scores.shape[-1], device=index.device) > index[:, None], -torch.inf
            )
        if self.mask is not None:
            part = self.mask[..., index, :] if self.mask.shape[-2] > 1 else self.mask
            scores = scores.masked_fill(~part, -torch.inf) if part.dtype == torch.bool else scores + part
        weights = scores.softmax(-1)
        if not self.causal and self.mask is None:
            return weights
        return weights.masked_fill((scores == -torch.inf).all(-1, keepdim=True), 0)

    def tensors(self) -> Iterator[Tensor]:
        yield from (self.q, self.k)
        if self.mask is not None:
            yield self.mask


@dataclass(frozen=True, slots=True, eq=False)
class Flexed:
    """torch's flex_attention: softmax of scores that the model's own functions change and mask by their places."""

    q: Tensor
    k: Tensor  # as many heads as queries
    change: Callable[..., Tensor]  # (score, batch, head, query, key) -> score
    mask: Callable[..., Tensor]  # (batch, head, query, key) -> bool: what is allowed
    scale: float

    def rows(self, index: Tensor) -> Tensor:
        from torch._higher_order_ops.flex_attention import _math_attention_inner

        def change(score: Tensor, batch: Tensor, head: Tensor, row: Tensor, key: Tensor) -> Tensor:
            return self.change(score, batch, head, index[row], key)

        def mask(batch: Tensor, head: Tensor, row: Tensor, key: Tensor) -> Tensor:
            return self.mask(batch, head, index[row], key)

        q, k = self.q[..., index, :], self.k
        with torch._C._EnableTorchFunction():  # by which torch lets these functions index tensors
            _, scores = _math_attention_inner(q, k, k, change, (mask,), self.scale, {})
        return scores.softmax(-1).masked_fill((scores == -torch.inf).all(-1, keepdim=True), 0)

    def tensors(self) -> Iterator[Tensor]:
        yield from (self.q, self.k)


def wide(tensor: Tensor) -> Tensor:
    """Half types as float32: sums of thousands of weights need the digits."""
    return tensor.float() if tensor.is_floating_point() and tensor.element_size() < 4 else tensor


def exact(tensor: Tensor) -> Tensor:
    """As float64, on the CPU where the device has none."""
    return (tensor.cpu() if tensor.device.type == "mps" else tensor).double()


def kept(tensor: Tensor) -> Tensor:
    """A copy that nothing can overwrite, in a storage of its own."""
    return tensor.detach().clone(memory_format=torch.contiguous_format)


def kept_once(tensor: Tensor) -> Tensor:
    """The same for what is broadcast anyway: values that are repeated along a dimension are kept once."""
    tensor = tensor.detach()
    for dim in range(tensor.dim()):
        if tensor.stride(dim) == 0 and tensor.shape[dim] > 1:
            tensor = tensor.narrow(dim, 0, 1)
    return kept(tensor)
