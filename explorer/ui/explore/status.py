"""What the tool bar says of the engine and of the last forward."""

from __future__ import annotations

from explorer.core.activations import Capture
from explorer.core.byte_words import byte_words
from explorer.engine.worker import Ready
from explorer.ui.toolbar import Toolbar


def show_engine(toolbar: Toolbar, engine: Ready, capture: Capture | None) -> None:
    """The device of the last forward, else the one that is set, and the threads of a forward."""
    device = capture.device if capture is not None else engine.device
    title = "CPU" if device == "cpu" else engine.device
    toolbar.device.set_words(f"{title} · {engine.threads} thread{'s' if engine.threads != 1 else ''}", title)


def show_capture(toolbar: Toolbar, capture: Capture, layers: int, cached: int) -> None:
    """How long the forward took, how many layers there are, bytes that are kept."""
    name = "forward + capture:" if capture.watched else "forward:"
    parts = [f"{name} {capture.seconds * 1000:.0f} ms", f"{layers} layers", f"{byte_words(cached)} cached"]
    toolbar.status.set_parts(parts)
