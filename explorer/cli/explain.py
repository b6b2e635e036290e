"""explain: an attribution as values (.npz) or over the picture (.png)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from explorer.cli.headless import opened
from explorer.cli.reading import class_vector
from explorer.core import heat
from explorer.core.cells import cell_named
from explorer.core.explain import BASELINES, Attribution, Settings, black_of
from explorer.core.target import Target
from explorer.core.types import Array, Capture, ExplorerError, Picture, Preprocess

METHOD_NAMES = (
    "gradient", "gradient-x-input", "guided-backprop", "deconvnet", "grad-cam", "guided-grad-cam", "smoothgrad",
    "integrated-gradients", "occlusion",
)  # fmt: skip
_SIGNED = frozenset(METHOD_NAMES) - {"grad-cam"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `explain` takes beside the model."""
    usual = Settings()
    parser.add_argument("--input", required=True, metavar="PICTURE")
    parser.add_argument("--class", dest="class_", type=int, metavar="N", help="explain an entry of the class vector")
    parser.add_argument("--tap", default="", metavar="NAME", help="explain a channel of this tap instead")
    parser.add_argument("--channel", type=int, metavar="N", help="of the tap: its mean over all cells")
    parser.add_argument("--cell", default="", metavar="Y,X", help="one cell, or token (CLS, REG1), instead of the mean")
    parser.add_argument("--method", required=True, choices=METHOD_NAMES, metavar="M", help=", ".join(METHOD_NAMES))
    parser.add_argument("--out", required=True, metavar="FILE", help=".npz: values; .png: drawn over the picture")
    parser.add_argument(
        "--layer", default="", metavar="TAP", help="of the Grad-CAM (default: the last before the pooling)"
    )
    parser.add_argument("--samples", type=int, default=usual.samples, metavar="N", help="SmoothGrad: noisy copies")
    parser.add_argument(
        "--noise", type=float, default=usual.noise, metavar="SHARE", help="SmoothGrad: of the input's range"
    )
    parser.add_argument("--steps", type=int, default=usual.steps, metavar="N", help="of integrated gradients")
    parser.add_argument("--baseline", default=usual.baseline, choices=BASELINES, help="integrated gradients, occlusion")
    parser.add_argument("--window", type=int, default=0, metavar="PX", help="of the occlusion (default: 15 of 224)")
    parser.add_argument("--stride", type=int, default=0, metavar="PX", help="of the occlusion (default: 8 of 224)")
    parser.add_argument("--absolute", action="store_true", help="picture: magnitude without sign")
    parser.add_argument("--percentile", type=float, default=99.0, metavar="P", help="picture: clip at percentile")
    parser.add_argument(
        "--strength", type=float, default=0.8, metavar="S", help="picture: opacity of the attribution, 0 to 1"
    )
    parser.add_argument(
        "--check", action="store_true", help="also the randomisation test, deletion and insertion, as JSON"
    )
    parser.add_argument("--json", action="store_true", help="print JSON only")


def run(args: argparse.Namespace) -> int:
    """Computes one attribution and writes it; with --json its numbers go to standard output."""
    suffix = Path(args.out).suffix.lower()
    if suffix not in (".npz", ".png"):
        todo = "Name the file FILE.npz for values or FILE.png for a picture."
        raise ExplorerError(f"{args.out} ends neither in .npz nor in .png.", "", todo)
    if not 0 < args.percentile <= 100 or not 0 <= args.strength <= 1:
        raise ExplorerError("The percentile must lie above 0 and up to 100, the strength within 0 and 1.")
    target = target_of(args)
    from explorer.engine import export
    from explorer.engine.explain.attribution import files

    loaded, capture, given = _forward(args)
    found = _explained(args, loaded, capture, given, target)
    record = files.record(loaded.card, capture, found)
    if suffix == ".npz":
        export.write(args.out, files.values_file(found, record))
    else:
        drawn = picture_of(found, capture.picture, loaded.card.preprocess, args)
        export.write(args.out, export.png(drawn, json.dumps(record)))
    told = record["explanation"] | (_checks(args, loaded, given, found) if args.check else {})
    told["class_vector"] = class_vector(given[1].scores) if not target.tap else None
    if args.json:
        print(
            json.dumps(
                {"model": loaded.card.spec.id, "input": capture.picture.digest, "out": args.out, **told}, indent=1
            )
        )
    else:
        _print(told)
    return 0


