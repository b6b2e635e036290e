"""Dataset: what excites which channel in a whole folder of pictures, sounds or sentences."""

from __future__ import annotations

from explorer.core.translation import tr
from explorer.core.workspace import WorkspaceSpec

SPEC = WorkspaceSpec(
    "dataset",
    tr("Dataset"),
    tr("Indexes of whole data sets: what excites which channel, neighbours, selectivity"),
    "explorer.ui.dataset.workspace:DatasetWorkspace",
    actions="explorer.ui.dataset.dataset_actions:dataset_actions",
)
