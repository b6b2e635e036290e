"""transfer: a copy of a model learns the classes of a folder, and is saved as one that opens again."""

from __future__ import annotations

import argparse
import json
import sys

from explorer.cli.given import tell
from explorer.cli.method_commands import OF_THE_MODEL, add_option, given_number
from explorer.core.data_sets import GROUPS, ReadDataSet
from explorer.core.errors import ExplorerError
from explorer.core.models import of_pictures
from explorer.core.params import Param, made, params_of
from explorer.core.progress import Progress
from explorer.core.transfer import ExportLearnt, Phase, Train, Training, TransferParams, TransferTarget
from explorer.core.translation import tr
from explorer.engine.jobs.cancel import CancelledError

NOTHING = "none"  # what --freeze takes where everything is to learn
_GIVEN = ("freeze", *OF_THE_MODEL)  # parameters that have an option of their own


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The data set, what stays, how it learns. --seed is that of split, draw and order too."""
    parser.add_argument("--data", required=True, metavar="FOLDER", help=tr("its folders are the classes; or demo:NAME"))
    parser.add_argument("--test", default="", metavar="FOLDER", help=tr("test pictures with the same classes"))
    parser.add_argument("--groups", default="none", choices=GROUPS, help=tr("pictures that are never split"))
    parser.add_argument(
        "--freeze",
        required=True,
        metavar="TAP",
        help=tr("this layer and all before it stay; or {nothing}", nothing=NOTHING),
    )
    for param in _options():
        add_option(parser, param)
    parser.add_argument("--out", required=True, metavar="NAME", help=tr("NAME.json, NAME.safetensors, NAME.labels.txt"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def _options() -> list[Param]:
    return [param for param in params_of(TransferParams) if param.name not in _GIVEN]


def run(args: argparse.Namespace) -> int:
    """Learns, tests, saves. What is interrupted goes on from there the next time."""
    from explorer.cli.engine import Engine

    given = {param: getattr(args, f"param_{param.name}") for param in _options()}
    values = {param.name: given_number(param, value) for param, value in given.items() if value is not None}
    values |= {"freeze": "" if args.freeze == NOTHING else args.freeze, "seed": args.seed}
    params = made(TransferParams, values)
    with Engine() as engine:
        model = engine.open(args).card
        of_pictures(model.preprocess)  # said before a data set is read
        data = engine.answer(ReadDataSet(args.data, args.groups, args.test))
        target = TransferTarget(model.digest, data, params)
        try:
            last = engine.answer(Train(target), _say)
        except CancelledError:
            sys.stderr.write(tr("The same command goes on from here.\n"))
            raise
        if last.learnt is None or last.result is None:
            raise ExplorerError(tr("Nothing was learnt."))
        files = engine.answer(ExportLearnt(last.learnt, args.out))
    if args.json:
        print(json.dumps({"card": files.card, "files": list(files.files), **_figures(last)}, indent=1, allow_nan=False))
    else:
        print("\n".join(_lines(last)))
        print(tr("saved {card}: card:{out}.json opens it", card=files.card, out=args.out.removesuffix(".json")))
    return 0


def _say(now: Training | None) -> None:
    if now is None:
        return
    epoch = tr(", epoch {epoch}", epoch=now.epochs[-1].epoch) if now.epochs and now.phase is Phase.LEARNING else ""
    tell(Progress(f"{tr(now.phase.value)}{epoch}", now.fraction))


def _figures(last: Training) -> dict[str, object]:
    assert last.result is not None
    epochs = [
        {
            "epoch": e.epoch,
            "train_loss": e.train_loss,
            "validation_loss": _number(e.validation_loss),
            "validation_accuracy": _number(e.validation_accuracy),
        }
        for e in last.epochs
    ]
    counts = dict(zip(("train", "validation", "test"), last.counts, strict=True))
    return {"pictures": counts, **last.result.to_json(), "series": epochs, "notes": list(last.notes)}


def _number(value: float) -> float | None:
    return value if value == value else None


def _lines(last: Training) -> list[str]:
    result = last.result
    assert result is not None
    train, validation, test = last.counts
    lines = [
        tr(
            "{train} pictures learnt from, {validation} to choose the epoch, {test} to test",
            train=train,
            validation=validation,
            test=test,
        )
    ]
    lines.append(
        tr(
            "accuracy {percent} ({percent2} to {percent3}, Wilson)",
            percent=_percent(result.accuracy),
            percent2=_percent(result.low),
            percent3=_percent(result.high),
        )
    )
    lines.append(
        tr(
            "balanced accuracy {percent}, before learning {percent2}",
            percent=_percent(result.balanced),
            percent2=_percent(result.before),
        )
    )
    lines.append(
        tr(
            "best epoch {best_epoch} of {epochs}, {seconds:.1f} s",
            best_epoch=result.best_epoch,
            epochs=last.target.params.epochs,
            seconds=result.seconds,
        )
    )
    if result.frozen_taps:
        same = tr("equal to the last bit") if result.frozen_same else "CHANGED"
        lines.append(
            tr("frozen: the maps of {frozen_taps} layers are {same}", frozen_taps=result.frozen_taps, same=same)
        )
    return [*lines, *(f"({note})" for note in last.notes)]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
