"""How an original sound becomes the model's input tensor, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from explorer.core.errors import ExplorerError
from explorer.core.mel_scale import MelNorm, MelScale
from explorer.core.translation import tr

FeatureKind = Literal["none", "log-mel", "whisper", "ast", "wav2vec2"]
SoundLayout = Literal["NCT", "NT", "NCHW", "NTC"]
# What the tensor of each kind may look like: waveforms (1, channels, T) or (1, T); spectrograms (1, mels, frames),
# (1, frames, mels) or (1, channels, mels, frames).
_LAYOUTS: dict[str, tuple[str, ...]] = {
    "none": ("NCT", "NT"),
    "wav2vec2": ("NT", "NCT"),
    "log-mel": ("NCHW", "NCT", "NTC"),
    "whisper": ("NCT", "NCHW"),
    "ast": ("NTC", "NCHW"),
}
SPEECH_RATE = 16_000  # Hz, of the networks with recipes of their own
WHISPER_SECONDS, WHISPER_HOP, WHISPER_FFT = 30.0, 160, 400  # its window, samples from one frame to the next, of a frame
MOST_TENSOR_SECONDS = 3600.0
AST_FRAMES, AST_WINDOW = 1024, 400  # of its spectrogram; samples of a frame, which zeros make 512


@dataclass(frozen=True, slots=True)
class LogMel:
    """The numbers of a log-mel spectrogram. No two libraries have the same defaults: those here are torchaudio's, with 64 mels.

    In this order: frames of `n_fft` under a window, Fourier transform, magnitude ** `power`, mel filters, `floor`, logarithm,
    (x - `mean`) / `std`. "db": 10 log10 of powers, 20 log10 of magnitudes.
    """

    mels: int = 64
    n_fft: int = 400
    hop: int = 160  # samples
    window: Literal["hann", "hann-symmetric", "hamming", "rectangular"] = "hann"  # periodic where not said otherwise
    window_length: int | None = None  # in the middle of `n_fft`; None: as long as that
    scale: MelScale = "htk"
    norm: MelNorm = "none"
    low: float = 0.0  # Hz
    high: float | None = None  # Hz; None: half the rate
    power: Literal[1, 2] = 2
    log: Literal["ln", "log10", "db"] = "db"
    floor: float = 1e-10
    floored: Literal["clamp", "add"] = "clamp"  # the larger of the two, or their sum
    reference: Literal["one", "max"] = "one"  # what 0 stands for in "db": 1, or the largest value
    top: float | None = None  # everything lower than this beneath the largest is raised to it; of the logarithms
    centred: bool = True  # frame t around sample t * hop, with padding; else from t * hop on
    padding: Literal["reflect", "zeros"] = "reflect"
    mean: float = 0.0
    std: float = 1.0


AST = LogMel(
    mels=128, n_fft=512, window="hann-symmetric", window_length=AST_WINDOW, low=20.0, high=8000.0, log="ln",
    floor=1.192092955078125e-07, centred=False, mean=-4.2677393, std=2 * 4.5689974,
)  # fmt: skip


def whisper_numbers(mels: int) -> LogMel:
    """The part of Whisper's recipe that a log-mel spectrogram can say."""
    return LogMel(mels, WHISPER_FFT, WHISPER_HOP, scale="slaney", norm="slaney", high=8000.0, log="log10", top=8.0)


