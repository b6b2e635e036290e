"""Activation maximisation as the user interface asks for it, with what is kept on disk. Run on the worker thread."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np
import torch

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.maximisation import LayerProgress, Maximised, MaximiseSettings, MaximiseState, Objective
from explorer.core.maximised_pictures import LayerPictures, Natural, thumb
from explorer.core.models import Preprocess
from explorer.engine.inputs.samples import open_sample, sample_pictures
from explorer.engine.jobs.runner import Job
from explorer.engine.maximisation.canvas import Canvas
from explorer.engine.maximisation.maximisation_jobs import every_channel, kept
from explorer.engine.maximisation.maximised_store import MaximisedStore
from explorer.engine.maximisation.natural import means_at
from explorer.engine.maximisation.optimise import TURN
from explorer.engine.maximisation.prepare import sides
from explorer.engine.studies import Studies


class Maximisations:
    """Models come from the workbench, pictures from the store where they are there. `store` None: the user's cache."""

    def __init__(self, studies: Studies, store: MaximisedStore | None = None) -> None:
        self._studies, self.bench = studies, studies.bench
        self.store = store or MaximisedStore()

    def grow(
        self, model: str, picture: Picture | None, objective: Objective, settings: MaximiseSettings, job: Job
    ) -> Generator[Maximised, None, Maximised]:
        """Streams the growing picture, then the finished one; goes on where it was interrupted.

        `settings.start` is "" or the digest of `picture`, which also saves a forward to find the layers.
        """

        def steps() -> Generator[Maximised, None, Maximised]:
            loaded, plan = self.bench.model(model), None
            pre = loaded.card.preprocess
            if picture is not None and sides(pre, settings.size) == (pre.height, pre.width):
                plan = self.bench.given(model, picture, job)[2]
            start = picture if picture is not None and settings.start == picture.digest else None
            return kept(loaded, objective, settings, self.store, plan=plan, start=start, cancelled=job.cancelled)

        return self._studies.streamed(steps)

    def at_rest(self, model: str, objective: Objective, settings: MaximiseSettings) -> Maximised | None:
        """What is kept: finished, or (`done` False) as far as it had come. None when nothing is."""
        found = self.store.get(model, objective, settings)
        if found is not None:
            return found
        state = self.store.state(model, objective, settings)
        if state is None:
            return None
        pictures = _pictures(state, settings, self.bench.model(model).card.preprocess)
        return None if pictures is None else Maximised(model, objective, settings, pictures, state.step, state.curve)

    def forget(self, model: str, objective: Objective, settings: MaximiseSettings) -> Generator[Maximised, None, None]:
        """Throws away how far an interrupted one has come. A generator, so that the one it replaces has ended before."""
        self.store.forget_state(model, objective, settings)
        yield from ()

    def layer(
        self, model: str, tap: str, settings: MaximiseSettings, job: Job
    ) -> Generator[LayerProgress, None, LayerProgress]:
        """Streams how far a picture of every channel of a tap is; what is kept is not made again."""
        plain = replace(settings, start="")
        return self._studies.streamed(
            lambda: every_channel(self.bench.model(model), tap, plain, self.store, cancelled=job.cancelled)
        )

    def gallery(
        self, model: str, tap: str, channels: Sequence[int], settings: MaximiseSettings
    ) -> Generator[LayerPictures, None, LayerPictures]:
        """Streams small pictures of those of the channels that are kept: more and more of them."""
        plain, found, told = replace(settings, start=""), {}, time.perf_counter()
        for channel in channels:
            made = self.store.get(model, Objective(tap, (channel,)), plain)
            if made is not None:
                found[channel] = thumb(made.pictures[0])
            if time.perf_counter() - told > TURN:
                yield LayerPictures(tap, dict(found))
                told = time.perf_counter()
        return LayerPictures(tap, found)

    def natural(self, model: str, tap: str, job: Job) -> Generator[Natural, None, Natural]:
        """Streams the best of the sample pictures for every channel of a tap. Raises ExplorerError when there are none."""
        return self._studies.streamed(lambda: self._natural(model, tap, job))

    def _natural(self, model: str, tap: str, job: Job) -> Generator[Natural, None, Natural]:
        samples, rows, titles = sample_pictures(), list[Array](), list[str]()
        if not samples:
            raise ExplorerError("There are no natural pictures to compare with.", "No samples came along.")
        for sample in samples:
            loaded, x, plan = self.bench.given(model, open_sample(sample.name), job)
            rows.append(means_at(loaded.module, x, plan, tap, job.cancelled))
            titles.append(sample.title)
            means = np.stack(rows)
            found = Natural(model, tap, means.max(0), means.argmax(0), tuple(titles), len(samples))
            yield found
        return found


def _pictures(state: MaximiseState, settings: MaximiseSettings, pre: Preprocess) -> Array | None:
    """(N, H, W, C) uint8 of an interrupted one; None when it is of another size."""
    shape = (settings.batch, pre.channels, *sides(pre, settings.size))
    canvas = Canvas(shape, settings, torch.device("cpu"))
    try:
        canvas.load(state.parameters)
    except ExplorerError:
        return None
    return canvas.pixels()
