"""What the window takes on the command line, and how a wrong line is met."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn, TypeAlias

from explorer.cli.reading import add_arguments


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and exits 1, as every failing command does."""

    def error(self, message: str) -> NoReturn:
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
    add_arguments(parser)
    parser.add_argument("--input", default="", metavar="INPUT")
    parser.add_argument("--session", default="", metavar="FILE")
    parser.add_argument("files", nargs="*", metavar="FILE", help="pictures, videos, weights, Python files, a session")
    return parser
