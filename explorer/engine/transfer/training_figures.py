"""What is said of a training: which epoch is better, the confusion matrix, the result."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from explorer.core.probe import Confusion, wilson
from explorer.core.transfer import EpochFigures, TransferResult
from explorer.engine.transfer.training_state import TrainingProgress
from explorer.engine.transfer.transfer_pictures import LabelledPicture


def better(found: EpochFigures, before: EpochFigures) -> bool:
    """More validation pictures right, or as many with a smaller loss; the later one where there are none. What was there before
    anything was learnt gives way only to more: the loss of a last layer that starts as a probe says how sure it is, and no more."""
    if math.isnan(found.validation_accuracy):
        return True
    if before.epoch == 0:
        return found.validation_accuracy > before.validation_accuracy
    return (found.validation_accuracy, -found.validation_loss) > (before.validation_accuracy, -before.validation_loss)


def truth(samples: Sequence[LabelledPicture]) -> Tensor:
    return torch.tensor([sample.label for sample in samples])


def seed_of(*numbers: int) -> int:
    return int(np.random.SeedSequence(list(numbers)).generate_state(1)[0])


def result_of(
    matrix: Confusion, progress: TrainingProgress, frozen_taps: int, frozen_same: bool, learnt_parameters: int
) -> TransferResult:
    """By the confusion matrix of the test pictures."""
    right, total = int(np.trace(matrix.counts)), int(matrix.counts.sum())
    low, high = wilson(right, total)
    recalls = [recall for recall, _, _ in matrix.recalls if not math.isnan(recall)]
    return TransferResult(
        best_epoch=progress.best,
        accuracy=right / total,
        low=low,
        high=high,
        balanced=sum(recalls) / len(recalls),
        confusion=matrix,
        before=progress.before,
        frozen_taps=frozen_taps,
        frozen_same=frozen_same,
        learnt_parameters=learnt_parameters,
        seconds=progress.seconds,
    )
