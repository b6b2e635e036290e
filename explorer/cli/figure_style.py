"""How a command draws a figure: its options, and the file that comes of it."""

from __future__ import annotations

import argparse
from typing import Literal, cast

from explorer.api.figure_saving import save_figure
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import DPIS, FONTS, MM_PER_INCH, WIDTHS, FigureDescription, FigureStyle
from explorer.core.translation import tr

_USUAL = FigureStyle()
LIMITS = {"width_mm": WIDTHS, "width_px": (40, 40_000), "dpi": DPIS, "font_size": FONTS}


def add_style(parser: argparse.ArgumentParser) -> None:
    """Size, theme and parts of a figure, and its file."""
    style = parser.add_argument_group("figure")
    width = style.add_mutually_exclusive_group()
    about = tr("of the whole figure in millimetres (default {width_mm:g})", width_mm=_USUAL.width_mm)
    width.add_argument("--width-mm", type=float, default=None, metavar="MM", help=about)
    width.add_argument(
        "--width-px", type=int, default=None, metavar="PX", help=tr("of the whole figure in pixels at --dpi")
    )
    about = tr("pixels an inch of a PNG (default {dpi})", dpi=_USUAL.dpi)
    style.add_argument("--dpi", type=int, default=_USUAL.dpi, metavar="N", help=about)
    about = tr("of the text in points (default {font_pt:g})", font_pt=_USUAL.font_pt)
    style.add_argument("--font-size", type=float, default=_USUAL.font_pt, metavar="PT", help=about)
    style.add_argument(
        "--theme", default=_USUAL.theme, choices=["light", "dark"], help=tr("of the paper (default light)")
    )
    style.add_argument("--no-numbers", action="store_true", help=tr("without the numbers of channels"))
    style.add_argument("--no-colour-bar", action="store_true", help=tr("without colour bars"))
    style.add_argument("--no-caption", action="store_true", help=tr("without the lines that say where it comes from"))
    style.add_argument("--out", required=True, metavar="FILE", help=tr("FILE.svg, FILE.pdf or FILE.png"))
    style.add_argument("--tsv", default="", metavar="FILE", help=tr("also the numbers of the figure, tab-separated"))


def style_of(args: argparse.Namespace) -> FigureStyle:
    """As a command line wants it. Raises ExplorerError for a size that no figure has."""
    for name, (low, high) in LIMITS.items():
        value = getattr(args, name)
        if value is not None and not low <= value <= high:
            flag = f"--{name.replace('_', '-')}"
            raise ExplorerError(
                tr("{flag} {value:g} is out of range.", flag=flag, value=value),
                tr("It must lie between {low:g} and {high:g}.", low=low, high=high),
            )
    width = args.width_mm if args.width_mm is not None else _USUAL.width_mm
    if args.width_px is not None:
        width = args.width_px / args.dpi * MM_PER_INCH
    theme = cast("Literal['light', 'dark']", args.theme)
    bar, caption = not args.no_colour_bar, not args.no_caption
    return FigureStyle(width, args.dpi, args.font_size, theme, not args.no_numbers, bar, caption)


def write_figure(figure: FigureDescription, args: argparse.Namespace) -> None:
    """Writes the figure, and its numbers where they are wanted."""
    from explorer.core.figure.figure_numbers import as_tsv
    from explorer.engine import export

    save_figure(figure, args.out, style_of(args))
    if args.tsv:
        export.write(args.tsv, as_tsv(figure).encode())
