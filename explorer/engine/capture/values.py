"""Tensors of a forward as read-only numpy arrays, without copies where none is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from weakref import WeakValueDictionary

import torch
from torch import Tensor

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.model_output import Guess
from explorer.core.scores import Scores
from explorer.core.translation import tr
from explorer.engine.capture.class_vector import name_of, probabilities, vector_in
from explorer.engine.capture.derived import Values
from explorer.engine.capture.transforms import is_wrapped, why_wrapped


def unreadable(tensor: Tensor) -> str:
    """Why the numbers of a tensor cannot be shown, '' when they can."""
    if is_wrapped(tensor):
        return why_wrapped(tensor)
    if tensor.layout != torch.strided or tensor.is_nested:
        return tr("returns a sparse or nested tensor here, whose cells stand in no grid")
    if tensor.is_complex():
        return tr("returns complex numbers here, which have no order and no colour")
    return tr("returns a tensor without values here (the meta device)") if tensor.is_meta else ""


def to_array(tensor: Tensor, batched: bool) -> Array:
    """(…) array of the first batch item, or of the whole when the first dimension is no batch; half types become float32."""
    tensor = tensor.detach()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    item = tensor[0] if batched else tensor
    if item.is_floating_point() and item.element_size() < 4:  # numpy knows no bfloat16 and no float8
        item = item.float()
    item = item.cpu()
    if item.numel() and item.untyped_storage().nbytes() > 2 * item.numel() * item.element_size():
        item = item.clone()  # a small view would keep its large base alive
    array = item.contiguous().numpy()
    array.flags.writeable = False
    return array


def to_arrays(taps: Iterable[Tap], tensors: Mapping[str, Tensor]) -> Mapping[str, Array]:
    """One array a tap; taps that share a tensor share the array. What is made again from others is made when it is asked for."""
    there = {tap.name: tap for tap in taps if tap.name in tensors}
    if isinstance(tensors, Values):
        return Arrays(there, tensors)
    return _arrays(there.values(), tensors)


def _arrays(taps: Iterable[Tap], tensors: Mapping[str, Tensor]) -> dict[str, Array]:
    made: dict[int, Array] = {}
    found: dict[str, Array] = {}
    for tap in taps:
        tensor = tensors[tap.name]
        if id(tensor) not in made:
            made[id(tensor)] = to_array(tensor, tap.batched)
        found[tap.name] = made[id(tensor)]
    return found


class Arrays(Mapping[str, Array]):
    """Arrays by tap name, of which some are made from others and stay as long as somebody looks at them. For any thread."""

    def __init__(self, taps: Mapping[str, Tap], tensors: Values) -> None:
        self._taps, self._tensors = taps, tensors
        self._held = _arrays((tap for name, tap in taps.items() if name in tensors.held), tensors.held)
        self._seen: WeakValueDictionary[int, Array] = WeakValueDictionary()

    def __getitem__(self, name: str) -> Array:
        tap = self._taps[name]
        if name in self._held:
            return self._held[name]
        key = id(self._tensors.ways[name])  # layers that hand on the same value share it
        array = self._seen.get(key)
        if array is None:
            array = self._seen[key] = to_array(self._tensors[name], tap.batched)
        return array

    def __contains__(self, name: object) -> bool:
        return name in self._taps

    def __iter__(self) -> Iterator[str]:
        return iter(self._taps)

    def __len__(self) -> int:
        return len(self._taps)

    @property
    def nbytes(self) -> int:
        """Bytes that are held, without what would have to be made."""
        return sum({id(array): array.nbytes for array in self._held.values()}.values())


def guesses(output: object, labels: tuple[str, ...], scores: Scores | None, top: int = 10) -> tuple[Guess, ...]:
    """The prediction in an output, best first; () where it holds no class vector. Not finite counts as none."""
    row = vector_in(output, scores)
    if row is None:
        return ()
    shares = probabilities(row, scores)
    best = row.topk(min(top, row.numel())).indices.tolist()
    return tuple(Guess(i, name_of(i, labels, len(row)), float(row[i]), float(shares[i])) for i in best)
