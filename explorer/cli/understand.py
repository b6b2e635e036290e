"""arithmetic, ablate and receptive-field: why a value is what it is, without a window."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import get_args

from explorer.api.class_names import class_of
from explorer.api.named_taps import tap_named
from explorer.cli import cell_arithmetic
from explorer.cli.given import numbers_of, tell, told
from explorer.cli.parser import Commands
from explorer.cli.reading import class_vector, say, say_reading, share
from explorer.core.any_input import Input
from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.geometry.affine import original_box
from explorer.core.inputs import Text
from explorer.core.interventions import RankedBy
from explorer.core.models import AnyPreprocess
from explorer.core.progress import Progress
from explorer.core.sound_axes import mel_axis
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.tensor_axes import axes_of
from explorer.core.texts import TextPreprocess, tokenised
from explorer.core.translation import tr
from explorer.methods.ablation.spec import MODES, points_of
from explorer.methods.arithmetic.spec import TERMS

CELL = tr("row and column, counted from 0, or a token before the grid: CLS, REG1")


def add_parsers(commands: Commands, model: Callable[[argparse.ArgumentParser], None]) -> None:
    """The three commands; `model` adds the arguments that name a model."""
    arithmetic = commands.add_parser("arithmetic", help=tr("computation of one cell, term by term"))
    model(arithmetic)
    arithmetic.add_argument("--input", required=True, metavar="INPUT")
    _place(arithmetic)
    arithmetic.add_argument("--channel", required=True, metavar="N")
    arithmetic.add_argument(
        "--terms", default=str(TERMS), metavar="N", help=tr("the largest ones (default %(default)s)")
    )

    ablate = commands.add_parser("ablate", help=tr("change of the prediction without some channels"))
    model(ablate)
    ablate.add_argument("--input", required=True, metavar="INPUT")
    ablate.add_argument("--tap", default="", metavar="NAME", help=tr("the layer"))
    ablate.add_argument("--channel", default="", metavar="N[,N...]", help=tr("of the layer, counted from 0"))
    ablate.add_argument(
        "--head", default="", metavar="BLOCK:H", help=tr("a head of an attention instead of a layer's channels")
    )
    ablate.add_argument("--rank", action="store_true", help=tr("each channel alone, ranked by its effect on a class"))
    ablate.add_argument(
        "--class", dest="class_", default="", metavar="N|NAME", help=tr("with --rank (default: the best)")
    )
    ablate.add_argument(
        "--by",
        default="logit",
        choices=get_args(RankedBy),
        help=tr("with --rank: a logit shows an effect also where the probability is 1 and can hardly change"),
    )
    ablate.add_argument("--with", dest="mode", default="zero", choices=MODES, help=tr("replacement of their values"))
    ablate.add_argument("--top", type=int, default=5, metavar="K")
    ablate.add_argument("--json", action="store_true", help=tr("print JSON only"))

    field = commands.add_parser(
        "receptive-field", help=tr("receptive field: the part of the input that a cell depends on")
    )
    model(field)
    field.add_argument("--input", metavar="text:WORDS", help=tr("a text, whose words are then named"))
    _place(field)


def _place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tap", required=True, metavar="NAME")
    parser.add_argument("--cell", required=True, metavar="Y,X", help=CELL)
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def run(args: argparse.Namespace) -> int:
    return {"arithmetic": cell_arithmetic.run, "ablate": ablate, "receptive-field": receptive_field}[args.command](args)


# --- ablation -----------------------------------------------------------------------------------------------------------


def ablate(args: argparse.Namespace) -> int:
    """The prediction with and without some channels; with --rank each channel of the layer alone."""
    if args.rank:
        if args.head or not args.tap:
            raise ExplorerError("--rank needs --tap, the layer whose channels are ranked.")
        return rank_channels(args)
    if args.class_:
        raise ExplorerError("--class belongs to --rank.", tr("Without it the change of every class is told."))
    from explorer.api.ablating import ablated
    from explorer.cli.engine import Engine, picture_named

    if bool(args.head) == bool(args.tap) or bool(args.tap) != bool(args.channel):
        todo = tr("Give --tap and --channel, --head BLOCK:H, or --rank for all channels of a layer one by one.")
        raise ExplorerError(tr("Name what is to be ablated."), "", todo)
    channels = numbers_of(args.channel, "channel") if args.channel else ()
    with Engine() as engine:
        loaded, picture = engine.open(args), picture_named(args.input)
        found = ablated(engine, loaded, picture, args.tap, channels, args.head, args.mode)
    done, top = found.ablation, max(1, args.top)
    shifts = found.shifts[:top]
    if args.json:
        rows = found.to_dict(top)
        rows |= {"class_vector": class_vector(done.scores)}
        return told(loaded.card, rows, found.warnings)
    say(found.warnings)
    channels = found.channels
    if args.head:
        print(
            tr(
                "head {head}: channels {channels} to {channels2} of {tap}",
                head=args.head,
                channels=channels[0],
                channels2=channels[-1],
                tap=found.tap,
            )
        )
    say_reading(done.scores)
    for s in shifts:
        print(f"{share(s.before, done.scores)} -> {share(s.after, done.scores)}  {points_of(s)}  {s.label}")
    return 0


def rank_channels(args: argparse.Namespace) -> int:
    """Every channel of a layer (or those of --channel) alone, by what a class loses without it."""
    from explorer.api.ablating import ranking_of
    from explorer.cli.engine import Engine, picture_named
    from explorer.core.interventions import Edit, Ranking

    only = numbers_of(args.channel, "channel") if args.channel else ()

    def each(now: Ranking) -> None:
        tell(Progress(tr("Channels"), now.done / max(now.total, 1)))

    with Engine() as engine:
        engine.unit = "channels"
        loaded, picture = engine.open(args), picture_named(args.input)
        index = class_of(args.class_, loaded.card) if args.class_ else None
        made = ranking_of(engine, loaded, picture, Edit(args.tap, only, mode=args.mode), index, args.by, each)
    found, effects = made.ranking, made.effects
    label = loaded.card.class_name(found.index)
    if args.json:
        return told(loaded.card, made.to_dict(), made.warnings)
    say(made.warnings)
    print(
        tr(
            "{label} without one channel of {tap}, {done} channels, by {by}:",
            label=label,
            tap=args.tap,
            done=found.done,
            by=args.by,
        )
    )
    for e in effects[: max(1, args.top)]:
        print(
            tr(
                "channel {channel:>5}  {logit:+10.4f}  {points:+8.3f} pp",
                channel=e.channel,
                logit=e.logit,
                points=e.points,
            )
        )
    return 0


# --- receptive field ----------------------------------------------------------------------------------------------------


def receptive_field(args: argparse.Namespace) -> int:
    """The box of the input that a cell can depend on; of a sound also in milliseconds and Hz, of a text that is given its words."""
    from explorer.cli.engine import Engine, picture_named
    from explorer.core.geometry.cells import cell_named
    from explorer.core.geometry.receptive_field import seen_by

    cell = cell_named(args.cell)
    given = picture_named(args.input) if args.input else None
    with Engine() as engine:
        loaded = engine.open(args)
        pre, height, width = loaded.card.preprocess, loaded.card.preprocess.height, loaded.card.preprocess.width
        if isinstance(pre, TextPreprocess) and isinstance(given, Text):  # as many cells as the text has tokens
            taps, width = engine.capture(loaded, given, []).taps, len(tokenised(given.text, pre))
        else:
            taps = engine.plan(loaded).taps
        tap = tap_named(taps, args.tap)
    seen = seen_by(tap, cell, (height, width))
    meant = {} if seen.clipped is None else original_units(pre, seen.clipped, given)
    if args.json:
        rows = {
            "tap": tap.name,
            "cell": list(cell),
            "input": [height, width],
            "unclipped": _box(seen.unclipped),
            "clipped": _box(seen.clipped),
            "stands_over": _box(seen.stands),
            "padding": dict(zip(("top", "left", "bottom", "right"), seen.padding, strict=True)),
            "exact": seen.exact,
            "sees_whole_input": seen.whole,
            "sees_all_before": seen.causal,
            **meant,
        }
        return told(loaded.card, rows)
    for name, box in (("unclipped", seen.unclipped), ("clipped", seen.clipped)):
        down, along = axes_of(pre)
        across = tr("{along} {x0:g} to {x1:g} (exclusive)", along=along, x0=box.x0, x1=box.x1)
        print(
            tr("{name:<9} {down} {y0:g} to {y1:g}, {across}", name=name, down=down, y0=box.y0, y1=box.y1, across=across)
            if down
            else f"{name:<9} {across}"
        )
    for unit, value in meant.items():
        print(f"{unit:<9} {' '.join(map(str, value)) if unit == 'words' else ' to '.join(f'{end:g}' for end in value)}")
    if seen.whole:
        print(tr("It may depend on the whole input: attention, global pooling or statistics come before it."))
    elif seen.causal:
        print(
            tr(
                "It may depend on all that comes before, and on nothing after it: attention is causal, or a layer recurrent."
            )
        )
    elif not seen.exact:
        print(tr("This is an upper bound."))
    return 0


def original_units(pre: AnyPreprocess, box: Box, given: Input | None) -> dict[str, list[float] | list[str]]:
    """What a box of the input tensor is of the sound or the text; nothing more of a picture."""
    if isinstance(pre, TextPreprocess) and isinstance(given, Text):
        words = tokenised(given.text, pre)[max(int(box.x0), 0) : int(box.x1)]
        return {"words": [token.piece for token in words]}
    if not isinstance(pre, SoundPreprocess):
        return {}
    there = original_box((1, 1), pre, box)
    found: dict[str, list[float] | list[str]] = {"ms": [there.x0, there.x1]}
    if pre.log_mel is not None and pre.layout == "NCHW":
        bands = mel_axis(pre.log_mel, pre.hertz)
        first, last = max(int(box.y0), 0), min(int(box.y1), bands.count)
        found["hz"] = [bands.span(first)[0], bands.span(max(last - 1, first))[1]]
    return found


def _box(box: Box) -> dict[str, float]:
    """Whole numbers as such."""
    found = {"top": box.y0, "left": box.x0, "bottom": box.y1, "right": box.x1}
    return {key: int(value) if float(value).is_integer() else value for key, value in found.items()}
