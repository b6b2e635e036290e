"""The parameters of a method as they were last set, in the settings."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from explorer.core.method import MethodSpec
from explorer.core.params import plain, restored
from explorer.ui.settings import Settings

P = TypeVar("P")


def remembered(settings: Settings, spec: MethodSpec[P, Any]) -> P:
    """Those of the last time."""
    return from_text(spec, settings.text(_name(spec), "{}"))


def from_text(spec: MethodSpec[P, Any], text: str) -> P:
    """Parameters written as JSON. A file may hold anything: what does not fit is at its default."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = {}
    return restored(spec.params, values if isinstance(values, dict) else {})


def remember(settings: Settings, spec: MethodSpec[P, Any], params: P) -> None:
    """For the next start."""
    settings.put(_name(spec), json.dumps(plain(params)))


def noted(
    settings: Settings, specs: Iterable[MethodSpec[Any, Any]], methods: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """`Session.methods` with the parameters of these methods as they are now."""
    now = {spec.id: json.dumps(plain(remembered(settings, spec))) for spec in specs}
    return tuple({**dict(methods), **now}.items())


def _name(spec: MethodSpec[Any, Any]) -> str:
    return f"method/{spec.id}"
