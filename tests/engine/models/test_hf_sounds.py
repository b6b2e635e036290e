"""Models of sounds of transformers, from folders: values and preparation against transformers itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from line_reach import reached_steps

from explorer.core.activations import Layout
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.requests import Lane
from explorer.core.seen_input import Seen
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import sound_from_array
from explorer.core.token_labels import token_labels
from explorer.engine.attention.record import known_attentions
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.jobs.job import Job
from explorer.engine.model_session import ModelSession
from explorer.engine.models import extras

pytest.importorskip("transformers")
transformers = extras.load(extras.HF)

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
WAVES = {
    "conv_dim": (16, 16, 16),
    "conv_stride": (5, 4, 4),
    "conv_kernel": (10, 8, 4),
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}


def sound() -> Any:
    chance = np.random.default_rng(0)
    return sound_from_array(chance.uniform(-0.3, 0.3, 16000).astype(np.float32), 16000, InputRef("sound"), "hum")


def saved(folder: Path, kind: str) -> tuple[Any, Any]:
    """(network, extractor), saved as transformers saves them."""
    torch.manual_seed(0)
    if kind == "AST":
        net = transformers.ASTForAudioClassification(transformers.ASTConfig(**SMALL, num_labels=5))
        extractor = transformers.ASTFeatureExtractor()
    else:
        config = getattr(transformers, f"{kind}Config")(**SMALL, **WAVES)
        net = getattr(transformers, f"{kind}Model")(config)
        extractor = transformers.Wav2Vec2FeatureExtractor(do_normalize=True)
    net.eval().save_pretrained(folder)
    extractor.save_pretrained(folder)
    return net, extractor


def opened(folder: Path, **more: Any) -> tuple[ModelSession, Any]:
    session = ModelSession()
    job = Job(0, Lane.METHOD, "", lambda _event: None)
    return session, session.open(ModelSpec(f"hf:{folder}", **more), job).card


@pytest.mark.filterwarnings("ignore:At least one mel filter")
@pytest.mark.parametrize("kind", ["Wav2Vec2", "Hubert", "WavLM", "AST"])
def test_values_are_those_of_transformers(tmp_path: Path, kind: str) -> None:
    net, extractor = saved(tmp_path, kind)
    session, card = opened(tmp_path)
    assert card.weights.trained
    assert isinstance(card.preprocess, SoundPreprocess)
    seen = session.capture(card.digest, sound(), Job(0, Lane.METHOD, "", lambda _event: None))
    given = extractor(sound().samples[0], sampling_rate=16000, return_tensors="pt")["input_values"]
    with torch.no_grad():
        answer = net(given)
    if kind == "AST":
        scores = [guess.logit for guess in sorted(seen.prediction, key=lambda g: g.index)]
        assert scores == pytest.approx(answer.logits[0].tolist(), abs=1e-4)
    else:
        last = [tap for tap in seen.taps if tap.shape[1:] == tuple(answer.last_hidden_state.shape[1:])]
        assert any(
            np.allclose(seen.values[t.name], answer.last_hidden_state[0].numpy(), atol=1e-4)
            for t in last
            if t.name in seen.values
        )


@pytest.mark.filterwarnings("ignore:At least one mel filter")
def test_tokens_of_ast_are_called_by_seconds_and_hertz(tmp_path: Path) -> None:
    """A patch is 16 frames of 25 ms every 10 ms and 16 bands, every 10; the first two tokens have no place."""
    saved(tmp_path, "AST")
    session, card = opened(tmp_path)
    module = session.model(card.digest).module
    call = known_attentions(module, torch.randn(1, 1024, 128), turned=True)[0]
    assert (call.queries.grid, call.queries.prefix) == ((12, 101), 2)
    names = [label.text for label in token_labels(call.queries, call.prefix_names, Seen(sound(), card.preprocess))]
    assert [name.split(",")[0] for name in names[2:5]] == ["0.0875 s", "0.1875 s", "0.2875 s"]
    hertz = np.array([float(name.split(", ")[1].removesuffix(" Hz").replace(",", "")) for name in names[2::101]])
    mel = np.linspace(1127 * np.log(1 + 20 / 700), 1127 * np.log(1 + 8000 / 700), 130)  # Kaldi's scale
    middles = np.interp(np.arange(12) * 10 + 7.5, np.arange(128), 700 * (np.exp(mel[1:-1] / 1127) - 1))
    assert np.abs(hertz - middles).max() <= 0.6  # said to 1 Hz


def checked(session: ModelSession, card: Any, least: int) -> None:
    """What is said of cells that do not see the whole input is what gradients reach, at three cells of each tap."""
    seen = session.capture(card.digest, sound(), Job(0, Lane.METHOD, "", lambda _event: None))
    taps = [tap for tap in seen.taps if tap.receptive is not None and not tap.receptive.whole]
    net = session.model(card.digest).module
    found = list(reached_steps(net, input_tensor(sound(), card.preprocess), taps, cells=3))
    assert len({each.tap.name for each in found if each.exact}) >= least
    assert [each.told for each in found] == [each.steps for each in found]


@pytest.mark.parametrize("kind", ["Wav2Vec2", "WavLM"])
def test_fields_of_samples_are_what_gradients_reach(tmp_path: Path, kind: str) -> None:
    """With a norm of each step; the other kind takes statistics over all samples in its first layer."""
    torch.manual_seed(0)
    config = getattr(transformers, f"{kind}Config")(**SMALL, **WAVES, feat_extract_norm="layer")
    getattr(transformers, f"{kind}Model")(config).eval().save_pretrained(tmp_path)
    transformers.Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(tmp_path)
    checked(*opened(tmp_path), least=15)


def test_a_config_alone_is_shown_untrained(tmp_path: Path) -> None:
    saved(tmp_path, "Wav2Vec2")
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "preprocessor_config.json").unlink()
    _, card = opened(tmp_path)
    assert not card.weights.trained
    assert any("is assumed" in note for note in card.notes)
    assert isinstance(card.preprocess, SoundPreprocess)
    assert (card.preprocess.rate, card.preprocess.features, card.preprocess.layout) == (16000, "wav2vec2", "NT")


@pytest.mark.filterwarnings("ignore:At least one mel filter")
def test_numbers_that_cannot_be_said_here(tmp_path: Path) -> None:
    saved(tmp_path, "AST")
    file = tmp_path / "preprocessor_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"num_mel_bins": 64}))
    with pytest.raises(ExplorerError, match="not known here"):
        opened(tmp_path)


@pytest.mark.parametrize(("places", "classes"), [(1500, False), (50, False), (50, True)])
def test_whispers_encoder_hears_alone(tmp_path: Path, places: int, classes: bool) -> None:
    torch.manual_seed(0)
    config = transformers.WhisperConfig(
        d_model=16, encoder_layers=2, encoder_attention_heads=2, encoder_ffn_dim=32, decoder_layers=1, vocab_size=60,
        decoder_attention_heads=2, decoder_ffn_dim=32, max_source_positions=places, pad_token_id=1, bos_token_id=1,
        eos_token_id=2, decoder_start_token_id=1, num_labels=4, classifier_proj_size=8,
    )  # fmt: skip
    kind = "WhisperForAudioClassification" if classes else "WhisperForConditionalGeneration"
    net = getattr(transformers, kind)(config).eval()
    net.save_pretrained(tmp_path)
    extractor = transformers.WhisperFeatureExtractor(chunk_length=30)
    extractor.save_pretrained(tmp_path)
    session, card = opened(tmp_path)
    assert (card.weights.trained, card.classifies) == (True, classes)
    if places == 50:
        checked(session, card, least=6)
    seen = session.capture(card.digest, sound(), Job(0, Lane.METHOD, "", lambda _event: None))
    long = np.pad(sound().samples[0], (0, 320 * places - 16000))
    given = extractor(long, sampling_rate=16000, return_tensors="pt", padding=False)["input_features"]
    assert given.shape[-1] == 2 * places
    with torch.no_grad():
        encoder = net.encoder if classes else net.model.encoder
        states = encoder(given, output_hidden_states=True).hidden_states
        scores = net(given).logits[0].tolist() if classes else None
    for state in states[1:]:
        values = [v for v in seen.values.values() if v.shape == tuple(state.shape[1:])]
        assert min(float(np.abs(v - state[0].numpy()).max()) for v in values) <= 1e-5
    if scores is not None:
        assert [g.logit for g in sorted(seen.prediction, key=lambda g: g.index)] == pytest.approx(scores, abs=1e-5)
    first = next(tap for tap in seen.taps if tap.name.endswith("conv2"))
    assert first.layout is Layout.NCT
    assert first.receptive is not None
    assert (first.receptive.size_x, first.receptive.jump_x) == (5, 2)


def test_a_config_of_whisper_alone(tmp_path: Path) -> None:
    config = transformers.WhisperConfig(d_model=16, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=32)
    config.save_pretrained(tmp_path)
    _, card = opened(tmp_path)
    assert not card.weights.trained
    assert isinstance(card.preprocess, SoundPreprocess)
    assert (card.preprocess.features, card.preprocess.taken, card.preprocess.width) == ("whisper", 480_000, 3000)
    file = tmp_path / "preprocessor_config.json"
    file.write_text(json.dumps({"hop_length": 200}))
    with pytest.raises(ExplorerError, match="not known here"):
        opened(tmp_path)
