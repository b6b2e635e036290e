"""A workspace: the mean size of the values of every layer, in the order of execution."""

import numpy as np
from PySide6.QtWidgets import QVBoxLayout

from explorer.core.activations import Capture
from explorer.core.workspace import WorkspaceSpec
from explorer.ui.actions import Action
from explorer.ui.added_workspaces import WorkspaceHost, WorkspaceView
from explorer.ui.graphics.curve_plot import CurveData, CurvePlot

SPEC = WorkspaceSpec("depth", "Depth", "The mean size of every layer's values", "fme_example.depth:Depth")


class Depth(WorkspaceView):
    """Follows what Explore shows."""

    def __init__(self, host: WorkspaceHost) -> None:
        super().__init__(host)
        self.plot = CurvePlot("Mean size of the values")
        self.means: list[float] = []
        QVBoxLayout(self).addWidget(self.plot)
        host.captured.connect(self._take)

    def start(self) -> None:
        if self.host.capture is not None:
            self._take(self.host.capture)

    def own_actions(self) -> tuple[Action, ...]:
        return (
            Action("depth.again", "Draw the depth curve again", self.start, place="View/Workspace", context="depth"),
        )

    def _take(self, capture: Capture) -> None:
        self.means = [float(np.abs(values).mean()) for values in capture.values.values()]
        self.plot.set_curves([CurveData(np.arange(len(self.means)), np.array(self.means), "mean |value|", "accent")])
