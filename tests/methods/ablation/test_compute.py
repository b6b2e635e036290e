"""What the page of ablations asks, and the method of the catalogue, against the engine's own numbers."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from nets import InPlace, seeded
from studied import drained, job, made

from explorer.core.errors import ExplorerError
from explorer.core.interventions import Edit
from explorer.core.selection import Selection
from explorer.methods.ablation import compute
from explorer.methods.ablation.requests import RankChannels
from explorer.methods.ablation.spec import SPEC, AblationParams


@pytest.fixture
def place() -> Any:
    studies, capture, _ = made(seeded(InPlace()))
    return SimpleNamespace(studies=studies, bench=studies.bench, capture=capture)


def ranked(place: Any, tap: str, index: int) -> Any:
    picture = place.capture.picture
    request = RankChannels(place.capture.model, picture.digest, tap, index, picture)
    return drained(compute.rank_channels(place, request, job()))


def test_a_ranking_is_that_of_each_channel_alone(place: Any) -> None:
    partial, ranking = ranked(place, "relu", 0)
    assert ranking.done == 8
    assert partial[-1] is ranking
    done = place.studies.ablate(place.capture, (Edit("relu", (2,)),), (), job())
    shift = next(s for s in done.shifts if s.index == 0)
    assert next(e for e in ranking.effects if e.channel == 2).points == pytest.approx(shift.points, abs=1e-3)
    with pytest.raises(ExplorerError):
        ranked(place, "relu", 99)


@pytest.mark.parametrize("mode", ["zero", "mean"])
def test_the_method_of_the_catalogue_edits_the_selected_channel(place: Any, mode: Any) -> None:
    card = place.bench.model(place.capture.model).card
    selection = Selection(card, place.capture, place.capture.tap("relu"), 2, None)
    _, done = drained(compute.run(place.studies, SPEC.request(selection, AblationParams(mode)), job()))
    expected = place.studies.ablate(place.capture, (Edit("relu", (2,), mode=mode),), (), job())
    assert done.shifts == expected.shifts
    rows = json.loads(json.dumps(SPEC.to_json(done)))["classes"]
    assert [row["index"] for row in rows] == [shift.index for shift in done.shifts]
    assert SPEC.write(done).count("pp") == len(rows)
