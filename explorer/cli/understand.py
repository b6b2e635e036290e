"""arithmetic, ablate, health and receptive-field: why a value is what it is, without a window."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict

from explorer.cli import arithmetic
from explorer.cli.given import numbers_of, tap_named, told
from explorer.cli.parser import Commands
from explorer.cli.reading import class_vector, say, say_reading, share
from explorer.core.edits import Shift
from explorer.core.flags import flags
from explorer.core.health import Health
from explorer.core.types import Box, ExplorerError

CELL = "row and column, counted from 0, or a token before the grid: CLS, REG1"
_TERMS = 20  # of a sum, printed one by one; the rest is totalled


def add_parsers(commands: Commands, model: Callable[[argparse.ArgumentParser], None]) -> None:
    """The four commands; `model` adds the arguments that name a model."""
    arithmetic = commands.add_parser("arithmetic", help="how one cell is computed, term by term")
    model(arithmetic)
    arithmetic.add_argument("--input", required=True, metavar="PICTURE")
    _place(arithmetic)
    arithmetic.add_argument("--channel", required=True, metavar="N")
    arithmetic.add_argument("--terms", default=str(_TERMS), metavar="N", help="the largest ones (default %(default)s)")

    ablate = commands.add_parser("ablate", help="what the prediction loses without some channels")
    model(ablate)
    ablate.add_argument("--input", required=True, metavar="PICTURE")
    ablate.add_argument("--tap", required=True, metavar="NAME")
    ablate.add_argument("--channel", required=True, metavar="N[,N...]")
    ablate.add_argument("--with", dest="mode", default="zero", choices=["zero", "mean"], help="what replaces them")
    ablate.add_argument("--top", type=int, default=5, metavar="K")
    ablate.add_argument("--json", action="store_true", help="print JSON only")

    health = commands.add_parser("health", help="dead, always-on and duplicate channels over a folder of pictures")
    model(health)
    health.add_argument("--inputs", required=True, metavar="FOLDER", help="pictures, or sub-folders that are classes")
    health.add_argument("--tap", required=True, metavar="NAME")
    form = health.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON only")
    form.add_argument("--csv", action="store_true", help="print one line a channel")

    field = commands.add_parser("receptive-field", help="the pixels of the input that a cell depends on")
    model(field)
    _place(field)


def _place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tap", required=True, metavar="NAME")
    parser.add_argument("--cell", required=True, metavar="Y,X", help=CELL)
    parser.add_argument("--json", action="store_true", help="print JSON only")


def run(args: argparse.Namespace) -> int:
    return {"arithmetic": arithmetic.run, "ablate": ablate, "health": health, "receptive-field": receptive_field}[
        args.command
    ](args)


# --- ablation -----------------------------------------------------------------------------------------------------------


def ablate(args: argparse.Namespace) -> int:
    """The prediction with and without some channels."""
    from explorer.cli.engine import Engine, picture_named
    from explorer.core.edits import Edit

    channels = numbers_of(args.channel, "channel")
    with Engine() as engine:
        loaded, picture = engine.open(args), picture_named(args.input)
        capture = engine.capture(loaded, picture, [args.tap])
        done = engine.studies.ablate(capture, (Edit(args.tap, channels, mode=args.mode),), (), engine.job)
    shifts = done.shifts[: max(1, args.top)]
    said = flags(loaded.card, done.repeat, "difference", classes=True)
    if not shifts:
        raise ExplorerError("This model gives no class vector.", "Its output has another shape or is not finite.")
    if args.json:
        rows = [
            {
                **{key: value for key, value in asdict(s).items() if key not in ("before", "after")},
                "before": s.before,
                "after": s.after,
                "difference": s.after - s.before,
                "points": s.points,
                **({"repeatability_points": s.noise, "within_repeatability": s.by_chance} if s.noise else {}),
            }
            for s in shifts
        ]
        asked = {
            "tap": args.tap,
            "channels": list(channels),
            "with": args.mode,
            "resumed": done.resumed,
            "note": done.note,
        }
        asked |= {"class_vector": class_vector(done.scores)}
        return told(loaded.card, {"input": picture.digest, **asked, "classes": rows}, said)
    say(said)
    say_reading(done.scores)
    for s in shifts:
        print(f"{share(s.before, done.scores)} -> {share(s.after, done.scores)}  {_points(s)}  {s.label}")
    return 0


def _points(shift: Shift) -> str:
    """What a class gains or loses, beside what the model's own answers differ by."""
    if not shift.noise:
        return f"{shift.points:+7.2f} points"
    return f"{shift.points:+7.2f} ±{shift.noise:.2f} points{' (not more than by chance)' * shift.by_chance}"


