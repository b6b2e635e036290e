"""Recipes of the networks that hear and read: steps change what they should, and what is exported is what was learnt."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from demo_models import evaluate, export, train
from demo_models.measure import settle as settling
from demo_models.measure.sounds import near_peak
from demo_models.measure.weights import load
from demo_models.recipes.heard import spectral_entropy
from demo_models.recipes.read import Sentences
from demo_models.recipes.run import SEED_STEP
from demo_models.recipes.worlds import TWINS, WORLDS

from explorer.engine.data_sets.world.sample import HELD_OUT_SEED
from explorer.engine.data_sets.world_of_sentences.sentences import UNKNOWN
from explorer.engine.models.demo.facts import FIGURES, facts_of

SMALL = {"block": 24, "batch": 12, "note_every": 2}
FEW = ["--pictures", "24", "--bank", "60"]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, recipe in list(WORLDS.items()):
        monkeypatch.setitem(WORLDS, name, replace(recipe, **SMALL))
    monkeypatch.setattr(settling, "PICTURES", 24)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", sorted(WORLDS))
def test_a_few_steps_change_the_network_and_are_logged(name: str, tmp_path: Path) -> None:
    run = train.prepare(name, tmp_path, 48, torch.device("cpu"))
    before = {key: value.clone() for key, value in run.task.net.state_dict().items()}
    assert run.go(1.0)
    after = run.task.net.state_dict()
    assert {key for key in before if torch.equal(after[key], before[key])} == set()
    lines = [json.loads(text) for text in run.curve.read_text().splitlines()]
    assert lines[-1]["pictures"] == 48
    assert all(torch.isfinite(torch.tensor(list(line.values()))).all() for line in lines)


@pytest.mark.usefixtures("small")
def test_kernels_of_bands_stay_under_their_window(tmp_path: Path) -> None:
    run = train.prepare("sounds-wave-cnn", tmp_path, 48, torch.device("cpu"))
    assert run.go(1.0)
    kernels = run.task.net.first.weight.detach()
    assert not kernels[:, :, 0].any(), "where the window is 0 nothing ever moves"
    assert float(kernels[:, :, 1].abs().max()) < 0.01 * float(kernels.abs().max())


def test_a_pure_tone_has_the_lowest_entropy() -> None:
    at, window = torch.arange(160) / 16_000, torch.hann_window(160)
    tone, noise = torch.sin(2 * torch.pi * 1000 * at), torch.randn(160, generator=torch.Generator().manual_seed(0))
    kernels = torch.stack([tone * window, noise * window])[:, None]
    low, high = spectral_entropy(kernels).tolist()
    assert low < 2.2 < 4 < high
    share = near_peak(kernels)
    assert share[0] > 0.99
    assert share[1] < 0.3


def test_words_of_a_phrase_are_never_forgotten() -> None:
    recipe = replace(WORLDS["sentences-textcnn"], block=600)
    ids, _ = Sentences(recipe, torch.device("cpu")).draw(3)
    assert 0.005 < float((ids == UNKNOWN).float().mean()) < 0.03


def test_held_out_examples_are_no_training_examples() -> None:
    for recipe in WORLDS.values():
        assert recipe.seed * SEED_STEP + recipe.pictures // recipe.block + 4096 < HELD_OUT_SEED


@pytest.mark.usefixtures("small")
def test_from_the_command_line_to_cards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build, out = tmp_path / "build", tmp_path / "out"
    names = ("sounds-wave-cnn", "sounds-wave-cnn-untrained", "sentences-textcnn-small", "sentences-shortcut")
    for name in names:
        if not name.endswith("-untrained"):
            assert train.main([name, "--pictures", "24", "--out", str(build)]) == 0
    assert export.main([*names, "--build", str(build), "--out", str(out), *FEW]) == 0
    wave, twin, small, shortcut = (json.loads((out / f"{name}.json").read_text()) for name in names)
    assert wave["input"]["kind"] == "sound"
    assert (wave["sounds_seen"], wave["held_out"]["sounds"]) == (24, 24)
    assert wave["sha256"] == hashlib.sha256((out / "sounds-wave-cnn.safetensors").read_bytes()).hexdigest()
    assert set(wave["untrained"]) == {"bandpass", "bandpass_energy"} == set(twin["figures"])
    assert (twin["labels"], twin["trained"], twin["sounds_seen"]) == ([], False, 0)
    assert small["options"] == {"words": len(small["input"]["words"]), "filters": 4}
    assert {"top1", "bag_of_words", "filter_lost", "phrase_filters"} == set(small["figures"])
    assert {"own_with_shortcut", "own_without", "misled"} <= set(shortcut["figures"])
    known = {key for key, *_ in FIGURES}
    for card in (wave, small, shortcut):
        assert set(card["figures"]) <= known, "every figure is told to people"
        assert facts_of(card)
    capsys.readouterr()
    assert evaluate.main([*names, "--weights", str(out), "--check", *FEW]) == 0
    assert load("sentences-textcnn-small", out).head.weight.dtype == torch.float32


def test_every_twin_is_of_a_recipe() -> None:
    assert set(TWINS) <= set(WORLDS)
