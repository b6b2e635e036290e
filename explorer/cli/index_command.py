"""index, top and nearest: what excites a channel in a whole folder."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.api.figure_saving import is_figure, save_figure
from explorer.cli.figure_examples import examples_figure
from explorer.cli.given import tell
from explorer.cli.parser import Commands
from explorer.core.byte_words import byte_words
from explorer.core.data_index import BATCH, TOP, ChannelTop, IndexFacts, IndexProgress, Near
from explorer.core.errors import ExplorerError
from explorer.core.geometry.cells import cell_named
from explorer.core.index_requests import FindNear, LocateCells, MakeIndex, VerifyIndex
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.engine.jobs.cancel import CancelledError

if TYPE_CHECKING:
    from explorer.engine.data_index.index_reader import IndexReader

_VERBS = ("verify", "list", "remove")


def add_parsers(every: Commands, model: Any) -> None:
    """`index MODEL --data FOLDER`, `index verify|list|remove`, `top`, `nearest`."""
    making = every.add_parser(
        "index",
        help=tr("which inputs of a folder excite each channel: index MODEL --data FOLDER, index verify|list|remove"),
        usage="%(prog)s MODEL --data FOLDER [options] | verify STORE | list | remove STORE",
    )
    model(making)
    making.add_argument("stores", nargs="*", metavar="STORE", help=tr("of verify and remove"))
    making.add_argument(
        "--data",
        default="",
        metavar="FOLDER",
        help=tr("pictures and videos, sounds, a text file; gallery; demo:NAME; demo:world[:COUNT]"),
    )
    making.add_argument(
        "--taps",
        default="blocks",
        metavar="blocks|activations|PATTERN",
        help=tr("several with commas (default blocks)"),
    )
    making.add_argument(
        "--top", type=int, default=TOP, metavar="K", help=tr("kept of each channel (default {top})", top=TOP)
    )
    making.add_argument(
        "--features", default="", metavar="TAP[,…]", help=tr("taps whose pooled features are kept (default: the last)")
    )
    making.add_argument(
        "--cells",
        default="",
        metavar="TAP[,…]",
        help=tr("taps of which every cell is kept, for nearest --cell (default: none)"),
    )
    making.add_argument("--store", default="", metavar="FILE", help=tr("default: in the application's cache"))
    making.add_argument(
        "--batch", type=int, default=BATCH, metavar="N", help=tr("inputs of a forward (default {batch})", batch=BATCH)
    )
    making.add_argument("--threads", type=int, default=1, metavar="N", help=tr("of a forward (default 1)"))
    making.add_argument("--ray", default="", metavar="local|HOST:PORT", help=tr("on several processes or machines"))
    making.add_argument(
        "--workers", type=int, default=0, metavar="N", help=tr("of Ray (default: one for each processor)")
    )
    making.add_argument("--retry", action="store_true", help=tr("try again what failed"))
    making.add_argument(
        "--entries", type=int, default=100, metavar="N", help=tr("that verify computes anew (default 100)")
    )
    making.add_argument("--json", action="store_true", help=tr("print JSON only; one line of progress a second"))
    best = every.add_parser("top", help=tr("the inputs of an index that excite a channel most"))
    add_top(best)
    best.add_argument("--out", default="", metavar="FILE", help=tr("a figure (.png, .svg, .pdf) or JSON (.json)"))
    best.add_argument("--json", action="store_true", help=tr("print JSON only"))
    near = every.add_parser("nearest", help=tr("the inputs of an index that are most like another one"))
    _store(near)
    near.add_argument("--input", required=True, metavar="FILE|sample:NAME|text:WORDS")
    near.add_argument(
        "--tap", default="", metavar="NAME", help=tr("one with features, or with cells (default: the last)")
    )
    near.add_argument(
        "--cell",
        default="",
        metavar="Y,X",
        help=tr("near that cell of the input, among the cells that --cells has kept"),
    )
    near.add_argument("--top", type=int, default=12, metavar="N")
    near.add_argument("--class", dest="label", default="", metavar="NAME", help=tr("of this class alone"))
    near.add_argument("--json", action="store_true", help=tr("print JSON only"))


def add_top(best: argparse.ArgumentParser) -> None:
    """Which inputs of which channel."""
    _store(best)
    best.add_argument("--tap", required=True, metavar="NAME")
    best.add_argument("--channel", type=int, required=True, metavar="N")
    best.add_argument("--class", dest="label", default="", metavar="NAME", help=tr("of this class alone"))
    best.add_argument(
        "--order", default="top", choices=["top", "least", "above-half"], help=tr("which of them (default top)")
    )
    best.add_argument("--count", type=int, default=0, metavar="N", help=tr("default: all that are kept"))


def _store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("store", metavar="STORE", help=tr("a file that index has made"))
    parser.add_argument(
        "--trust-code", action="store_true", help=tr("run the Python file of a file: model without asking")
    )


def run(args: argparse.Namespace) -> int:
    """Of the three commands the one that was named."""
    if args.command == "top":
        return _top(args)
    if args.command == "nearest":
        return _nearest(args)
    if args.model == "list" and not args.data:
        return _list(args)
    if args.model in _VERBS and not args.data:
        if len(args.stores) != 1:
            raise ExplorerError(
                tr("index {model} takes one STORE.", model=args.model), "", tr("index {model} FILE", model=args.model)
            )
        return _verify(args) if args.model == "verify" else _remove(args)
    if args.stores or not args.data:
        raise ExplorerError(
            tr("index takes a model and --data FOLDER."), "", tr("index MODEL --data FOLDER, or index list.")
        )
    return _make(args)


# --- making one ---


def _make(args: argparse.Namespace) -> int:
    from explorer.cli.engine import Engine
    from explorer.engine.jobs import devices

    devices.keep_freed_memory()
    if args.threads < 1 or args.workers < 0:
        raise ExplorerError("--threads and --workers must be 1 or more.", "")
    if args.ray:
        from explorer.engine.data_index.ray_cluster import ray_module

        ray_module(args.ray)  # says that it is not there before anything is opened
    import torch

    with Engine() as engine:
        torch.set_num_threads(args.threads)
        card = engine.open(args).card
        request = MakeIndex(
            card.digest,
            args.data,
            args.taps,
            args.features,
            args.top,
            args.batch,
            args.store,
            args.retry,
            args.cells,
        )
        say = _Saying(args.json)
        try:
            if args.ray:
                from explorer.engine.data_index.ray_run import ray_steps

                loaded = engine.bench.model(card.digest)
                steps = ray_steps(loaded, request, args.ray, args.workers, engine.job, args.trust_code)
                last = engine.last(steps, say.progress)
            else:
                last = engine.answer(request, say.progress)
        except (CancelledError, KeyboardInterrupt):
            sys.stderr.write(tr("{kept}the same command goes on from here.\n", kept=_kept(say.last)))
            raise
    say.end(last)
    return 0


def _kept(last: IndexProgress | None) -> str:
    """What an interrupted run leaves, its last commit included."""
    from explorer.engine.data_index.index_reader import IndexReader

    if last is None:
        return ""
    with IndexReader(last.store) as reader:
        facts = reader.facts()
    return tr("{done:,} of {pictures:,} are kept; ", done=facts.done, pictures=facts.pictures)


class _Saying:
    """Progress, one line a second at most."""

    def __init__(self, as_json: bool) -> None:
        self.json, self._next = as_json, 0.0
        self.last: IndexProgress | None = None

    def progress(self, now: IndexProgress | None) -> None:
        if now is None:
            return
        self.last = now
        if self.json and time.monotonic() >= self._next:
            self._next = time.monotonic() + 1
            print(json.dumps(now.to_json()), flush=True)
        elif not self.json:
            left = "" if now.left is None else tr(", {left:.1f} min left", left=now.left / 60)
            tell(
                Progress(
                    tr(
                        "{done:,} of {total:,}, {rate:.1f} a second{left}",
                        done=now.done,
                        total=now.total,
                        rate=now.rate,
                        left=left,
                    ),
                    now.fraction,
                )
            )

    def end(self, last: IndexProgress) -> None:
        """The last line, with what must be said."""
        from explorer.engine.data_index.index_digest import digest_of

        digest = digest_of(Path(last.store))
        if self.json:
            failures = [list(each) for each in last.failures]
            print(json.dumps({**last.to_json(), "digest": digest, "failures": failures, "notes": list(last.notes)}))
            return
        print(
            tr(
                "{done:,} of {total:,} indexed, {failed:,} failed, {rate:.1f} a second",
                done=last.done,
                total=last.total,
                failed=last.failed,
                rate=last.rate,
            )
        )
        for name, why in last.failures:
            print(tr("  failed: {name}: {why}", name=name, why=why))
        for note in last.notes:
            print(f"({note})")
        print(tr("digest {digest}", digest=digest))
        print(last.store)


# --- what there is ---


def _list(args: argparse.Namespace) -> int:
    from explorer.engine.data_index.index_catalogue import damaged_indexes, indexes

    found, damaged = indexes(), damaged_indexes()
    if args.json:
        print(json.dumps([each.to_json() for each in found], indent=1))
        return 0
    for each in found:
        print(_line(each))
    for store, why in damaged:
        print(tr("damaged: {store}: {why}", store=store, why=why))
    if not found and not damaged:
        print(tr("There is no index yet: index MODEL --data FOLDER makes one."))
    return 0


def _line(facts: IndexFacts) -> str:
    state = tr(
        "{done:,} of {pictures:,}{failed}",
        done=facts.done,
        pictures=facts.pictures,
        failed=tr(", {failed:,} failed", failed=facts.failed) if facts.failed else "",
    )
    comes = tr(" · comes with the program") if facts.shipped else ""
    about = f"{facts.model} · {facts.settings.data} · {state} · {byte_words(facts.nbytes)}{comes}"
    return f"{about}\n  {facts.path}"


def _remove(args: argparse.Namespace) -> int:
    from explorer.engine.data_index.index_catalogue import remove_index

    size = remove_index(args.stores[0])
    print(
        json.dumps({"removed": args.stores[0], "bytes": size})
        if args.json
        else tr("removed, {byte_words}", byte_words=byte_words(size))
    )
    return 0


def _verify(args: argparse.Namespace) -> int:
    from explorer.api.indexing import model_of
    from explorer.cli.engine import Engine

    if args.entries < 1:
        raise ExplorerError("--entries must be 1 or more.", "")
    with Engine() as engine:
        model = model_of(engine, args.stores[0], args.trust_code)
        found = engine.answer(VerifyIndex(str(Path(args.stores[0]).absolute()), model, args.entries))
    if args.json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        print(tr("digest {digest}", digest=found.digest))
        print(
            tr(
                "{checked} entries computed anew, largest difference {largest:.1e} of the channel's range",
                checked=found.checked,
                largest=found.largest,
            )
        )
        for name, why in found.wrong:
            print(tr("wrong: {name}: {why}", name=name, why=why))
        for name, why in found.gone:
            print(tr("gone: {name}: {why}", name=name, why=why))
        for note in found.notes:
            print(f"({note})")
    return 0 if found.good else 1


# --- questions ---


def _top(args: argparse.Namespace) -> int:
    from explorer.engine.data_index.index_reader import IndexReader

    check_count(args)
    with IndexReader(args.store) as reader:
        found = top_of(args, reader)
        if is_figure(args.out):
            save_figure(examples_figure(found, reader), args.out)
        elif args.out:
            _write(args.out, json.dumps(found.to_json(), indent=1))
    if args.json or not args.out:
        print(json.dumps(found.to_json(), indent=1) if args.json else _table(found))
    return 0


def check_count(args: argparse.Namespace) -> None:
    """Before anything is opened. Raises ExplorerError."""
    if args.count < 0:
        raise ExplorerError("--count must be 1 or more.", "")


def top_of(args: argparse.Namespace, reader: IndexReader) -> ChannelTop:
    """What `add_top` asks for, with the cells. Raises ExplorerError."""
    count = args.count or reader.settings.top
    ask = {"top": reader.top, "least": reader.least, "above-half": reader.above_half}[args.order]
    found = ask(args.tap, args.channel, args.label, count)
    return _located(args, found) if any(entry.cell is None for entry in found.entries) else found


def _located(args: argparse.Namespace, found: ChannelTop) -> ChannelTop:
    from explorer.api.indexing import model_of
    from explorer.cli.engine import Engine

    with Engine() as engine:
        model = model_of(engine, args.store, args.trust_code)
        return engine.answer(LocateCells(str(Path(args.store).absolute()), model, found))


def _table(found: ChannelTop) -> str:
    lines = [
        tr(
            "{tap}, channel {channel}: {order}{label}",
            tap=found.tap,
            channel=found.channel,
            order=found.order,
            label=tr(", class {label}", label=found.label) if found.label else "",
        )
    ]
    for entry in found.entries:
        cell = "" if entry.cell is None else f"({entry.cell[0]}, {entry.cell[1]})"
        words = f"  {entry.words}" if entry.words else ""
        lines.append(f"{entry.value:12.6g}  {cell:>10}  {entry.picture.label:<16}  {entry.picture.name}{words}")
    if found.reach > 1:
        lines.append(
            tr("({reach:,} of {pictures:,} inputs reach the maximum)", reach=found.reach, pictures=found.pictures)
        )
    if found.not_finite:
        lines.append(tr("({not_finite:,} inputs gave NaN or infinity)", not_finite=found.not_finite))
    return "\n".join(lines)


def _write(file: str, text: str) -> None:
    try:
        Path(file).expanduser().write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ExplorerError(tr("{file} could not be saved.", file=file), f"{error.strerror}.") from None


def _nearest(args: argparse.Namespace) -> int:
    from explorer.api.indexing import model_of
    from explorer.cli.engine import Engine, picture_named

    if args.top < 1:
        raise ExplorerError("--top must be 1 or more.", "")
    from explorer.engine.data_index.index_reader import IndexReader

    cell = cell_named(args.cell) if args.cell else None
    given = picture_named(args.input)
    with IndexReader(args.store) as reader:
        names = reader.feature_taps if cell is None else reader.cell_taps
        asked = args.tap or (names or (reader.taps[-1].name,))[-1]
        tap = reader.tap(asked).name if cell is None else reader.with_cells(asked).name
    with Engine() as engine:
        model = model_of(engine, args.store, args.trust_code)
        store = str(Path(args.store).absolute())
        found = engine.answer(FindNear(store, model, given, tap, args.top, args.label, cell))
    if args.json:
        of = {} if cell is None else {"cell": list(cell)}
        print(json.dumps({"input": args.input, "tap": tap, **of, "entries": list(map(_near_json, found))}, indent=1))
    else:
        for each in found:
            at = "" if each.cell is None else f"  {f'({each.cell[0]}, {each.cell[1]})':>10}"
            print(f"{each.similarity:8.5f}{at}  {each.picture.label:<16}  {each.picture.name}")
    return 0


def _near_json(each: Near) -> dict[str, Any]:
    found = {"picture": each.picture.name, "similarity": each.similarity, "class": each.picture.label or None}
    return found if each.cell is None else {**found, "cell": list(each.cell)}
