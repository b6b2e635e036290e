"""Two numbers of the model cards."""

from collections.abc import Generator

from explorer.core.method import PairRequest
from explorer.core.pairs import PairParams
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from fme_example.sizes.spec import Sizes


def run(engine: Studies, request: PairRequest[PairParams, Sizes], job: Job) -> Generator[None, None, Sizes]:
    """The ratio."""
    one, other = (engine.bench.model(side.model).card.parameters for side in (request.first, request.second))
    yield None
    return Sizes(one / other)
