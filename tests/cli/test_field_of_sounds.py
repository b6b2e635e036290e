"""The receptive field of a cell over a sound, against what gradients reach."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch
from sound_nets import laid_files

from explorer.cli import run

N_FFT, HOP, RATE = 256, 80, 8000


def reached(path: Path, layout: str, row: int, column: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Bands and frames, each from and to (exclusive), whose gradient is not zero."""
    spec = importlib.util.spec_from_file_location("net", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    x = torch.randn((1, 1, 32, 51) if layout == "NCHW" else (1, 51, 32), requires_grad=True)
    turned = x if layout == "NCHW" else x[:, None].transpose(2, 3)
    module.make_model().conv(turned)[0, :, row, column].sum().backward()
    assert x.grad is not None
    grid = x.grad.reshape(x.shape[-2:]).abs()
    grid = grid if layout == "NCHW" else grid.T
    bands, frames = (torch.nonzero(grid.sum(dim)).flatten() for dim in (1, 0))
    return (int(bands[0]), int(bands[-1]) + 1), (int(frames[0]), int(frames[-1]) + 1)


@pytest.mark.parametrize("layout", ["NCHW", "NTC"])
@pytest.mark.parametrize("cell", [(0, 0), (3, 11)])
def test_it_is_what_gradients_reach(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], layout: str, cell: tuple[int, int]
) -> None:
    name = laid_files(tmp_path)[layout]
    (low, high), (first, last) = reached(tmp_path / f"{layout.lower()}.py", layout, *cell)
    place = ",".join(map(str, cell))
    assert run(["receptive-field", name, "--trust-code", "--tap", "conv", "--cell", place]) == 0
    said = capsys.readouterr().out
    assert f"unclipped bands {low} to {high}, frames {first} to {last}" in said
    begin, end = ((at * HOP + side * N_FFT / 2) / RATE * 1000 for at, side in ((first, -1), (last - 1, 1)))
    assert f"ms        {begin:g} to {end:g}" in said
