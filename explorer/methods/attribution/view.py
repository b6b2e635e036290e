"""The page of attributions: that of all methods, with its parts by name."""

from __future__ import annotations

from explorer.methods.attribution.page import ResultPage
from explorer.methods.attribution.spec import SPEC
from explorer.ui.method_page.view import MethodPageView


class AttributionView(MethodPageView):
    """The widgets of the form and of the result."""

    def __init__(self) -> None:
        page = ResultPage()
        super().__init__(SPEC, page)
        editors = self.form.editors
        self.method, self.target = editors["method"].widget, editors["target"].widget
        self.run, self.check, self.notes = self.start, self.further[0], self.status
        self.numbers, self.signed, self.percentile = page.numbers, page.signed, page.percentile
        self.strength, self.twin, self.twin_words, self.plot = page.strength, page.twin, page.twin_words, page.plot

    def choose(self, method: str) -> bool:
        """Selects a method, where it can be had; computes nothing."""
        return self.form.choose("method", method)
