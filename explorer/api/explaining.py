"""Attributions: which parts of an input mattered for a class, a channel or a cell."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from explorer.api.class_names import class_of
from explorer.api.drawn_values import DrawnValues
from explorer.api.named_taps import tap_named
from explorer.api.opened_models import AnyModel, Shown, busy, opened, workbench
from explorer.api.workbench import Workbench
from explorer.core.activations import Capture
from explorer.core.any_input import Input, as_picture
from explorer.core.arrays import Array
from explorer.core.attribution import METHODS, Attribution, AttributionSettings, Curve, black_of
from explorer.core.errors import ExplorerError
from explorer.core.inputs import Text
from explorer.core.models import AnyPreprocess, ModelCard
from explorer.core.params import made
from explorer.core.render import overlay
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.engine import export
from explorer.engine.attribution import attribution_export
from explorer.engine.attribution.attribution_methods import explain as attribution_steps
from explorer.engine.attribution.curves import Kind, curve, no_curves
from explorer.engine.attribution.planes import grid_of
from explorer.engine.attribution.sanity import sanity_pair
from explorer.methods.attribution.spec import AttributionParams

# parameters of the method that are settings of the computation; the method itself and the target are arguments of their own
SETTINGS = (
    "layer", "samples", "noise", "steps", "baseline", "window", "stride", "window_ms", "stride_ms", "band_hz", "seed",
)  # fmt: skip
_SOUND_SIZE = (384, 1280)  # px of the picture of a sound


@dataclass(frozen=True, eq=False, repr=False)
class Explained:
    """An attribution. attribution: the frozen result; card, capture: the model, and the input with how the output is read."""

    attribution: Attribution
    card: ModelCard
    capture: Capture

    @property
    def values(self) -> Array:
        """In model-input space: (C, H, W) float32, 1 of C for methods without channels; (channels, bands, time) of a sound."""
        return self.attribution.values

    @property
    def cam(self) -> Array | None:
        """(h, w) of a Grad-CAM, before it was enlarged."""
        return self.attribution.cam

    @property
    def warnings(self) -> tuple[str, ...]:
        """What must be known of it."""
        return tuple(self.manifest()["explanation"]["notes"])

    def manifest(self) -> dict[str, Any]:
        """What it needs to be had again, with `explanation`: the target, the method, its settings and numbers."""
        return attribution_export.record(self.card, self.capture, self.attribution)

    def to_dict(self) -> dict[str, Any]:
        """Its numbers, as the command explain prints them."""
        found: dict[str, Any] = self.manifest()["explanation"]
        return found

    def drawing(self, *, absolute: bool = False, percentile: float = 99.0, strength: float = 0.8) -> DrawnValues:
        """Over the original picture, or the sound as it is drawn. absolute: the magnitude without the sign; percentile: where the
        colours end; strength: opacity, 0 to 1."""
        check_drawing(percentile, strength)
        pre = self.card.preprocess
        rgb = over_input(self.attribution, self.capture.picture, pre, absolute, percentile, strength)
        return DrawnValues(rgb, self.manifest())

    def check(self, seed: int = 0) -> dict[str, Any]:
        """The randomisation test (Adebayo et al. 2018), deletion and insertion (Petsiuk et al. 2018), as numbers."""
        with busy():
            bench = workbench()
            if self.card.digest not in bench.bench.open_digests:
                raise ExplorerError(tr("The model is not open any more."), "", tr("Open it again."))
            return checked(bench, self.capture, self.attribution, seed)

    def save(self, path: str | Path, **drawing: Any) -> Path:
        """Writes an .npz (values) or a .png (`drawing` with these options) with the manifest that the command writes."""
        suffix = Path(path).suffix.lower()
        if suffix == ".npz":
            export.write(str(path), attribution_export.values_file(self.attribution, self.manifest()))
            return Path(path)
        if suffix != ".png":
            todo = tr("Name the file FILE.npz for values or FILE.png for a picture.")
            raise ExplorerError(tr("{path} ends neither in .npz nor in .png.", path=path), "", todo)
        return self.drawing(**drawing).save(path)

    def __repr__(self) -> str:
        found = self.attribution
        return f"<explorer.Explained: {found.method} of {found.target.label}, {self.card.name}>"

    def _repr_png_(self) -> bytes:
        return self.drawing()._repr_png_()


def explain(
    model: AnyModel,
    input: Shown,
    method: str = "gradient",
    *,
    class_: int | str | None = None,
    tap: str = "",
    channel: int | None = None,
    cell: tuple[int, int] | None = None,
    **settings: Any,
) -> Explained:
    """An attribution, as the command explain computes it.

    input: a picture, a sound, or a tensor. method: a name of `explorer.core.attribution.METHODS`. What is explained is a class by
    its number or name, or the mean of a channel of a tap, or one cell (row, column) of it. settings: those of the method (layer,
    samples, noise, steps, baseline, window, stride, window_ms, stride_ms, band_hz, seed); docs/api.md says of each what it is.

    Raises ExplorerError where the method cannot be had of this model, and for an unknown class, tap or setting.
    """
    check_target(class_, tap, channel, cell)
    with busy():
        loaded, seen = opened(model, input)
        assert seen is not None  # it was given
        bench = workbench()
        capture = bench.look(loaded, seen)
        check_input(capture.picture)
        target = target_of(loaded.card, class_, tap, channel, cell)
        wanted = settings_of(loaded.card, method, settings)
        return Explained(attribution_of(bench, capture, method, target, wanted), loaded.card, capture)


def check_target(class_: int | str | None, tap: str, channel: int | None, cell: object) -> None:
    """ExplorerError where no target is named, or two."""
    if (class_ is None) == (not tap):
        raise ExplorerError(tr("Give either a class, or a tap with a channel."))
    if class_ is not None:
        if channel is not None or cell:
            raise ExplorerError(tr("A channel and a cell belong to a tap."))
    elif channel is None:
        raise ExplorerError(tr("A tap needs a channel."))


def check_input(given: Input) -> None:
    """ExplorerError for a text."""
    if isinstance(given, Text):
        what = tr("This draws over pictures; the input is a text.")
        raise ExplorerError(what, "", tr("The command word-attribution tells how much each word supports a class."))


def check_drawing(percentile: float, strength: float) -> None:
    """ExplorerError where nothing can be drawn so."""
    if not 0 < percentile <= 100 or not 0 <= strength <= 1:
        raise ExplorerError(tr("The percentile must lie above 0 and up to 100, the strength within 0 and 1."))


def target_of(
    card: ModelCard, class_: int | str | None, tap: str, channel: int | None, cell: tuple[int, int] | None
) -> Target:
    """What is explained. Raises ExplorerError for an unknown class."""
    if class_ is not None:
        return Target("", class_of(str(class_), card))
    return Target(tap, channel or 0, cell)


def settings_of(card: ModelCard, method: str, values: Mapping[str, Any]) -> AttributionSettings:
    """How it is computed: what is missing keeps its default. Raises ExplorerError for a value out of range and an unknown name."""
    params = made(AttributionParams, {**values, "method": method})
    wanted = {name: getattr(params, name) for name in SETTINGS}
    return AttributionSettings(**wanted, black=black_of(card.preprocess), sound=grid_of(card.preprocess))


def attribution_of(
    bench: Workbench, capture: Capture, method: str, target: Target, settings: AttributionSettings
) -> Attribution:
    """The whole attribution. Raises ExplorerError where it cannot be had."""
    for name in filter(None, (target.tap, settings.layer)):
        tap_named(capture.taps, name)

    def steps() -> Generator[Attribution, None, Attribution]:
        loaded, x, plan = bench.studies.given(capture, bench.job)
        return attribution_steps(method, loaded.module, x, target, plan, settings, bench.job.cancelled)

    return bench.last(bench.studies.streamed(steps))


def over_input(
    found: Attribution, picture: Input, pre: AnyPreprocess, absolute: bool, percentile: float, strength: float
) -> Array:
    """(H, W, 3) uint8: the attribution over the original picture, or over the sound as it is drawn."""
    signed = METHODS[found.method].signed and not absolute
    map_ = overlay.heat(found.values, signed, percentile)
    if isinstance(picture, Sound) and isinstance(pre, SoundPreprocess):
        from explorer.engine.inputs.seen_sound import drawn_sound

        seen = drawn_sound(picture, pre).seen
        assert seen is not None  # it was drawn just now
        ground = overlay.as_rgb(seen, _SOUND_SIZE)
        return overlay.overlay(ground, *overlay.on_sound(map_.values, picture.size, pre, _SOUND_SIZE), signed, strength)
    size = overlay.view_size(picture.size, pre)
    values, seen = overlay.on_picture(map_.values, picture.size, pre, size)
    return overlay.overlay(overlay.as_rgb(as_picture(picture).pixels, size), values, seen, signed, strength)


def checked(bench: Workbench, capture: Capture, found: Attribution, seed: int) -> dict[str, Any]:
    """The randomisation test, deletion and insertion, as JSON takes them."""
    loaded, x, plan = bench.studies.given(capture, bench.job)
    cancelled, streamed = bench.job.cancelled, bench.studies.streamed
    twin = sanity_pair(found, loaded.module, x, plan, seed=seed, cancelled=cancelled)
    pair = bench.last(streamed(lambda: twin))
    told: dict[str, Any] = {
        "sanity": {
            "rank_correlation": _number(pair.rank),
            "rank_correlation_absolute": _number(pair.rank_absolute),
            "ssim": _number(pair.ssim),
            "randomised": list(pair.randomised),
        }
    }
    without = no_curves(found.settings.sound)
    if without:
        return {**told, "curves": without}

    def drawn(kind: Kind) -> Generator[Curve, None, Curve]:
        return curve(kind, found, loaded.module, x, plan, cancelled=cancelled)

    kinds: tuple[Kind, ...] = ("deletion", "insertion")
    for kind in kinds:
        each = bench.last(streamed(partial(drawn, kind)))
        told[kind] = {"area": each.area, "shares": each.shares.tolist(), "scores": each.scores.tolist()}
    return told


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None  # JSON knows no NaN
