"""Results of the engine as the lines that the tabs show. Pure."""

from __future__ import annotations

from typing import Any

from explorer.core.activations import Capture
from explorer.core.caveats import flags
from explorer.core.method import MethodSpec
from explorer.core.models import ModelCard


def page_flags(card: ModelCard, capture: Capture, spec: MethodSpec[Any, Any] | None = None) -> str:
    """What must be known of all that a page shows: random weights where it is about what was learnt, answers that differ."""
    result = spec.noun if spec is not None else ""
    classes = spec is not None and spec.about_classes
    repeat = capture.repeat if capture.repeat is not None and not capture.repeat.same else None
    said = flags(card, repeat, result, classes) if result else (repeat.text,) if repeat is not None else ()
    return "\n".join(f"{line[:1].upper()}{line[1:].rstrip('.')}." for line in said)
