"""Which pictures are learnt from, which choose the epoch and which test; and their values, kept where they fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from explorer.core.data_sets import DataSet, draw, split
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.jobs import memory
from explorer.engine.transfer.batch_size import BatchSize

_VALIDATION = 0.2  # share of the groups of a class that choose the epoch
_LEAST = 4  # groups of a class below which none is spared for that
_MEMORY = 0.3  # share of the free memory that values may take


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture: as the data set names it, its file, its class."""

    path: str
    file: Path
    label: int


@dataclass(frozen=True, slots=True)
class Divided:
    """Three sets without a common group."""

    train: tuple[LabelledPicture, ...]
    validation: tuple[LabelledPicture, ...]
    test: tuple[LabelledPicture, ...]

    @property
    def counts(self) -> tuple[int, int, int]:
        return len(self.train), len(self.validation), len(self.test)

    def without(self, gone: Sequence[str], labels: Sequence[str]) -> Divided:
        """Raises ExplorerError where a class has nothing left to learn from, or nothing is left to test."""
        left = [tuple(s for s in part if str(s.file) not in gone) for part in (self.train, self.validation, self.test)]
        lost = next((n for n in range(len(labels)) if not any(s.label == n for s in left[0])), None)
        if lost is not None:
            raise ExplorerError(
                tr("No picture of “{labels}” can be read any more.", labels=labels[lost]),
                "",
                tr("Read the data set again."),
            )
        if not left[2]:
            raise ExplorerError(tr("No test picture can be read any more."), "", tr("Read the data set again."))
        return Divided(*left)


def divided(data: DataSet, per_class: int, seed: int) -> Divided:
    """The same data set and seed give the same. Raises ExplorerError where there is nothing to learn."""
    whole = split(data, seed=seed)
    groups = {picture.path: picture.group or picture.path for picture in data.pictures}
    drawn = draw(whole, per_class, 0)
    chosen = _validation_groups([[groups[path] for path in paths] for paths in drawn], seed)
    learnt = [LabelledPicture(path, data.file(path), n) for n, paths in enumerate(drawn) for path in paths]
    tested = [LabelledPicture(path, data.file(path), n) for n, paths in enumerate(whole.test) for path in paths]
    parts = [tuple(s for s in learnt if (groups[s.path] in chosen) is wanted) for wanted in (False, True)]
    return Divided(parts[0], parts[1], tuple(tested))


def _validation_groups(of_class: list[list[str]], seed: int) -> set[str]:
    """Whole groups in an order of chance: about a fifth of each class that has enough, and never the last one of a class."""
    groups = [sorted(set(names)) for names in of_class]
    left = [len(names) for names in groups]
    wanted = [max(1, round(_VALIDATION * n)) if n >= _LEAST else 0 for n in left]
    classes: dict[str, list[int]] = {}
    for number, names in enumerate(groups):
        for name in names:
            classes.setdefault(name, []).append(number)
    every, taken = sorted(classes), set()
    for place in np.random.default_rng([seed, 2]).permutation(len(every)):
        of = classes[every[place]]
        if all(wanted[n] > 0 and left[n] > 1 for n in of):
            taken.add(every[place])
            for n in of:
                left[n] -= 1
                wanted[n] -= 1
    return taken


class PictureValues:
    """What is known of each picture before a step. `load` opens one (1, C, H, W), `compute` makes values of several."""

    def __init__(
        self, load: Callable[[LabelledPicture], Tensor], compute: Callable[[Tensor], tuple[Tensor, ...]], device: str
    ) -> None:
        self._load, self._compute, self._device = load, compute, device
        self._kept: tuple[Tensor, ...] | None = None
        self._places: dict[LabelledPicture, int] = {}
        self.unreadable: dict[str, str] = {}  # why, by file
        self.too_large = 0  # bytes that all would take, where they do not fit

    def fill(self, samples: Sequence[LabelledPicture], batch: BatchSize) -> Iterator[int]:
        """Computes and keeps the values of all that can be read, in batches; yields how many are done."""
        samples, at = tuple(dict.fromkeys(samples)), 0
        while at < len(samples) and not self.too_large:
            part = samples[at : at + batch.pictures]
            if batch.fits(partial(self._keep, part, len(samples))):
                at += len(part)
                yield at

    def _keep(self, part: Sequence[LabelledPicture], total: int) -> bool:
        read = [(sample, x) for sample in part if (x := self._read(sample)) is not None]
        if read:
            self._put([sample for sample, _ in read], torch.cat([x for _, x in read]), total)
        return True

    def _put(self, samples: Sequence[LabelledPicture], x: Tensor, total: int) -> None:
        made = self._compute(x.to(self._device))
        if self._kept is None:
            needed = total * sum(value[0].nbytes for value in made)
            free = memory.free_bytes()
            if free is not None and needed > _MEMORY * free:
                self.too_large = needed
                return
            self._kept = tuple(torch.empty((total, *value.shape[1:]), dtype=value.dtype) for value in made)
        first = len(self._places)
        for kept, value in zip(self._kept, made, strict=True):
            kept[first : first + len(samples)] = value.cpu()
        self._places.update({sample: first + n for n, sample in enumerate(samples)})

    def _read(self, sample: LabelledPicture) -> Tensor | None:
        try:
            return self._load(sample)
        except ExplorerError as error:
            self.unreadable[str(sample.file)] = error.what
            return None

    def of(self, samples: Sequence[LabelledPicture]) -> tuple[Tensor, ...]:
        """Their values on the device, which may be written to. Raises ExplorerError for one that is gone."""
        if self._kept is None:
            return self._compute(torch.cat([self._load(sample) for sample in samples]).to(self._device))
        places = torch.tensor([self._places[sample] for sample in samples])
        return tuple(kept[places].to(self._device) for kept in self._kept)
