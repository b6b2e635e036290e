"""Every demo model that ships, however many there are: it opens, is what its card says, and knows the samples."""

from __future__ import annotations

import hashlib
import json

import pytest
import torch

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec, Preprocess
from explorer.engine.inputs import open_input
from explorer.engine.inputs.gallery import WORLD
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.inputs.samples import sample_pictures
from explorer.engine.models import open_model, start_choice, start_input
from explorer.engine.models.demo import shelf
from explorer.engine.models.demo.source import NETWORKS

LARGEST = 30_000_000  # bytes of all weights
SUPERVISED = ("shapes-cnn", "shapes-plain", "shapes-vit")


def test_cards_and_weights_belong_together() -> None:
    for name in shelf.names():
        path = shelf.weights_file(name)
        held = json.loads((shelf.folder() / f"{name}.json").read_text(encoding="utf-8"))
        assert held["name"] == name
        assert held["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert held["licence"] == "Apache-2.0"
        assert held["says"].endswith((".", "?"))
        card = open_model(ModelSpec(f"demo:{name}")).card
        assert card.facts
        assert card.parameters == held["parameters"]
        assert card.labels == tuple(held["labels"])
        if isinstance(card.preprocess, Preprocess):
            assert (card.preprocess.height, card.preprocess.width, card.preprocess.resize) == (96, 96, 96)
        assert card.digest.count(held["sha256"]) == 1
        assert card.weights.trained is not name.endswith("-untrained")
    stray = {path.stem for path in shelf.folder().glob("*.safetensors")} - set(shelf.names())
    assert not stray, "weights without a card"
    assert sum(path.stat().st_size for path in shelf.folder().glob("*.safetensors")) <= LARGEST


def test_every_stored_value_is_in_the_network_that_opens() -> None:
    """Read by the format's own library and loaded strictly: an oracle beside the application's way."""
    from safetensors.torch import load_file

    for name in shelf.names():
        card = shelf.read(name)
        stored = {k: v.float() if v.is_floating_point() else v for k, v in load_file(shelf.weights_file(name)).items()}
        plain = NETWORKS[card.network](classes=card.classes, **card.options)
        plain.load_state_dict(stored, strict=True)
        opened = open_model(ModelSpec(f"demo:{name}")).module.state_dict()
        assert all(torch.equal(opened[key], value) for key, value in plain.state_dict().items())
        assert all(bool(value.isfinite().all()) for value in stored.values())


def test_the_twin_is_no_copy() -> None:
    for name in shelf.names():
        if f"{name}-untrained" in shelf.names():
            one, two = (
                open_model(ModelSpec(f"demo:{each}")).module.state_dict() for each in (name, f"{name}-untrained")
            )
            assert not any(
                torch.equal(one[key], two[key]) for key in one if key.endswith("weight") and one[key].ndim > 1
            )


@pytest.mark.parametrize("name", SUPERVISED)
def test_the_samples_are_recognised(name: str) -> None:
    if name not in shelf.names():
        return  # it is not shipped yet
    loaded = open_model(ModelSpec(f"demo:{name}"))
    world = [sample for sample in sample_pictures() if sample.group == WORLD]
    x = torch.cat([to_tensor(open_input(InputRef("sample", sample.name)), loaded.card.preprocess) for sample in world])
    with torch.no_grad():
        said = [loaded.card.labels[i] for i in loaded.module(x).argmax(1).tolist()]
    wrong = {sample.name: word for sample, word in zip(world, said, strict=True) if word != sample.label}
    assert len(wrong) <= (0 if name == shelf.FIRST else 3), wrong


def test_the_first_sight_is_right() -> None:
    if shelf.FIRST in shelf.names():
        loaded = open_model(start_choice())
        assert loaded.card.name == shelf.FIRST
        ref = start_input()
        label = next(sample.label for sample in sample_pictures() if sample.name == ref.path)
        with torch.no_grad():
            scores = loaded.module(to_tensor(open_input(ref), loaded.card.preprocess)).softmax(1)[0]
        assert loaded.card.labels[int(scores.argmax())] == label
        assert float(scores.max()) > 0.5
