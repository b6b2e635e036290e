"""The command of a method over two models, made from its spec: a model, another one, their layers, and many pictures."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from explorer.api.named_taps import tap_named
from explorer.cli.figure_style import is_figure, save_figure
from explorer.cli.given import about, naming, suffix_of
from explorer.cli.reading import say
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import SUFFIXES, FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.method import MethodSpec, Scope
from explorer.core.models import ModelCard
from explorer.core.pairs import PairOffers, Side
from explorer.core.translation import tr

if TYPE_CHECKING:
    from explorer.cli.engine import Engine
    from explorer.engine.models import LoadedModel

Model = Callable[[argparse.ArgumentParser], None]


def add_arguments(parser: argparse.ArgumentParser, spec: MethodSpec[Any, Any], model: Model) -> None:
    """Those that the parameters do not say; `model` adds the arguments that name a model."""
    add_models(parser, spec, model)
    values = tr(".npz: values; ") if _offers(spec).arrays is not None else ""
    parser.add_argument(
        "--out",
        default="",
        metavar="FILE",
        help=tr("{values}{list}: the figure", values=values, list=", ".join(SUFFIXES)),
    )
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def add_models(parser: argparse.ArgumentParser, spec: MethodSpec[Any, Any], model: Model) -> None:
    """Both models and their layers."""
    model(parser)
    parser.add_argument("second", metavar="MODEL", help=tr("the second model"))
    parser.add_argument("--weights2", default="", metavar="FILE", help=tr("weights of the second model"))
    if spec.scope == Scope.LAYER:
        parser.add_argument("--tap", required=True, metavar="NAME", help=tr("the layer (of both)"))
        parser.add_argument("--tap2", default="", metavar="NAME", help=tr("of the second model, where it differs"))
    else:
        names = tr("names or patterns, as in 'layer*' (both)")
        parser.add_argument("--taps", default="", metavar="NAME[,NAME...]", help=names)
        parser.add_argument(
            "--taps2", default="", metavar="NAME[,NAME...]", help=tr("of the second model, where they differ")
        )


def run(spec: MethodSpec[Any, Any], args: argparse.Namespace, params: Any) -> int:
    """Computes a method of two models and prints or writes its result."""
    from explorer.cli.engine import Engine

    out = args.out
    _check_suffix(spec, out)
    with Engine() as engine:
        one, other, result = computed(engine, spec, args, params)
        warnings = [f"{m.card.name}: {line}" for m in (one, other) for line in engine.flags(m, spec.noun)]
    told = {"models": [args.model, args.second], **spec.to_json(result), "warnings": warnings}
    if out:
        if is_figure(out):
            save_figure(figure_of_pair(spec, result, (one.card, other.card)), out)
        else:
            _write(out, spec, result, told, (one.card, other.card))
    if args.json:
        print(json.dumps({"out": out, **told}, indent=1, allow_nan=False))
    else:
        say(warnings)
        print(spec.write(result))
    return 0


def computed(
    engine: Engine, spec: MethodSpec[Any, Any], args: argparse.Namespace, params: Any
) -> tuple[LoadedModel, LoadedModel, Any]:
    """(both models, the result)."""
    engine.unit = spec.unit
    one, first = _opened(engine, args, spec, 1)
    other, second = _opened(engine, naming(args, args.second, args.weights2), spec, 2)
    return one, other, engine.answer(spec.pair_request(first, second, params))


def figure_of_pair(spec: MethodSpec[Any, Any], result: Any, cards: tuple[ModelCard, ModelCard]) -> FigureDescription:
    """The figure of a result, with the layers that it is about."""
    from explorer.core.figure.method_figure import figure_of
    from explorer.core.pairs import ShownPair, ShownSide

    taps = getattr(result, "taps", ())
    names = [tap if isinstance(tap, str) else "" for tap in taps] if len(taps) == 2 else ["", ""]
    sides = ShownSide("A", cards[0], tap=names[0]), ShownSide("B", cards[1], tap=names[1])
    return figure_of(spec, result, FigureSubject(pair=ShownPair(sides)))


def over(text: str | None) -> Over | str | None:
    """The pictures that a command line names; a folder may be called like a kind of inputs."""
    return Over("folder", text) if text and os.path.isdir(text) else text


def _opened(
    engine: Engine, args: argparse.Namespace, spec: MethodSpec[Any, Any], number: int
) -> tuple[LoadedModel, Side]:
    """(an open model, the side it is): with the layers that its names or patterns fit; all worth comparing without any."""
    from explorer.engine.representations.paired_stream import worth

    kind = "tap" if spec.scope == Scope.LAYER else "taps"
    patterns = (getattr(args, f"{kind}2") if number == 2 else "") or getattr(args, kind)
    loaded = engine.open(args)
    plan = engine.plan(loaded)
    usable = worth(plan.taps)
    chosen = set() if patterns else set(usable)
    for part in filter(None, (part.strip() for part in patterns.split(","))):
        fitting = {name for name in usable if fnmatchcase(name, part)}
        chosen |= fitting or {tap_named(plan.taps, part).name}
    names = tuple(tap.name for tap in plan.taps if tap.name in chosen)
    if spec.scope == Scope.LAYER and len(names) != 1:
        raise ExplorerError(
            tr("“{patterns}” names {count} layers.", patterns=patterns, count=len(names)),
            "",
            tr("Name one layer of each model."),
        )
    return loaded, Side(loaded.card.digest, names)


def _offers(spec: MethodSpec[Any, Any]) -> PairOffers[Any]:
    return spec.pair or PairOffers()


def _check_suffix(spec: MethodSpec[Any, Any], out: str) -> None:
    if not out or is_figure(out):
        return
    suffix = suffix_of(out)
    if suffix != ".npz" or _offers(spec).arrays is None:
        raise ExplorerError(
            tr("{out!r} is no file that this command writes.", out=out[-40:]),
            tr("It writes no {suffix}.", suffix=suffix),
        )


def _write(
    path: str, spec: MethodSpec[Any, Any], result: Any, told: Mapping[str, Any], cards: tuple[ModelCard, ModelCard]
) -> None:
    from explorer import __version__
    from explorer.engine import export
    from explorer.engine.attention.attention_export import values_file

    described = {**told, "cards": [about(card) for card in cards]}
    manifest = {"application": f"feature-map-explorer {__version__}", spec.id: described}
    arrays = _offers(spec).arrays
    assert arrays is not None  # it has been asked for
    export.write(path, values_file(arrays(result), manifest))
