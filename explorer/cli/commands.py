"""The commands and what each takes."""

from __future__ import annotations

import argparse

from explorer import __version__, catalogue
from explorer.cli import (
    alike,
    attention_commands,
    completion,
    explain,
    figure_command,
    film_command,
    index_command,
    known_models,
    lesson_command,
    maximise,
    measure,
    method_commands,
    plugin_command,
    reading,
    record_command,
    session_command,
    tokens_command,
    transfer_command,
    understand,
    weights,
)
from explorer.cli.examples import add_examples
from explorer.cli.parser import Parser
from explorer.core.attention_queries import AttentionMode
from explorer.core.translation import tr

# commands with arguments of their own, by the method that they are about
_OF_METHODS = {
    "arithmetic": "arithmetic",
    "ablate": "ablation",
    "explain": "attribution",
    "maximise": "maximise",
    "attention": "attention",
    "top": "examples",
}


def parser() -> argparse.ArgumentParser:
    """The parser of all of them."""
    whole = Parser(
        prog="feature-map-explorer",
        description=tr("Look inside neural networks while they run. Without a command, the window opens."),
        epilog=tr(
            "The window takes: [--model MODEL] [--weights FILE] [--untrained] [--seed N] [--size HxW] [--input INPUT] "
            "[--session FILE] [FILE …]"
        ),
    )
    whole.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    whole.add_argument(
        "--language", metavar="NAME", help=tr("of all texts, for this run; it stands before everything else (en, de)")
    )
    every = whole.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    _layers(every.add_parser("layers", help=tr("taps of a model in execution order")))
    _predict(every.add_parser("predict", help=tr("the prediction of a model for a picture, a sound or a text")))
    _maps(every.add_parser("maps", help=tr("feature maps as values (.npz) or as a picture (.png)")))
    for group in (understand, method_commands, attention_commands, alike):
        group.add_parsers(every, _model)
    index_command.add_parsers(every, _model)
    figure_command.add_parsers(every, _model)
    filming = every.add_parser("film", help=tr("a film of the layers, or of a layer over a video: MP4, WebM or GIF"))
    _model(filming)
    film_command.add_arguments(filming)
    for name in ("predict", "ablate", "relevance"):
        reading.add_arguments(every.choices[name])
    explaining = every.add_parser("explain", help=tr("attribution of a class, a channel or a cell over the picture"))
    _model(explaining)
    explain.add_arguments(explaining)
    reading.add_arguments(explaining)
    maximising = every.add_parser(
        "maximise", help=tr("activation maximisation: generate an image that maximises a channel or a class")
    )
    _model(maximising)
    reading.add_arguments(maximising)
    maximise.add_arguments(maximising)
    transferring = every.add_parser("transfer", help=tr("fine-tune a copy on the classes of a folder, and save it"))
    _model(transferring)
    transfer_command.add_arguments(transferring)
    tokens = every.add_parser("tokens", help=tr("what a model of texts makes of a text: pieces, numbers, padding"))
    _model(tokens)
    tokens_command.add_arguments(tokens)
    record_command.add_arguments(every.add_parser("record", help=tr("record the microphone as a WAV file")))
    _screenshot(every.add_parser("screenshot", help=tr("a screenshot of the window")))
    known_models.add_parsers(every)
    session_command.add_parsers(every)
    lesson_command.add_parsers(every)
    plugin_command.add_parsers(every)
    weights.add_parsers(every)
    completion.add_parsers(every)
    doctor = every.add_parser("doctor", help=tr("check versions, devices, folders and libraries"))
    doctor.add_argument(
        "--device", default="", help=tr("compare what it computes with the CPU instead: cuda, cuda:N, mps or cpu")
    )
    _json(doctor)
    measure.add_arguments(every.add_parser("measure", help=tr("time of a forward, a capture and a step to a layer")))
    every.add_parser(
        "smoke-test", help=tr("run the window once: load, capture, scrub, attribute, maximise, compare, save, close")
    )
    for command, method in _OF_METHODS.items():
        spec = catalogue.methods.get(method)
        every.choices[command].epilog = method_commands.explained(spec) if spec is not None else None
    add_examples(every.choices)
    return whole


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help=tr(
            "demo:NAME, torchvision:NAME, timm:NAME, hf:NAME-OR-FOLDER, file:PATH.py:FACTORY, card:PATH.json, PATH.pt2, PATH.onnx, or "
            "NAME with --weights"
        ),
    )
    parser.add_argument(
        "--weights", default="", metavar="FILE", help=tr("a file of weights: .safetensors, .pth, .pt, .ckpt, .bin …")
    )
    parser.add_argument("--untrained", action="store_true", help=tr("open the model with random weights on purpose"))
    parser.add_argument("--seed", type=int, default=0, metavar="N", help=tr("of the random weights (default 0)"))
    parser.add_argument(
        "--trust-code", action="store_true", help=tr("run the Python file of a file: model without asking")
    )
    parser.add_argument("--download", action="store_true", help=tr("fetch missing weights from the network"))
    parser.add_argument(
        "--size",
        default="",
        metavar="N|HxW",
        help=tr("side, or height and width, of the input in pixels instead of the model's own"),
    )
    parser.add_argument(
        "--argument",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=tr("another input of a model of several inputs; may be given several times"),
    )
    parser.add_argument(
        "--transform-input",
        default="",
        choices=["on", "off"],
        help=tr(
            "of torchvision's googlenet and inception_v3: bring the input to mean and std 0.5 (on for torchvision's own files)"
        ),
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=tr("print JSON only"))


