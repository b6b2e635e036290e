"""What the window takes on the command line, and how a wrong line is met."""

from __future__ import annotations

import argparse
import sys
from typing import Any, NoReturn, TypeAlias

from explorer.cli.reading import add_arguments
from explorer.core.translation import tr

vars(argparse)["_"] = tr  # its own words come from our catalogue too, not from gettext's


class NoModelError(Exception):
    """A command line names no model; its words are the parser's."""


class _Once(argparse._StoreAction):
    """An option with one value: given twice it is an error, not silently the last."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        given: set[str] = vars(namespace).setdefault("given", set())
        if option_string is not None and self.dest in given:
            one = tr("this command takes one input") if self.dest == "input" else tr("it takes one value")
            parser.error(
                tr("argument {option_string}: given more than once; {one}", option_string=option_string, one=one)
            )
        given.add(self.dest)
        super().__call__(parser, namespace, values, option_string)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and exits 1, as every failing command does."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in (None, "store"):
            self.register("action", name, _Once)

    def error(self, message: str) -> NoReturn:
        if message.startswith(tr("the following arguments are required: %s") % "MODEL"):
            raise NoModelError(f"{self.prog}: {message}")
        sys.stderr.write(f"{self.prog}: {message}\n")
        sys.exit(1)


Commands: TypeAlias = (
    "argparse._SubParsersAction[Parser]"  # what every `add_parsers` adds to; argparse has no public name
)


def window() -> argparse.ArgumentParser:
    """The parser of the window."""
    parser = Parser(prog="feature-map-explorer")
    parser.add_argument("--model", default="", metavar="MODEL")
    parser.add_argument("--weights", default="", metavar="FILE")
    parser.add_argument("--untrained", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", default="", metavar="N|HxW")
    parser.add_argument("--trust-code", action="store_true")
    parser.add_argument("--argument", action="append", default=[], metavar="NAME=VALUE")
    add_arguments(parser)
    parser.add_argument("--input", default="", metavar="INPUT")
    parser.add_argument("--session", default="", metavar="FILE")
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help=tr("pictures, videos, weights, Python files, a session, a lesson")
    )
    return parser
