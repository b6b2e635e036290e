"""Activation maximisation: an image that raises a channel or a class."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from explorer.api.class_names import class_of
from explorer.api.drawn_values import DrawnValues
from explorer.api.opened_models import AnyModel, Shown, busy, input_of, opened, workbench
from explorer.api.workbench import Workbench
from explorer.core.any_input import Input, as_picture
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.maximisation import Maximised, MaximiseSettings, Objective, class_logit
from explorer.core.maximised_pictures import sheet
from explorer.core.models import ModelCard, of_pictures
from explorer.core.translation import tr
from explorer.engine import export
from explorer.engine.executor import answered
from explorer.engine.maximisation.maximised_export import picture_file
from explorer.engine.models.base import LoadedModel
from explorer.methods.maximisation.requests import Grow, MaximiseTarget
from explorer.methods.maximisation.spec import SPEC, switches


@dataclass(frozen=True, eq=False, repr=False)
class MaximisedImage:
    """An image that was made to raise a target. maximised: the frozen result; warnings: what must be known of it."""

    maximised: Maximised
    card: ModelCard
    warnings: tuple[str, ...] = ()

    @property
    def pictures(self) -> Array:
        """(number, H, W, channels) uint8."""
        return self.maximised.pictures

    def to_dict(self) -> dict[str, Any]:
        """Target, settings, steps and value."""
        made = self.maximised
        about = {"objective": asdict(made.objective), "settings": asdict(made.settings)}
        return about | {"steps": made.step, "value": made.value, "notes": list(made.notes)}

    def drawing(self) -> DrawnValues:
        """The pictures side by side."""
        return DrawnValues(sheet(self.pictures), self.to_dict())

    def save(self, path: str | Path) -> Path:
        """Writes a PNG with the manifest that the command writes."""
        check_suffix(str(path))
        export.write(str(path), picture_file(self.card, self.maximised))
        return Path(path)

    def __str__(self) -> str:
        return SPEC.write(self.maximised)

    def __repr__(self) -> str:
        return f"<explorer.MaximisedImage: {self.maximised.objective.text}, {self.card.name}>"

    def _repr_png_(self) -> bytes:
        return self.drawing()._repr_png_()


def maximise(
    model: AnyModel,
    *,
    tap: str = "",
    channel: int | None = None,
    cell: tuple[int, int] | None = None,
    class_: int | str | None = None,
    negative: bool = False,
    steps: int = MaximiseSettings().steps,
    seed: int = 0,
    input: Shown = None,
    without: Sequence[str] = (),
) -> MaximisedImage:
    """Makes an image that raises a target, as the command maximise does (Olah, Mordvintsev and Schubert 2017).

    The target is a tap with a channel (its mean, or one cell), or a class by number or name. negative: lowers it instead. steps: of
    the optimisation. seed: of noise and moves. input: a picture to start from instead of noise. without: parts of the method to
    leave out (fourier, decorrelation, jitter, scale, rotation, redirection). What is interrupted goes on from there the next time.

    Raises ExplorerError for a model that takes no pictures, and for an unknown target.
    """
    check_objective(class_, tap, channel, cell)
    settings = settings_of(steps, seed, without)
    with busy():
        loaded, _ = opened(model)
        check_channels(loaded.card)
        objective = objective_of(loaded.card, class_, tap, channel, cell, negative)
        start = None if input is None else input_of(input)
        return made(workbench(), loaded, objective, settings, start)


def check_suffix(out: str) -> None:
    """ExplorerError for a file that is no PNG."""
    if Path(out).suffix.lower() != ".png":
        raise ExplorerError(tr("{out} does not end in .png.", out=out), "", tr("Name the file FILE.png."))


def check_channels(card: ModelCard) -> None:
    """ExplorerError where no PNG can hold the image."""
    channels = of_pictures(card.preprocess).channels
    if channels not in (1, 3):
        why = tr("A PNG has 1 (grey) or 3 (red, green, blue).")
        raise ExplorerError(tr("The image has {channels} channels.", channels=channels), why)


def check_objective(class_: int | str | None, tap: str, channel: int | None, cell: object) -> None:
    """ExplorerError unless a class, or a tap and a channel, is named."""
    if (class_ is None) == (channel is None) or bool(tap) != (channel is not None):
        raise ExplorerError(tr("No target to maximise."), "", tr("Give a tap and a channel, or a class."))
    if class_ is not None and cell:
        raise ExplorerError(tr("A class has no cells."))


def objective_of(
    card: ModelCard,
    class_: int | str | None,
    tap: str,
    channel: int | None,
    cell: tuple[int, int] | None,
    negative: bool,
) -> Objective:
    """The target. Raises ExplorerError for an unknown class."""
    if class_ is not None:
        return class_logit(class_of(str(class_), card), negative)
    return Objective(tap, (channel or 0,), cell=cell, negative=negative)


def settings_of(steps: int, seed: int, without: Sequence[str]) -> MaximiseSettings:
    """How it is made. Raises ExplorerError for a part that there is not."""
    known = switches()
    strange = [name for name in without if name not in known]
    if strange:
        raise ExplorerError(
            tr("There is no part “{name}” of the method.", name=strange[0]),
            tr("There are: {names}.", names=", ".join(known)),
        )
    off: dict[str, Any] = {known[name].name: False for name in without}
    return MaximiseSettings(steps=steps, seed=seed, **off)


def made(
    bench: Workbench,
    loaded: LoadedModel,
    objective: Objective,
    settings: MaximiseSettings,
    given: Input | None,
    each: Callable[[Maximised], None] | None = None,
) -> MaximisedImage:
    """What comes of it; `each` is handed the image as it grows."""
    start = as_picture(given) if given is not None else None
    settings = settings if start is None else replace(settings, start=start.digest)
    request = Grow(MaximiseTarget(loaded.card.digest, objective, settings), start)
    steps: Generator[Maximised, None, Maximised] = answered(bench.worker, request, bench.job)
    found = bench.last(steps, each)
    return MaximisedImage(found, loaded.card, bench.flags(loaded, SPEC.noun, classes=not objective.tap))
