"""layers, predict and maps: the engine without a window."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from explorer.api.about_model import about
from explorer.api.drawn_values import picture_of
from explorer.cli.given import check_out, suffix_of
from explorer.cli.output_command import check_output, map_file, output_lines
from explorer.cli.reading import class_vector, say, say_reading, share
from explorer.core.activations import Capture, Tap
from explorer.core.caveats import flags
from explorer.core.errors import ExplorerError
from explorer.core.input_notes import notes_of
from explorer.core.model_output import Guess, output_json
from explorer.core.models import ModelCard
from explorer.core.repeatability import Repeat
from explorer.core.scores import Scores
from explorer.core.translation import tr
from explorer.engine.whole_files import write


def layers(args: argparse.Namespace) -> int:
    """Taps in execution order, from one watched forward on a seeded random input."""
    from explorer.cli.engine import Engine

    with Engine() as engine:
        loaded = engine.open(args)
        taps = engine.plan(loaded).taps
    if args.json:
        pre = loaded.card.preprocess
        size = [1, pre.channels, pre.height, pre.width]
        print(json.dumps({"model": about(loaded.card), "input": size, "taps": [_row(tap) for tap in taps]}, indent=1))
    else:
        _print_layers(taps)
    return 0


def _row(tap: Tap) -> dict[str, object]:
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
        "receptive_field": None if field is None or field.causal else [field.size_y, field.size_x],
        "sees_whole_input": None if field is None else field.whole and not field.causal,
        "sees_all_before": None if field is None else field.whole and field.causal,
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
        f"{tr('tap'):<44} {tr('type'):<22} {tr('shape'):<20} {tr('layout'):<6} {tr('stride'):>7} "
        f"{tr('params'):>11} {tr('macs'):>14} {tr('bytes'):>11}  {tr('observable')}"
    )
    for tap in taps:
        shape = "×".join(str(n) for n in tap.shape)
        field = tap.receptive
        stride = (
            "" if field is None else f"{field.jump_x if tap.grid is not None and tap.grid[0] == 1 else field.jump_y:g}"
        )
        seen = "yes" if tap.observable else tr("no: {reason}", reason=tap.reason)
        print(
            f"{tap.name:<44} {tap.type:<22} {shape:<20} {tap.layout:<6} {stride:>7} {tap.parameters:>11,} {tap.macs:>14,} "
            f"{tap.nbytes:>11,}  {seen}"
        )


def captures(args: argparse.Namespace, inputs: list[str], names: list[str]) -> tuple[ModelCard, list[Capture]]:
    """(card, a capture of each input that holds the taps `names`) of the model of a command line, opened once."""
    from explorer.cli.engine import Engine, picture_named

    with Engine() as engine:
        loaded = engine.open(args)
        pictures = [picture_named(name) for name in inputs]
        return loaded.card, [engine.capture(loaded, picture, names) for picture in pictures]


def predict(args: argparse.Namespace) -> int:
    """One input in full; of several, or of a folder, a line for each. 1 where one of several could not be read."""
    if len(args.input) > 1 or Path(args.input[0]).is_dir():
        if args.out:
            raise ExplorerError(tr("--out is for one input."), "", tr("Name one file with --input."))
        return predict_all(args)
    if args.out:
        check_out(args.out)
        if suffix_of(args.out) != ".png":
            raise ExplorerError(tr("A class map is written as a PNG file."), "", tr("Name the file FILE.png."))
    card, (capture,) = captures(args, args.input, [])
    count = max(1, args.top)
    top, scores = capture.prediction[:count], capture.scores
    if args.out:
        write(args.out, map_file(capture))
    if args.json:
        print(json.dumps(_told(card, capture, args.top), indent=1))
        return 0
    check_output(card, capture)
    if card.by_chance:
        known = tr("means nothing") if card.weights.trained or card.weights.seed is not None else tr("may mean nothing")
        print(tr("({by_chance}: the prediction {known})", by_chance=card.by_chance, known=known))
    say_reading(scores)
    repeat = capture.repeat if capture.repeat is not None and not capture.repeat.same else None
    say([*([repeat.text] if repeat is not None else []), *notes_of(capture.picture, card.preprocess)])
    for guess in top:
        spread = f"  ±{repeat.of(guess.index):.2f} pp" if repeat is not None else ""
        print(f"{share(guess.probability, scores)}{spread}  {guess.label}")
    for line in output_lines(capture.output, count):
        print(line)
    return 0


def _told(card: ModelCard, capture: Capture, top: int) -> dict[str, object]:
    """A prediction as JSON takes it."""
    scores = capture.scores
    told = {"model": about(card), "input": capture.picture.digest, "class_vector": class_vector(scores)}
    warnings = (*flags(card, capture.repeat, "prediction", classes=True), *notes_of(capture.picture, card.preprocess))
    rows = [_guess(guess, scores, capture.repeat) for guess in capture.prediction[: max(1, top)]]
    return {**told, "warnings": list(warnings), "prediction": rows, "output": output_json(capture.output)}


def predict_all(args: argparse.Namespace) -> int:
    """A line for each input: its name and the classes, or one JSON object with --json. What cannot be read is said, and passed over."""
    from explorer.cli.engine import Engine, picture_named

    names = inputs_of(args.input)
    failed = 0
    with Engine() as engine:
        loaded = engine.open(args)
        if loaded.card.by_chance:
            sys.stderr.write(tr("({by_chance}: predictions may mean nothing)\n", by_chance=loaded.card.by_chance))
        for name in names:
            try:
                capture = engine.capture(loaded, picture_named(name), [])
                check_output(loaded.card, capture)
            except ExplorerError as error:
                failed += 1
                sys.stderr.write(f"{name}: {error}\n")
                continue
            if args.json:
                print(json.dumps({"name": name, **_told(loaded.card, capture, args.top)}))
                continue
            count = max(1, args.top)
            shown = [f"{share(g.probability, capture.scores).strip()} {g.label}" for g in capture.prediction[:count]]
            shown += [" ".join(line.split()) for line in output_lines(capture.output, count)]
            print(f"{name}\t{', '.join(shown)}")
    if failed:
        raise ExplorerError(tr("{failed} of {count} inputs could not be read.", failed=failed, count=len(names)))
    return 0


def inputs_of(given: list[str]) -> list[str]:
    """What --input names; a folder stands for its pictures. Raises ExplorerError for a folder without any."""
    from explorer.engine.inputs.folder import list_folder

    names: list[str] = []
    for name in given:
        if not Path(name).is_dir():
            names.append(name)
            continue
        files = list_folder(name, videos=False)
        if not files:
            raise ExplorerError(
                tr("There is no picture in {name}.", name=name),
                "",
                tr("Name a folder with PNG, JPEG or other pictures."),
            )
        names += [str(file) for file in files]
    return names


def _guess(guess: Guess, scores: Scores | None, repeat: Repeat | None) -> dict[str, object]:
    """`logit` is None where the model gives something else; `value` is what it gives."""
    logit = guess.logit if scores is None or scores.quantity == "logit" else None
    row = {"index": guess.index, "label": guess.label, "logit": logit, "value": guess.logit}
    noise = {} if repeat is None or repeat.same else {"repeatability_points": repeat.of(guess.index)}
    return {**row, "probability": guess.probability, **noise}


def maps(args: argparse.Namespace) -> int:
    from explorer.engine import export

    suffix = suffix_of(args.out)
    if suffix == ".png" and len(args.tap) > 1:
        raise ExplorerError(tr("A picture shows one tap."), "", tr("Give one --tap, or an .npz file for several."))
    card, (capture,) = captures(args, [args.input], args.tap)
    if suffix == ".npz":
        export.write(args.out, export.values_file(card, capture, args.tap))
    else:
        tap = capture.tap(args.tap[0])
        text = json.dumps(export.manifest(card, capture, [tap]))
        export.write(args.out, export.png(picture_of(capture.values[tap.name], tap), text))
    return 0
