"""What exists, as strings: methods now; each is imported when it is first asked for. Installed packages add to it by entry points."""

from __future__ import annotations

from typing import Any

from explorer.core.method import API, MethodSpec
from explorer.core.registry import Problem, Registry

METHODS = (
    "explorer.methods.arithmetic.spec:SPEC",
    "explorer.methods.attribution.spec:SPEC",
    "explorer.methods.ablation.spec:SPEC",
    "explorer.methods.maximisation.spec:SPEC",
    "explorer.methods.health.spec:SPEC",
    "explorer.methods.channel_statistics.spec:SPEC",
    "explorer.methods.attention.spec:SPEC",
)


def _check_method(value: object) -> tuple[str, str]:
    if not isinstance(value, MethodSpec):
        return "", "it is no MethodSpec"
    if value.api != API:
        return value.id, f"it is made for version {value.api} of the plug-in interface; this program has {API}"
    if not value.id.replace("-", "").isalnum() or value.id != value.id.lower():
        return value.id, "its id must be lower-case letters, digits and hyphens"
    return value.id, ""


methods: Registry[MethodSpec[Any, Any]] = Registry(METHODS, "explorer.methods", _check_method)


def problems() -> tuple[Problem, ...]:
    """What is registered and cannot be used, with the reason."""
    return methods.problems
