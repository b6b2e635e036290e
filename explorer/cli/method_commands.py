"""Commands made from the catalogue: one a method, with the options that its parameters, scope and exports ask for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explorer.api.class_names import class_of, is_number
from explorer.api.named_taps import tap_named
from explorer.cli import pair_commands
from explorer.cli.figure_style import is_figure, save_figure
from explorer.cli.given import numbers_of, told
from explorer.cli.parser import Commands
from explorer.cli.reading import say
from explorer.core.activations import Capture
from explorer.core.caveats import flags
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import SUFFIXES
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.input_notes import notes_of
from explorer.core.kind_words import several
from explorer.core.method import Export, MethodSpec, Scope
from explorer.core.models import ModelCard, kind_of
from explorer.core.params import Param, ParamKind, made, params_of
from explorer.core.selection import Selection, cell_of
from explorer.core.translation import tr, uncapitalised

if TYPE_CHECKING:
    from explorer.cli.engine import Engine

CLASS = "class_"  # a parameter of this name takes the name of a class, too
OF_THE_MODEL = ("seed",)  # a parameter of this name takes the option that random weights have too
Model = Callable[[argparse.ArgumentParser], None]
_PLACED = (Scope.LAYER, Scope.CHANNEL, Scope.CELL, Scope.TOKEN)


def specs() -> list[MethodSpec[Any, Any]]:
    """The methods that have a command."""
    from explorer import catalogue

    return [spec for spec in catalogue.methods if spec.command]


def pages() -> list[str]:
    """The methods that have a page in Explore."""
    from explorer import catalogue

    return [spec.id for spec in catalogue.methods if spec.of_selection]


def add_parsers(commands: Commands, model: Model) -> None:
    """A command for each; `model` adds the arguments that name a model."""
    for spec in specs():
        about = uncapitalised(spec.about)
        parser = commands.add_parser(spec.id, help=_plain(about), epilog=explained(spec))
        if spec.pair is not None:
            pair_commands.add_arguments(parser, spec, model)
        else:
            _add_arguments(parser, spec, model)
        add_params(parser, spec)


def add_params(parser: argparse.ArgumentParser, spec: MethodSpec[Any, Any]) -> None:
    """An option for each parameter."""
    for param in params_of(spec.params):
        if spec.scope != Scope.DATA_SET or param.name not in OF_THE_MODEL:
            add_option(parser, param, spec.scope == Scope.DATA_SET and param.kind == ParamKind.DATASET)


def explained(spec: MethodSpec[Any, Any]) -> str:
    """What stands beneath the help of a command, as behind the "?" of the method's page."""
    return f"{spec.explained.text}{(tr(' Source: {source}.', source=spec.source) if spec.source else '')}".strip()


def _plain(text: str) -> str:
    """argparse formats help with `%`."""
    return text.replace("%", "%%")


def _add_arguments(parser: argparse.ArgumentParser, spec: MethodSpec[Any, Any], model: Model) -> None:
    add_place(parser, spec, model)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help=tr("print JSON only"))
    for export in spec.exports:
        if export.suffix == ".csv":
            form.add_argument(
                "--csv",
                action="store_true",
                help=_plain(tr("print CSV: {uncapitalised}", uncapitalised=uncapitalised(export.about))),
            )
    figures = ", ".join(SUFFIXES)
    files = "".join(f"{export.suffix}: {_plain(uncapitalised(export.about))}; " for export in spec.exports)
    parser.add_argument(
        "--out",
        default="",
        metavar="FILE",
        help=tr("write a file: {files}{figures}: the figure", files=files, figures=figures),
    )


