"""maximise: generate an image that maximises a channel or a class, without a window."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from explorer.api.class_names import class_of
from explorer.cli.given import tell
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import cell_named
from explorer.core.maximisation import Maximised, MaximiseSettings, Objective, class_logit
from explorer.core.models import ModelCard
from explorer.core.params import params_of
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.methods.maximisation.spec import SPEC, switches

if TYPE_CHECKING:
    from explorer.api.maximising import MaximisedImage
    from explorer.cli.engine import Engine
    from explorer.engine.models.base import LoadedModel


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
    from explorer.api.maximising import check_channels, check_suffix
    from explorer.cli.engine import Engine

    check_objective(args)
    settings = settings_of(args)
    check_suffix(args.out)
    with Engine() as engine:
        loaded = engine.open(args)
        objective = objective_of(args, loaded.card)
        check_channels(loaded.card)
        found = made_by(args, engine, loaded, objective, settings)
        found.save(args.out)
    print(found)
    for note in found.warnings:
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
    from explorer.api import maximising

    return maximising.settings_of(args.steps, args.seed, args.without)


def made_by(
    args: argparse.Namespace, engine: Engine, loaded: LoadedModel, objective: Objective, settings: MaximiseSettings
) -> MaximisedImage:
    """What comes of it, with the steps on the last line of a terminal."""
    from explorer.api.maximising import made
    from explorer.cli.engine import picture_named

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

    return made(engine, loaded, objective, settings, picture_named(args.input) if args.input else None, say)
