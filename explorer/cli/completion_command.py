"""Runs completion."""

from __future__ import annotations

import argparse

from explorer.cli.commands import parser
from explorer.cli.completion import script


def run(args: argparse.Namespace) -> int:
    print(script(args.shell, parser()))
    return 0
