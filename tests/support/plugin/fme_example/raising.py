"""A workspace whose widget cannot be made."""

from explorer.core.workspace import WorkspaceSpec
from explorer.ui.added_workspaces import WorkspaceHost, WorkspaceView

SPEC = WorkspaceSpec("raising", "Raising", "Cannot be made", "fme_example.raising:Raising")


class Raising(WorkspaceView):
    """Raises."""

    def __init__(self, host: WorkspaceHost) -> None:
        raise RuntimeError("no drawing today")
