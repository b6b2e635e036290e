"""Does what shows a step, one act after the other, through the same commands that a person has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from explorer import catalogue
from explorer.core.errors import ExplorerError
from explorer.core.guides.guide import (
    Act,
    CheckResult,
    CompareModels,
    RunMethod,
    SelectAmong,
    SelectClass,
    SelectLargest,
    SetFields,
    ShowInput,
    ShowModel,
    ZeroAmong,
)
from explorer.core.guides.live_values import live_number
from explorer.core.interventions import Edit
from explorer.core.params import plain, restored
from explorer.core.session.comparison import Column
from explorer.core.translation import tr
from explorer.ui.controller import Controller
from explorer.ui.guide.window_facts import known_results, window_facts
from explorer.ui.notices import failure_of

_EVERY = 60  # ms


class Performer(QObject):
    """`perform` returns at once; what an act sets going is waited for before the next. `ended` is called after the last."""

    def __init__(self, controller: Controller, ended: Callable[[], None]) -> None:
        super().__init__(controller)
        self._c, self._ended = controller, ended
        self._acts: list[Act] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self._go_on)

    @property
    def busy(self) -> bool:
        """Whether acts are still to come."""
        return self._timer.isActive()

    def perform(self, acts: tuple[Act, ...]) -> None:
        """These acts in the place of those that were left."""
        self._acts = list(acts)
        self._timer.start()
        self._go_on()

    def stop(self) -> None:
        """What has not been done yet is not done."""
        self._acts.clear()
        self._timer.stop()

    def _go_on(self) -> None:
        if not at_rest(self._c):
            return
        if not self._acts:
            self._timer.stop()
            self._ended()
            return
        try:
            self._do(self._acts.pop(0))
        except ExplorerError as error:
            self.stop()
            self._c.fail(failure_of(error))
            self._ended()

    def _do(self, act: Act) -> None:
        if isinstance(act, SetFields):
            self._set(dict(act.fields))
        elif isinstance(act, RunMethod):
            self._run(act)
        elif isinstance(act, SelectAmong):
            self._c.change(channel=self._named(act.measured)[0])
        elif isinstance(act, ZeroAmong):
            self._zero(act)
        elif isinstance(act, SelectClass):
            self._select(act.label)
        elif isinstance(act, ShowInput):
            self._c.open_input(act.input)
        elif isinstance(act, ShowModel):
            self._c.open_model(act.model)
        elif isinstance(act, SelectLargest):
            self._select_largest()
        elif isinstance(act, CheckResult):
            self._check(act.method)
        elif isinstance(act, CompareModels):
            self._compare(act)

    def _set(self, fields: dict[str, Any]) -> None:
        workspace, page = fields.pop("workspace", ""), fields.pop("page", "")
        if workspace:
            self._c.show_workspace(workspace)
        if fields:
            self._c.change(**fields)
        if page:
            self._c.window.explore.channel.set_page(page)

    def _select_largest(self) -> None:
        facts = window_facts(self._c)
        row, column = live_number("map.row", facts), live_number("map.column", facts)
        if row is None or column is None:
            raise ExplorerError(tr("This step cannot be shown."), tr("The selected channel has no map."))
        self._c.change(cell=(int(row), int(column)))

    def _compare(self, act: CompareModels) -> None:
        session = self._c.session
        self._c.compare_columns(
            [
                Column(key, spec, None, session.tap, session.channel, shows=act.shows)
                for key, spec in enumerate(act.models)
            ]
        )

    def _run(self, act: RunMethod) -> None:
        view = self._c.views.get(self._c.session.workspace)
        if view is not None and view.compute(act.method, dict(act.params)):
            if act.params:
                self._acts.insert(0, RunMethod(act.method))  # once the workspace has settled
            return
        spec = catalogue.methods.get(act.method)
        if spec is None:
            raise ExplorerError(tr("This step cannot be shown."), tr("There is no method {method}.", method=act.method))
        if spec.pair is not None:
            self._run_pair(act)
            return
        channel = self._c.window.explore.channel
        page: Any = self._c.pages.page(act.method)
        if channel.page != act.method or act.params:
            channel.set_page(act.method)
            values = {**plain(self._c.pages.params_of(act.method)), **dict(act.params)}
            if act.params:
                page.set_params(restored(spec.params, values))
            self._acts.insert(0, RunMethod(act.method))  # once the page has settled
            return
        place = self._c.pages.place()
        run = getattr(page, "run", None)  # a page without it computes as soon as it is open
        if place is not None and run is not None and page.facts_of(place) is None:
            run()

    def _check(self, method: str) -> None:
        check = (
            getattr(self._c.pages.page(method), "check", None) if catalogue.methods.get(method) is not None else None
        )
        if check is None:
            raise ExplorerError(
                tr("This step cannot be shown."), tr("The method {method} has nothing to check.", method=method)
            )
        self._c.window.explore.channel.set_page(method)
        check()

    def _run_pair(self, act: RunMethod) -> None:
        pairs = self._c.compare.pairs
        part = pairs.parts.get(act.method)
        if part is None or pairs.columns is None:
            raise ExplorerError(tr("This step cannot be shown."), tr("Compare has no two models."))
        if not part.waiting and pairs.kept(act.method) is None:
            part.toggle()

    def _named(self, measured: str) -> tuple[int, ...]:
        method, _, name = measured.partition(".")
        found = known_results(self._c).get(method, {}).get(name, ())
        numbers = tuple(each for each in found if isinstance(each, int))
        if not numbers:
            raise ExplorerError(
                tr("This step cannot be shown."),
                tr("Nothing is known of “{measured}” for this layer.", measured=measured),
            )
        return numbers

    def _zero(self, act: ZeroAmong) -> None:
        edits, tap = self._c.interventions, act.tap or self._c.session.tap
        for channel in act.channels:
            edits.put(Edit(tap, (channel,)))
        if act.channels:
            return
        if not act.count:
            edits.clear()
            return
        for channel in self._named(act.measured)[: act.count]:
            edits.put(Edit(tap, (channel,)))

    def _select(self, label: str) -> None:
        card = self._c.card
        if card is None or label not in card.labels:
            raise ExplorerError(tr("This step cannot be shown."), tr("The model has no class “{label}”.", label=label))
        self._c.pages.choose_class(card.labels.index(label))


def at_rest(controller: Controller) -> bool:
    """Whether everything that was asked for has been drawn."""
    waiting = controller.opener.waiting or controller.view.busy or controller.pages.waiting or controller.compare.busy
    return not (waiting or controller.on_its_way or any(view.waiting for view in controller.views.there.values()))
