"""The command line: exit code 0, or 1 with a one-line reason on standard error."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from importlib import import_module

from explorer.cli.parser import NoModelError, window
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.jobs.cancel import CancelledError

# What runs a command, by its name: a function of a module of this package, which is imported when it is needed.
_RUNS = {
    **{name: f"headless:{name}" for name in ("layers", "predict", "maps")},
    **dict.fromkeys(("arithmetic", "ablate", "receptive-field"), "understand:run"),
    **dict.fromkeys(("attention", "rollout", "relevance"), "attention_commands:run"),
    **dict.fromkeys(("pca", "similarity"), "alike:run"),
    **{name: f"{name}:run" for name in ("explain", "maximise", "screenshot", "weights", "doctor", "measure")},
    **dict.fromkeys(("index", "top", "nearest"), "index_command:run"),
    "figure": "figure_command:run",
    "film": "film_command:run",
    "transfer": "transfer_command:run",
    "tokens": "tokens_command:run",
    "record": "record_command:run",
    "models": "known_models:run",
    "session": "session_command:run",
    "lesson": "lesson_command:run",
    "plugin": "plugin_command:run",
    "completion": "completion_command:run",
    "smoke-test": "smoke:run",
}


def run(argv: list[str]) -> int:
    """Runs a command, or the window when none is named; returns the exit code."""
    if not argv or _is_for_window(argv[0]):
        return _window(argv)
    from explorer.cli.commands import parser
    from explorer.cli.given import check_out
    from explorer.engine.models.open_errors import Cancelled

    _quiet_terminal()
    try:
        args = parser().parse_args(argv)
        if out := getattr(args, "out", None):
            check_out(out)
        module, _, name = _RUNS.get(args.command, "method_commands:run").partition(":")
        code: int = getattr(import_module(f"explorer.cli.{module}"), name)(args)
        sys.stdout.flush()  # here, where a full disk or a closed pipe can still be told
    except (KeyboardInterrupt, CancelledError, Cancelled):
        return _reason(tr("Interrupted."))
    except ExplorerError as error:
        return _reason(str(error) or tr("{name} without a message.", name=type(error).__name__))
    except NoModelError as error:
        return _no_model(argv, str(error))
    except BrokenPipeError:  # the reader has seen enough: `layers … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it is, the terminal gets one line
        return _reason(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    return code


def _is_for_window(word: str) -> bool:
    """Whether a command line that begins with this opens the window: an option of its own, or a file from a file manager."""
    if word in _RUNS or word in ("-h", "--help", "--version"):
        return False
    return word.startswith("-") or (os.path.exists(word) and not _is_method(word))


def _is_method(word: str) -> bool:
    from explorer.cli import method_commands

    return any(spec.id == word for spec in method_commands.specs())


def _no_model(argv: list[str], words: str) -> int:
    """Beside a file of weights, the architectures that it fits are named."""
    from explorer.cli.weights_match import no_model

    option = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    option.add_argument("--weights", default="")
    weights = option.parse_known_args(argv)[0].weights
    try:
        return _reason(str(no_model(weights)) if weights else words)
    except ExplorerError as error:
        return _reason(str(error))


def _reason(words: str) -> int:
    sys.stderr.write(" ".join(words.split()) + "\n")
    return 1


def _quiet_terminal() -> None:
    """No warnings of libraries among the answers; what a terminal's alphabet lacks is written out, not an error."""
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _window(argv: list[str]) -> int:
    args = window().parse_args(argv)
    from explorer.app import run as run_window

    return run_window(args)
