"""Compare: two to four models side by side."""

from __future__ import annotations

from explorer.core.translation import tr
from explorer.core.workspace import WorkspaceSpec

SPEC = WorkspaceSpec("compare", tr("Compare"), tr("Models side by side"))
