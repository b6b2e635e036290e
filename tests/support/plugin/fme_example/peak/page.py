"""The value, and where it stands."""

from PySide6.QtWidgets import QLabel, QVBoxLayout

from explorer.ui.method_page.result_page import ResultPage as Base
from fme_example.peak.spec import Peak


class ResultPage(Base[Peak]):
    """A line of text."""

    def __init__(self) -> None:
        super().__init__()
        self.line = QLabel()
        QVBoxLayout(self).addWidget(self.line)

    def show_result(self, result: Peak) -> None:
        self.line.setText(f"{result.value:.6g} at {result.cell}")
