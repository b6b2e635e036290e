"""maximise: generate an image that maximises a channel or a class, without a window."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from explorer.cli.headless import opened, tell
from explorer.cli.reading import flags_of
from explorer.core.cells import cell_named
from explorer.core.maximise import Maximised, MaximiseSettings, Objective, class_logit
from explorer.core.types import ExplorerError, Progress

_SWITCHES = {
    "fourier": "fourier",
    "decorrelation": "decorrelate",
    "jitter": "jitter",
    "scale": "scale",
    "rotation": "rotate",
    "redirection": "redirect",
}


def run(args: argparse.Namespace) -> int:
    """Writes the PNG with its manifest inside and says how far the target rose.

    --seed is that of the noise and the moves too. What is interrupted goes on from there the next time.
    """
    from explorer.engine import export
    from explorer.engine.explain.maximise.files import picture_file

    objective, settings = objective_of(args), settings_of(args)
    if Path(args.out).suffix.lower() != ".png":
        raise ExplorerError(f"{args.out} does not end in .png.", "", "Name the file FILE.png.")
    loaded = opened(args)
    channels = loaded.card.preprocess.channels
    if channels not in (1, 3):
        why = "A PNG has 1 (grey) or 3 (red, green, blue)."
        raise ExplorerError(f"The image has {channels} channels.", why)
    made = _made(args, loaded, objective, settings)
    export.write(args.out, picture_file(loaded.card, made))
    fell = -1 if objective.negative else 1
    print(f"{objective.text}: {fell * made.curve[0]:.4g} -> {fell * (made.value or 0.0):.4g} in {made.step} steps")
    for note in (*made.notes, *flags_of(loaded, "picture", classes=not objective.tap)):
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
    off: dict[str, Any] = {_SWITCHES[name]: False for name in args.without}
    return MaximiseSettings(steps=args.steps, seed=args.seed, **off)


def _made(args: argparse.Namespace, loaded: Any, objective: Objective, settings: MaximiseSettings) -> Maximised:
    from explorer.engine.explain.maximise.jobs import kept
    from explorer.engine.explain.maximise.store import MaximisedStore
    from explorer.engine.inputs import named_input, open_input

    start = open_input(named_input(args.input)) if args.input else None
    growing = kept(loaded, objective, settings, MaximisedStore(), start=start)
    try:
        while True:
            now = next(growing)
            tell(Progress(f"{objective.text}, step {now.step} of {settings.steps}", now.step / settings.steps))
    except StopIteration as end:
        result: Maximised = end.value
        return result
    finally:
        growing.close()
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
