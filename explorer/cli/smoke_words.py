"""What a smoke test must say and what must not be in its output. Standard library only: packaging/build.py loads it by its path."""

from __future__ import annotations

# Beginnings of lines, in this order.
EXPECTED = (
    "window: ",
    "model and capture: demo:shapes-cnn: ",
    "scrub: ",
    "attribution: ",
    "maximise: ",
    "model and capture: demo:shapes-ssl-vit: ",
    "scrub: ",
    "compare: ",
    "picture: ",
    "log: ",
    "closed",
    "smoke test passed",
)

# Anywhere in the output or in the log: something is missing from the application or has broken in it.
FATAL = (
    "Traceback (most recent call last)",
    "Fatal Python error",
    "Segmentation fault",
    "unhandled",
    "ModuleNotFoundError",
    "ImportError",
    "could not get source code",
    "cannot open shared object file",
    "Could not load the Qt platform plugin",
    "Must construct a QGuiApplication",
    "QThread: Destroyed while thread",
    "Failed to execute script",
)


def missing(output: str) -> list[str]:
    """Expected beginnings that are not there in their order."""
    lines, lacking = iter(output.splitlines()), []
    for beginning in EXPECTED:
        rest = list(lines)
        at = next((i for i, line in enumerate(rest) if line.startswith(beginning)), None)
        if at is None:
            lacking.append(beginning)
        lines = iter(rest if at is None else rest[at + 1 :])
    return lacking


def fatal(output: str) -> list[str]:
    """Lines with a fatal marker in them."""
    return [line for line in output.splitlines() if any(marker in line for marker in FATAL)]
