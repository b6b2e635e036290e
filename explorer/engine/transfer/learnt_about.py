"""What the card of a learnt model says beside what is needed to open it: how it was learnt, from which pictures, how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from explorer import __version__
from explorer.core.params import plain
from explorer.core.transfer import TransferResult, TransferTarget
from explorer.engine.models.weights.locate import sha256_of
from explorer.engine.transfer.transfer_pictures import Divided, LabelledPicture


def about_learning(
    target: TransferTarget, epoch: int, pictures: Divided, result: TransferResult | None
) -> dict[str, Any]:
    """Without a result: of an epoch while it learns, which is not tested."""
    params = target.params
    told: dict[str, Any] = {
        "frozen_up_to": params.freeze,
        "epochs": params.epochs,
        "best_epoch": epoch,
        "seed": params.seed,
        "settings": plain(params),
        "versions": {
            "feature-map-explorer": __version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
    }
    if result is None:
        return told
    test = {"value": result.accuracy, "low": result.low, "high": result.high, "pictures": len(pictures.test)}
    draw = {
        "data_set": target.data.name,
        "seed": params.seed,
        "train": _listed(pictures.train),
        "validation": _listed(pictures.validation),
        "test": _listed(pictures.test),
    }
    frozen = {"taps": result.frozen_taps, "bit_equal": result.frozen_same}
    matrix = result.confusion.counts.tolist()
    return {
        **told,
        "accuracy": {**test, "balanced": result.balanced, "before_learning": result.before, "test": target.data.name},
        "confusion": matrix,
        "frozen": frozen,
        "draw": draw,
    }


def _listed(samples: Sequence[LabelledPicture]) -> list[dict[str, str]]:
    """Paths below the folder of the data set, with the digests of the files."""
    return [{"picture": sample.path, "sha256": _digest(sample)} for sample in samples]


def _digest(sample: LabelledPicture) -> str:
    try:
        return str(sha256_of(sample.file))
    except OSError:  # it has gone since it was read
        return ""
