"""Reads the list of a channel from an index: no forward."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from explorer.core.data_index import ChannelTop
from explorer.core.errors import ExplorerError
from explorer.core.method import MethodRequest
from explorer.core.translation import tr
from explorer.engine.data_index.index_catalogue import indexes_of
from explorer.engine.data_index.index_reader import IndexReader, listed
from explorer.methods.examples.spec import ExamplesParams


def run(
    _engine: Any, request: MethodRequest[ExamplesParams, ChannelTop], _job: Any
) -> Generator[ChannelTop, None, ChannelTop]:
    """Of the index that the parameters name, else of the first of the model. Raises ExplorerError where there is none."""
    params = request.params
    store = params.store or _first_of(request.model)
    assert request.channel is not None  # it is a method of a channel
    with IndexReader(store) as reader:
        found = listed(reader, params.order, request.tap, request.channel, params.label)
    yield found
    return found


def _first_of(model: str) -> str:
    first = next(iter(indexes_of(model)), None)
    if first is not None:
        return first.path
    raise ExplorerError(
        tr("No data set has been indexed for this model."), "", tr("Make an index with the command index.")
    )
