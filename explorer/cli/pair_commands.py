"""The command of a method over two models, made from its spec: a model, another one, their layers, and many pictures."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from explorer.api.figure_saving import is_figure
from explorer.api.method_runs import MethodResult, answer_pair
from explorer.cli.given import naming, suffix_of
from explorer.cli.reading import say
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import SUFFIXES
from explorer.core.method import MethodSpec, Scope
from explorer.core.pairs import PairOffers
from explorer.core.translation import tr

if TYPE_CHECKING:
    from explorer.cli.engine import Engine

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
        found = computed(engine, spec, args, params)
    if out:
        found.save(out)
    if args.json:
        rows = found.pair_rows() | {"models": [args.model, args.second]}
        print(json.dumps({"out": out, **rows}, indent=1, allow_nan=False))
    else:
        say(found.warnings)
        print(found)
    return 0


def computed(engine: Engine, spec: MethodSpec[Any, Any], args: argparse.Namespace, params: Any) -> MethodResult[Any]:
    """What the command line asks for."""
    engine.unit = spec.unit
    kind = "tap" if spec.scope == Scope.LAYER else "taps"
    first = getattr(args, kind)
    models = engine.open(args), engine.open(naming(args, args.second, args.weights2))
    second = getattr(args, f"{kind}2") or first
    return answer_pair(engine, spec, models, (_parts(first), _parts(second)), params)


def _parts(patterns: str) -> tuple[str, ...]:
    return tuple(patterns.split(",")) if patterns else ()


def over(text: str | None) -> Over | str | None:
    """The pictures that a command line names; a folder may be called like a kind of inputs."""
    return Over("folder", text) if text and os.path.isdir(text) else text


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
