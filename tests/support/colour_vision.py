"""Colours as people see them who lack one kind of cone, and how far two colours are apart.

Dichromats: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision
Deficiency", IEEE TVCG 15(6), 2009, the matrices of severity 1.0, on linear RGB. Difference: CIE L*a*b* of D65, CIE76, of which
about 2.3 is just noticeable (Mahy, Van Eycken, Oosterlinck 1994)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MACHADO = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def rgb_of(colours: Sequence[str]) -> np.ndarray:
    """(n, 3) uint8 of "#rrggbb"."""
    return np.array([list(bytes.fromhex(colour.lstrip("#"))) for colour in colours], np.uint8)


def seen_as(rgb: np.ndarray, vision: str) -> np.ndarray:
    """(n, 3) CIE L*a*b* of (n, 3) uint8 sRGB as a kind of vision of `MACHADO` sees it."""
    share = rgb.astype(float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    simulated = np.clip(linear @ MACHADO[vision].T, 0, 1)
    xyz = simulated @ _XYZ.T / _XYZ.sum(axis=1)
    bent = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def apart(colours: Sequence[str], vision: str) -> float:
    """The smallest difference between two of several colours."""
    lab = seen_as(rgb_of(colours), vision)
    between = np.linalg.norm(lab[:, None] - lab[None], axis=2)
    return float(between[~np.eye(len(lab), dtype=bool)].min())
