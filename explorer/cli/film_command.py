"""film: the layers of an input one after the other, or one layer over the frames of a video, as MP4, WebM or GIF."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr

if TYPE_CHECKING:
    from explorer.cli.engine import Engine
    from explorer.core.figure.figure_parts import FigureStyle

_LIMITS = {"width_px": (64, 4096), "fps": (0.1, 60.0), "frames": (1, 4000)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `film` takes beside the model."""
    parser.add_argument(
        "--input", required=True, metavar="INPUT", help=tr("a picture, a sound, a text; a video with --tap")
    )
    parser.add_argument(
        "--tap", default="", metavar="NAME", help=tr("this layer over the frames of a video, not all layers")
    )
    parser.add_argument("--width-px", type=int, default=960, metavar="PX", help=tr("of the film (default 960)"))
    parser.add_argument(
        "--fps", type=float, default=0.0, metavar="N", help=tr("frames a second (default 3; the video's own)")
    )
    parser.add_argument("--frames", type=int, default=300, metavar="N", help=tr("of the video at most (default 300)"))
    parser.add_argument("--theme", default="light", choices=["light", "dark"])
    parser.add_argument("--out", required=True, metavar="FILE", help=tr("FILE.mp4, FILE.webm or FILE.gif"))


def run(args: argparse.Namespace) -> int:
    """Draws the frames and writes the film."""
    from explorer.api.qt_start import qt_application, quiet_qt
    from explorer.cli.engine import Engine
    from explorer.engine import export, film_file
    from explorer.ui.figures.film_frames import film_style, paper_of

    suffix = film_file.suffix_of_film(args.out)
    for name, (low, high) in _LIMITS.items():
        if getattr(args, name) and not low <= getattr(args, name) <= high:
            raise ExplorerError(f"--{name.replace('_', '-')} must lie between {low:g} and {high:g}.")
    style, moving = film_style(args.width_px, args.theme == "dark"), bool(args.tap)
    with quiet_qt(), Engine() as engine:
        application = qt_application()
        draw: Callable[[argparse.Namespace, Engine, FigureStyle], tuple[Iterator[Array], float]]
        draw = _over_frames if moving else _over_layers
        frames, fps = draw(args, engine, style)
        content = film_file.film_bytes(frames, args.fps or fps, suffix, paper_of(style))
        del application
    export.write(args.out, content)
    return 0


def _over_layers(args: argparse.Namespace, engine: Engine, style: FigureStyle) -> tuple[Iterator[Array], float]:
    from explorer.cli.engine import picture_named
    from explorer.core.session.resolve import strip_taps
    from explorer.core.session.session import Session
    from explorer.ui.figures.film_frames import frames_of_layers

    loaded, picture = engine.open(args), picture_named(args.input)
    taps = strip_taps(engine.capture(loaded, picture, []).taps, False)
    capture = engine.capture(loaded, picture, [tap.name for tap in taps if tap.observable])
    return frames_of_layers(loaded.card, capture, taps, Session(), style), 3.0


def _over_frames(args: argparse.Namespace, engine: Engine, style: FigureStyle) -> tuple[Iterator[Array], float]:
    from explorer.core.figure.layer_figures import layer_figure
    from explorer.core.session.display import display
    from explorer.core.session.session import Session
    from explorer.engine.inputs.video import Video
    from explorer.ui.figures.film_frames import frame_of

    loaded, video = engine.open(args), Video(args.input)

    def drawn() -> Iterator[Array]:
        with video:
            for number in range(args.frames):
                if video.count is not None and number >= video.count:
                    return
                try:
                    picture = video.read(number)
                except ExplorerError:
                    if number:  # the video has ended
                        return
                    raise
                capture = engine.capture(loaded, picture, [args.tap])
                shown = display(capture.tap(args.tap), capture.values[args.tap], Session(), args.theme == "dark")
                yield frame_of(layer_figure(shown, loaded.card, capture), style)

    return drawn(), video.fps or 10.0
