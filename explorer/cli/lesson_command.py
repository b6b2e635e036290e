"""lesson check, new, pack and list: what a teacher needs beside the window."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.parser import Commands
from explorer.core.byte_words import byte_words
from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import KIT_SUFFIX
from explorer.core.translation import ntr, tr

if TYPE_CHECKING:
    from explorer.engine.lessons.lesson_source import OpenedLesson

_STEP_S = 60.0  # that showing a step may take


def add_parsers(commands: Commands) -> None:
    """The command and its parts."""
    parser = commands.add_parser("lesson", help=tr("check, make, pack and list lessons"))
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True, parser_class=type(parser))
    check = parts.add_parser(
        "check", help=tr("play a lesson from start to end without a window, and say what is wrong with it")
    )
    check.add_argument(
        "lessons",
        nargs="*",
        metavar="FILE|FOLDER",
        help=tr("a lesson's folder, its lesson.toml or a kit ({suffix})", suffix=KIT_SUFFIX),
    )
    check.add_argument("--all", action="store_true", help=tr("those that come with the application"))
    check.add_argument(
        "--seconds", type=float, default=_STEP_S, metavar="S", help=tr("that showing a step may take (default 60)")
    )
    check.add_argument(
        "--trust-code", action="store_true", help=tr("run the Python files of its models without asking")
    )
    check.add_argument("--json", action="store_true", help=tr("print JSON only"))
    new = parts.add_parser("new", help=tr("a folder with a lesson of one step to begin with"))
    new.add_argument("folder", metavar="FOLDER")
    new.add_argument("--title", default="", metavar="TEXT")
    new.add_argument("--language", default="en", metavar="LANGUAGE", help=tr("of its texts (default en)"))
    pack = parts.add_parser(
        "pack", help=tr("one file with the lesson, its models and inputs, to copy to thirty machines")
    )
    pack.add_argument("folder", metavar="FOLDER")
    pack.add_argument("--out", required=True, metavar=f"FILE{KIT_SUFFIX}")
    listing = parts.add_parser("list", help=tr("the lessons that come with the application"))
    listing.add_argument("--json", action="store_true", help=tr("print JSON only"))
    results = parts.add_parser("results", help=tr("the hand-ins of a folder as a table (CSV)"))
    results.add_argument("folder", metavar="FOLDER")
    results.add_argument("--out", default="", metavar="FILE.csv", help=tr("default: to the terminal"))
    texts = parts.add_parser("texts", help=tr("write or bring up to date the texts to translate: po/LANGUAGE.po"))
    texts.add_argument("folder", metavar="FOLDER")
    texts.add_argument("language", metavar="LANGUAGE")


def run(args: argparse.Namespace) -> int:
    """0 where nothing is wrong."""
    return {"check": _check, "new": _new, "pack": _pack, "list": _list, "results": _results, "texts": _texts}[
        args.part
    ](args)


def _check(args: argparse.Namespace) -> int:
    from explorer.cli.lesson_check import check_lesson
    from explorer.engine.lessons.lesson_source import lessons_inside

    paths = [*(lessons_inside() if args.all else ()), *(Path(each) for each in args.lessons)]
    if not paths:
        raise ExplorerError(tr("No lesson is named."), "", tr("Name a folder or a file, or add --all."))
    faulty, reports = 0, []
    for path in paths:
        if not args.json:
            print(f"{path.name}:")
        try:
            report = check_lesson(path, _say_aside if args.json else _say, args.trust_code, args.seconds)
        except ExplorerError as error:
            faulty += 1
            reports.append({"lesson": str(path), "faults": [str(error)]})
            if not args.json:
                print(tr("FAILED   {error}", error=error))
            continue
        faulty += bool(report.faults)
        reports.append({"lesson": str(path), **asdict(report)})
        if not args.json:
            for fault in report.faults:
                print(tr("FAILED   {fault}", fault=fault))
            steps = ntr("{n:,} step", "{n:,} steps", report.steps)
            what = ", ".join((steps, ntr("{n:,} question", "{n:,} questions", report.questions), *report.languages))
            faults = len(report.faults)
            verdict = ntr("{n:,} fault", "{n:,} faults", faults) if faults else tr("whole")
            print(f"{report.title}: {what}, {report.seconds:.1f} s: {verdict}")
    if args.json:
        print(json.dumps(reports, indent=1))
    return 1 if faulty else 0


def _say(line: str) -> None:
    print(line)


def _say_aside(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _new(args: argparse.Namespace) -> int:
    from explorer.engine.lessons.new_lesson import make_lesson

    file = make_lesson(Path(args.folder), args.title, args.language)
    print(
        tr(
            "{file}: edit it, and try it with: feature-map-explorer lesson check {folder}",
            file=file,
            folder=args.folder,
        )
    )
    return 0


def _pack(args: argparse.Namespace) -> int:
    from explorer.engine.lessons.pack_kit import pack_kit

    packed = pack_kit(Path(args.folder), Path(args.out))
    for name, size in packed.files:
        print(f"{byte_words(size):>12}  {name}")
    for model in packed.by_name:
        print(tr("{by_name:>12}  {model}: it must be on each machine", by_name=tr("by name"), model=model))
    print(
        tr(
            "{path}: {files}, {byte_words}",
            path=packed.path,
            files=ntr("{n:,} file", "{n:,} files", len(packed.files)),
            byte_words=byte_words(packed.bytes),
        )
    )
    return 0


def _list(args: argparse.Namespace) -> int:
    from explorer.engine.lessons.lesson_source import lessons_inside, open_lesson

    opened = [open_lesson(folder) for folder in lessons_inside()]
    if args.json:
        print(json.dumps([_row(each) for each in opened], indent=1))
        return 0
    for each in opened:
        lesson = each.source
        print(f"{lesson.id:<24} {lesson.guide.minutes:>3} min  {','.join(each.languages):<8} {lesson.title}")
    return 0


def _row(opened: OpenedLesson) -> dict[str, Any]:
    lesson = opened.source
    return {
        "id": lesson.id,
        "title": lesson.title,
        "minutes": lesson.guide.minutes,
        "level": lesson.level,
        "languages": list(opened.languages),
        "steps": len(lesson.steps),
        "folder": str(opened.folder),
    }


def _texts(args: argparse.Namespace) -> int:
    from explorer.engine.lessons.new_lesson import write_texts

    file, missing = write_texts(Path(args.folder), args.language)
    print(f"{file}: {ntr('{n:,} text to translate', '{n:,} texts to translate', missing)}")
    return 0


def _results(args: argparse.Namespace) -> int:
    from explorer.engine import export
    from explorer.engine.lessons.hand_in import hand_ins, results_csv

    rows = hand_ins(Path(args.folder))
    text = results_csv(rows)
    if args.out:
        export.write(args.out, text.encode("utf-8-sig"))
        print(tr("{out}: {count} hand-ins", out=args.out, count=len(rows)))
    else:
        sys.stdout.write(text)
    return 1 if any(row.fault for row in rows) else 0
