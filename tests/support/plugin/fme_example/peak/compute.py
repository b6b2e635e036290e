"""One look at the values of a layer."""

from collections.abc import Generator

import numpy as np

from explorer.core.method import MethodRequest
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from fme_example.peak.spec import Peak, PeakParams


def run(engine: Studies, request: MethodRequest[PeakParams, Peak], job: Job) -> Generator[None, None, Peak]:
    """The extreme cell of the channel."""
    capture = engine.bench.capture(request.model, request.picture, job)
    yield None
    values = capture.values[request.tap][request.channel]
    at = int(values.argmin() if request.params.lowest else values.argmax())
    cell = np.unravel_index(at, values.shape)
    return Peak(tuple(int(i) for i in cell), float(values[cell]))
