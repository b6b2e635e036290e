"""Directions of vectors in one byte a component, and bounds of cosines from them: what cannot be among the nearest need not be read.

A row is `row_bytes(channels)` int8: the components, zeros, and in its last 8 bytes two float32, the step a and the error e. The direction
u of a vector (the vector over its length) is a times its components, but for a rest whose length is at most e. Hence for any unit vector v
the cosine differs from a times the product of the components with v by at most e (Cauchy-Schwarz). v is split into three whole numbers of
at most 63 a component, so that products of whole numbers, which round nothing, give it.
"""

from __future__ import annotations

import platform

import numpy as np

from explorer.core.arrays import Array

_TAIL = 8  # bytes of the step and the error
_LINE = 16  # a row is a multiple of these bytes
_MOST = 127
_DIGIT = 63  # a pair of products with a byte stays below 2^15, which some processors add up in
_DIGITS = 3
_SLACK = 1e-9  # what float64 rounds, of numbers of at most 2
NOWHERE = -8.0  # the error of a vector without a direction: no cosine is as small as its bound


def row_bytes(channels: int) -> int:
    """Of one vector."""
    return -(-(channels + _TAIL) // _LINE) * _LINE


def shortened(vectors: Array) -> Array:
    """(…, channels) float32 -> (…, row_bytes) int8."""
    channels = vectors.shape[-1]
    rows = np.zeros((*vectors.shape[:-1], row_bytes(channels)), np.int8)
    flat, out = vectors.reshape(-1, channels), rows.reshape(-1, rows.shape[-1])
    ends = out[:, -_TAIL:].view("<f4")
    for n in range(0, len(flat), 1024):
        part = slice(n, n + 1024)
        unit = flat[part].astype(np.float64)
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            lengths = np.sqrt((unit * unit).sum(1))
            somewhere = np.isfinite(lengths) & (lengths > 0)
            unit /= lengths[:, None]
        unit[~somewhere] = 0
        steps = (np.abs(unit).max(1, initial=0) / _MOST).astype(np.float32)
        whole = np.rint(unit / np.where(steps > 0, steps.astype(np.float64), 1)[:, None]).clip(-_MOST, _MOST)
        out[part, :channels] = whole
        unit -= whole * steps[:, None].astype(np.float64)
        errors = (np.sqrt((unit * unit).sum(1)) + _SLACK).astype(np.float32)
        ends[part, 0] = steps
        ends[part, 1] = np.where(somewhere, np.nextafter(errors, np.float32(np.inf)), NOWHERE)
    return rows


def quick() -> bool:
    """Whether this machine multiplies bytes quicker than it reads the vectors themselves: x86 with VNNI."""
    import torch

    asked = getattr(torch.cpu, "_is_vnni_supported", None)
    here = platform.machine().lower() in ("x86_64", "amd64") and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return here and hasattr(torch, "_int_mm") and asked is not None and bool(asked())


def cosines(rows: Array, unit: Array) -> tuple[Array, Array]:
    """(n,) float64 each: about the cosine of each vector with a unit vector (channels,), and what it is at most. -inf and inf for a row
    that was never written; `NOWHERE` for a vector without a direction.

    `rows`: (n, row_bytes) int8, contiguous.
    """
    digits, scales, error = _digits(unit, rows.shape[1])
    products = _products(rows, digits) @ scales
    steps, errors = np.array(rows[:, -_TAIL:]).view("<f4").astype(np.float64).T
    about = steps * products
    most = about + np.abs(errors) + (1 + np.abs(errors)) * error + _SLACK
    nowhere = (steps == 0) & (errors == NOWHERE)
    unsure = ~((steps > 0) & (errors > 0)) & ~nowhere
    about[nowhere] = most[nowhere] = NOWHERE
    about[unsure], most[unsure] = -np.inf, np.inf
    return about, most


def _digits(unit: Array, width: int) -> tuple[Array, Array, float]:
    """A unit vector as whole numbers (width, digits) with the scale of each, and the length of what is left over."""
    digits, scales = np.zeros((width, _DIGITS), np.int8), np.zeros(_DIGITS)
    left = unit.astype(np.float64)
    for n in range(_DIGITS):
        scales[n] = np.abs(left).max(initial=0) / _DIGIT or 1.0
        whole = np.rint(left / scales[n])
        digits[: len(unit), n] = whole
        left = left - whole * scales[n]
    return digits, scales, float(np.sqrt((left * left).sum())) + _SLACK


def _products(rows: Array, digits: Array) -> Array:
    """(n, digits) int32: exact."""
    import torch

    found: Array = torch._int_mm(torch.from_numpy(rows), torch.from_numpy(digits)).numpy()
    return found