@dataclass(frozen=True, slots=True)
class SoundPreprocess:
    """How an original sound becomes the model's input tensor: channels, rate, length, features, layout, in this order.

    rate: Hz; nobody but the model's maker knows it, so that none is an error. seconds: cut, or zeros put behind it; None: as
    long as the sound. channels: 1 is their mean; more: the first ones, a missing one is an error. log_mel: of "log-mel" alone.
    mels: of "whisper" alone, 80 or 128; it hears 30 s where nothing else is said.
    """

    DEPTHS: ClassVar[tuple[str, str]] = (tr("frequencies, onsets"), tr("events, what is heard"))

    rate: int | None = None
    seconds: float | None = None
    channels: int = 1
    features: FeatureKind = "none"
    log_mel: LogMel | None = None
    mels: int = 80
    layout: SoundLayout = "NCT"
    kind: Literal["sound"] = "sound"

    def __post_init__(self) -> None:
        if self.rate is None:
            raise ExplorerError(
                tr("The model's preprocessing names no rate."),
                tr(
                    "How many samples a second it was taught with is nowhere in its weights, and another one answers something else."
                ),
                tr('Say it, for example "rate": 16000.'),
            )
        for wrong in (*self._own_faults(), *(_log_mel_faults(self.log_mel, self.rate) if self.log_mel else ())):
            raise ExplorerError(tr("The model's preprocessing of sounds cannot be."), wrong, tr("Correct it."))

    @property
    def hertz(self) -> int:
        """The rate."""
        return self.rate or 0

    @property
    def length(self) -> int | None:
        """Samples, where a length is said."""
        return None if self.seconds is None else round(self.seconds * self.hertz)

    @property
    def taken(self) -> int | None:
        """Samples that the model gets at its rate, None: as many as there are."""
        if self.features == "whisper":
            return round((self.seconds or WHISPER_SECONDS) * SPEECH_RATE)
        if self.features == "ast" and self.length is None:
            return (AST_FRAMES - 1) * AST.hop + AST_WINDOW
        return self.length

    @property
    def UNIT(self) -> str:
        """Of a place of the tensor: what a receptive field is counted in."""
        return "samples" if self.frames is None else "frames"

    @property
    def numbers(self) -> LogMel | None:
        """Those of the spectrogram, as far as a log-mel one says them; None: a waveform."""
        if self.features == "whisper":
            return whisper_numbers(self.mels)
        return {"ast": AST, "log-mel": self.log_mel or LogMel()}.get(self.features)

    @property
    def bands(self) -> int:
        """Mels of a spectrogram; 1: a waveform."""
        return self.numbers.mels if self.numbers is not None else 1

    @property
    def frames(self) -> tuple[int, int, bool] | None:
        """(samples of a frame, samples from one to the next, whether frame t stands around sample t * hop); None: a waveform."""
        if self.features == "log-mel":
            numbers = self.log_mel or LogMel()
            return numbers.n_fft, numbers.hop, numbers.centred
        return {"whisper": (400, 160, True), "ast": (400, 160, False)}.get(self.features)

    @property
    def height(self) -> int:
        """Rows of cells: mels, also where the tensor has them as channels or last; 1 of a waveform."""
        return self.bands

    @property
    def width(self) -> int:
        """Places of the tensor in time; where no length is said, those of a second."""
        if self.features == "ast":
            return AST_FRAMES
        if self.features == "whisper":
            return (self.taken or 0) // WHISPER_HOP
        count = self.length or self.hertz
        if self.frames is None:
            return count
        long, hop, centred = self.frames
        return 1 + count // hop if centred else max(1 + (count - long) // hop, 1)

    @property
    def says(self) -> str:
        """In one sentence."""
        long = f"{self.seconds:g} s" if self.seconds is not None else tr("any length")
        many = "mono" if self.channels == 1 else tr("{channels} channels", channels=self.channels)
        what = {
            "none": tr("the samples, −1 … 1"),
            "wav2vec2": tr("the samples, mean 0 and variance 1"),
            "whisper": tr("{mels} mels as Whisper has them", mels=self.mels),
            "ast": tr("128 mels as the Audio Spectrogram Transformer has them"),
            "log-mel": tr("{bands} log-mels", bands=self.bands),
        }[self.features]
        return tr(
            "Takes sounds, {long} at {hertz:g} kHz, {many}: {what}.",
            long=long,
            hertz=self.hertz / 1000,
            many=many,
            what=what,
        )

    def _own_faults(self) -> list[str]:
        faults = []
        fits = _LAYOUTS.get(self.features)
        if not isinstance(self.rate, int) or not 100 <= self.rate <= 768_000:
            faults.append(
                tr("Its rate is {rate!r}; a rate is a whole number of Hz from 100 to 768,000.", rate=self.rate)
            )
        if fits is None:
            return [
                *faults,
                tr(
                    "There are no features {features!r}; there are {list}.",
                    features=self.features,
                    list=", ".join(_LAYOUTS),
                ),
            ]
        if self.layout not in fits:
            faults.append(
                tr(
                    "{features!r} has no layout {layout!r}; it has {list}.",
                    features=self.features,
                    layout=self.layout,
                    list=", ".join(fits),
                )
            )
        if not 1 <= self.channels <= 64 or (self.channels > 1 and self.layout not in self._many):
            faults.append(
                tr(
                    "{channels} channels do not go into {features!r} as {layout!r}.",
                    channels=self.channels,
                    features=self.features,
                    layout=self.layout,
                )
            )
        if self.seconds is not None and not 0 < self.seconds <= MOST_TENSOR_SECONDS:
            faults.append(
                tr(
                    "It lasts {seconds!r} s; a length is more than 0 and at most {most_tensor_seconds:g} s.",
                    seconds=self.seconds,
                    most_tensor_seconds=MOST_TENSOR_SECONDS,
                )
            )
        if self.features in ("whisper", "ast") and self.rate != SPEECH_RATE:
            faults.append(
                tr("{features!r} is defined at 16,000 Hz; this says {rate}.", features=self.features, rate=self.rate)
            )
        if self.features == "whisper" and self.mels not in (80, 128):
            faults.append(tr("Whisper hears in 80 or 128 mels."))
        if (self.log_mel is not None) != (self.features == "log-mel"):
            faults.append(tr('The numbers of a log-mel belong to the features "log-mel", and are to be said there.'))
        return faults

    @property
    def _many(self) -> tuple[str, ...]:
        """Layouts with room for more than one channel."""
        return {"none": ("NCT",), "wav2vec2": (), "log-mel": ("NCHW",)}.get(self.features, ())


