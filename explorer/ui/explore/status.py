"""What the tool bar says of the engine and of the last forward."""

from __future__ import annotations

from explorer.core.activations import Capture
from explorer.core.byte_words import byte_words
from explorer.core.translation import ntr, tr
from explorer.engine.worker import Ready
from explorer.ui.toolbar import Toolbar


def show_engine(toolbar: Toolbar, engine: Ready, capture: Capture | None) -> None:
    """The device of the last forward, else the one that is set, and the threads of a forward."""
    device = capture.device if capture is not None else engine.device
    title = "CPU" if device == "cpu" else engine.device
    toolbar.device.set_words(
        ntr(
            "{title} · {threads} thread",
            "{title} · {threads} threads",
            engine.threads,
            title=title,
            threads=engine.threads,
        ),
        title,
    )


def show_capture(toolbar: Toolbar, capture: Capture, layers: int, cached: int) -> None:
    """How long the forward took, how many layers there are, bytes that are kept."""
    name = tr("forward + capture:") if capture.watched else "forward:"
    parts = [
        f"{name} {capture.seconds * 1000:.0f} ms",
        tr("{layers} layers", layers=layers),
        tr("{byte_words} cached", byte_words=byte_words(cached)),
    ]
    toolbar.status.set_parts(parts)
