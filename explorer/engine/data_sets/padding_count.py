"""How much of the texts that something is measured over is padding: a model sees it, and its cells are measured like others."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import torch

from explorer.core.models import AnyPreprocess
from explorer.core.texts import TextPreprocess
from explorer.engine.inputs.dataset_samples import DatasetItem


class PaddingCount:
    """Counts while inputs are loaded. Of models of another kind, or that pad nothing, it says nothing."""

    def __init__(self, pre: AnyPreprocess) -> None:
        self._pre = pre
        self.tokens = self.padding = 0

    def counted(self, items: tuple[DatasetItem, ...]) -> tuple[DatasetItem, ...]:
        """The same inputs, each counted when it is loaded."""
        pre = self._pre
        if not isinstance(pre, TextPreprocess) or not pre.length:
            return items
        return tuple(replace(item, load=partial(self._load, item, pre)) for item in items)

    def _load(self, item: DatasetItem, pre: TextPreprocess) -> torch.Tensor:
        ids = item.load()
        last = (ids != pre.pad).nonzero()[:, -1]
        self.tokens += ids.shape[-1]
        self.padding += ids.shape[-1] - (int(last.max()) + 1 if len(last) else 0)
        return ids

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be known of the result: one sentence, or none."""
        if not self.padding:
            return ()
        share = f"{self.padding:,} of {self.tokens:,} tokens"
        return (
            f"{share} are padding at the end of the texts: the model sees it, and its cells are counted like others.",
        )
