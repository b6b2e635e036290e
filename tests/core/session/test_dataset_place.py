"""The place in the Dataset workspace goes through a session file, and what cannot be is refused."""

from __future__ import annotations

import json

import pytest

from explorer.core.errors import ExplorerError
from explorer.core.session.dataset_place import DatasetPage, DatasetPlace
from explorer.core.session.session import Session, from_json, to_json

PLACE = DatasetPlace(
    "a.fmindex",
    "pictures",
    "layer3.*",
    "head",
    DatasetPage.SCATTER,
    "relu",
    3,
    "dog",
    "failed",
    "name",
    "dog/1.png",
    "input",
    ((0.0, 1.5), (2.0, 3.0), (-1.0, 0.25)),
    "relu",
)


def test_it_goes_through_a_session_file() -> None:
    assert from_json(to_json(Session(dataset=PLACE))).dataset == PLACE
    older = json.loads(to_json(Session()))
    del older["dataset"]
    assert from_json(json.dumps(older)).dataset == DatasetPlace()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("page", "walls"),
        ("state", "lost"),
        ("near", "far"),
        ("cells", 3),
        ("channel", -1),
        ("lasso", [[1, 2], [3]]),
        ("lasso", [[1, 2]]),
    ],
)
def test_what_cannot_be_is_refused(field: str, value: object) -> None:
    held = json.loads(to_json(Session(dataset=PLACE)))
    held["dataset"][field] = value
    with pytest.raises(ExplorerError, match="not a session file"):
        from_json(json.dumps(held))
