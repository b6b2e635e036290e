"""Activation maximisation of networks that hear: a waveform, or a spectrogram, on which a channel is as large as can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.core.activations import Layout
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.method import Explanation, Export, MethodSpec, Scope
from explorer.core.params import integer
from explorer.core.selection import Selection
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.translation import tr
from explorer.core.wav_bytes import wav_bytes


@dataclass(frozen=True, slots=True)
class SoundMaximisationParams:
    """How long, and how."""

    steps: int = integer(128, tr("Steps"), tr("Of gradient ascent"), low=1, high=4096)
    jitter: int = integer(
        20, tr("Jitter"), tr("Most by which it is moved in time before a step"), low=0, high=1000, unit="ms"
    )
    penalty: int = integer(
        50,
        tr("Penalty"),
        tr("On energy of a waveform, on roughness of a spectrogram, as a percentage of the activation"),
        low=0,
        high=1000,
        unit="%",
    )
    noise_seed: int = integer(0, tr("Seed"), tr("Of the noise it starts from, and of the jitter"), low=0)


@dataclass(frozen=True, slots=True, eq=False)
class SoundMaximisation:
    """values: (channels, bands, T) float32 in model-input space, of a waveform one band. value: the mean of the channel on it;
    best: the largest of the sample sounds, and its name; wave: whether it is a waveform, of `rate` Hz. steps: done, of `params.steps`."""

    tap: str
    number: int
    values: Array
    value: float
    best: float
    best_name: str
    start: str
    wave: bool
    rate: int
    ms: float  # from one place in time to the next
    steps: int
    params: SoundMaximisationParams

    @property
    def fraction(self) -> float:
        return self.steps / self.params.steps

    @property
    def told(self) -> str:
        """What was reached, beside the best of the sample sounds."""
        times = (
            tr(", {best:.3g} times as much", best=self.value / self.best) if self.best > 0 and self.value > 0 else ""
        )
        reached = tr(
            "{value:.4g} (mean of the channel); the best sample sound, {best_name}, gives {best:.4g}{times}.",
            value=self.value,
            best_name=self.best_name,
            best=self.best,
            times=times,
        )
        if self.value <= self.best:
            reached += tr(" No more than a sound of the world gives: look at that sound instead.")
        if not self.wave:
            reached += tr(" It cannot be heard: a spectrogram has no phase, and none is made up.")
        return tr("{reached} Started from {start}.", reached=reached, start=self.start)


def _unavailable(selection: Selection, _params: SoundMaximisationParams) -> str:
    if not isinstance(selection.card.preprocess, SoundPreprocess):
        return tr("It makes sounds and spectrograms: this network takes neither.")
    return tr("The layout of this layer is unknown.") if selection.tap.layout == Layout.OTHER else ""


def _to_json(result: SoundMaximisation) -> dict[str, Any]:
    return {
        "tap": result.tap,
        "channel": result.number,
        "value": result.value,
        "best_sample": {"name": result.best_name, "value": result.best},
        "steps": result.steps,
        "shape": list(result.values.shape),
        "start": result.start,
    }


def _write(result: SoundMaximisation) -> str:
    return tr("channel {number} of {tap}: {told}", number=result.number, tap=result.tap, told=result.told)


def _wav(result: SoundMaximisation) -> bytes:
    if not result.wave:
        raise ExplorerError(tr("A spectrogram cannot be heard."), tr("It has no phase, and none is made up."))
    return wav_bytes(result.values[:, 0], result.rate, "float32", 1.0)[0]


def _unfinished(result: SoundMaximisation) -> str:
    return "" if result.fraction >= 1 else tr("Stopped after {steps} steps.", steps=result.steps)


SPEC = MethodSpec(
    id="sound-maximisation",
    title=tr("Maximise sound"),
    about=tr("A waveform, or a spectrogram, on which a channel of a network that hears is as large as can be"),
    package="explorer.methods.sound_maximisation",
    scope=Scope.CHANNEL,
    params=SoundMaximisationParams,
    result=SoundMaximisation,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    needs_picture=lambda _params: False,
    exports=(
        Export(
            tr("Save as WAV …"),
            ".wav",
            "WAV",
            _wav,
            lambda r: f"{r.tap}-maximised-{r.number}",
            tr("A waveform as a sound"),
        ),
    ),
    unfinished=_unfinished,
    invitation=tr("What drives this channel up most, found by gradient ascent, beside the best of the sample sounds."),
    unit=tr("steps"),
    kinds=("sound",),
    explained=Explanation(
        shows=tr("A waveform or a spectrogram on which the selected channel is as large as gradient ascent makes it."),
        read=tr(
            "Compare its value with that of the best sample sound: what was found drives the channel more, and is no "
            "sound that anybody recorded."
        ),
        misleads=tr(
            "One run finds one of many such sounds, and what drives a channel most need not be what it answers to "
            "in real sounds."
        ),
    ),
    source="Erhan, Bengio, Courville, Vincent: Visualizing higher-layer features, 2009",
)
