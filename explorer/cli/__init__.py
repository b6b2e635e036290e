"""The command line: exit code 0, or 1 with a one-line reason on standard error."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
from typing import NoReturn

from explorer import __version__
from explorer.cli import understand
from explorer.core.types import ExplorerError


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and exits 1, as every failing command does."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"{self.prog}: {message}\n")
        sys.exit(1)


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="demo:NAME, torchvision:NAME, timm:NAME, hf:NAME-OR-FOLDER, file:PATH.py:FACTORY, or NAME with --weights",
    )
    parser.add_argument("--weights", default="", metavar="FILE", help="a .safetensors, .pth or .pt file")
    parser.add_argument("--untrained", action="store_true", help="open the model with random weights on purpose")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the random weights (default 0)")
    parser.add_argument("--trust-code", action="store_true", help="run the Python file of a file: model without asking")
    parser.add_argument("--download", action="store_true", help="fetch missing weights from the network")
    parser.add_argument(
        "--size", default="", metavar="N", help="side of the input in pixels instead of the model's own"
    )


def _maximise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tap", default="", metavar="NAME", help="a layer, with --channel")
    parser.add_argument("--channel", type=int, default=None, metavar="N")
    parser.add_argument(
        "--cell", default="", metavar="ROW,COLUMN", help="one cell, or token (CLS, REG1), instead of all"
    )
    parser.add_argument("--class", dest="number", type=int, default=None, metavar="N", help="a class of the output")
    parser.add_argument("--negative", action="store_true", help="as small as can be instead")
    parser.add_argument("--steps", type=int, default=256, metavar="N")
    parser.add_argument("--input", default="", metavar="PICTURE", help="start from it instead of from noise")
    tricks = ("fourier", "decorrelation", "jitter", "scale", "rotation", "redirection")
    parser.add_argument("--without", action="append", default=[], choices=tricks, help="may be given several times")
    parser.add_argument("--out", required=True, metavar="FILE", help="a .png file")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="feature-map-explorer",
        description="Look inside neural networks while they run. Without a command: the window.",
        epilog="The window takes: [--model MODEL] [--weights FILE] [--untrained] [--seed N] [--input PICTURE] [--session FILE] [FILE …]",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    layers = commands.add_parser("layers", help="taps of a model in execution order")
    _model(layers)
    layers.add_argument("--json", action="store_true", help="print JSON only")

    predict = commands.add_parser("predict", help="what a model says about a picture")
    _model(predict)
    predict.add_argument("--input", required=True, metavar="PICTURE")
    predict.add_argument("--top", type=int, default=5, metavar="K")
    predict.add_argument("--json", action="store_true", help="print JSON only")

    maps = commands.add_parser("maps", help="feature maps as values (.npz) or as a picture (.png)")
    _model(maps)
    maps.add_argument("--input", required=True, metavar="PICTURE")
    maps.add_argument("--tap", action="append", required=True, metavar="NAME", help="may be given several times")
    maps.add_argument("--out", required=True, metavar="FILE")

    understand.add_parsers(commands, _model)
    from explorer.cli import alike, attention, explain, models, weights

    attention.add_parsers(commands, _model)
    alike.add_parsers(commands, _model)
    explaining = commands.add_parser("explain", help="what mattered for a class, a channel or a cell, over the picture")
    _model(explaining)
    explain.add_arguments(explaining)
    maximise = commands.add_parser("maximise", help="a picture made to excite a channel or a class")
    _model(maximise)
    _maximise(maximise)

    screenshot = commands.add_parser("screenshot", help="a picture of the real window")
    screenshot.add_argument("--workspace", default="explore", choices=["explore", "compare"])
    screenshot.add_argument(
        "--model", required=True, action="append", metavar="MODEL", help="two to four times to compare them"
    )
    screenshot.add_argument(
        "--weights", default="", metavar="FILE", help="of the last model, like --untrained and --seed"
    )
    screenshot.add_argument("--untrained", action="store_true")
    screenshot.add_argument("--seed", type=int, default=0, metavar="N")
    screenshot.add_argument("--trust-code", action="store_true")
    screenshot.add_argument("--input", default="", metavar="PICTURE", help="a sample when not given")
    screenshot.add_argument("--tap", default="", metavar="NAME")
    screenshot.add_argument("--channel", type=int, default=-1, metavar="N", help="default: the liveliest")
    screenshot.add_argument(
        "--cell", default="", metavar="Y,X", help="row and column to select, counted from 0; or CLS, REG1"
    )
    screenshot.add_argument(
        "--view",
        default="maps",
        choices=["maps", "components", "similarity", "attention"],
        help="what of the layer is shown",
    )
    screenshot.add_argument("--panel", "--page", default="", choices=PANELS, help="the page beneath the map")
    screenshot.add_argument(
        "--attention", default="", choices=ATTENTION, help="what the page Attention shows; sets --panel"
    )
    screenshot.add_argument(
        "--method", default="", metavar="M", help="attribution of the best class to show; sets --panel"
    )
    screenshot.add_argument(
        "--steps", type=int, default=0, metavar="N", help="of a maximised picture to make first; sets --panel"
    )
    screenshot.add_argument(
        "--edit",
        action="append",
        default=[],
        metavar="TAP:N[,N...][:MODE]",
        help="channels of the last of compared models to replace by zero (default) or mean",
    )
    screenshot.add_argument("--difference", action="store_true", help="of the compared models to the first of them")
    screenshot.add_argument("--cka", action="store_true", help="compare: with the layers compared over the gallery")
    screenshot.add_argument("--size", default="1280x800", metavar="WxH", help="of the window")
    screenshot.add_argument("--theme", default="dark", choices=["dark", "light"])
    screenshot.add_argument("--out", required=True, metavar="FILE")

    models.add_parsers(commands)
    weights.add_parsers(commands)
    doctor = commands.add_parser("doctor", help="versions, devices, folders, what works and what does not")
    doctor.add_argument("--json", action="store_true", help="print JSON only")
    from explorer.cli import measure

    measure.add_arguments(commands.add_parser("measure", help="how long a forward, a capture, a step to a layer take"))
    commands.add_parser(
        "smoke-test", help="the whole way once: loads, captures, scrubs, attributes, maximises, compares, saves, closes"
    )
    return parser


def _window_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="feature-map-explorer")
    parser.add_argument("--model", default="", metavar="MODEL")
    parser.add_argument("--weights", default="", metavar="FILE")
    parser.add_argument("--untrained", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--trust-code", action="store_true")
    parser.add_argument("--input", default="", metavar="PICTURE")
    parser.add_argument("--session", default="", metavar="FILE")
    parser.add_argument("files", nargs="*", metavar="FILE", help="pictures, videos, weights, Python files, a session")
    return parser


PANELS = ("values", "arithmetic", "attribution", "ablation", "maximise", "health", "attention")
ATTENTION = ("heads", "blocks", "rollout", "relevance", "norms")
_COMMANDS = (
    "layers",
    "predict",
    "maps",
    "explain",
    "maximise",
    *understand.COMMANDS,
    "attention",
    "rollout",
    "relevance",
    "pca",
    "similarity",
    "cka",
    "match",
    "screenshot",
    "models",
    "weights",
    "doctor",
    "measure",
    "smoke-test",
)


def run(argv: list[str]) -> int:
    """Runs a command, or the window when none is named; returns the exit code."""
    if not argv or _is_for_window(argv[0]):
        return _window(argv)
    args = _parser().parse_args(argv)
    _quiet_terminal()
    try:
        code = _dispatch(args, argv)
        sys.stdout.flush()  # here, where a full disk or a closed pipe can still be told
    except ExplorerError as error:
        return _reason(str(error))
    except KeyboardInterrupt:
        return _reason("Interrupted.")
    except BrokenPipeError:  # the reader has seen enough: `layers … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it is, the terminal gets one line
        return _reason(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    return code


def _is_for_window(word: str) -> bool:
    """Whether a command line that begins with this opens the window: an option of its own, or a file from a file manager."""
    if word in _COMMANDS or word in ("-h", "--help", "--version"):
        return False
    return word.startswith("-") or os.path.exists(word)


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


def _dispatch(args: argparse.Namespace, argv: list[str]) -> int:
    """Imports only what the command needs."""
    if args.command == "doctor":
        from explorer.cli import doctor

        return doctor.run(argv[1:])
    if args.command == "models":
        from explorer.cli import models

        return models.run(args)
    if args.command == "weights":
        from explorer.cli import weights

        return weights.run(args)
    if args.command == "measure":
        from explorer.cli import measure

        return measure.run(args)
    if args.command == "smoke-test":
        from explorer.cli import smoke

        return smoke.run()
    if args.command == "screenshot":
        from explorer.cli import screenshot

        return screenshot.run(args)
    if args.command in understand.COMMANDS:
        return understand.run(args)
    if args.command in ("attention", "rollout", "relevance"):
        from explorer.cli import attention

        return attention.run(args)
    if args.command in ("pca", "similarity", "cka", "match"):
        from explorer.cli import alike

        return alike.run(args)
    if args.command == "explain":
        from explorer.cli import explain

        return explain.run(args)
    if args.command == "maximise":
        from explorer.cli import maximise

        return maximise.run(args)
    from explorer.cli import headless

    return {"layers": headless.layers, "predict": headless.predict, "maps": headless.maps}[args.command](args)


def _window(argv: list[str]) -> int:
    args = _window_parser().parse_args(argv)
    from explorer.app import run as run_window

    return run_window(args)
