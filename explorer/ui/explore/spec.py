"""Explore: one model on one input."""

from __future__ import annotations

from explorer.core.workspace import WorkspaceSpec

SPEC = WorkspaceSpec("explore", "Explore", "One model, layer by layer")