LONG = 30.0  # s: a file that is longer is looked at through a window
_ANY = 10.0  # s: of that window, for a model that takes any length


def window_for(preprocess: object) -> float:
    """Seconds of a long sound that are opened for a model at once: those that it takes."""
    if isinstance(preprocess, SoundPreprocess) and preprocess.taken is not None:
        return preprocess.taken / preprocess.hertz
    return _ANY


def is_turned(preprocess: object) -> bool:
    """Whether the tensor has time before frequency, (1, frames, mels): its cells stand in rows of time all the same."""
    return isinstance(preprocess, SoundPreprocess) and preprocess.layout == "NTC"


def _log_mel_faults(numbers: LogMel, rate: int) -> list[str]:
    faults = []
    high = rate / 2 if numbers.high is None else numbers.high
    if not (1 <= numbers.mels <= 1024 and 2 <= numbers.n_fft <= 65_536 and 1 <= numbers.hop <= 65_536):
        faults.append(
            tr(
                "{mels} mels of {n_fft} samples every {hop} are out of reach.",
                mels=numbers.mels,
                n_fft=numbers.n_fft,
                hop=numbers.hop,
            )
        )
    if not 1 <= (numbers.window_length or numbers.n_fft) <= numbers.n_fft:
        faults.append(
            tr(
                "A window of {window_length} samples does not go into {n_fft}.",
                window_length=numbers.window_length,
                n_fft=numbers.n_fft,
            )
        )
    if not 0 <= numbers.low < high <= rate / 2:
        faults.append(
            tr(
                "Its mels go from {low:g} to {high:g} Hz; at {rate} Hz they end at {rate2:g} Hz.",
                low=numbers.low,
                high=high,
                rate=rate,
                rate2=rate / 2,
            )
        )
    if not (numbers.floor > 0 and numbers.std > 0):
        faults.append(
            tr("Its floor {floor:g} and its std {std:g} must be more than 0.", floor=numbers.floor, std=numbers.std)
        )
    return faults
