"""How transformers prepares sounds, in this application's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.core.sound_preprocess import SPEECH_RATE, WHISPER_HOP, SoundPreprocess
from explorer.core.translation import tr
from explorer.engine.models.hf_folder import PROCESSOR, Folder, read_json

_WAVES = ("wav2vec2", "hubert", "wavlm")
_SPECTROGRAM = "audio-spectrogram-transformer"
_WHISPER = "whisper"
TYPES = (*_WAVES, _SPECTROGRAM, _WHISPER)
# What the features "ast" are, by the fields of transformers' extractor.
_AST: Mapping[str, Any] = {
    "sampling_rate": SPEECH_RATE,
    "num_mel_bins": 128,
    "max_length": 1024,
    "do_normalize": True,
    "mean": -4.2677393,
    "std": 4.5689974,
}


# The same of Whisper's; `feature_size` is the number of mels.
_LISTENER: Mapping[str, Any] = {
    "sampling_rate": SPEECH_RATE,
    "n_fft": 400,
    "hop_length": WHISPER_HOP,
    "dither": 0.0,
    "do_normalize": False,
}


def sound_preprocess_of(folder: Folder) -> tuple[SoundPreprocess, tuple[str, ...]]:
    """(preprocessing, notes) of the folder's preprocessor_config.json; without one as the first networks of the type had it, with a
    note. Raises ExplorerError for numbers that cannot be said here."""
    held = read_json(folder.path / PROCESSOR) if (folder.path / PROCESSOR).is_file() else {}
    notes = (
        ()
        if held
        else (
            tr(
                "There is no {processor}: 16 kHz, prepared as the first networks of its type, is assumed.",
                processor=PROCESSOR,
            ),
        )
    )
    if folder.type == _WHISPER:
        return _listening(folder, held), notes
    if folder.type == _SPECTROGRAM:
        _check(folder, held, _AST)
        return SoundPreprocess(SPEECH_RATE, features="ast", layout="NTC"), notes
    rate = held.get("sampling_rate", SPEECH_RATE)
    normalised = held.get("do_normalize", True)
    if not isinstance(rate, int) or not isinstance(normalised, bool):
        raise ExplorerError(
            tr("{processor} of {path} cannot be used.", processor=PROCESSOR, path=folder.path.name),
            tr("Its rate is {rate!r}.", rate=rate),
            tr("Fetch it again."),
        )
    return SoundPreprocess(rate, features="wav2vec2" if normalised else "none", layout="NT"), notes


def _listening(folder: Folder, held: Mapping[str, Any]) -> SoundPreprocess:
    """Two frames a position: 30 s of a model that was taught by its makers."""
    mels, places = folder.config.get("num_mel_bins", 80), folder.config.get("max_source_positions", 1500)
    _check(folder, held, {**_LISTENER, "feature_size": mels})
    if not all(isinstance(number, int) and number > 0 for number in (mels, places)):
        why = tr("num_mel_bins is {mels!r}, max_source_positions {places!r}.", mels=mels, places=places)
        raise ExplorerError(
            tr("config.json of {path} cannot be used.", path=folder.path.name), why, tr("Fetch it again.")
        )
    seconds = 2 * places * WHISPER_HOP / SPEECH_RATE
    return SoundPreprocess(SPEECH_RATE, seconds, features="whisper", mels=mels, layout="NCT")


def _check(folder: Folder, held: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    others = [f"{name} {held[name]!r}" for name, usual in known.items() if _differs(held.get(name, usual), usual)]
    if others:
        what = tr("{path} prepares sounds in a way that is not known here.", path=folder.path.name)
        raise ExplorerError(
            what,
            tr("{processor} has {list}.", processor=PROCESSOR, list=", ".join(others)),
            tr("Write a Python file that makes the model."),
        )


def _differs(value: Any, usual: Any) -> bool:
    if isinstance(usual, bool) or not isinstance(value, int | float):
        return bool(value != usual)
    return bool(abs(value - usual) > 1e-6)
