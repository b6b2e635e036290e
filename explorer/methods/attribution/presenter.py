"""The presenter of all method pages, with what it shows by name."""

from __future__ import annotations

from typing import Any

from explorer.core.attribution import Attribution
from explorer.core.figure.figure_subject import HeatStyle
from explorer.methods.attribution.spec import SPEC
from explorer.methods.attribution.view import AttributionView
from explorer.ui.jobs.client import JobClient
from explorer.ui.method_page.host import PageHost
from explorer.ui.method_page.presenter import MethodPagePresenter


class Presenter(MethodPagePresenter[Any]):
    """Nothing of its own."""

    def __init__(self, client: JobClient, host: PageHost) -> None:
        self.tab = AttributionView()
        super().__init__(SPEC, self.tab, client, host)

    @property
    def heat_style(self) -> HeatStyle:
        """As the controls beside the map say."""
        tab = self.tab
        return HeatStyle(tab.signed.isChecked(), tab.percentile.value(), tab.strength.value() / 100)

    @property
    def found(self) -> Attribution | None:
        """The attribution that is shown."""
        return self.result if isinstance(self.result, Attribution) else None

    def check(self) -> None:
        """Computes the check of what is shown."""
        self.ask_further(0)
