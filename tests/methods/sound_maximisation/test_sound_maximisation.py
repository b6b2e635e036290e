"""What a channel answers to most, made by gradient ascent."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from sound_nets import mel_file, wave_file

from explorer.cli import run as main
from explorer.core.inputs import InputRef
from explorer.core.method import MethodRequest
from explorer.core.models import ModelSpec
from explorer.core.requests import Lane
from explorer.core.sounds import Sound, sound_from_array
from explorer.engine.inputs import named_input, open_input
from explorer.engine.jobs.job import Job
from explorer.engine.model_session import ModelSession
from explorer.engine.studies import Studies
from explorer.methods.sound_maximisation.compute import run
from explorer.methods.sound_maximisation.spec import SPEC, SoundMaximisation, SoundMaximisationParams


def maximised(
    model: str, tap: str, channel: int, given: Sound | None = None, **params: int
) -> tuple[SoundMaximisation, torch.nn.Module, list[float]]:
    session, job = ModelSession(), Job(0, Lane.METHOD, "", lambda _event: None)
    card = session.open(ModelSpec(model), job, trust_code=True).card
    sound = given or open_input(named_input("sample:sound-kick"))
    session.capture(card.digest, sound, job)
    asked = MethodRequest(card.digest, "", sound, SPEC, SoundMaximisationParams(**params), tap, channel)
    steps, seen = run(Studies(session), asked, job), []
    while True:
        try:
            part = next(steps)
            seen += [part.value] if part is not None else []
        except StopIteration as stop:
            return stop.value, session.model(card.digest).module, seen


@pytest.mark.parametrize("make", [wave_file, mel_file])
def test_the_channel_rises_above_the_best_sample_and_its_value_is_true(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    found, net, seen = maximised(make(tmp_path), "0", 3, steps=48, penalty=10)
    assert found.value > found.best + 0.2 * abs(found.best)
    assert found.value >= max(seen)
    shape = (1, 1, 4000) if found.wave else (1, 32, 51)
    assert found.values.shape == shape
    x = torch.from_numpy(found.values.copy())
    with torch.no_grad():
        mean = net[0](x if found.wave else x[None])[0, 3].mean()  # type: ignore[index]
    assert found.value == pytest.approx(float(mean), rel=1e-4)
    if found.wave:
        assert np.abs(found.values).max() <= 1
    assert ("cannot be heard" in found.told) is not found.wave


def test_the_same_seed_gives_the_same(tmp_path: Path) -> None:
    one, _, _ = maximised(wave_file(tmp_path), "0", 1, steps=8)
    again, _, _ = maximised(wave_file(tmp_path), "0", 1, steps=8)
    other, _, _ = maximised(wave_file(tmp_path), "0", 1, steps=8, noise_seed=1)
    assert np.array_equal(one.values, again.values)
    assert not np.array_equal(one.values, other.values)


def test_the_command_says_what_was_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sound-maximisation", wave_file(tmp_path), "--trust-code", "--input", "sample:sound-kick", "--tap", "0"]
    assert main([*asked, "--channel", "3", "--steps", "8", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = told.get("result", told)
    assert found["shape"] == [1, 1, 4000]
    assert found["best_sample"]["name"].startswith("sound-")


def test_a_short_sound_cuts_frames_and_no_bands_where_time_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "any.py"
    path.write_text(
        "from torch import nn\n"
        'PREPROCESS = {"input": "sound", "rate": 8000, "layout": "NTC", "features": {"mels": 32, "n_fft": 256, "hop": 80}}\n'
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.each, self.last = nn.Linear(32, 4), nn.Linear(4, 3)\n"
        "    def forward(self, x):\n"
        "        return self.last(self.each(x).mean(1))\n"
        "make_model = Net\n"
    )
    short = sound_from_array(np.zeros((1, 800), np.float32), 8000, InputRef("sound"), "short")
    found, _, _ = maximised(f"file:{path}:make_model", "each", 1, short, steps=2)
    assert found.values.shape == (1, 32, 11)
