"""Writes the weights of a module that was saved as a whole to a plain file, and says what the module is made of."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.core.weight_matches import ExtractedWeights
from explorer.engine import export
from explorer.engine.models.weights import names
from explorer.engine.models.weights.checkpoint import read_checkpoint
from explorer.engine.models.weights.dtypes import SAFETENSORS

SUFFIX = ".safetensors"


def extract(path: Path, out: Path | None = None) -> ExtractedWeights:
    """Reads tensors and the tree of modules from `path`, makes no object of it, and writes `out` (NAME.safetensors beside it).

    Raises ExplorerError; a file that is there is not replaced.
    """
    from safetensors.torch import save

    target = out or path.parent / f"{path.stem}{SUFFIX}"
    if out is not None and out.suffix != SUFFIX:
        raise ExplorerError(
            tr("{target} must end in {suffix}.", target=out.name, suffix=SUFFIX), "", tr("Choose another name.")
        )
    if target.exists():
        raise ExplorerError(
            tr("{target} is there already.", target=target), tr("It is not replaced."), tr("Choose another name.")
        )
    found = read_checkpoint(path, objects=True)
    kept = {name: value for name, value in found.state.items() if _is_kept(name, value)}
    if not kept:
        raise ExplorerError(
            tr("{path} holds no tensors that a file of safetensors can hold.", path=path.name),
            "",
            tr("Save them with torch.save(model.state_dict(), FILE)."),
        )
    # copies: two names of one tensor are two tensors in the file
    state = {name: value.detach().clone(memory_format=torch.contiguous_format) for name, value in kept.items()}
    export.write(target, save(state))
    left_out = tuple(name for name in found.state if name not in kept)
    notes = (_left_out(left_out),) if left_out else ()
    return ExtractedWeights(str(target), len(state), found.tree, (*found.notes, *notes))


def _is_kept(name: str, value: Tensor) -> bool:
    return name.isprintable() and value.layout == torch.strided and value.dtype in SAFETENSORS.values()


def _left_out(found: tuple[str, ...]) -> str:
    return tr(
        "Left out, for safetensors has no such numbers (quantised, sparse, complex128) or names: {listed}.",
        listed=names.listed(found),
    )
