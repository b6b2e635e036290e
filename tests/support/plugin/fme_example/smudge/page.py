"""Raises while it draws."""

from explorer.ui.method_page.result_page import ResultPage as Base
from fme_example.peak.spec import Peak


class ResultPage(Base[Peak]):
    """Draws nothing."""

    def show_result(self, result: Peak) -> None:
        raise ZeroDivisionError("no ink")
