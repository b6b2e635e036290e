"""Values of a forward that become numpy arrays when they are first read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.engine.capture.values import to_array


class ValuesReadLate(Mapping[str, Array]):
    """Arrays by tap name; taps that share a tensor share the array. For any thread.

    Only what numpy sees in the tensor's own memory waits: those values are no other for being looked at later. What has to be copied
    (another device, a half type, a small part of a large memory) is copied at once.
    """

    def __init__(self, taps: Sequence[Tap], tensors: Mapping[str, Tensor]) -> None:
        self._tensors = tensors
        self._batched = {tap.name: tap.batched for tap in taps if tap.name in tensors}
        self._arrays: dict[int, Array] = {}
        for name in self._batched:
            if not _is_seen(tensors[name]):
                self[name]

    def __getitem__(self, name: str) -> Array:
        tensor, batched = self._tensors[name], self._batched[name]
        array = self._arrays.get(id(tensor))
        return self._arrays.setdefault(id(tensor), to_array(tensor, batched)) if array is None else array

    def __contains__(self, name: object) -> bool:
        return name in self._batched

    def __iter__(self) -> Iterator[str]:
        return iter(self._batched)

    def __len__(self) -> int:
        return len(self._batched)


def _is_seen(tensor: Tensor) -> bool:
    """Whether its array is a view of its memory, which is about as large as itself."""
    if not tensor.is_cpu or tensor.is_quantized or not tensor.is_contiguous():
        return False
    size = tensor.element_size()
    return (
        size >= 4 or not tensor.is_floating_point()
    ) and tensor.untyped_storage().nbytes() <= 2 * size * tensor.numel()
