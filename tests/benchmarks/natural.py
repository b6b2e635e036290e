"""Maximised pictures of the demo model beside its samples: does the picture excite its channel more than any of them?"""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from tests.benchmarks import figures
from tests.benchmarks.values import Row, Settings

NAME, TAPS = "demo:shapes-cnn", ("stage1.1.relu2", "stage2.1.relu2", "stage3.1.relu2")
_BAR = 1.5
_EVERY = 8  # channels


def measure(settings: Settings) -> list[Row]:
    import torch

    from explorer.core.inputs import InputRef
    from explorer.core.models import ModelSpec
    from explorer.engine.inputs import open_input
    from explorer.engine.inputs.samples import sample_pictures
    from explorer.engine.maximisation.natural import channel_means
    from explorer.engine.models import open_model

    torch.set_num_threads(settings.threads)
    loaded = open_model(ModelSpec(NAME))
    pictures = [open_input(InputRef("sample", sample.name)) for sample in sample_pictures()]
    ratios: dict[str, list[float]] = {}
    for tap in TAPS:
        means = channel_means(loaded, tap, pictures)
        channels = range(0, means.shape[1], settings.pick(_EVERY, 32))
        ratios[tap] = [_ratio(loaded, tap, channel, means) for channel in channels]
    every = [ratio for found in ratios.values() for ratio in found if ratio == ratio]
    words = f"{NAME}: mean activation on the maximised picture / on the best of {len(pictures)} samples"
    rows = [Row(f"{words}, {tap}", median(found), "×", detail=figures.spread(found)) for tap, found in ratios.items()]
    return [*rows, Row(f"{words}, all", median(every), "×", _BAR, ">=", figures.spread(every), {"ratios": ratios})]


def _ratio(loaded: object, tap: str, channel: int, means: object) -> float:
    from explorer.core.maximisation import MaximiseSettings, Objective
    from explorer.engine.maximisation.maximisation_jobs import kept
    from explorer.engine.maximisation.maximised_store import MaximisedStore
    from explorer.engine.maximisation.natural import beside_natural

    with tempfile.TemporaryDirectory() as folder:
        steps = kept(loaded, Objective(tap, (channel,)), MaximiseSettings(), MaximisedStore(Path(folder)))
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return beside_natural(loaded, end.value, means).ratio
