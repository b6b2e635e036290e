"""weights match: the architectures that a file of weights fits, by its keys and shapes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.core.weight_matches import WeightMatch


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where nothing fits; the nearest are told all the same."""
    found = matched(args.file)
    if args.json:
        rows = [
            {
                "id": fit.id,
                "opens": fit.opens,
                "fits": fit.fits,
                "expected": fit.expected,
                "problem": fit.problem,
                "notes": list(fit.notes),
            }
            for fit in found.fits
        ]
        print(
            json.dumps(
                {"file": args.file, "tensors": found.tensors, "libraries": list(found.covers), "fits": rows}, indent=1
            )
        )
        return 0 if found.opening else 1
    wide = max((len(fit.id) for fit in found.fits), default=0)
    for fit in found.fits:
        print(f"{fit.id:<{wide}}  {(tr('opens') if fit.opens else tr('no   '))}  {fit.text}")
        for line in fit.notes if fit.opens else (fit.problem,):
            print(f"{'':<{wide}}         {line}")
    if not found.opening:
        raise ExplorerError(
            tr("{file} fits no architecture that can be opened by name.", file=found.file), found.text, _OWN
        )
    return 0


_OWN = tr("A Python file with a function that returns the model opens it: file:net.py:make --weights FILE.")


def matched(file: str) -> WeightMatch:
    """With progress on a terminal. Raises ExplorerError."""
    from explorer.cli.given import clear_line, tell
    from explorer.engine.models.matching.match import match_file

    try:
        return match_file(Path(file).expanduser(), lambda text, share: tell(Progress(text, share)))
    finally:
        clear_line()


def no_model(weights: str) -> ExplorerError:
    """For a command that was given weights and no model: which one it would be."""
    found = matched(weights)
    what = tr("No model was named for {file}.", file=found.file)
    if not found.opening:
        return ExplorerError(what, found.text, _OWN)
    names = ", ".join(fit.id for fit in found.opening[:4])
    return ExplorerError(
        what,
        tr("It fits {names} ({text}).", names=names, text=found.opening[0].text),
        tr("Write the model before the options: {id}.", id=found.opening[0].id),
    )
