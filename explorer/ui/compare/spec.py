"""Compare: two to four models side by side."""

from __future__ import annotations

from explorer.core.workspace import WorkspaceSpec

SPEC = WorkspaceSpec("compare", "Compare", "Models side by side")
