"""maximise: generate an image that maximises a channel or a class, without a window."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.cli.given import tell
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import cell_named
from explorer.core.maximisation import Maximised, MaximiseSettings, Objective, class_logit
from explorer.core.progress import Progress

if TYPE_CHECKING:
    from explorer.cli.engine import Engine


def run(args: argparse.Namespace) -> int:
    """Writes the PNG with its manifest inside and says how far the target rose.

    --seed is that of the noise and the moves too. What is interrupted goes on from there the next time.
    """
    from explorer.cli.engine import Engine
    from explorer.engine import export
    from explorer.engine.maximisation.maximised_export import picture_file

    objective, settings = objective_of(args), settings_of(args)
    if Path(args.out).suffix.lower() != ".png":
        raise ExplorerError(f"{args.out} does not end in .png.", "", "Name the file FILE.png.")
    with Engine() as engine:
        loaded = engine.open(args)
        channels = loaded.card.preprocess.channels
        if channels not in (1, 3):
            why = "A PNG has 1 (grey) or 3 (red, green, blue)."
            raise ExplorerError(f"The image has {channels} channels.", why)
        made = _made(args, engine, loaded.card.digest, objective, settings)
        export.write(args.out, picture_file(loaded.card, made))
        said = engine.flags(loaded, "picture", classes=not objective.tap)
    fell = -1 if objective.negative else 1
    print(f"{objective.text}: {fell * made.curve[0]:.4g} -> {fell * (made.value or 0.0):.4g} in {made.step} steps")
    for note in (*made.notes, *said):
        print(f"({note})")
    return 0


def objective_of(args: argparse.Namespace) -> Objective:
    """What a command line asks for. Raises ExplorerError unless it is a class, or a tap and a channel."""
    if (args.number is None) == (args.channel is None) or bool(args.tap) != (args.channel is not None):
        raise ExplorerError("No target to maximise.", "", "Give --tap and --channel, or --class.")
    if args.number is not None:
        if args.cell:
            raise ExplorerError("A class has no cells.", "", "Omit --cell.")
        return class_logit(args.number, args.negative)
    cell = cell_named(args.cell) if args.cell else None
    return Objective(args.tap, (args.channel,), cell=cell, negative=args.negative)


def settings_of(args: argparse.Namespace) -> MaximiseSettings:
    """How a command line wants it made; --size is already in the model's preprocessing."""

    def wanted(trick: str) -> bool:
        return trick not in args.without

    return MaximiseSettings(
        steps=args.steps,
        seed=args.seed,
        fourier=wanted("fourier"),
        decorrelate=wanted("decorrelation"),
        jitter=wanted("jitter"),
        scale=wanted("scale"),
        rotate=wanted("rotation"),
        redirect=wanted("redirection"),
    )


def _made(
    args: argparse.Namespace, engine: Engine, model: str, objective: Objective, settings: MaximiseSettings
) -> Maximised:
    from explorer.cli.engine import picture_named

    start = picture_named(args.input) if args.input else None
    settings = settings if start is None else replace(settings, start=start.digest)

    def say(now: Maximised) -> None:
        tell(Progress(f"{objective.text}, step {now.step} of {settings.steps}", now.step / settings.steps))

    return engine.last(engine.worker.maximisations.grow(model, start, objective, settings, engine.job), say)
