"""maximise: generate an image that maximises a channel or a class, without a window."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.api.class_names import class_of
from explorer.cli.given import tell
from explorer.core.any_input import as_picture
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import cell_named
from explorer.core.maximisation import Maximised, MaximiseSettings, Objective, class_logit
from explorer.core.models import ModelCard, of_pictures
from explorer.core.params import params_of
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.methods.maximisation.spec import SPEC, switches

if TYPE_CHECKING:
    from explorer.cli.engine import Engine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The target, how the image is generated, and its file."""
    add_objective(parser)
    parser.add_argument("--out", required=True, metavar="FILE", help=tr("a .png file"))


def add_objective(parser: argparse.ArgumentParser) -> None:
    """The target, and how the image is generated."""
    steps = next(param for param in params_of(SPEC.params) if param.name == "steps")
    parser.add_argument("--tap", default="", metavar="NAME", help=tr("a layer, with --channel"))
    parser.add_argument("--channel", type=int, default=None, metavar="N")
    parser.add_argument(
        "--cell", default="", metavar="ROW,COLUMN", help=tr("one cell, or token (CLS, REG1), instead of all")
    )
    parser.add_argument("--class", dest="class_", default=None, metavar="N|NAME", help=tr("a class of the output"))
    parser.add_argument("--negative", action="store_true", help=tr("minimise the target instead"))
    parser.add_argument("--steps", type=int, default=steps.default, metavar="N")
    parser.add_argument("--input", default="", metavar="PICTURE", help=tr("start from it instead of noise"))
    parser.add_argument(
        "--without", action="append", default=[], choices=tuple(switches()), help=tr("may be given several times")
    )


def run(args: argparse.Namespace) -> int:
    """Writes the PNG with its manifest inside and says how far the target rose.

    --seed is that of the noise and the moves too. What is interrupted goes on from there the next time.
    """
    from explorer.cli.engine import Engine
    from explorer.engine import export
    from explorer.engine.maximisation.maximised_export import picture_file

    check_objective(args)
    settings = settings_of(args)
    if Path(args.out).suffix.lower() != ".png":
        raise ExplorerError(tr("{out} does not end in .png.", out=args.out), "", tr("Name the file FILE.png."))
    with Engine() as engine:
        loaded = engine.open(args)
        objective = objective_of(args, loaded.card)
        channels = of_pictures(loaded.card.preprocess).channels
        if channels not in (1, 3):
            why = tr("A PNG has 1 (grey) or 3 (red, green, blue).")
            raise ExplorerError(tr("The image has {channels} channels.", channels=channels), why)
        made = made_by(args, engine, loaded.card.digest, objective, settings)
        export.write(args.out, picture_file(loaded.card, made))
        said = engine.flags(loaded, SPEC.noun, classes=not objective.tap)
    print(SPEC.write(made))
    for note in said:
        print(f"({note})")
    return 0


def check_objective(args: argparse.Namespace) -> None:
    """Raises ExplorerError unless a command line asks for a class, or for a tap and a channel."""
    if (args.class_ is None) == (args.channel is None) or bool(args.tap) != (args.channel is not None):
        raise ExplorerError(tr("No target to maximise."), "", tr("Give --tap and --channel, or --class."))
    if args.class_ is not None and args.cell:
        raise ExplorerError(tr("A class has no cells."), "", tr("Omit --cell."))


def objective_of(args: argparse.Namespace, card: ModelCard) -> Objective:
    """What a command line asks for. Raises ExplorerError for an unknown class."""
    if args.class_ is not None:
        return class_logit(class_of(args.class_, card), args.negative)
    cell = cell_named(args.cell) if args.cell else None
    return Objective(args.tap, (args.channel,), cell=cell, negative=args.negative)


def settings_of(args: argparse.Namespace) -> MaximiseSettings:
    """How a command line wants it made; --size is already in the model's preprocessing."""
    known = switches()
    off: dict[str, Any] = {known[name].name: False for name in args.without}
    return MaximiseSettings(steps=args.steps, seed=args.seed, **off)


def made_by(
    args: argparse.Namespace, engine: Engine, model: str, objective: Objective, settings: MaximiseSettings
) -> Maximised:
    """What comes of it, with the steps on the last line of a terminal."""
    from explorer.cli.engine import picture_named
    from explorer.engine.executor import answered
    from explorer.methods.maximisation.requests import Grow, MaximiseTarget

    start = as_picture(picture_named(args.input)) if args.input else None
    settings = settings if start is None else replace(settings, start=start.digest)

    def say(now: Maximised) -> None:
        tell(
            Progress(
                tr(
                    "{objective_text}, step {step} of {steps}",
                    objective_text=objective.text,
                    step=now.step,
                    steps=settings.steps,
                ),
                now.step / settings.steps,
            )
        )

    steps: Generator[Maximised, None, Maximised] = answered(
        engine.worker, Grow(MaximiseTarget(model, objective, settings), start), engine.job
    )
    return engine.last(steps, say)
