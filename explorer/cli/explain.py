"""explain: an attribution as values (.npz) or over the input (.png)."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from explorer.api.class_names import class_of
from explorer.cli.given import suffix_of
from explorer.cli.reading import class_vector
from explorer.core.activations import Capture
from explorer.core.attribution import METHODS, Attribution
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import cell_named
from explorer.core.models import ModelCard
from explorer.core.params import params_of
from explorer.core.target import Target
from explorer.core.translation import tr
from explorer.methods.attribution.spec import AttributionParams

if TYPE_CHECKING:
    from explorer.cli.engine import Engine

_OPTIONS = {  # parameters of the method that have an option of their own: how its value is called, what it is
    "layer": ("TAP", tr("of the Grad-CAM (default: the last before the pooling)")),
    "samples": ("N", tr("SmoothGrad: noisy copies")),
    "noise": ("SHARE", tr("SmoothGrad: of the input's range")),
    "steps": ("N", tr("of integrated gradients")),
    "baseline": (None, tr("integrated gradients, occlusion")),
    "window": ("PX", tr("of the occlusion (default: 15 of 224)")),
    "stride": ("PX", tr("of the occlusion (default: 8 of 224)")),
    "window_ms": ("MS", tr("of the occlusion of a sound")),
    "stride_ms": ("MS", tr("of the occlusion of a sound")),
    "band_hz": ("HZ", tr("height of a window on a spectrogram (default: all frequencies)")),
}

_SOUND_SIZE = (384, 1280)  # px of the picture of a sound


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `explain` takes beside the model."""
    add_target(parser)
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help=tr(".npz: values; .png: drawn over the picture, or over the waveform or spectrogram"),
    )
    add_drawing(parser)
    parser.add_argument(
        "--check", action="store_true", help=tr("also the randomisation test, deletion and insertion, as JSON")
    )
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def add_target(parser: argparse.ArgumentParser) -> None:
    """Input, target, method and the method's settings."""
    parser.add_argument("--input", required=True, metavar="INPUT", help=tr("a picture or a sound"))
    parser.add_argument("--class", dest="class_", metavar="N|NAME", help=tr("explain an entry of the class vector"))
    parser.add_argument("--tap", default="", metavar="NAME", help=tr("explain a channel of this tap instead"))
    parser.add_argument("--channel", type=int, metavar="N", help=tr("of the tap: its mean over all cells"))
    parser.add_argument(
        "--cell", default="", metavar="Y,X", help=tr("one cell, or token (CLS, REG1), instead of the mean")
    )
    parser.add_argument("--method", required=True, choices=METHODS, metavar="M", help=", ".join(METHODS))
    for param in params_of(AttributionParams):
        if param.name in _OPTIONS:
            metavar, about = _OPTIONS[param.name]
            more = {"choices": param.choices} if param.choices else {"type": type(param.default), "metavar": metavar}
            parser.add_argument(param.flag_name, default=param.default, help=about, **more)


def add_drawing(parser: argparse.ArgumentParser) -> None:
    """How the map is drawn over the input."""
    parser.add_argument("--absolute", action="store_true", help=tr("picture: magnitude without sign"))
    parser.add_argument("--percentile", type=float, default=99.0, metavar="P", help=tr("picture: clip at percentile"))
    parser.add_argument(
        "--strength", type=float, default=0.8, metavar="S", help=tr("picture: opacity of the attribution, 0 to 1")
    )


def check_drawing(args: argparse.Namespace) -> None:
    """ExplorerError where it cannot be drawn so."""
    from explorer.api import explaining

    explaining.check_drawing(args.percentile, args.strength)


def run(args: argparse.Namespace) -> int:
    """Computes one attribution and writes it; with --json its numbers go to standard output."""
    suffix_of(args.out)
    check_drawing(args)
    check_target(args)
    from explorer.api.explaining import Explained, check_input, checked
    from explorer.cli.engine import Engine

    with Engine() as engine:
        loaded, capture = engine.named(args)
        check_input(capture.picture)
        target = target_of(args, loaded.card)
        made = Explained(explained_by(args, engine, capture, target), loaded.card, capture)
        checks = checked(engine, capture, made.attribution, args.seed) if args.check else {}
    if args.out.lower().endswith(".npz"):
        made.save(args.out)
    else:
        made.save(args.out, absolute=args.absolute, percentile=args.percentile, strength=args.strength)
    told = made.to_dict() | checks
    told["class_vector"] = class_vector(capture.scores) if not target.tap else None
    if args.json:
        print(
            json.dumps(
                {"model": loaded.card.spec.id, "input": capture.picture.digest, "out": args.out, **told}, indent=1
            )
        )
    else:
        _print(told)
    return 0


def check_target(args: argparse.Namespace) -> None:
    """ExplorerError where a command line names no target or two."""
    if (args.class_ is None) == (not args.tap):
        raise ExplorerError(tr("Give either --class N or NAME, or --tap NAME with --channel N."))
    if args.class_ is not None:
        if args.channel is not None or args.cell:
            raise ExplorerError("--channel and --cell belong to a --tap.")
    elif args.channel is None:
        raise ExplorerError(tr("A tap needs a --channel N."))


def target_of(args: argparse.Namespace, card: ModelCard) -> Target:
    """The target that a command line names, of this model. Raises ExplorerError for an unknown class."""
    if args.class_ is not None:
        return Target("", class_of(args.class_, card))
    return Target(args.tap, args.channel, cell_named(args.cell) if args.cell else None)


def explained_by(args: argparse.Namespace, engine: Engine, capture: Capture, target: Target) -> Attribution:
    """The attribution that a command line asks for. Raises ExplorerError where it cannot be had."""
    from explorer.api.explaining import SETTINGS, attribution_of, settings_of

    card = engine.bench.model(capture.model).card
    settings = settings_of(card, args.method, {name: getattr(args, name) for name in SETTINGS})
    return attribution_of(engine, capture, args.method, target, settings)


def _print(told: dict[str, Any]) -> None:
    target = told["target"]
    read = told["class_vector"]
    kind = f" ({told['quantity']})" if told["quantity"] else ""
    print(f"{told['method']}: {target.get('label') or target} = {told['value']:.5g}{kind}")
    if read is not None and (read["output"] or read["scale"] != "softmax"):
        print(read["read_as"])
    if "layer" in told:
        print(tr("layer {told}", told=told["layer"]))
    if "relus" in told:
        print(tr("{told} of {told2} ReLUs", told=told["relus"]["guided"], told2=told["relus"]["total"]))
    if "completeness_gap" in told:
        print(
            tr(
                "completeness gap {told:.3g}, baseline {told2}",
                told=told["completeness_gap"],
                told2=told["settings"]["baseline"],
            )
        )
    if "sanity" in told:
        print(tr("randomisation test: rank correlation"), told["sanity"]["rank_correlation"])
    if "curves" in told:
        print(told["curves"])
    elif "deletion" in told:
        print(
            tr(
                "area under deletion {told:.3f}, insertion {told2:.3f}",
                told=told["deletion"]["area"],
                told2=told["insertion"]["area"],
            )
        )
    for note in told["notes"]:
        print(note)
