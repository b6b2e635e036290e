"""Writes the weights of a module that was saved as a whole to a plain file, and says what the module is made of."""

from __future__ import annotations

from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.core.weight_matches import ExtractedWeights
from explorer.engine import export
from explorer.engine.models.weights.checkpoint import read_checkpoint

SUFFIX = ".safetensors"


def extract(path: Path, out: Path | None = None) -> ExtractedWeights:
    """Reads tensors and the tree of modules from `path`, makes no object of it, and writes `out` (NAME.safetensors beside it).

    Raises ExplorerError; a file that is there is not replaced.
    """
    from safetensors.torch import save

    target = out or path.with_suffix(SUFFIX)
    if target.suffix != SUFFIX:
        raise ExplorerError(
            tr("{target} must end in {suffix}.", target=target.name, suffix=SUFFIX), "", tr("Choose another name.")
        )
    if target.exists():
        raise ExplorerError(
            tr("{target} is there already.", target=target), tr("It is not replaced."), tr("Choose another name.")
        )
    found = read_checkpoint(path, objects=True)
    # copies: two names of one tensor are two tensors in the file
    state = {name: value.detach().clone().contiguous() for name, value in found.state.items() if not value.is_quantized}
    export.write(target, save(state))
    return ExtractedWeights(str(target), len(state), found.tree, found.notes)