def add_place(parser: argparse.ArgumentParser, spec: MethodSpec[Any, Any], model: Model) -> None:
    """The model, the input, and what of it a method is about."""
    model(parser)
    datasets = [param for param in params_of(spec.params) if param.kind == ParamKind.DATASET]
    if spec.of_selection:
        of_a_file = bool(datasets) or (bool(spec.kinds) and "picture" not in spec.kinds)
        parser.add_argument("--input", required=not of_a_file, default="", metavar="INPUT")
    if spec.scope in _PLACED:
        parser.add_argument("--tap", required=True, metavar="NAME", help=tr("the layer"))
    if spec.scope in (Scope.CHANNEL, Scope.CELL):
        parser.add_argument("--channel", required=True, metavar="N", help=tr("counted from 0"))
    if spec.scope in (Scope.CELL, Scope.TOKEN):
        parser.add_argument("--cell", required=True, metavar="Y,X", help=tr("row and column, counted from 0"))


def add_option(parser: argparse.ArgumentParser, param: Param, required: bool = False) -> None:
    """The option of a parameter; `given_number` makes a value of what was written."""
    about = uncapitalised(param.help) + (tr(", in {unit}", unit=param.unit) if param.unit else "")
    more: dict[str, Any] = {"dest": f"param_{param.name}", "default": None, "help": _plain(about)}
    if param.kind == ParamKind.FLAG:
        parser.add_argument(param.flag_name, action=argparse.BooleanOptionalAction, **more)
    elif param.kind == ParamKind.CHOICE:
        parser.add_argument(param.flag_name, choices=param.choices, **more)
    elif param.kind == ParamKind.DATASET:
        words = "FOLDER" + ("|gallery" if "gallery" in param.choices else "")
        more["help"] += (
            "" if required else tr(": a folder of inputs, or of folders that are classes; of texts a file of lines")
        )
        parser.add_argument(param.flag_name, metavar=words, required=required, **more)
    else:
        metavar = "N|NAME" if param.name == CLASS else "TEXT" if param.kind == ParamKind.TEXT else "N"
        parser.add_argument(param.flag_name, metavar=metavar, **more)


def run(args: argparse.Namespace) -> int:
    """Computes a method and prints or writes its result."""
    spec = next(spec for spec in specs() if spec.id == args.command)
    params = params_from(spec, args)
    if spec.pair is not None:
        return pair_commands.run(spec, args, params)
    export = _export(spec, args.out)
    from explorer.cli.engine import Engine

    with Engine() as engine:
        card, selection, result = computed(engine, spec, params, args)
    capture = selection.capture if selection is not None else None
    repeat = None if capture is None else capture.repeat
    said = flags(card, repeat, spec.noun, spec.about_classes) if spec.noun else ()
    if capture is not None:
        said = (*said, *notes_of(capture.picture, card.preprocess))
    if args.out:
        if export is not None:
            from explorer.engine import export as files

            files.write(args.out, export.make(result))
        else:
            from explorer.core.figure.method_figure import figure_of

            save_figure(figure_of(spec, result, FigureSubject(selection, card=card)), args.out)
        if not args.json:
            say(said)
            return 0
    if args.json and args.out:
        return told(card, {"out": args.out, **spec.to_json(result)}, said)
    if args.json:
        return told(card, spec.to_json(result), said)
    if getattr(args, "csv", False):
        table = next(export for export in spec.exports if export.suffix == ".csv")
        sys.stdout.write(table.make(result).decode())
        for line in (
            *said,
            *(tr("skipped {name}: {why}", name=name, why=why) for name, why in getattr(result, "skipped", ())),
        ):
            sys.stderr.write(f"{line}\n")
        return 0
    say(said)
    print(spec.write(result))
    return 0


def params_from(spec: MethodSpec[Any, Any], args: argparse.Namespace) -> Any:
    """The parameter object. Without inputs and without a picture there is nothing to compute over."""
    values: dict[str, Any] = {}
    for param in params_of(spec.params):
        value = getattr(args, f"param_{param.name}", None)
        if param.name == CLASS and value is not None and not is_number(value):
            continue  # a name, for which the model must be open
        if spec.scope == Scope.DATA_SET and param.name in OF_THE_MODEL:
            value = getattr(args, param.name)
        if param.kind == ParamKind.DATASET:
            value = pair_commands.over(value) if spec.pair is not None else _inputs(param, args, value)
        if value is not None:
            values[param.name] = given_number(param, value)
    return made(spec.params, values)


