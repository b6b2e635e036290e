"""Commands made from the catalogue: one a method, with the options that its parameters, scope and exports ask for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from explorer.api.class_names import is_number
from explorer.api.method_runs import (
    CLASS,
    PLACED,
    MethodResult,
    Place,
    answer,
    as_json,
    check_kind,
    class_text,
    export_for,
)
from explorer.cli import pair_commands
from explorer.cli.given import numbers_of
from explorer.cli.parser import Commands
from explorer.cli.reading import say
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import SUFFIXES
from explorer.core.method import MethodSpec, Scope
from explorer.core.params import Param, ParamKind, made, params_of
from explorer.core.translation import tr, uncapitalised

if TYPE_CHECKING:
    from explorer.cli.engine import Engine

OF_THE_MODEL = ("seed",)  # a parameter of this name takes the option that random weights have too
Model = Callable[[argparse.ArgumentParser], None]


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
    if spec.scope in PLACED:
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
    export_for(spec, args.out)
    from explorer.cli.engine import Engine

    with Engine() as engine:
        found = computed(engine, spec, params, args)
    said = found.warnings
    if args.out:
        found.save(args.out)
        if not args.json:
            say(said)
            return 0
    if args.json:
        print(as_json(found, {"out": args.out} if args.out else {}))
        return 0
    if getattr(args, "csv", False):
        table = next(export for export in spec.exports if export.suffix == ".csv")
        sys.stdout.write(table.make(found.value).decode())
        for line in (
            *said,
            *(tr("skipped {name}: {why}", name=name, why=why) for name, why in getattr(found.value, "skipped", ())),
        ):
            sys.stderr.write(f"{line}\n")
        return 0
    say(said)
    print(found)
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


def computed(engine: Engine, spec: MethodSpec[Any, Any], params: Any, args: argparse.Namespace) -> MethodResult[Any]:
    """What the command line asks for."""
    from explorer.cli.engine import picture_named

    loaded = engine.open(args)
    engine.unit = spec.unit
    given = None
    if spec.scope != Scope.DATA_SET:
        check_kind(spec, loaded.card)
        given = picture_named(args.input) if args.input else None
    named = getattr(args, f"param_{CLASS}", None)
    return answer(engine, spec, loaded, given, params, _place(spec, args), class_text(named))


def _place(spec: MethodSpec[Any, Any], args: argparse.Namespace) -> Place:
    if spec.scope not in PLACED:
        return Place()
    channel = numbers_of(args.channel, "channel", 1)[0] if hasattr(args, "channel") else 0
    asked = numbers_of(args.cell, "cell", 2) if hasattr(args, "cell") else None
    return Place(args.tap, channel, (asked[0], asked[1]) if asked is not None else None)
