"""Transfer: how well the features of a model serve a new task, and fine-tuning on it."""

from __future__ import annotations

from explorer.core.translation import tr
from explorer.core.workspace import WorkspaceSpec

SPEC = WorkspaceSpec(
    "transfer",
    tr("Transfer"),
    tr("Which layer serves a new task, how many pictures it takes, and fine-tuning on it"),
    "explorer.ui.transfer.workspace:TransferWorkspace",
    actions="explorer.ui.transfer.transfer_actions:transfer_actions",
)