def _inputs(param: Param, args: argparse.Namespace, value: str | None) -> str | None:
    """What is computed over; where no data set was named: the folder, or the one picture, of --input."""
    if value is not None:
        return value
    if not args.input:
        raise ExplorerError(
            tr("No inputs were named."), "", tr("Give {flag_name} FOLDER, or --input INPUT.", flag_name=param.flag_name)
        )
    if os.path.isdir(args.input):
        args.input, folder = "", args.input
        return str(folder)
    return None


def given_number(param: Param, value: Any) -> Any:
    """What was written for a number, as one; anything else as it is."""
    if param.kind not in (ParamKind.INTEGER, ParamKind.REAL):
        return value
    try:
        return float(value) if param.kind == ParamKind.REAL else int(value)
    except ValueError:
        return value  # `checked` says what is wrong with it


def _export(spec: MethodSpec[Any, Any], out: str) -> Export[Any] | None:
    if not out or is_figure(out):
        return None
    for export in spec.exports:
        if out.lower().endswith(export.suffix):
            return export
    suffixes = tr(
        "{list} or {files}",
        list=", ".join([*(export.suffix for export in spec.exports), *SUFFIXES[:-1]]),
        files=SUFFIXES[-1],
    )
    raise ExplorerError(
        tr("{out!r} is no file that this command writes.", out=out[-40:]),
        "",
        tr("Its name must end in {suffixes}.", suffixes=suffixes),
    )


def computed(
    engine: Engine, spec: MethodSpec[Any, Any], params: Any, args: argparse.Namespace
) -> tuple[ModelCard, Selection | None, Any]:
    """(model card, what of the input it is about, result)."""
    from explorer.api.workbench import first_input
    from explorer.cli.engine import picture_named

    loaded = engine.open(args)
    engine.unit = spec.unit
    if spec.scope == Scope.DATA_SET:
        return loaded.card, None, engine.answer(spec.data_request(loaded.card.digest, params))
    kind = kind_of(loaded.card.preprocess)
    if spec.kinds and kind not in spec.kinds:
        on = tr(" and ").join(map(several, spec.kinds))
        raise ExplorerError(
            tr("This works on {on}; {card} takes {kinds}.", on=on, card=loaded.card.name, kinds=several(kind))
        )
    given = picture_named(args.input) if args.input else first_input(loaded.card.preprocess)
    capture = engine.capture(loaded, given, [])
    named = getattr(args, f"param_{CLASS}", None)
    if named is not None and not is_number(named):
        params = replace(params, **{CLASS: class_of(named, loaded.card)})
    selection = _selection(spec, args, loaded.card, capture)
    reason = spec.unavailable(selection, params)
    if reason:
        raise ExplorerError(reason)
    return loaded.card, selection, engine.answer(spec.request(selection, params))


def _selection(spec: MethodSpec[Any, Any], args: argparse.Namespace, card: ModelCard, capture: Capture) -> Selection:
    if spec.scope not in _PLACED:
        return Selection(card, capture, capture.taps[0], 0, None)
    tap = tap_named(capture.taps, args.tap)
    channel = numbers_of(args.channel, "channel", 1)[0] if hasattr(args, "channel") else 0
    if not 0 <= channel < max(tap.channels, 1):
        raise ExplorerError(
            tr("{tap} has no channel {channel}.", tap=tap.name, channel=channel),
            "",
            tr("It has {channels}, counted from 0.", channels=tap.channels),
        )
    asked = numbers_of(args.cell, "cell", 2) if hasattr(args, "cell") else None
    cell = cell_of(tap, (asked[0], asked[1]) if asked is not None else None)
    if asked is not None and cell is None:
        raise ExplorerError(
            tr("There is no cell {cell} in {tap}.", cell=args.cell, tap=tap.name),
            "",
            tr("Count rows and columns from 0."),
        )
    return Selection(card, capture, tap, channel, cell)