def _layers(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    _json(parser)


def _predict(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument(
        "--input",
        required=True,
        action="append",
        metavar="FILE|FOLDER|sample:NAME|text:WORDS|microphone:SECONDS",
        help=tr("may be given several times; a folder stands for all its pictures: then one line for each input"),
    )
    parser.add_argument("--top", type=int, default=5, metavar="K")
    parser.add_argument("--out", default="", metavar="FILE.png", help=tr("the class map of a segmentation model"))
    _json(parser)


def _maps(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument("--input", required=True, metavar="FILE|sample:NAME|text:WORDS|microphone:SECONDS")
    parser.add_argument("--tap", action="append", required=True, metavar="NAME", help=tr("may be given several times"))
    parser.add_argument("--out", required=True, metavar="FILE")


def _screenshot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workspace", default="explore", choices=["explore", "compare"])
    parser.add_argument(
        "--model", default=[], action="append", metavar="MODEL", help=tr("two to four times to compare them")
    )
    parser.add_argument(
        "--session",
        default="",
        metavar="FILE",
        help=tr(
            "what a session (.fmx.json) or a session with pictures (.fmx) shows, in the place of --model and all that is about it"
        ),
    )
    parser.add_argument(
        "--weights",
        default=[],
        action="append",
        metavar="FILE",
        help=tr("of the last model, like --untrained and --seed; or once for each, - for none"),
    )
    parser.add_argument("--untrained", action="store_true")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--trust-code", action="store_true")
    reading.add_arguments(parser)
    parser.add_argument("--input", default="", metavar="INPUT", help=tr("a sample when not given"))
    parser.add_argument("--tap", default="", metavar="NAME")
    parser.add_argument("--channel", type=int, default=-1, metavar="N", help=tr("default: the most active one"))
    parser.add_argument(
        "--cell", default="", metavar="Y,X", help=tr("row and column to select, counted from 0; or CLS, REG1")
    )
    parser.add_argument(
        "--view",
        default="maps",
        choices=[view.id for view in catalogue.layer_views],
        help=tr("view of the layer"),
    )
    parser.add_argument(
        "--panel",
        "--page",
        default="",
        choices=["values", *method_commands.pages()],
        help=tr("the method page"),
    )
    parser.add_argument(
        "--attention",
        default="",
        choices=[mode.value for mode in AttentionMode],
        help=tr("mode of the page Attention (sets --panel) or of the view attention of compared models"),
    )
    parser.add_argument(
        "--palette", default=None, metavar="TEXT", help=tr("open the command palette with this typed in it")
    )
    parser.add_argument(
        "--method", default="", metavar="M", help=tr("attribution of the best class to show; sets --panel")
    )
    parser.add_argument(
        "--steps",
        type=int,
        default=0,
        metavar="N",
        help=tr("of an image to generate first (activation maximisation); sets --panel"),
    )
    parser.add_argument(
        "--edit",
        action="append",
        default=[],
        metavar="TAP:N[,N...][:MODE]",
        help=tr("channels of the last compared model to replace by zero (default) or mean"),
    )
    parser.add_argument("--difference", action="store_true", help=tr("of the compared models to the first one"))
    parser.add_argument(
        "--cka", action="store_true", help=tr("compare: with layer similarity (CKA) over the sample gallery")
    )
    parser.add_argument("--size", default="1280x800", metavar="WxH", help=tr("of the window"))
    parser.add_argument("--theme", default="dark", choices=["dark", "light"])
    parser.add_argument("--out", required=True, metavar="FILE")
