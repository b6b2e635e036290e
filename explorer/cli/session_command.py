"""session check and bundle: what a session file names, and one file that holds it, without a window."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from explorer.cli.given import tell
from explorer.cli.parser import Commands
from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.progress import Progress
from explorer.core.session.bundle_manifest import SUFFIX
from explorer.core.session.named_files import files_of
from explorer.core.translation import tr
from explorer.engine.session_bundle.bundle_files import contents
from explorer.engine.session_bundle.read import check_bundle, is_bundle
from explorer.engine.session_bundle.session_file import found, read_session


def add_parsers(commands: Commands) -> None:
    """The command and its parts."""
    parser = commands.add_parser(
        "session", help=tr("check a session file or a bundle, or make a bundle of a session file")
    )
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True, parser_class=type(parser))
    check = parts.add_parser("check", help=tr("what it names and what of it is missing; of a bundle every SHA-256"))
    check.add_argument("file", metavar="FILE", help=tr("a session (.fmx.json) or a session with pictures (.fmx)"))
    check.add_argument("--json", action="store_true", help=tr("print JSON only"))
    bundle = parts.add_parser("bundle", help=tr("one file with the session, its inputs and its models"))
    bundle.add_argument("file", metavar="FILE", help=tr("a session (.fmx.json)"))
    bundle.add_argument("--out", required=True, metavar=f"FILE{SUFFIX}")
    bundle.add_argument("--without-weights", action="store_true", help=tr("leave out weights and folders of models"))


def run(args: argparse.Namespace) -> int:
    """0 where nothing is missing."""
    path = Path(args.file).expanduser()
    if args.part == "bundle":
        return _bundle(args, path)
    return _check_bundle(args, path) if is_bundle(path) else _check_session(args, path)


def _check_session(args: argparse.Namespace, path: Path) -> int:
    session, missing = found(path, *read_session(path))
    files = files_of(session)
    if args.json:
        rows = [{"role": file.role.value, "path": file.path, "missing": file in missing} for file in files]
        print(json.dumps({"files": rows, "missing": len(missing)}, indent=1))
    else:
        for file in files:
            print(f"{('MISSING' if file in missing else tr('ok')):<8} {tr(file.role.value):<12} {file.path}")
        print(tr("{count} files, {count2} missing", count=len(files), count2=len(missing)))
    return 1 if missing else 0


def _check_bundle(args: argparse.Namespace, path: Path) -> int:
    manifest = check_bundle(path, _tell)
    tell(Progress(""))
    if args.json:
        print(json.dumps(asdict(manifest), indent=1))
        return 0
    for entry in manifest.entries:
        print(
            tr(
                "ok       {role:<12} {byte_words:>12}  {entry}",
                role=entry.role,
                byte_words=byte_words(entry.bytes),
                entry=entry.name,
            )
        )
    for left in manifest.left_out:
        print(tr("left out {what}: {why}", what=left.what, why=left.why))
    print(
        tr(
            "{count} entries, {byte_words}, every SHA-256 is right",
            count=len(manifest.entries),
            byte_words=byte_words(manifest.total),
        )
    )
    return 0


def _bundle(args: argparse.Namespace, path: Path) -> int:
    if is_bundle(path):
        raise ExplorerError(
            tr("{path} is a bundle already.", path=path.name), "", tr("Name a session file (.fmx.json).")
        )
    session, missing = found(path, *read_session(path))
    planned = contents(session, {})
    if args.without_weights:
        planned = planned.without({group.path for group in planned.groups if group.optional})
    from explorer.engine.session_bundle.write import write_bundle  # it brings torch

    saved = write_bundle(args.out, planned, _tell)
    tell(Progress(""))
    for left in planned.left_out:
        print(tr("left out {what}: {why}", what=left.what, why=left.why))
    print(
        tr(
            "{path}: {entries} entries, {byte_words}",
            path=saved.path,
            entries=saved.entries,
            byte_words=byte_words(saved.bytes),
        )
    )
    return 1 if missing else 0


def _tell(text: str, fraction: float | None) -> None:
    tell(Progress(text, fraction))
