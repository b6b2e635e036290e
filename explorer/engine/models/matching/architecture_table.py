"""The architectures of torchvision and timm as sketches, made once and shipped (packaging/architecture_table.py makes the file).

A row only proposes: what it proposes is built from the installed library and compared tensor by tensor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from explorer.core.errors import ExplorerError
from explorer.core.system.paths import resources
from explorer.core.translation import tr
from explorer.engine.models import extras, timm_models, torchvision_models
from explorer.engine.models.matching.shapes_only import without_values
from explorer.engine.models.matching.sketch import Sketch, hashes, shares, sketch
from explorer.engine.models.module_state import seeded

FILE = "architectures.npz"
WORTH = 0.3  # of the best one's share: what has less in common with a file is not worth building


@dataclass(frozen=True, slots=True, eq=False)
class ArchitectureTable:
    """N architectures: ids, numbers of tensors (N,), sketches (N, SAMPLE), versions of the libraries by name."""

    ids: tuple[str, ...]
    counts: NDArray[np.int64]
    sketches: Sketch
    versions: Mapping[str, str]

    def save(self, path: Path) -> None:
        versions = np.array([f"{name} {version}" for name, version in self.versions.items()])
        ids, counts = np.array(self.ids), self.counts.astype(np.int32)
        np.savez_compressed(path, ids=ids, counts=counts, sketches=self.sketches, versions=versions)


@lru_cache(maxsize=1)
def shipped() -> ArchitectureTable:
    """Raises ExplorerError where the file is missing or damaged."""
    path = resources() / FILE
    try:
        with np.load(path, allow_pickle=False) as held:
            versions = dict(str(text).split(" ", 1) for text in held["versions"])
            ids = tuple(str(name) for name in held["ids"])
            return ArchitectureTable(ids, held["counts"].astype(np.int64), held["sketches"], versions)
    except (OSError, ValueError, KeyError) as error:
        what = tr("The table of architectures cannot be read.")
        raise ExplorerError(what, f"{path}: {error}.", tr("Install the application again.")) from None


def nearest(
    table: ArchitectureTable, state: Mapping[str, Tensor], sources: Iterable[str], most: int
) -> tuple[str, ...]:
    """Ids of at most so many architectures of these sources that the tensors of a file may belong to, the likeliest first.

    Of two that are in the file alike, the one with the nearer number of tensors: a ResNet-18 is in every ResNet-34.
    """
    part = shares(table.sketches, hashes(state))
    given = max(len(state), 1)
    alike = np.minimum(table.counts, given) / np.maximum(np.maximum(table.counts, given), 1)
    ranks = part * (0.5 + 0.5 * alike)
    wanted = tuple(f"{source}:" for source in sources)
    order = [int(at) for at in np.argsort(-ranks, kind="stable") if table.ids[at].startswith(wanted)]
    least = WORTH * max((part[at] for at in order), default=0.0)
    return tuple(table.ids[at] for at in order[:most] if part[at] > 0 and part[at] >= least)


def built(model_id: str) -> Mapping[str, Tensor]:
    """The state of an architecture with initial sizes, without values. Raises ExplorerError where it cannot be built."""
    source, _, name = model_id.partition(":")
    if source == "timm":
        return without_values(lambda: seeded(lambda: timm_models.build(name), 0)).state_dict()
    shape = torchvision_models.TorchvisionShape(pretrained=True)
    return without_values(lambda: seeded(lambda: torchvision_models.build(name, shape), 0)).state_dict()


def every_id() -> Iterator[str]:
    """All architectures of torchvision, and of timm where it is installed."""
    yield from (f"torchvision:{name}" for name in torchvision_models.names())
    if not extras.TIMM.way:
        yield from (f"timm:{name}" for name in extras.load(extras.TIMM).list_models())


def row(model_id: str) -> tuple[int, Sketch]:
    """What the table says of an architecture, made anew."""
    return sketch(built(model_id))
