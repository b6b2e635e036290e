"""Explore: one model on one input."""

from __future__ import annotations

from explorer.core.translation import tr
from explorer.core.workspace import WorkspaceSpec

SPEC = WorkspaceSpec("explore", tr("Explore"), tr("One model, layer by layer"))
