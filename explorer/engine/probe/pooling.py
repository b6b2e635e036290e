"""Pooled features of a layer: what is left of a picture's maps, tokens or vector as some numbers a channel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.errors import ExplorerError
from explorer.core.probe import PIXELS, PIXELS_SIDE
from explorer.core.translation import tr

MEAN, MAX, TOKEN, AS_IS = "mean", "max", "token", "as is"
_SPOTS = {Layout.NCHW: (2, 3), Layout.NHWC: (1, 2), Layout.NCT: (2,), Layout.NCDHW: (2, 3, 4)}


@dataclass(frozen=True, slots=True)
class PooledColumns:
    """Where the features of a layer stand in a row: `parts` of `channels` numbers each from `start` on."""

    name: str
    start: int
    channels: int
    parts: tuple[str, ...]
    same_as: tuple[str, ...] = ()  # other layers with the same values
    chief: bool = True  # made by weights or by a block: kept where there is no room for all

    @property
    def end(self) -> int:
        return self.start + self.channels * len(self.parts)

    def chosen(self, pool: str) -> list[int]:
        """Places of the features that a pooling takes: of maps and tokens the mean, the maximum or both; the rest always."""
        wanted = {*pool.split(","), TOKEN, AS_IS}
        taken = [number for number, part in enumerate(self.parts) if part in wanted]
        return [self.start + n * self.channels + c for n in taken for c in range(self.channels)]

    def to_json(self) -> dict[str, object]:
        return asdict(self)


def columns_of(
    taps: Iterable[Tap], chief: bool = False
) -> tuple[tuple[PooledColumns, ...], tuple[tuple[str, str], ...]]:
    """(columns of every layer with features, (name, why) of the others); layers that share their values once."""
    taps = tuple(taps)
    same: dict[str, list[str]] = {}
    for tap in taps:
        if tap.observable and tap.alias:
            same.setdefault(tap.alias, []).append(tap.name)
    found, left_out, start = [], [], 0
    for tap in taps:
        if tap.alias and tap.observable:
            continue
        why = why_no_channels(tap)
        if why:
            left_out.append((tap.name, why))
            continue
        names = tuple(same.get(tap.name, ()))
        important = tap.kind in (Kind.CONV, Kind.LINEAR, Kind.ATTENTION, Kind.BLOCK) or bool(names)
        if chief and not important:
            continue
        columns = PooledColumns(tap.name, start, _channels(tap), _parts(tap), names, important)
        found.append(columns)
        start = columns.end
    return tuple(found), tuple(left_out)


def why_no_channels(tap: Tap) -> str:
    """Why nothing can be taken of each channel of a batch, "" where it can."""
    if not tap.observable:
        return tap.reason
    if tap.layout is Layout.OTHER:
        return tr("its layout is unknown, so it has no channels")
    if not tap.batched and tap.layout is not Layout.NLC:
        return tr("its first dimension is not the batch")
    return "" if "float" in tap.dtype else tr("its numbers are {dtype}", dtype=tap.dtype)


def _channels(tap: Tap) -> int:
    return prod(tap.shape[1:]) if tap.layout is Layout.NC else tap.channels


def _parts(tap: Tap) -> tuple[str, ...]:
    if tap.layout is Layout.NLC:
        return (MEAN, MAX, TOKEN) if tap.prefix else (MEAN, MAX)
    spots = _SPOTS.get(tap.layout, ())
    return (AS_IS,) if prod(tap.shape[d] for d in spots) == 1 else (MEAN, MAX)


def pooled(values: Tensor, tap: Tap, batch: int) -> Tensor:
    """(batch, features) float32 of the values of a batch, in the order of `PooledColumns.parts`."""
    width = _channels(tap) * len(_parts(tap))
    return pool_into(torch.empty(batch, width, device=values.device), values, tap)


def pool_into(out: Tensor, values: Tensor, tap: Tap) -> Tensor:
    """The same, written into (batch, features). Raises ExplorerError where a batch has another shape than one picture had."""
    batch, values = len(out), values.detach().float()
    if tap.layout is Layout.NLC:
        tokens = values.reshape(batch, -1, values.shape[-1])
        cells = tokens[:, tap.prefix :]
        if tap.order is not None and min(tap.order) < 0:  # padding is no cell
            cells = cells[:, torch.tensor(tap.order, device=cells.device) >= 0]
        first = [tokens[:, 0]] if tap.prefix else []
        return _put(out, torch.cat([cells.mean(1), cells.amax(1), *first], 1))
    if _parts(tap) == (AS_IS,):
        return _put(out, values.reshape(batch, -1))
    spots, channels = _SPOTS[tap.layout], out.shape[1] // 2
    if values.ndim <= max(spots) or values.numel() == 0:
        return _put(out, values)
    left = [size for d, size in enumerate(values.shape) if d not in spots]
    if left != [batch, channels]:
        return _put(out, torch.empty(left))
    torch.mean(values, spots, out=out[:, :channels])
    torch.amax(values, spots, out=out[:, channels:])
    return out


def _put(out: Tensor, found: Tensor) -> Tensor:
    if found.shape != out.shape:
        raise ExplorerError(tr("The layers have other shapes in a batch."), "")
    return out.copy_(found)


def pixels_of(x: Tensor) -> Tensor:
    """(batch, features): the input itself, 16 × 16 × channels."""
    return F.adaptive_avg_pool2d(x.float(), PIXELS_SIDE).flatten(1)


def pixel_columns(start: int, channels: int) -> PooledColumns:
    return PooledColumns(PIXELS, start, PIXELS_SIDE**2 * channels, (AS_IS,))


def columns_from(held: Mapping[str, object]) -> PooledColumns:
    """The inverse of `PooledColumns.to_json`. Raises KeyError, TypeError, ValueError."""
    name, start, channels = str(held["name"]), int(str(held["start"])), int(str(held["channels"]))
    parts, same = (tuple(map(str, held[key])) for key in ("parts", "same_as"))  # type: ignore[call-overload]
    return PooledColumns(name, start, channels, parts, same, bool(held["chief"]))
