"""Reads the list of a channel from an index: no forward."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from explorer.core.data_index import ChannelTop
from explorer.core.errors import ExplorerError
from explorer.core.method import MethodRequest
from explorer.engine.data_index.index_file import index_stores
from explorer.engine.data_index.index_reader import IndexReader
from explorer.methods.examples.spec import ExamplesParams


def run(
    _engine: Any, request: MethodRequest[ExamplesParams, ChannelTop], _job: Any
) -> Generator[ChannelTop, None, ChannelTop]:
    """Of the index that the parameters name, else of the first of the model. Raises ExplorerError where there is none."""
    params = request.params
    store = params.store or _first_of(request.model)
    assert request.channel is not None  # it is a method of a channel
    with IndexReader(store) as reader:
        if params.order == "least":
            found = reader.least(request.tap, request.channel, params.label)
        elif params.order == "above half":
            found = reader.above_half(request.tap, request.channel, params.label)
        else:
            found = reader.top(request.tap, request.channel, params.label)
    yield found
    return found


def _first_of(model: str) -> str:
    for store in index_stores():
        try:
            with IndexReader(store) as reader:
                if reader.model == model:
                    return str(store)
        except ExplorerError:
            continue
    raise ExplorerError("No data set has been indexed for this model.", "", "Make an index with the command index.")
