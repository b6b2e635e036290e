"""Damaged and hostile files of weights: each is read, or refused in one line, at once, in little memory; nothing of it runs."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.fuzz.in_reader import File, Fuzzed


def _files() -> list[File]:
    from tests.fuzz.in_weight_files import corpus

    return [(".pth", content) for content in corpus()]


def _damaged(files: list[File], draw: random.Random) -> File:
    from tests.fuzz.in_weight_files import mutated

    return ".pth", mutated([content for _, content in files], draw)


def _read(path: Path) -> str:
    from explorer.engine.models.weights.checkpoint import read_checkpoint

    return _unsound(read_checkpoint(path).state)


def _unsound(state: Any) -> str:
    """Every value that was read can be touched."""
    import torch

    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, torch.Tensor):
            return f"{name!r} is no tensor under a name"
        if tensor.layout == torch.strided and tensor.numel() < 1 << 24:
            plain = tensor.dequantize() if tensor.is_quantized else tensor
            plain.clone().flatten().view(torch.uint8) if plain.numel() else None
    return ""


FUZZED = Fuzzed("weights", __doc__, _files, _damaged, _read)
main, run = FUZZED.main, FUZZED.run
