"""How much of the texts that something is measured over is padding: a model sees it, but what is said of a layer is said of its words."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import torch

from explorer.core.activations import Tap
from explorer.core.arrays import Array
from explorer.core.models import AnyPreprocess
from explorer.core.texts import TextPreprocess, Token
from explorer.engine.data_sets.padded_cells import PaddedTokens, padded_cells
from explorer.engine.inputs.dataset_samples import DatasetItem


class PaddingCount:
    """Counts while inputs are loaded, and leaves out the cells over the padding of the one that was loaded last. Of models of another kind,
    or that pad nothing, it says and leaves out nothing."""

    def __init__(self, pre: AnyPreprocess) -> None:
        self._pre = pre
        self.seen = PaddedTokens()
        self._last: tuple[Token, ...] = ()

    def counted(self, items: tuple[DatasetItem, ...]) -> tuple[DatasetItem, ...]:
        """The same inputs, each counted when it is loaded."""
        pre = self._pre
        if not isinstance(pre, TextPreprocess) or not pre.length:
            return items
        return tuple(replace(item, load=partial(self._load, item, pre)) for item in items)

    def _load(self, item: DatasetItem, pre: TextPreprocess) -> torch.Tensor:
        self._last = ()
        ids = item.load()
        last = (ids != pre.pad).nonzero()[:, -1]
        begin = int(last.max()) + 1 if len(last) else 0
        row = ids.reshape(-1).tolist()
        self._last = tuple(Token(each, "", kind="word" if at < begin else "padding") for at, each in enumerate(row))
        self.seen.add(self._last)
        return ids

    def without(self, values: Array, tap: Tap) -> Array:
        """Of (channels, cells) those that do not stand over padding. All of them where that is not known, which is told, and of a layer
        whose cells each stand for the whole text."""
        cells = values.shape[1]
        if not any(token.kind == "padding" for token in self._last):
            return values
        if tap.receptive is None and cells > 1:
            self.seen.add_unplaced(tap.name)
        over = padded_cells(tap, cells, self._last)
        return values if over is None else values[:, ~over]

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known of the result: one sentence, or none."""
        return self.seen.notes
