"""Models of sounds: opened from a file, captured, and held against plain torch."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sound_nets import mel_file, wave_file

from explorer.cli import run as main
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec, kind_of
from explorer.core.render.drawn_sound import with_waveform
from explorer.core.render.waveform import waveform
from explorer.core.requests import Lane
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound, sound_from_array
from explorer.engine.data_sets.world_samples import sentence_names, sound_names
from explorer.engine.inputs import file_ref, named_input, open_input
from explorer.engine.inputs.input_tensor import input_tensor, noise
from explorer.engine.jobs.job import Job
from explorer.engine.model_session import ModelSession
from explorer.engine.models.own_inputs import own_input
from explorer.engine.wav_export import write_wav


def job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


def hum(rate: int = 8000, seconds: float = 0.5) -> Sound:
    chance = np.random.default_rng(0)
    return sound_from_array(
        chance.uniform(-0.5, 0.5, round(rate * seconds)).astype(np.float32), rate, InputRef("sound"), "hum"
    )


@pytest.mark.parametrize("make", [wave_file, mel_file])
def test_every_value_is_that_of_plain_torch(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    session = ModelSession()
    card = session.open(ModelSpec(make(tmp_path)), job(), trust_code=True).card
    assert kind_of(card.preprocess) == "sound"
    seen = session.capture(card.digest, hum(), job())
    x = input_tensor(hum(), card.preprocess)
    with torch.no_grad():
        for name, layer in session.model(card.digest).module.named_children():
            x = layer(x)
            assert np.array_equal(seen.values[name], x[0].numpy()), name


@pytest.mark.parametrize("make", [wave_file, mel_file])
def test_fields_are_those_of_the_gradient(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    session = ModelSession()
    card = session.open(ModelSpec(make(tmp_path)), job(), trust_code=True).card
    seen = session.capture(card.digest, hum(), job())
    net = session.model(card.digest).module
    for number, tap in enumerate(seen.taps[:5]):
        # positive weights: nothing cancels, and no rectifier is shut
        ones = torch.nn.Sequential(
            *(torch.nn.Identity() if isinstance(m, torch.nn.ReLU) else m for m in net[: number + 1])
        )
        x = input_tensor(hum(), card.preprocess).abs().requires_grad_()
        cell = tuple(side // 2 for side in tap.shape[2:])
        out = ones(x)
        out[(0, slice(None), *cell)].abs().sum().backward()
        reached = x.grad[0].abs().sum(0).nonzero()  # type: ignore[index]
        box = tap.receptive.box(*((0, *cell) if len(cell) == 1 else cell))  # type: ignore[union-attr]
        low, high = reached.min(0).values.tolist(), (reached.max(0).values + 1).tolist()
        if tap.type == "MaxPool1d" or number >= 2:  # of those that are pooled one alone has a gradient
            assert box.x0 <= low[-1], tap.name
            assert high[-1] <= box.x1, tap.name
        else:
            assert (box.x0, box.x1) == (low[-1], high[-1]), tap.name


def test_the_sound_of_a_capture_has_the_picture_that_the_model_sees(tmp_path: Path) -> None:
    session = ModelSession()
    mels = session.open(ModelSpec(mel_file(tmp_path)), job(), trust_code=True).card
    waves = session.open(ModelSpec(wave_file(tmp_path)), job(), trust_code=True).card
    tone = sound_from_array(
        np.sin(2 * np.pi * 1000 * np.arange(4000) / 8000).astype(np.float32), 8000, InputRef("sound")
    )
    shown = session.capture(mels.digest, tone, job()).picture
    assert isinstance(shown, Sound)
    assert shown.seen is not None
    assert shown.digest == tone.digest
    row = shown.seen.astype(int).sum((1, 2)).argmax()  # the brightest row is the band of 1 kHz
    from explorer.core.sound_axes import mel_axis

    assert isinstance(mels.preprocess, SoundPreprocess)
    assert mels.preprocess.log_mel is not None
    assert row == mel_axis(mels.preprocess.log_mel, 8000).nearest(1000)
    plain = session.capture(waves.digest, shown, job()).picture
    assert isinstance(plain, Sound)
    assert np.array_equal(plain.seen, waveform(tone))  # and no longer what the other model saw
    from explorer.core.interventions import Edit
    from explorer.engine.edited_captures import edited_capture

    opened = with_waveform(tone)  # as the window opens it, for captures that are there already and for edited ones
    edits = (Edit(session.capture(mels.digest, tone, job()).taps[0].name, (0,)),)
    for again in (
        session.capture(mels.digest, opened, job()),
        edited_capture(session, mels.digest, opened, edits, {}, job()),
    ):
        assert isinstance(again.picture, Sound)
        assert np.array_equal(again.picture.seen, shown.seen)


def test_kinds_of_files(tmp_path: Path) -> None:
    for name in ("a.wav", "b.FLAC", "c.mp3", "d.opus"):
        assert file_ref(tmp_path / name).kind == "sound"
    path = tmp_path / "hum.wav"
    write_wav(path, hum().samples, 8000)
    opened = open_input(named_input(str(path)))
    assert isinstance(opened, Sound)
    assert np.array_equal(opened.samples, hum().samples)
    text = tmp_path / "text.wav"
    text.write_text("no sound at all")
    with pytest.raises(ExplorerError, match=r"text\.wav"):
        open_input(file_ref(text))


def test_samples_of_the_worlds_are_always_the_same() -> None:
    assert len(sound_names()) == 12
    assert len(sentence_names()) == 3
    for name in (*sound_names(), *sentence_names()):
        first, again = (open_input(InputRef("sample", name)) for _ in range(2))
        assert first.digest == again.digest
    with pytest.raises(ExplorerError, match="sound-tone"):
        open_input(InputRef("sample", "sound-of-silence"))


def test_noise_has_the_shape_of_an_input() -> None:
    mels = own_input({"input": "sound", "rate": 16000, "seconds": 1.0, "features": "log-mel"}, "x")
    assert mels is not None
    assert noise(mels).shape == (1, 1, 64, 101)
    assert torch.equal(noise(mels), noise(mels))
    assert noise(SoundPreprocess(16000)).shape == (1, 1, 16000)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "names no rate"),
        ({"rate": 16000.5}, "rate is 16000.5"),
        ({"rate": 16000, "hop": 4}, "“hop”"),
        ({"rate": 16000, "features": "mfcc"}, "mfcc"),
        ({"rate": 16000, "features": {"bins": 4}}, "“bins”"),
        ({"rate": 16000, "features": {"mels": "many"}}, "“mels”"),
        ({"rate": 16000, "features": {"log": "log2"}}, "log10"),
        ({"rate": 16000, "layout": "NHWC"}, "NHWC"),
        ({"rate": "16000"}, "rate"),
        ({"rate": 16000, "seconds": -1}, "-1"),
    ],
)
def test_what_a_file_may_not_say_of_its_sound(given: dict[str, object], said: str) -> None:
    with pytest.raises(ExplorerError, match=said):
        own_input({"input": "sound", **given}, "net.py")


def test_layouts_where_a_file_does_not_say_them() -> None:
    made = [
        own_input({"input": "sound", "rate": 16000, "features": f}, "x") for f in ("none", "wav2vec2", "whisper", "ast")
    ]
    assert [pre.layout for pre in made if isinstance(pre, SoundPreprocess)] == ["NCT", "NT", "NCT", "NTC"]


def test_another_kind_of_input_is_refused_in_words(tmp_path: Path) -> None:
    session = ModelSession()
    digest = session.open(ModelSpec(wave_file(tmp_path)), job(), trust_code=True).card.digest
    with pytest.raises(ExplorerError, match="takes sounds"):
        session.capture(digest, open_input(InputRef("sample", "cat")), job())


def test_the_field_of_a_cell_in_milliseconds_and_hz(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["receptive-field", wave_file(tmp_path), "--trust-code", "--tap", "3", "--cell", "0,10", "--json"]
    assert main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    box = found["clipped"]
    assert found["ms"] == [box["left"] / 8, box["right"] / 8]
    asked[1] = mel_file(tmp_path)
    assert main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    left, right = found["clipped"]["left"], found["clipped"]["right"]
    assert found["ms"] == [pytest.approx((left * 80 - 128) / 8), pytest.approx(((right - 1) * 80 + 128) / 8)]
    assert found["hz"][0] == 0
    assert 0 < found["hz"][1] < 4000


def test_a_sound_at_another_rate_has_the_same_places(tmp_path: Path) -> None:
    session = ModelSession()
    digest = session.open(ModelSpec(wave_file(tmp_path)), job(), trust_code=True).card.digest
    assert session.capture(digest, hum(16000), job()).values["0"].shape == (8, 1001)
    assert hum(16000).size == hum(8000).size == (1, 500)
    assert replace(hum(), samples=hum().samples[:, :1]).size == (1, 1)


def test_a_manifest_says_the_rate_and_the_recipe(tmp_path: Path) -> None:
    write_wav(tmp_path / "hum.wav", hum(16000).samples, 16000)
    out = tmp_path / "maps.npz"
    asked = ["maps", mel_file(tmp_path), "--trust-code", "--input", str(tmp_path / "hum.wav"), "--tap", "0"]
    assert main([*asked, "--out", str(out)]) == 0
    with np.load(out) as held:
        made = json.loads(str(held["manifest"]))
        assert held["0"].shape == (8, 32, 51)
    assert made["preprocess"]["rate"] == 8000
    assert made["preprocess"]["log_mel"]["n_fft"] == 256
    assert (made["input"]["rate"], made["input"]["samples"]) == (16000, 8000)
    assert "cutoff=0.97" in made["input"]["resampler"]


def test_a_manifest_says_the_tokens(tmp_path: Path) -> None:
    out = tmp_path / "maps.npz"
    assert (
        main(["maps", "demo:sentences-textcnn", "--input", "text:we felt zzz", "--tap", "embedding", "--out", str(out)])
        == 0
    )
    with np.load(out) as held:
        told = json.loads(str(held["manifest"]))["input"]
    assert told["text"] == "we felt zzz"
    assert [(t["piece"], t["span"], t["kind"]) for t in told["tokens"][:3]] == [
        ("we", [0, 2], "word"),
        ("felt", [3, 7], "word"),
        ("zzz", [8, 11], "unknown"),
    ]