def target_of(args: argparse.Namespace) -> Target:
    """The target that a command line names; ExplorerError where it names none or two."""
    if (args.class_ is None) == (not args.tap):
        raise ExplorerError("Give either --class N, or --tap NAME with --channel N.")
    if args.class_ is not None:
        if args.channel is not None or args.cell:
            raise ExplorerError("--channel and --cell belong to a --tap.")
        return Target("", args.class_)
    if args.channel is None:
        raise ExplorerError("A tap needs a --channel N.")
    return Target(args.tap, args.channel, cell_named(args.cell) if args.cell else None)


def _forward(args: argparse.Namespace) -> tuple[Any, Capture, tuple[Any, Any]]:
    """(the loaded model, a capture that holds its taps but no values, (input tensor, plan))."""
    from explorer.engine.describe import input_dtype
    from explorer.engine.inputs import named_input, open_input
    from explorer.engine.inputs.preprocess import to_tensor
    from explorer.engine.reading import watched

    loaded = opened(args)
    picture = open_input(named_input(args.input))
    x = to_tensor(picture, loaded.card.preprocess).to(input_dtype(loaded.module))
    plan = watched(loaded.module, x, loaded.card).plan
    return loaded, Capture(loaded.card.digest, picture, plan.taps, {}), (x, plan)


def _explained(args: argparse.Namespace, loaded: Any, capture: Capture, given: Any, target: Target) -> Attribution:
    from explorer.cli.headless import wanted
    from explorer.engine.explain.attribution.methods import explain, finished

    for name in filter(None, (target.tap, args.layer)):
        wanted(capture, name)
    pre = loaded.card.preprocess
    settings = Settings(
        layer=args.layer,
        samples=args.samples,
        noise=args.noise,
        seed=args.seed,
        steps=args.steps,
        baseline=args.baseline,
        black=black_of(pre),
        window=args.window,
        stride=args.stride,
    )
    x, plan = given
    return finished(explain(args.method, loaded.module, x, target, plan, settings))


def picture_of(found: Attribution, picture: Picture, pre: Preprocess, args: argparse.Namespace) -> Array:
    """(H, W, 3) uint8: the attribution over the original picture."""
    signed = found.method in _SIGNED and not args.absolute
    map_ = heat.heat(found.values, signed, args.percentile)
    size = heat.view_size(picture.size, pre)
    values, seen = heat.on_picture(map_.values, picture.size, pre, size)
    return heat.overlay(heat.as_rgb(picture.pixels, size), values, seen, signed, args.strength)


def _checks(args: argparse.Namespace, loaded: Any, given: Any, found: Attribution) -> dict[str, Any]:
    from explorer.engine.explain.attribution.curves import curve
    from explorer.engine.explain.attribution.methods import finished
    from explorer.engine.explain.attribution.sanity import sanity_pair

    x, plan = given
    pair = finished(sanity_pair(found, loaded.module, x, plan, seed=args.seed))
    told: dict[str, Any] = {
        "sanity": {
            "rank_correlation": _number(pair.rank),
            "rank_correlation_absolute": _number(pair.rank_absolute),
            "ssim": _number(pair.ssim),
            "randomised": list(pair.randomised),
        }
    }
    for kind in ("deletion", "insertion"):
        drawn = finished(curve(kind, found, loaded.module, x, plan))
        told[kind] = {"area": drawn.area, "shares": drawn.shares.tolist(), "scores": drawn.scores.tolist()}
    return told


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None  # JSON knows no NaN


def _print(told: dict[str, Any]) -> None:
    target = told["target"]
    read = told["class_vector"]
    kind = f" ({told['quantity']})" if told["quantity"] else ""
    print(f"{told['method']}: {target.get('label') or target} = {told['value']:.5g}{kind}")
    if read is not None and (read["output"] or read["scale"] != "softmax"):
        print(read["read_as"])
    if "layer" in told:
        print(f"layer {told['layer']}")
    if "relus" in told:
        print(f"{told['relus']['guided']} of {told['relus']['total']} ReLUs")
    if "completeness_gap" in told:
        print(f"completeness gap {told['completeness_gap']:.3g}, baseline {told['settings']['baseline']}")
    if "sanity" in told:
        print("randomisation test: rank correlation", told["sanity"]["rank_correlation"])
        print(f"area under deletion {told['deletion']['area']:.3f}, insertion {told['insertion']['area']:.3f}")
    for note in told["notes"]:
        print(note)
