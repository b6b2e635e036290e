"""What a workspace is: a place of the window of its own, described as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.core.translation import tr


@dataclass(frozen=True, slots=True)
class WorkspaceSpec:
    """A workspace.

    id: of its button and in session files. view: "module:Class" of its widget, a `WorkspaceView`, made with the window; "" of those that
    the window itself is made of. actions: "module:function" that gives its commands for a call that makes its view
    (`explorer.ui.workspace_views.LateView`): then the view is made when it is first wanted; "": with the window, and it says its commands.
    """

    id: str
    title: str
    about: str
    view: str = ""
    api: int = 1
    actions: str = ""


def fault_of(spec: object, api: int) -> tuple[str, str]:
    """(its id, why it cannot be used: "" where it can)."""
    if not isinstance(spec, WorkspaceSpec):
        return "", tr("it is no WorkspaceSpec")
    if spec.api != api:
        return spec.id, tr(
            "it is made for version {api} of the plug-in interface; this program has {api2}", api=spec.api, api2=api
        )
    if not spec.id.replace("-", "").isalnum() or spec.id != spec.id.lower():
        return spec.id, tr("its id must be lower-case letters, digits and hyphens")
    return spec.id, ""