# --- health -------------------------------------------------------------------------------------------------------------


def health(args: argparse.Namespace) -> int:
    """One row a channel over all pictures of a folder."""
    from explorer.cli.engine import Engine
    from explorer.core.health import Over, rows, summary, to_csv
    from explorer.engine.measure.study import measure

    with Engine() as engine:
        loaded, over = engine.open(args), Over("folder", args.inputs)
        steps = engine.studies.streamed(
            lambda: measure(loaded, None, args.tap, over, None, engine.bench.device, engine.job)
        )
        found = engine.last(steps)
        said = engine.flags(loaded, "table")
    if args.csv:
        sys.stdout.write(to_csv(found))
        for line in said:
            sys.stderr.write(f"{line}\n")
        for name, why in found.skipped:
            sys.stderr.write(f"skipped {name}: {why}\n")
        return 0
    if args.json:
        histogram = {"edges": found.edges.tolist(), "counts": found.histogram.tolist()}
        return told(loaded.card, {**summary(found), "rows": rows(found), "histogram": histogram}, said)
    say(said)
    _print_health(found)
    return 0


def _print_health(found: Health) -> None:
    from explorer.core.health import summary

    told = summary(found)
    names = ("inputs", "channels", "dead", "always_on", "duplicates", "effective_rank", "participation_ratio")
    print(", ".join(f"{name.replace('_', ' ')} {_short(told[name])}" for name in names))
    print(f"{'channel':>7} {'mean':>11} {'max':>11} {'silent':>8}  remarks")
    for row in found.channels:
        said = ["dead"] * row.dead + ["always on"] * row.always_on
        said += [f"duplicate of {row.duplicate_of}"] * (row.duplicate_of >= 0)
        said += [f"{row.prefers} {row.selectivity:.2f}"] * (row.selectivity == row.selectivity)
        print(f"{row.channel:>7} {row.mean:>11.4g} {row.maximum:>11.4g} {row.sparsity:>8.1%}  {', '.join(said)}")
    for note in found.notes:
        print(note)
    for name, why in found.skipped:
        print(f"skipped {name}: {why}")


def _short(value: object) -> str:
    return "unknown" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


# --- receptive field ----------------------------------------------------------------------------------------------------


def receptive_field(args: argparse.Namespace) -> int:
    """The box of input pixels that a cell can depend on."""
    from explorer.cli.engine import Engine
    from explorer.core.cells import cell_named
    from explorer.core.receptive import seen_by

    cell = cell_named(args.cell)
    with Engine() as engine:
        loaded = engine.open(args)
        tap = tap_named(engine.plan(loaded).taps, args.tap)
    pre = loaded.card.preprocess
    seen = seen_by(tap, cell, (pre.height, pre.width))
    if args.json:
        rows = {
            "tap": tap.name,
            "cell": list(cell),
            "input": [pre.height, pre.width],
            "unclipped": _box(seen.unclipped),
            "clipped": _box(seen.clipped),
            "stands_over": _box(seen.stands),
            "padding": dict(zip(("top", "left", "bottom", "right"), seen.padding, strict=True)),
            "exact": seen.exact,
            "sees_whole_input": seen.whole,
        }
        return told(loaded.card, rows)
    for name, box in (("unclipped", seen.unclipped), ("clipped", seen.clipped)):
        print(f"{name:<9} rows {box.y0:g} to {box.y1:g}, columns {box.x0:g} to {box.x1:g} (exclusive)")
    if seen.whole:
        print("It depends on the whole input: attention, global pooling or statistics lie before it.")
    elif not seen.exact:
        print("This is an upper bound.")
    return 0


def _box(box: Box) -> dict[str, float]:
    """Whole numbers as such."""
    found = {"top": box.y0, "left": box.x0, "bottom": box.y1, "right": box.x1}
    return {key: int(value) if float(value).is_integer() else value for key, value in found.items()}
