"""Pictures are moved, mirrored and lit, each in its own way, the same by the same seed, and nothing else happens to them."""

from __future__ import annotations

import pytest
import torch

from explorer.core.models import Preprocess
from explorer.engine.transfer.augmentation import augmented

PRE = Preprocess(16, 16, resize=16)
BLACK = torch.tensor([-m / s for m, s in zip(PRE.means, PRE.stds, strict=True)]).view(1, 3, 1, 1)


def pictures(count: int = 6) -> torch.Tensor:
    return torch.rand(count, 3, 16, 16, generator=torch.Generator().manual_seed(0)) + BLACK


@pytest.mark.parametrize("kind", ["none", "shift", "flip", "strong"])
def test_the_seed_alone_decides(kind: str) -> None:
    x = pictures()
    torch.manual_seed(1)
    first = augmented(x, kind, PRE, 3)
    torch.manual_seed(2)
    assert torch.equal(augmented(x, kind, PRE, 3), first)
    assert first.shape == x.shape
    assert torch.equal(x, pictures()), "what was given is left as it was"
    assert torch.equal(augmented(x, kind, PRE, 4), first) == (kind == "none")


def test_a_shift_moves_the_middle_and_keeps_its_values() -> None:
    x = pictures()
    for picture, moved in zip(x, augmented(x, "shift", PRE, 0), strict=True):
        found = [
            (dy, dx)
            for dy in range(-2, 3)
            for dx in range(-2, 3)
            if torch.equal(moved[:, 2:-2, 2:-2], picture[:, 2 + dy : 14 + dy, 2 + dx : 14 + dx])
        ]
        assert len(found) == 1


def test_mirroring_takes_some_and_black_stays_black() -> None:
    x = pictures(20)
    ramp = torch.arange(16.0).expand(20, 3, 16, 16)
    mirrored = (augmented(ramp, "flip", PRE, 0)[:, 0, 8, 3] > augmented(ramp, "flip", PRE, 0)[:, 0, 8, 12]).sum()
    assert 3 <= int(mirrored) <= 17
    black = BLACK.expand(20, 3, 16, 16)
    assert torch.allclose(augmented(black, "strong", PRE, 0), black, atol=1e-6)
    assert not torch.allclose(augmented(x, "strong", PRE, 0).mean((1, 2, 3)), x.mean((1, 2, 3)), atol=1e-3)
