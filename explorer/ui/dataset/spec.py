"""Dataset: what excites which channel in a whole folder of pictures, sounds or sentences."""

from __future__ import annotations

from explorer.core.workspace import WorkspaceSpec

SPEC = WorkspaceSpec(
    "dataset",
    "Dataset",
    "Indexes of whole data sets: what excites which channel, neighbours, selectivity",
    "explorer.ui.dataset.workspace:DatasetWorkspace",
)
