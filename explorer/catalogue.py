"""What exists, as strings, each imported when it is first asked for. Installed packages add to it by entry points.

A new method, kind of input or workspace is a folder (or a file) and a line here.
"""

from __future__ import annotations

from typing import Any

from explorer.core import input_kind, workspace
from explorer.core.input_kind import InputKind
from explorer.core.method import API, MethodSpec
from explorer.core.registry import Problem, Registry
from explorer.core.workspace import WorkspaceSpec

METHODS = (
    "explorer.methods.arithmetic.spec:SPEC",
    "explorer.methods.attribution.spec:SPEC",
    "explorer.methods.ablation.spec:SPEC",
    "explorer.methods.maximisation.spec:SPEC",
    "explorer.methods.health.spec:SPEC",
    "explorer.methods.channel_statistics.spec:SPEC",
    "explorer.methods.attention.spec:SPEC",
    "explorer.methods.probe.spec:SPEC",
)
WORKSPACES = ("explorer.ui.explore.spec:SPEC", "explorer.ui.compare.spec:SPEC")
_INPUTS = "explorer.engine.inputs.built_in"
INPUTS = tuple(f"{_INPUTS}:{kind}" for kind in ("PICTURE", "VIDEO", "SAMPLE", "SCENE", "CAMERA", "CLIPBOARD"))


def _check_method(value: object) -> tuple[str, str]:
    if not isinstance(value, MethodSpec):
        return "", "it is no MethodSpec"
    if value.api != API:
        return value.id, f"it is made for version {value.api} of the plug-in interface; this program has {API}"
    if not value.id.replace("-", "").isalnum() or value.id != value.id.lower():
        return value.id, "its id must be lower-case letters, digits and hyphens"
    return value.id, ""


methods: Registry[MethodSpec[Any, Any]] = Registry(METHODS, "explorer.methods", _check_method)

inputs: Registry[InputKind] = Registry(INPUTS, "explorer.inputs", lambda value: input_kind.fault_of(value, API))

workspaces: Registry[WorkspaceSpec] = Registry(
    WORKSPACES, "explorer.workspaces", lambda value: workspace.fault_of(value, API)
)


def problems() -> tuple[Problem, ...]:
    """What is registered and cannot be used, with the reason."""
    return (*methods.problems, *inputs.problems, *workspaces.problems)
