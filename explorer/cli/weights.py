"""weights list, add, fetch, match, extract and verify: what a lab's machines have, and how it gets there without a window."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from explorer.cli import weights_match
from explorer.cli.parser import Commands
from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.progress import Progress
from explorer.core.translation import tr
from explorer.engine.models.base import OpenRequest, parse_id
from explorer.engine.models.weights import file_store, locate


def add_parsers(commands: Commands) -> None:
    """The command and its parts."""
    parser = commands.add_parser("weights", help=tr("list, add, fetch, match, extract or verify weight files"))
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True, parser_class=type(parser))
    for name, what in (
        ("list", tr("all weight files, in the order they are looked for")),
        ("verify", tr("read and check all")),
    ):
        parts.add_parser(name, help=what).add_argument("--json", action="store_true", help=tr("print JSON only"))
    add = parts.add_parser("add", help=tr("check files and copy them to where they are found"))
    add.add_argument("files", nargs="+", metavar="FILE")
    fetch = parts.add_parser("fetch", help=tr("download official weights"))
    fetch.add_argument(
        "names", nargs="+", metavar="NAME", help=tr("a model of torchvision, timm: or hf:, as in mobilenet_v2")
    )
    match = parts.add_parser("match", help=tr("the architectures that a file fits, by its keys and shapes"))
    match.add_argument("file", metavar="FILE", help=tr("a file of weights: .safetensors, .pth, .pt, .ckpt, .bin …"))
    match.add_argument("--json", action="store_true", help=tr("print JSON only"))
    taken = parts.add_parser(
        "extract", help=tr("the weights of a model that was saved as a whole, without running its code")
    )
    taken.add_argument("file", metavar="FILE", help=tr("what torch.save(model, FILE) wrote, as the files of YOLO are"))
    taken.add_argument("--out", metavar="FILE.safetensors", help=tr("where to (beside FILE)"))
    taken.add_argument("--json", action="store_true", help=tr("print JSON only, with the tree of modules"))


def run(args: argparse.Namespace) -> int:
    parts = {
        "list": _list,
        "verify": _verify,
        "add": _add,
        "fetch": _fetch,
        "match": weights_match.run,
        "extract": _extract,
    }
    return parts[args.part](args)


def _extract(args: argparse.Namespace) -> int:
    from explorer.engine.extract_weights import extract
    from explorer.engine.models.weights import names

    found = extract(Path(args.file).expanduser(), Path(args.out).expanduser() if args.out else None)
    if args.json:
        print(json.dumps({"file": found.file, "tensors": found.tensors, "tree": dict(found.tree)}, indent=1))
        return 0
    for path, kind in found.tree:
        print(f"{names.shown(path) or tr('(the model)'):<40} {kind}")
    for line in (*found.notes, found.text):
        print(line)
    return 0


def _list(args: argparse.Namespace) -> int:
    found = file_store.kept()
    if args.json:
        print(json.dumps({"folders": [str(p) for p in locate.places()], "files": [_row(f) for f in found]}, indent=1))
        return 0
    print(tr("Search order, the first match is used:"))
    for number, folder in enumerate(locate.places(), 1):
        print(f"  {number}. {folder}{('' if folder.is_dir() else tr(' (missing)'))}")
    for file in found:
        note = tr(" (an earlier one is used)") if file.shadowed else ""
        print(f"{file.model or '-':<22} {byte_words(file.nbytes):>8}  {file.path}{note}")
    if not found:
        print(tr("No weight files. weights add FILE and weights fetch NAME bring some."))
    return 0


def _row(file: file_store.StoredWeights) -> dict[str, object]:
    return {
        "path": str(file.path),
        "bytes": file.nbytes,
        "model": file.model,
        "checksum_in_name": file.checksum,
        "shadowed": file.shadowed,
    }


def _verify(args: argparse.Namespace) -> int:
    """0 when no file is damaged; a file whose name carries no checksum is told with its own, and counts as well."""
    rows = [(file, locate.damage(file.path)) for file in file_store.kept()]
    if args.json:
        told = [{**_row(file), "damage": reason, "sha256": _digest(file, reason)} for file, reason in rows]
        print(json.dumps(told, indent=1))
    else:
        for file, reason in rows:
            known = (
                tr("matches its name")
                if file.checksum
                else tr("no checksum in its name; sha256 {digest}", digest=_digest(file, reason))
            )
            print(f"{('DAMAGED' if reason else tr('ok')):<8} {file.path}: {reason or known}")
    damaged = [file.path.name for file, reason in rows if reason]
    if damaged:
        print(f"feature-map-explorer: damaged: {', '.join(damaged)}", file=sys.stderr)
    return 1 if damaged else 0


def _digest(file: file_store.StoredWeights, reason: str) -> str:
    return "" if reason else locate.sha256_of(file.path)


def _add(args: argparse.Namespace) -> int:
    for name in args.files:
        path = file_store.add(Path(name).expanduser())
        model = file_store.model_of(path.name)
        print(f"{path}{(tr(' (torchvision:{model})', model=model) if model else '')}")
    return 0


def _fetch(args: argparse.Namespace) -> int:
    from explorer.cli.given import tell

    failed = []
    for name in args.names:
        try:
            print(_fetcher(name)(parse_id(name).name, OpenRequest(progress=tell)))
        except ExplorerError as error:
            failed.append(str(error))
        tell(Progress(""))
    if failed:
        raise ExplorerError(" ".join(failed))
    return 0


def _fetcher(name: str) -> Callable[[str, OpenRequest], Path]:
    """What fetches the published weights of a model of this source."""
    source = parse_id(name).source
    if source == "timm":
        from explorer.engine.models import timm_source

        return timm_source.fetch
    if source == "hf":
        from explorer.engine.models import hf_source

        return hf_source.fetch
    if source == "torchvision":
        from explorer.engine.models import torchvision_source

        return torchvision_source.fetch
    raise ExplorerError(
        tr("Nothing is fetched for {name}.", name=name), tr("Only torchvision, timm and hf have published weights.")
    )
