"""A line of text."""

from PySide6.QtWidgets import QLabel, QVBoxLayout

from explorer.core.pairs import ShownPair
from explorer.ui.method_page.pair_page import PairPage
from fme_example.sizes.spec import Sizes


class ResultPage(PairPage[Sizes]):
    """The ratio, with the letters of the columns."""

    def __init__(self) -> None:
        super().__init__()
        self.line = QLabel()
        QVBoxLayout(self).addWidget(self.line)

    def show_pair(self, pair: ShownPair, result: Sizes | None) -> None:
        one, other = (side.letter for side in pair.sides)
        self.line.setText(f"{one} : {other} = {result.ratio:.3f}" if result is not None else "")
