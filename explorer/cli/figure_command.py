"""figure: any picture of the application as a figure for a page, SVG, PDF or PNG, without a window."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.api.named_taps import tap_named
from explorer.cli import explain, index_command, maximise, method_commands, pair_commands
from explorer.cli.attention_matrix import matrix_figure
from explorer.cli.figure_examples import examples_figure
from explorer.cli.figure_style import add_style, style_of, write_figure
from explorer.cli.given import check_out, naming, numbers_of, query_of
from explorer.cli.parser import Commands, Parser
from explorer.core.command_text import PROGRAM
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject, HeatStyle
from explorer.core.method import MethodSpec
from explorer.core.render import ScaleMode, SortKey, colormaps
from explorer.core.selection import Selection
from explorer.core.session.comparison import LEAST, MOST
from explorer.core.translation import tr

if TYPE_CHECKING:
    from explorer.cli.engine import Engine
    from explorer.core.figure.compare_figure import ComparedColumn

_OWN = ("attribution", "attention", "examples", "maximise")  # methods whose figures need more than their parameters
_ABOUT = {
    "maps": tr("all maps of a layer"),
    "channel": tr("one channel large, beside the input"),
    "attribution": tr("an attribution beside that of the randomised network"),
    "attention": tr("what a token attends to in every head of a block"),
    "examples": tr("the inputs of an index that excite a channel most"),
    "maximise": tr("an image that maximises a channel or a class, with its objective at each step"),
    "compare": tr("the same layer of {least} to {most} models side by side", least=LEAST, most=MOST),
}


_EXAMPLES = {
    "maps": tr("demo:shapes-cnn --input sample:cat --tap stage3.1 --width-mm 120 --out maps.svg"),
    "channel": tr("demo:shapes-cnn --input sample:cat --tap stage3.1 --channel 5 --cell 2,3 --out channel.pdf"),
    "attribution": tr("demo:shapes-cnn --input sample:cat --class star --method grad-cam --out star.pdf"),
    "attention": tr("demo:shapes-vit --input sample:cat --block 3 --query cls --width-mm 85 --out heads.svg"),
    "cka": tr("demo:shapes-cnn demo:shapes-vit --inputs gallery --width-mm 120 --font-size 7 --out cka.pdf"),
    "compare": tr("demo:shapes-cnn demo:shapes-ssl-cnn --input sample:cat --tap stage3.1 --channel 5 --out both.png"),
}


def _specs() -> list[MethodSpec[Any, Any]]:
    """The methods whose figures are made from their parameters alone."""
    from explorer import catalogue

    return [spec for spec in catalogue.methods if spec.id not in _OWN]


def add_parsers(commands: Commands, model: method_commands.Model) -> None:
    """A part for each kind of figure; `model` adds the arguments that name a model."""
    parser = commands.add_parser("figure", help=tr("a figure for a page: SVG, PDF or PNG of a width in millimetres"))
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", parser_class=Parser, required=True)
    parts = {name: kinds.add_parser(name, help=about) for name, about in _ABOUT.items()}
    for name in ("maps", "channel"):
        model(parts[name])
        parts[name].add_argument("--input", required=True, metavar="INPUT")
        parts[name].add_argument("--tap", required=True, metavar="NAME", help=tr("the layer"))
        _add_colours(parts[name])
    parts["maps"].add_argument("--sort", default="index", choices=[k.value for k in SortKey if k != SortKey.MEASURED])
    parts["maps"].add_argument("--channel", default="", metavar="N", help=tr("to be framed"))
    parts["channel"].add_argument("--channel", required=True, metavar="N", help=tr("counted from 0"))
    parts["channel"].add_argument("--cell", default="", metavar="Y,X", help=tr("to be framed: row and column, from 0"))
    _add_attribution(parts["attribution"], model)
    _add_attention(parts["attention"], model)
    _add_compare(parts["compare"], model)
    index_command.add_top(parts["examples"])
    model(parts["maximise"])
    maximise.add_objective(parts["maximise"])
    for spec in _specs():
        part = parts[spec.id] = kinds.add_parser(spec.id, help=spec.title.replace("%", "%%"))
        _add_method(part, spec, model)
    for name, part in parts.items():
        add_style(part)
        if name in _EXAMPLES:
            part.epilog = tr(
                "example:\n  {program} figure {name} {examples}", program=PROGRAM, name=name, examples=_EXAMPLES[name]
            )
            part.formatter_class = argparse.RawDescriptionHelpFormatter


def _add_colours(parser: argparse.ArgumentParser) -> None:
    modes = [mode.value for mode in ScaleMode if mode != ScaleMode.FIXED]
    parser.add_argument("--scale", default="per map", choices=modes, help=tr("which values the colours run between"))
    names = [*colormaps.SEQUENTIAL, *colormaps.DIVERGING]
    parser.add_argument("--colormap", default="magma", choices=names, help=tr("signed values take a diverging one"))


def _add_attribution(parser: argparse.ArgumentParser, model: method_commands.Model) -> None:
    model(parser)
    explain.add_target(parser)
    explain.add_drawing(parser)
    parser.add_argument("--no-check", action="store_true", help=tr("without the randomised network and the curves"))


def _add_attention(parser: argparse.ArgumentParser, model: method_commands.Model) -> None:
    model(parser)
    parser.add_argument("--input", required=True, metavar="INPUT")
    parser.add_argument("--block", required=True, metavar="B", help=tr("number or name"))
    parser.add_argument("--head", type=int, metavar="H", help=tr("one head instead of all"))
    parser.add_argument("--query", default="cls", metavar="Y,X|cls|N", help=tr("a cell, or a token before the grid"))
    parser.add_argument("--to", action="store_true", help=tr("attention to the token instead of from it"))
    parser.add_argument("--one-scale", action="store_true", help=tr("all heads on one scale"))
    parser.add_argument("--matrix", action="store_true", help=tr("all weights between tokens; without --head the mean"))


def _add_compare(parser: argparse.ArgumentParser, model: method_commands.Model) -> None:
    model(parser)
    parser.add_argument("others", nargs="+", metavar="MODEL", help=tr("one to three more models"))
    parser.add_argument("--input", required=True, metavar="INPUT")
    parser.add_argument(
        "--tap", action="append", required=True, metavar="NAME", help=tr("of all, or once for each model")
    )
    parser.add_argument(
        "--channel", action="append", default=[], metavar="N", help=tr("of all, or once for each model")
    )
    parser.add_argument(
        "--per-column", action="store_true", help=tr("colours on the scale of each column, not a common one")
    )


def _add_method(parser: argparse.ArgumentParser, spec: MethodSpec[Any, Any], model: method_commands.Model) -> None:
    if spec.pair is not None:
        pair_commands.add_models(parser, spec, model)
    else:
        method_commands.add_place(parser, spec, model)
        if "channel" not in {action.dest for action in parser._actions} and spec.of_selection:
            parser.add_argument(
                "--channel", default="0", metavar="N", help=tr("of the layer, where it matters (default 0)")
            )
    method_commands.add_params(parser, spec)


def run(args: argparse.Namespace) -> int:
    """Computes what the figure shows, and writes it."""
    from explorer.ui.figures.figure_files import suffix_of_figure

    suffix_of_figure(args.out)
    style_of(args)
    if args.tsv:
        check_out(args.tsv)
        if Path(args.tsv).resolve() == Path(args.out).resolve():
            raise ExplorerError("--out and --tsv name the same file.")
    made = {
        "maps": _maps,
        "channel": _maps,
        "attribution": _attribution,
        "attention": _attention,
        "compare": _compare,
        "examples": _examples,
        "maximise": _maximise,
    }
    write_figure(made.get(args.what, _method)(args), args)
    return 0


# --- layers ---


def _shown(engine: Engine, args: argparse.Namespace, tap: str) -> ComparedColumn:
    """A model with its input and a layer, ready to be drawn."""
    from explorer.cli.engine import picture_named
    from explorer.core.figure.compare_figure import ComparedColumn
    from explorer.core.session.display import display
    from explorer.core.session.session import Session

    loaded = engine.open(args)
    capture = engine.capture(loaded, picture_named(args.input), [tap])
    found = tap_named(capture.taps, tap)
    sort, scale = SortKey(getattr(args, "sort", "index")), ScaleMode(getattr(args, "scale", "per layer"))
    session = Session(sort=sort, scale=scale, colormap=getattr(args, "colormap", "magma"))
    return ComparedColumn("A", loaded.card, capture, display(found, capture.values[tap], session, args.theme == "dark"))


def _channel(text: str, shown: ComparedColumn) -> int:
    """Raises ExplorerError for one that the layer has not."""
    channel, count = numbers_of(text, "channel", 1)[0], len(shown.shown.plain)
    if not 0 <= channel < count:
        raise ExplorerError(
            tr("{tap} has no channel {channel}.", tap=shown.shown.tap.name, channel=channel),
            "",
            tr("It has {count}, counted from 0.", count=count),
        )
    return channel


def _maps(args: argparse.Namespace) -> FigureDescription:
    from explorer.cli.engine import Engine
    from explorer.core.figure.layer_figures import channel_figure, layer_figure

    with Engine() as engine:
        column = _shown(engine, args, args.tap)
    channel = _channel(args.channel, column) if args.channel else -1
    if args.what == "maps":
        return layer_figure(column.shown, column.card, column.capture, channel)
    asked = numbers_of(args.cell, "cell", 2) if args.cell else None
    return channel_figure(column.shown, column.card, column.capture, channel, (asked[0], asked[1]) if asked else None)


def _compare(args: argparse.Namespace) -> FigureDescription:
    from dataclasses import replace

    from explorer.cli.engine import Engine
    from explorer.core.figure.compare_figure import compare_figure
    from explorer.core.session import difference
    from explorer.core.session.display import rescaled
    from explorer.core.session.session import Session

    names = [args.model, *args.others]
    if not LEAST <= len(names) <= MOST:
        raise ExplorerError(
            tr("Compare shows {least} to {most} models, not {count}.", least=LEAST, most=MOST, count=len(names))
        )
    taps, channels = _each(args.tap, "--tap", names), _each(args.channel or ["0"], "--channel", names)
    columns = []
    with Engine() as engine:
        for number, (name, tap, channel) in enumerate(zip(names, taps, channels, strict=True)):
            column = _shown(engine, naming(args, name, args.weights if not number else ""), tap)
            columns.append(replace(column, letter="ABCD"[number], channel=_channel(channel, column)))
    limits = [column.shown.limits for column in columns]
    known = [each for each in limits if each is not None]
    if args.per_column or len(known) < len(columns):
        return compare_figure(columns, tr("per column"))
    dark = args.theme == "dark"
    common = difference.together(known)
    shown = [
        replace(column, shown=rescaled(column.shown, one, Session(), dark))
        for column, one in zip(columns, common, strict=True)
    ]
    return compare_figure(shown, tr("shared by all"))


def _each(given: list[str], flag: str, names: list[str]) -> list[str]:
    if len(given) not in (1, len(names)):
        raise ExplorerError(
            tr("{flag} was given {count} times for {count2} models.", flag=flag, count=len(given), count2=len(names)),
            "",
            tr("Once, or once for each."),
        )
    return given * len(names) if len(given) == 1 else given


# --- methods ---


def _examples(args: argparse.Namespace) -> FigureDescription:
    from explorer.engine.data_index.index_reader import IndexReader

    index_command.check_count(args)
    with IndexReader(args.store) as reader:
        return examples_figure(index_command.top_of(args, reader), reader)


def _method(args: argparse.Namespace) -> FigureDescription:
    """By the parameters of the method."""
    from explorer.cli.engine import Engine

    spec = next(spec for spec in _specs() if spec.id == args.what)
    params = method_commands.params_from(spec, args)
    with Engine() as engine:
        if spec.pair is None:
            return method_commands.computed(engine, spec, params, args).figure()
        return pair_commands.computed(engine, spec, args, params).figure()


def _attribution(args: argparse.Namespace) -> FigureDescription:
    from explorer.cli.engine import Engine
    from explorer.core.attribution import METHODS
    from explorer.core.inputs import Text
    from explorer.methods.attribution.figure import figure
    from explorer.methods.attribution.spec import CheckRequest

    explain.check_drawing(args)
    explain.check_target(args)
    with Engine() as engine:
        loaded, capture = engine.named(args)
        if isinstance(capture.picture, Text):
            raise ExplorerError(tr("The input is a text."), "", tr("Use figure word-attribution."))
        target = explain.target_of(args, loaded.card)
        found = explain.explained_by(args, engine, capture, target)
        check = None
        if not args.no_check:
            check = engine.answer(CheckRequest(capture.model, capture.picture.digest, capture.picture, found))
    tap = capture.tap(target.tap) if target.tap else capture.taps[0]
    signed = METHODS[found.method].signed and not args.absolute
    index = None if target.tap else target.channel
    selection = Selection(loaded.card, capture, tap, target.channel, target.cell, index)
    heat = HeatStyle(signed, args.percentile, args.strength)
    return figure(found, FigureSubject(selection, further=check, heat=heat))


def _attention(args: argparse.Namespace) -> FigureDescription:
    from explorer.api.attention_blocks import block_named
    from explorer.cli.engine import Engine
    from explorer.core.attention_queries import Attending, Looked
    from explorer.engine.attention.looks import looks_at, seen_by
    from explorer.methods.attention.figure import LookedHeads, figure

    with Engine() as engine:
        loaded, capture = engine.named(args)
        _, found = engine.attention(loaded, capture.picture)
        record = found.of(block_named(args.block, found.calls))
        call = record.call
        if args.head is not None and not 0 <= args.head < call.heads:
            raise ExplorerError(
                tr("There is no head {head}.", head=args.head),
                tr("This attention has heads 0 to {heads}.", heads=call.heads - 1),
            )
        if args.matrix:
            return matrix_figure(engine, loaded.card, capture, record, args.head)
        query = query_of(args.query)
        maps = seen_by(record, query, engine.job.cancelled) if args.to else looks_at(record, query)
    looked = Looked(call.name, query, args.to, maps)
    selection = Selection(loaded.card, capture, capture.taps[0], 0, None)
    shown = LookedHeads(call, looked, args.head, args.one_scale)
    return figure(Attending(tuple(found.calls)), FigureSubject(selection, further=shown))


def _maximise(args: argparse.Namespace) -> FigureDescription:
    from explorer.cli.engine import Engine
    from explorer.methods.maximisation.figure import figure

    maximise.check_objective(args)
    settings = maximise.settings_of(args)
    with Engine() as engine:
        loaded = engine.open(args)
        objective = maximise.objective_of(args, loaded.card)
        made = maximise.made_by(args, engine, loaded, objective, settings).maximised
    return figure(made, FigureSubject(card=loaded.card))
