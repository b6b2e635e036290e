"""layers, predict and maps: the engine without a window."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from explorer.cli.reading import class_vector, say, say_reading, share
from explorer.core import colormaps, render
from explorer.core.flags import flags
from explorer.core.repeat import Repeat
from explorer.core.scores import Scores
from explorer.core.sizes import size_from
from explorer.core.types import Array, Capture, ExplorerError, Guess, ModelSpec, Picture, Preprocess, Progress, Tap


def spec_of(args: argparse.Namespace) -> ModelSpec:
    """The model a command line names."""
    return ModelSpec(
        args.model,
        weights=args.weights,
        untrained=args.untrained,
        seed=args.seed,
        size=size_from(args.size),
        output=getattr(args, "output", ""),
        probabilities=getattr(args, "probabilities", "auto"),
    )


def tell(progress: Progress) -> None:
    """Progress of a long download, on one line of a terminal; silent elsewhere."""
    if sys.stderr.isatty():
        share = "" if progress.fraction is None else f" {progress.fraction:4.0%}"
        sys.stderr.write(f"\r\033[K{progress.text}{share}")


def opened(args: argparse.Namespace) -> Any:
    """The model of a command line, with its --size."""
    from explorer.engine.models import open_model

    loaded = open_model(spec_of(args), trust_code=args.trust_code, progress=tell, allow_download=args.download)
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    card = loaded.card
    preprocess = converted(card.preprocess, card, args.transform_input)
    return loaded if preprocess == card.preprocess else replace(loaded, card=replace(card, preprocess=preprocess))


def converted(preprocess: Preprocess, card: Any, switch: str) -> Preprocess:
    if switch and not card.convertible:
        why = "Only torchvision's googlenet and inception_v3 have it."
        raise ExplorerError(f"{card.name} has no transform_input.", why, "Omit --transform-input.")
    return replace(preprocess, transform_input=switch == "on") if switch else preprocess


def layers(args: argparse.Namespace) -> int:
    """Taps in execution order, from one watched forward on a seeded random input."""
    import torch

    from explorer.engine import devices
    from explorer.engine.capture import discover
    from explorer.engine.describe import input_dtype

    loaded = opened(args)
    pre = loaded.card.preprocess
    try:
        x = torch.randn(1, pre.channels, pre.height, pre.width, generator=torch.Generator().manual_seed(0))
        taps = discover(loaded.module, x.to(input_dtype(loaded.module))).plan.taps
    except (MemoryError, RuntimeError) as error:
        if devices.device_problem(error) is None:
            raise
        what = f"There is not enough memory for an input of {pre.height} × {pre.width} pixels."
        raise ExplorerError(what, "", "Give a smaller --size.") from None
    if args.json:
        print(
            json.dumps(
                {"model": _card(loaded.card), "input": list(x.shape), "taps": [_row(tap) for tap in taps]}, indent=1
            )
        )
    else:
        _print_layers(taps)
    return 0


def _card(card: Any) -> dict[str, Any]:
    return {
        "id": card.spec.id,
        "name": card.name,
        "weights": card.weights.label,
        "sha256": card.weights.sha256,
        "parameters": card.parameters,
        "notes": list(card.notes),
        "facts": dict(card.facts),
    }


def _row(tap: Tap) -> dict[str, Any]:
    field = tap.receptive
    return {
        "name": tap.name,
        "path": tap.path,
        "call": tap.call,
        "output": tap.key,
        "type": tap.type,
        "kind": str(tap.kind),
        "detail": tap.detail,
        "shape": list(tap.shape),
        "dtype": tap.dtype,
        "layout": str(tap.layout),
        "grid": None if tap.grid is None else list(tap.grid),
        "prefix_tokens": tap.prefix,
        "stride": None if field is None else [field.jump_y, field.jump_x],
        "receptive_field": None if field is None else [field.size_y, field.size_x],
        "sees_whole_input": None if field is None else field.whole,
        "parameters": tap.parameters,
        "macs": tap.macs,
        "bytes": tap.nbytes,
        "leaf": tap.leaf,
        "same_values_as": tap.alias,
        "observable": tap.observable,
        "reason": tap.reason,
    }


def _print_layers(taps: tuple[Tap, ...]) -> None:
    print(
        f"{'tap':<44} {'type':<22} {'shape':<20} {'layout':<6} {'stride':>7} {'params':>11} {'macs':>14} {'bytes':>11}  observable"
    )
    for tap in taps:
        shape = "×".join(str(n) for n in tap.shape)
        stride = "" if tap.receptive is None else f"{tap.receptive.jump_y:g}"
        seen = "yes" if tap.observable else f"no: {tap.reason}"
        print(
            f"{tap.name:<44} {tap.type:<22} {shape:<20} {tap.layout:<6} {stride:>7} {tap.parameters:>11,} {tap.macs:>14,} "
            f"{tap.nbytes:>11,}  {seen}"
        )


def _forward(args: argparse.Namespace, names: list[str] | None) -> tuple[Any, Capture, Picture]:
    card, (capture,) = forwards(args, [args.input], names)
    return card, capture, capture.picture


def forwards(args: argparse.Namespace, inputs: list[str], names: list[str] | None) -> tuple[Any, list[Capture]]:
    """(card, a capture of each input that holds the taps `names`) of the model of a command line, opened once."""
    from explorer.engine.inputs import named_input, open_input
    from explorer.engine.workbench import Workbench

    loaded = opened(args)
    pictures = [open_input(named_input(name)) for name in inputs]
    bench = Workbench()
    bench.adopt(loaded)
    return loaded.card, [_captured(bench, loaded.card.digest, picture, names or []) for picture in pictures]


def _captured(bench: Any, digest: str, picture: Picture, names: list[str]) -> Capture:
    capture: Capture = bench.capture(digest, picture, _job())
    for name in names:
        wanted(capture, name)
    missing = [name for name in names if name not in capture.values]
    return bench.recompute(capture, missing, _job()) if missing else capture


def _job() -> Any:
    from explorer.engine.runner import Job, Lane

    return Job(0, Lane.LOAD, "", lambda _event: None)


def wanted(capture: Capture, name: str) -> Tap:
    """The tap, or an error that says why it cannot be had and which names are near."""
    import difflib

    by_name = {tap.name: tap for tap in capture.taps}
    if name not in by_name:
        near = difflib.get_close_matches(name, by_name, 3)
        raise ExplorerError(
            f"The model has no tap named {name}.",
            f"Near: {', '.join(near)}." if near else "",
            "The command layers lists them all.",
        )
    if not by_name[name].observable:
        raise ExplorerError(f"The tap {name} cannot be seen: {by_name[name].reason}.")
    return by_name[name]


def predict(args: argparse.Namespace) -> int:
    card, capture, picture = _forward(args, None)
    top, scores = capture.prediction[: max(1, args.top)], capture.scores
    if args.json:
        told = {"model": _card(card), "input": picture.digest, "class_vector": class_vector(scores)}
        said = {"warnings": list(flags(card, capture.repeat, "prediction", classes=True))}
        print(json.dumps({**told, **said, "prediction": [_guess(g, scores, capture.repeat) for g in top]}, indent=1))
        return 0
    if not top:
        why = (
            "Its output has another shape or is not finite." if card.classifies else "Its output describes the picture."
        )
        raise ExplorerError("This model has no class predictions.", why)
    if card.by_chance:
        known = "means nothing" if card.weights.trained or card.weights.seed is not None else "may mean nothing"
        print(f"({card.by_chance}: the prediction {known})")
    say_reading(scores)
    repeat = capture.repeat if capture.repeat is not None and not capture.repeat.same else None
    say([repeat.text] if repeat is not None else [])
    for guess in top:
        spread = f"  ±{repeat.of(guess.index):.2f} pp" if repeat is not None else ""
        print(f"{share(guess.probability, scores)}{spread}  {guess.label}")
    return 0


def _guess(guess: Guess, scores: Scores | None, repeat: Repeat | None) -> dict[str, Any]:
    """`logit` is None where the model gives something else; `value` is what it gives."""
    logit = guess.logit if scores is None or scores.quantity == "logit" else None
    row = {"index": guess.index, "label": guess.label, "logit": logit, "value": guess.logit}
    noise = {} if repeat is None or repeat.same else {"repeatability_points": repeat.of(guess.index)}
    return {**row, "probability": guess.probability, **noise}


def maps(args: argparse.Namespace) -> int:
    from explorer.engine import export

    suffix = Path(args.out).suffix.lower()
    if suffix not in (".npz", ".png"):
        raise ExplorerError(
            f"{args.out} ends neither in .npz nor in .png.",
            "",
            "Name the file FILE.npz for values or FILE.png for a picture.",
        )
    if suffix == ".png" and len(args.tap) > 1:
        raise ExplorerError("A picture shows one tap.", "", "Give one --tap, or an .npz file for several.")
    card, capture, _ = _forward(args, args.tap)
    if suffix == ".npz":
        export.write(args.out, export.values_file(card, capture, args.tap))
    else:
        tap = capture.tap(args.tap[0])
        text = json.dumps(export.manifest(card, capture, [tap]))
        export.write(args.out, export.png(picture_of(capture.values[tap.name], tap), text))
    return 0


def picture_of(values: Array, tap: Tap, width: int = 1600, height: int = 1200) -> Array:
    """(H, W, 3) uint8: all maps of a tap, each on its own scale; a vector or a sequence as one picture."""
    line = render.as_line(values, tap)
    found = render.as_maps(values, tap) if line is None else None
    diverging = colormaps.diverging_for(dark=False)
    if found is None:
        vector = render.as_vector(values, tap) if line is None else None
        flat = (
            line
            if line is not None
            else np.atleast_2d(np.asarray(vector if vector is not None else values, np.float32).ravel())
        )
        found = flat[None]
    scale = render.limits(found, render.ScaleMode.PER_MAP)
    grid = render.fit_grid(len(found), found.shape[1], found.shape[2], height, width)
    return render.mosaic(found, grid, scale, diverging if scale.signed else "magma").rgb
