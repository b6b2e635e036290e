"""Figures as files: the only part of the API that needs Qt, imported when a figure is saved."""

from __future__ import annotations

from explorer.core.figure.figure_parts import SUFFIXES, FigureDescription, FigureStyle

_USUAL = FigureStyle()


def is_figure(path: str) -> bool:
    """Whether a file's name ends as that of a figure."""
    return path.lower().endswith(SUFFIXES)


def save_figure(figure: FigureDescription, path: str, style: FigureStyle = _USUAL) -> None:
    """Writes a figure. Raises ExplorerError."""
    from explorer.api.qt_start import qt_application, quiet_qt
    from explorer.engine import export
    from explorer.ui.figures.figure_files import figure_bytes, suffix_of_figure

    with quiet_qt():
        application = qt_application()
        export.write(path, figure_bytes(figure, style, suffix_of_figure(path)))
        del application
