"""Signs of persons that were not learnt from, in an ImageNet network: the published table of the protocol."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.core.data_sets import split
from explorer.core.models import ModelSpec
from explorer.core.probe import ProbeParams
from explorer.engine.data_sets.class_folders import read_folder
from explorer.engine.models import open_model
from explorer.engine.probe.feature_extraction import FeatureExtraction
from explorer.engine.probe.feature_store import PooledStore
from explorer.engine.probe.learner import Learner, task_of

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
DATA = SHARED / "sign-digits" / "Dataset"
WEIGHTS = SHARED / "weights" / "mobilenet_v2-imagenet" / "mobilenet_v2.safetensors"


@pytest.mark.slow
@pytest.mark.skipif(not (DATA.is_dir() and WEIGHTS.is_file()), reason="shared data is not there")
def test_sign_digits_by_person() -> None:
    data = read_folder(DATA)
    pictures = sorted(data.pictures, key=lambda p: int(re.findall(r"\d+", p.path)[-1]))
    person, groups, last = 0, {}, -1
    for picture in pictures:  # one person's signs follow each other, 0 to 9
        person += int(picture.label) <= last
        groups[picture.path], last = f"person {person}", int(picture.label)
    of_persons = [
        replace(each, pictures=tuple(replace(p, group=groups[p.path]) for p in each.pictures)) for each in data.classes
    ]
    data = replace(data, classes=tuple(of_persons))
    divided = split(data, 60 / (person + 1))
    loaded = open_model(ModelSpec("torchvision:mobilenet_v2", weights=os.fspath(WEIGHTS)))
    store = PooledStore(loaded.card.digest, 16)
    for _ in FeatureExtraction(data, store, lambda: loaded).steps(data.pictures):
        pass
    last_layer = [columns for columns in store.columns if "features.18" in (columns.name, *columns.same_as)]
    for method, expected in (("logreg", {5: (73.4, 4.5), 20: (86.5, 3.3)}), ("knn", {20: (79.4, 4.5)})):
        params = ProbeParams(per_class=",".join(map(str, expected)), draws=10, pool="mean", method=method)
        learner = Learner(task_of(data, divided, params), store, last_layer, params)
        for _ in learner.rest():
            pass
        for point in learner.points():
            middle, width = expected[point.per_class]
            assert 100 * point.accuracy == pytest.approx(middle, abs=width), (method, point.per_class)
