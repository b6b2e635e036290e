"""The Compare workspace for a picture of the window."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer import catalogue
from explorer.cli.given import numbers_of
from explorer.core.attention_queries import AttentionMode
from explorer.core.errors import ExplorerError, Failure
from explorer.core.interventions import Edit, Edits, Mode
from explorer.core.layer_views import Shows, view_named
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import LEAST, MOST
from explorer.core.translation import tr

if TYPE_CHECKING:
    from explorer.app import Application
    from explorer.ui.compare.control import CompareControl
    from explorer.ui.compare.view import ColumnView


def models(args: argparse.Namespace) -> tuple[ModelSpec, ...]:
    """Those that were named; untrained, seed, output and a single file of weights are about the last. Raises ExplorerError for too few or
    too many."""
    least, most = (LEAST, MOST) if args.workspace == "compare" else (1, 1)
    if not least <= len(args.model) <= most:
        wanted = tr("{least} to {most} models", least=least, most=most) if most > 1 else tr("one model")
        raise ExplorerError(
            tr(
                "The workspace {workspace} shows {wanted}, not {count}.",
                workspace=args.workspace,
                wanted=wanted,
                count=len(args.model),
            )
        )
    if args.workspace == "compare" and (args.panel or args.method or args.steps):
        raise ExplorerError("--panel, --method and --steps belong to the workspace explore.")
    if args.workspace == "compare" and args.attention and args.view != Shows.ATTENTION:
        raise ExplorerError("--attention belongs to the view attention.", "", tr("Add --view attention."))
    if args.workspace != "compare" and (args.edit or args.difference or args.cka):
        raise ExplorerError("--edit, --difference and --cka belong to the workspace compare.")
    if args.view not in [view.id for view in catalogue.views_of(args.workspace)]:
        todo = tr("Use --attention heads.") if args.view == Shows.ATTENTION else ""
        raise ExplorerError(
            tr(
                "The view {view} does not belong to the workspace {workspace}.",
                view=args.view,
                workspace=args.workspace,
            ),
            "",
            todo,
        )
    *before, last = zip(args.model, _weights(args), strict=True)
    read = {"output": args.output, "probabilities": args.probabilities}
    return (*(ModelSpec(*named) for named in before), ModelSpec(*last, args.untrained, args.seed, **read))


def _weights(args: argparse.Namespace) -> list[str]:
    """A file of weights for each model, "" for none."""
    given = ["" if file == "-" else file for file in args.weights]
    if len(given) < 2:
        return [""] * (len(args.model) - 1) + (given or [""])
    if len(given) != len(args.model):
        why = tr("There are {count} for {count2} models.", count=len(given), count2=len(args.model))
        raise ExplorerError(
            tr("Files of weights belong to models."), why, tr("Give one for the last, or one each; - for none.")
        )
    return given


def edits_of(named: Sequence[str]) -> Edits:
    """Edits as they are named, TAP:N[,N...][:MODE]. Raises ExplorerError."""
    return tuple(_edit(words) for words in named)


def _edit(words: str) -> Edit:
    rest, _, last = words.rpartition(":")
    named: Mode | None = "zero" if last == "zero" else "mean" if last == "mean" else None
    tap, _, channels = (rest if named else words).rpartition(":")
    if not tap:
        raise ExplorerError(
            tr("{words!r} is not an edit.", words=words),
            "",
            tr("Write TAP:CHANNEL, for example features.0.0:4,7:zero."),
        )
    return Edit(tap, numbers_of(channels, "channel"), mode=named or "zero")


def show(
    app: Application,
    specs: tuple[ModelSpec, ...],
    tap: str,
    channel: int,
    cell: tuple[int, int] | None,
    edits: Edits = (),
    minus: bool = False,
    view: str = "maps",
    attention: str = "",
) -> None:
    """Brings the workspace to the front with these models; tap, channel and cell are those of the first,
    edits of the last, the view and what is shown of attention of all."""
    from explorer.cli.waits import idle

    control = app.controller.compare
    failures: list[Failure] = []
    app.controller.failed.connect(failures.append)

    def rest() -> None:
        idle(app, lambda: not failures and (control.busy or app.desk.runner.busy))
        if failures:
            raise ExplorerError(failures[0].what, failures[0].why, failures[0].todo)

    control.start(specs)
    app.controller.show_workspace("compare")
    rest()
    first, *others = control.views.values()
    if edits:
        control.set_edits(others[-1].key, edits)
        rest()
    for other in others if minus else ():
        other.panel.minus_button.click()
    if tap:
        _go(control, first, tap)
    control.select(first.key, max(channel, 0))
    control.change(replace(control.doc, attention=AttentionMode(attention or "heads")))
    control.view_all(view_named(view))
    if cell is not None:
        _point(control, first, cell)
    rest()


def alike(app: Application) -> None:
    """Fills the matrix of CKA and finds the most similar channel, over the sample gallery; raises what went wrong instead."""
    from explorer.cli.waits import idle

    control = app.controller.compare
    for part in (control.pairs.parts["cka"], control.pairs.parts["match"]):
        part.toggle()
        idle(app, lambda: control.busy or app.desk.runner.busy)
        if part.spec.id == "cka" and control.pairs.kept("cka") is None:
            raise ExplorerError(tr("The layers could not be compared."), part.words)


def _go(control: CompareControl, first: ColumnView, tap: str) -> None:
    names = [each.name for each in first.film]
    if tap not in names:
        raise ExplorerError(
            tr("The first model has no layer named {tap}.", tap=tap), "", tr("The command layers lists them all.")
        )
    control.scrub(first.key, names.index(tap))


def _point(control: CompareControl, first: ColumnView, cell: tuple[int, int]) -> None:
    if cell[0] < 0:
        raise ExplorerError(
            tr("A token without a position cannot be selected."), "", tr("Leave --cell out: the columns show CLS.")
        )
    grid = first.shown.tap.grid if first.shown is not None else None
    if grid is None or not (0 <= cell[0] < grid[0] and 0 <= cell[1] < grid[1]):
        raise ExplorerError(
            tr("There is no cell {cell},{cell2} in this layer.", cell=cell[0], cell2=cell[1]), "", tr("Count from 0,0.")
        )
    control.point(first.place_of(*cell))
    control.keep(first.place_of(*cell))
