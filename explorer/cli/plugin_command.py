"""plugin new and plugin list: the start of a plug-in, and what is installed."""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path
from typing import Any

from explorer import catalogue
from explorer.cli.parser import Commands
from explorer.core import plugin_folder
from explorer.core.errors import ExplorerError
from explorer.core.registry import Registry
from explorer.core.translation import tr


def add_parsers(commands: Commands) -> None:
    """The command and its parts."""
    parser = commands.add_parser("plugin", help=tr("begin a plug-in, or list those that are installed"))
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True, parser_class=type(parser))
    new = parts.add_parser("new", help=tr("a folder with a method, its page and tests, ready to be installed"))
    new.add_argument("name", metavar="NAME", help=tr("of the package, in small letters: channel_size"))
    new.add_argument("--into", default=".", metavar="FOLDER", help=tr("where the folder is made (default: here)"))
    allowing = parts.add_parser(
        "allow", help=tr("let a plug-in of the folder run, with exactly the files that it has now")
    )
    allowing.add_argument("name", metavar="NAME", help=tr("of the folder, as plugin list shows it"))
    forbidding = parts.add_parser("forbid", help=tr("let it run no more"))
    forbidding.add_argument("name", metavar="NAME", help=tr("of the folder, as plugin list shows it"))
    parts.add_parser("list", help=tr("what packages add, and what of it cannot be used, with the reason"))


def run(args: argparse.Namespace) -> int:
    """Of the parts the one that was named."""
    if args.part in ("allow", "forbid"):
        return _allow(args.name) if args.part == "allow" else _forbid(args.name)
    return _new(args) if args.part == "new" else _list()


def _allow(name: str) -> int:
    found = plugin_folder.allow(name)
    for path, held in sorted(found.files.items()):
        print(f"{len(held):>9,}  {path}")
    print(tr("{name} may run with these files from the next start on. It can do what you can do.", name=name))
    return 0


def _forbid(name: str) -> int:
    plugin_folder.forbid(name)
    print(tr("{name} runs no more, from the next start on.", name=name))
    return 0


def _new(args: argparse.Namespace) -> int:
    for path in make_plugin(args.name, Path(args.into).expanduser()):
        print(path)
    print(tr('Next: cd {name}; pip install -e ".[test]"; pytest', name=args.name.replace("_", "-")))
    return 0


def make_plugin(name: str, into: Path) -> list[Path]:
    """Writes the template; the files. Raises ExplorerError for a name that no package can have, and where the folder is there."""
    from explorer.cli.plugin_template import FILES

    taken = {spec.id for spec in catalogue.methods}
    dashed = name.replace("_", "-")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name) or name == "explorer":
        raise ExplorerError(
            tr("“{name}” cannot be the name of a package.", name=name[:40]),
            tr("Small letters, digits and single underscores, beginning with a letter."),
        )
    if dashed in taken:
        raise ExplorerError(tr("There is a method called {name} already.", name=dashed))
    folder = into.absolute() / dashed
    if folder.exists():
        raise ExplorerError(tr("{folder} is there already.", folder=folder), "", tr("Choose another name or folder."))
    words = {
        "name": name,
        "dashed": dashed,
        "Name": "".join(part.capitalize() for part in name.split("_")),
        "title": name.replace("_", " ").capitalize(),
    }
    written = []
    try:
        for path, text in FILES.items():
            target = folder / path.format(**words)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.format(**words), encoding="utf-8")
            written.append(target)
    except OSError as error:
        raise ExplorerError(tr("{folder} cannot be written to.", folder=folder), f"{error.strerror}.") from None
    return written


def _list() -> int:
    groups: dict[str, Registry[Any]] = {
        tr("method"): catalogue.methods,
        tr("input"): catalogue.inputs,
        tr("layer view"): catalogue.layer_views,
        tr("workspace"): catalogue.workspaces,
    }
    found = 0
    for kind, registry in groups.items():
        for entry in registry.entries:
            if entry.package:
                found += 1
                print(f"{kind:<12} {entry.name:<24} {entry.package}")
    for source in catalogue.models.targets.values():
        if source.package:
            found += 1
            print(f"{tr('models'):<12} {source.name:<24} {source.package}")
    problems = catalogue.problems()
    for problem in problems:
        print(tr("cannot be used: {problem}", problem=problem.text))
    if not found and not problems:
        print(tr("No package adds anything."))
    print(tr("Folder of plug-ins: {folder}", folder=plugin_folder.plugin_folder()))
    return 1 if problems else 0
