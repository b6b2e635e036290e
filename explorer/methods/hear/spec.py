"""The channel heard: the part of the sound where a channel answers, or where a class has its evidence, as a sound; and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.core.arrays import Array
from explorer.core.method import Explanation, Export, MethodSpec, Scope
from explorer.core.params import choice, flag
from explorer.core.selection import Selection
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.translation import tr
from explorer.core.wav_bytes import wav_bytes

CHANNEL, EVIDENCE = "channel", "evidence"


@dataclass(frozen=True, slots=True)
class HearParams:
    """What is heard, and what is written to a file."""

    part: str = choice(
        CHANNEL,
        (CHANNEL, EVIDENCE),
        tr("Heard"),
        tr(
            "The selected channel, or all places of this layer that raise the predicted class: best at the last layer with places"
        ),
        titles=(tr("The channel"), tr("Evidence for the class")),
    )
    rest: bool = flag(False, tr("The rest"), tr("Write the sound without the channel"))
    raw: bool = flag(False, tr("Raw"), tr("Write 32-bit floats as they are, without a gain"))


@dataclass(frozen=True, slots=True, eq=False)
class HeardSound:
    """(channels, T) float32 each, at `rate`: channel + rest = sound. `gain`: one for the three, so that they compare."""

    tap: str
    number: int  # of the channel
    way: str  # how it was made
    sound: Array
    channel: Array
    rest: Array
    rate: int
    gain: float
    share: float  # of the energy of the sound, 0..1
    first: float  # seconds from the beginning of the file
    params: HearParams
    label: str = ""  # the class whose evidence it is

    @property
    def title(self) -> str:
        """What is heard."""
        return (
            tr("evidence for {label}", label=self.label)
            if self.params.part == EVIDENCE
            else tr("channel {number}", number=self.number)
        )

    @property
    def told(self) -> str:
        """How much is heard, and how it was made."""
        if not self.share and self.params.part == EVIDENCE:
            return tr("No place of this layer raises {label}: nothing is heard of it.", label=self.label)
        if not self.share:
            return tr("This channel is nowhere above 0 on this sound: nothing is heard of it.")
        return tr("{share:.1f} % of the sound's energy. Made as: {way}.", share=100 * self.share, way=self.way)

    @property
    def written(self) -> Array:
        """What a file holds."""
        return self.rest if self.params.rest else self.channel


def _unavailable(selection: Selection, _params: HearParams) -> str:
    pre, tap = selection.card.preprocess, selection.tap
    if not isinstance(pre, SoundPreprocess):
        return tr("Only a network that takes sounds can be heard.")
    if tap.receptive is None or tap.grid is None or max(tap.grid) < 2:
        return tr("The cells of this layer have no place in time: choose a layer before they are pooled.")
    if tap.grid[0] > 1 and pre.bands == 1:
        return tr(
            "This layer has rows, and the preprocessing does not say what they are: say the spectrogram there "
            '("features") instead of computing it in the model.'
        )
    return ""


def _to_json(result: HeardSound) -> dict[str, Any]:
    return {
        "tap": result.tap,
        "part": result.params.part,
        "channel": result.number,
        "class": result.label,
        "way": result.way,
        "rate": result.rate,
        "samples": int(result.sound.shape[1]),
        "gain": result.gain,
        "energy_share": result.share,
    }


def _write(result: HeardSound) -> str:
    long = tr("{shape:.3f} s at {rate:,} Hz", shape=result.sound.shape[1] / result.rate, rate=result.rate)
    return tr(
        "{result_title} of {tap}, {long}: {told}",
        result_title=result.title,
        tap=result.tap,
        long=long,
        told=result.told,
    )


def _wav(result: HeardSound) -> bytes:
    """One gain for channel and rest, unless it is raw."""
    gain = 1.0 if result.params.raw else result.gain
    return wav_bytes(result.written, result.rate, "float32" if result.params.raw else "pcm16", gain)[0]


def _name(result: HeardSound) -> str:
    heard = f"evidence-{result.label}" if result.params.part == EVIDENCE else str(result.number)
    return f"{result.tap}-{'without' if result.params.rest else 'channel'}-{heard}"


SPEC = MethodSpec(
    id="hear",
    title=tr("Hear"),
    about=tr("The part of the sound that a channel answers to, as a sound"),
    package="explorer.methods.hear",
    scope=Scope.CHANNEL,
    params=HearParams,
    result=HeardSound,
    to_json=_to_json,
    write=_write,
    unavailable=_unavailable,
    exports=(Export(tr("Save as WAV …"), ".wav", "WAV", _wav, _name, tr("The channel, or the rest, as a sound")),),
    invitation=tr(
        "Listen to what this channel answers to, or to what speaks for the class: a map as a mask on the sound's own spectrum."
    ),
    run_title=tr("Compute"),
    noun=tr("sound"),
    kinds=("sound",),
    source="Griffin and Lim 1984 (inverse of the STFT); evidence: Draelos and Carin 2020 (HiResCAM)",
    explained=Explanation(
        shows=tr(
            "The part of the sound that a channel answers to, played back: its map is a mask on the sound's "
            "own spectrum."
        ),
        read=tr("Listen to the channel and to the rest: what is missing in the rest is what the channel covers."),
        misleads=tr(
            "The mask is as coarse as the map, so neighbouring sounds come along; and what a channel answers to "
            "need not be what the prediction rests on."
        ),
    ),
)
