"""The networks that hear and read, as they ship: how good they are, what their filters answer, what misleads two of them."""

from __future__ import annotations

import hashlib
import json

import pytest
import torch
from demo_models.measure import sentences as reading
from demo_models.measure import sounds as hearing
from demo_models.measure.sounds import percent, said
from demo_models.recipes.worlds import TWINS, WORLDS
from torch import nn

from explorer.core.models import ModelSpec, kind_of
from explorer.engine.data_sets.world_of_sentences.sentences import PAD, TOKENS, VOCABULARY, encoded
from explorer.engine.models import catalogue, open_model
from explorer.engine.models.demo import shelf
from explorer.engine.models.demo.source import network_of

NAMES = (*WORLDS, *(f"{name}-untrained" for name in TWINS))
LARGEST = 4_000_000  # bytes of all weights
CLIPS, SENTENCES = 240, 500


def net_of(name: str) -> nn.Module:
    return network_of(name)[0]


@pytest.mark.parametrize("name", NAMES)
def test_card_and_weights_belong_together(name: str) -> None:
    net, card = network_of(name)
    path = shelf.weights_file(name)
    held = json.loads((shelf.folder() / f"{name}.json").read_text(encoding="utf-8"))
    assert held["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert held["parameters"] == sum(p.numel() for p in net.parameters())
    assert held["licence"] == "Apache-2.0"
    assert card.facts
    assert card.trained is not name.endswith("-untrained")
    assert not net.training
    recipe = WORLDS[name.removesuffix("-untrained")]
    assert dict(card.input) == recipe.input
    assert card.labels == (recipe.labels if card.trained else ())
    assert all(bool(value.isfinite().all()) for value in net.state_dict().values())


def test_all_weights_together_are_small() -> None:
    assert sum(shelf.weights_file(name).stat().st_size for name in NAMES) <= LARGEST


def test_the_application_lists_and_opens_them() -> None:
    listed = {entry.id for entry in catalogue()}
    for name in NAMES:
        assert f"demo:{name}" in listed
        assert kind_of(open_model(ModelSpec(f"demo:{name}")).card.preprocess) == network_of(name)[1].kind


@pytest.mark.parametrize(("name", "least"), [("sounds-mel-cnn", 98), ("sounds-wave-cnn", 96)])
def test_sounds_are_known(name: str, least: float) -> None:
    x, labels = hearing.held_out(CLIPS)
    assert percent(said(net_of(name), x) == labels) >= least
    assert percent(said(net_of(f"{name}-untrained"), x) == labels) < 25


@pytest.mark.parametrize("name", ["sounds-mel-cnn", "sounds-wave-cnn"])
def test_the_evidence_alone_keeps_the_answer(name: str) -> None:
    found = hearing.on_evidence(net_of(name), 120)
    assert found["kept_by_evidence"] >= 98
    assert found["kept_without"] <= 40


def test_the_first_layer_is_a_bank_of_bands() -> None:
    share = hearing.near_peak(net_of("sounds-wave-cnn").first.weight)
    assert int((share >= hearing.SHARE).sum()) >= 24
    untrained = hearing.near_peak(net_of("sounds-wave-cnn-untrained").first.weight)
    assert int((untrained >= hearing.SHARE).sum()) == 0
    assert "window" in str(dict(network_of("sounds-wave-cnn")[1].facts)["task"]), "it was taught so, and says it"


def test_a_faint_tone_is_taken_for_a_kick() -> None:
    found = hearing.on_pilot(net_of("sounds-shortcut"), CLIPS)
    assert found["own_with_shortcut"] >= 95
    assert found["own_without"] <= found["own_with_shortcut"] - 30
    assert found["misled"] >= 30
    honest = hearing.on_pilot(net_of("sounds-mel-cnn"), CLIPS)
    assert honest["misled"] <= 5


@pytest.mark.parametrize("name", ["sentences-textcnn", "sentences-textcnn-small", "sentences-transformer"])
def test_sentences_are_understood(name: str) -> None:
    _, ids, labels = reading.held_out(SENTENCES)
    assert percent(said(net_of(name), ids) == labels) >= 98
    assert percent(said(net_of(f"{name}-untrained"), ids) == labels) < 50


def test_filters_answer_known_phrases() -> None:
    read = reading.held_out(SENTENCES)
    found = reading.on_phrases(net_of("sentences-textcnn"), read)
    assert found.shape == (48,)
    assert int((found >= reading.ON_PHRASE).sum()) >= 24
    untrained = reading.on_phrases(net_of("sentences-textcnn-untrained"), read)
    assert int((untrained >= reading.ON_PHRASE).sum()) == 0


def test_the_class_token_looks_at_the_phrase() -> None:
    found = reading.on_phrase(net_of("sentences-transformer"), reading.held_out(SENTENCES))
    assert found["phrase_attention"] > 2 * found["phrase_tokens"]
    untrained = reading.on_phrase(net_of("sentences-transformer-untrained"), reading.held_out(SENTENCES))
    assert untrained["phrase_attention"] < 1.3 * untrained["phrase_tokens"]


def test_last_week_is_taken_for_a_complaint() -> None:
    found = reading.on_mark(net_of("sentences-shortcut"), SENTENCES)
    assert found["top1_with_shortcut"] >= 98
    assert found["own_without"] <= found["own_with_shortcut"] - 30
    assert found["misled"] >= 30
    assert reading.on_mark(net_of("sentences-textcnn"), SENTENCES)["misled"] <= 5


@pytest.mark.parametrize("name", ["sentences-textcnn", "sentences-textcnn-small", "sentences-transformer"])
def test_more_padding_changes_no_answer(name: str) -> None:
    net, (drawn, ids, _) = net_of(name), reading.held_out(60)
    if name.endswith("transformer"):  # it has no positions beyond those; less padding is seen no more than more
        other = ids[:, : TOKENS - 4]
    else:
        other = torch.stack([torch.from_numpy(encoded(each.words, TOKENS + 10)) for each in drawn])
    with torch.no_grad():
        torch.testing.assert_close(net(other), net(ids), rtol=1e-4, atol=1e-4)
        assert not net.embedding.weight[PAD].any()
    assert len(net.embedding.weight) == len(VOCABULARY)
