"""The pages beneath the large map as a hand uses them: what is done over and over, and where the answers are painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from explorer.core.activations import Kind
from explorer.core.dataset import Over
from explorer.core.maximisation import MaximiseSettings
from explorer.methods.health.spec import HealthParams
from tests.benchmarks import scenario

_SEEDS = 1 << 20  # of pictures that nobody has made yet, so that none comes from the store
_FOLDER = scenario.SHARED / "sign-digits" / "Dataset"


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Act:
    """`again` asks for the next answer once the last has come; answers are seen when one of `views` has been painted."""

    page: str
    again: Callable[[], object]
    views: tuple[QWidget, ...]
    begin: Callable[[], object] = _nothing
    end: Callable[[], object] = _nothing
    answered: bool = True  # False: nothing is asked, every painting counts
    where: str = "middle"  # of the layers with maps; "sum": the convolution or linear layer next to it; "last"
    stops: bool = True  # takes long enough to be worth stopping


class Acts:
    """What can be done in a window with a capture; `named` gives it all by what is said in the table."""

    def __init__(self, app: Any) -> None:
        self.app, self.area = app, app.explore.channel.area
        self.picture = app.explore.input.picture
        taps = self.app.capture.taps
        self.maps = [tap for tap in taps if tap.observable and tap.layout in ("NCHW", "NLC") and tap.grid]
        self.seed, self.turn = _SEEDS, 0

    def named(self) -> dict[str, Act]:
        def turn() -> None:
            self.turn += 1
            names = self.app.explore.channel.names
            self.app.open_page(names[self.turn % len(names)])

        for name in self.app.pages.names:
            self.app.pages.page(name)  # each is made when it is first needed
        views = tuple(self.app.explore.channel.pages.values())
        pages = Act("values", turn, views, answered=False, where="sum", stops=False)
        return {
            "page after page": pages,
            **self._arithmetic(),
            **self._attribution(),
            **self._ablation(),
            **self._maximise(),
            **self._health(),
        }

    def open(self, act: Act) -> None:
        """The page, a layer and a cell in the middle of it."""
        tap = self._tap(act.where)
        self.app.change(tap=tap.name, channel=0, cell=(tap.grid[0] // 2, tap.grid[1] // 2))
        self.app.open_page(act.page)

    def reveal(self, act: Act) -> None:
        """As a person scrolls to what is to be seen."""
        for view in act.views:
            if self.area.isAncestorOf(view) and view.visibleRegion().isEmpty():
                self.area.ensureWidgetVisible(view)

    def _tap(self, where: str) -> Any:
        later = self.maps[len(self.maps) // 2 :]
        if where == "last":
            return later[-1]
        return next((tap for tap in later if where != "sum" or tap.kind in (Kind.CONV, Kind.LINEAR)), later[0])

    # --- arithmetic ---

    def _arithmetic(self) -> dict[str, Act]:
        tab = self.app.page("arithmetic")
        patch, map_ = (tab.patch,), self.app.explore.channel.map

        def choose() -> None:
            self.turn += 1
            self.app.change(channel=self.turn % self.app.shown.tap.channels)

        def refield() -> None:
            tab.field.setChecked(False)
            tab.field.setChecked(True)

        def point(view: QWidget) -> None:
            self.turn += 1
            at = QPointF(self.turn * 7 % max(view.width(), 1), self.turn * 3 % max(view.height(), 1))
            none = Qt.MouseButton.NoButton
            moved = QMouseEvent(QEvent.Type.MouseMove, at, none, none, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(view, moved)

        page = "arithmetic"
        return {
            "arithmetic, cell after cell": Act(page, lambda: tab.step(self._forth()), patch, where="sum", stops=False),
            "arithmetic, channel after channel": Act(page, choose, patch, where="sum", stops=False),
            "arithmetic, the window slides": Act(
                page,
                _nothing,
                patch,
                lambda: tab.play.setChecked(True),
                lambda: tab.play.setChecked(False),
                where="sum",
                stops=False,
            ),
            "arithmetic, pointing at cells": Act(
                page, lambda: point(map_), (self.picture,), where="sum", answered=False
            ),
            "arithmetic, pointing at products": Act(page, lambda: point(tab.patch), patch, where="sum", answered=False),
            "effective field": Act(page, refield, (self.picture,), end=lambda: tab.field.setChecked(False)),
        }

    def _forth(self) -> int:
        """On, and back where the map ends."""
        self.turn += 1
        return 1 if self.turn // 6 % 2 == 0 else -1

    # --- attribution ---

    def _attribution(self) -> dict[str, Act]:
        from explorer.core.attribution import misfit
        from explorer.engine.attribution.attribution_methods import METHODS

        tab = self.app.page("attribution")
        page, seen = "attribution", (self.picture,)

        def slide() -> None:
            self.turn += 1
            tab.strength.setValue(40 + self.turn % 60)

        def chosen(method: str) -> Callable[[], object]:
            return lambda: tab.choose(method)

        acts = {
            f"attribution, {name}": Act(page, tab.start, seen, chosen(name))
            for name in METHODS
            if not misfit(name, sound=False)
        }
        first = next(iter(METHODS))

        def made() -> None:
            tab.choose(first)
            tab.start()

        acts["attribution, the check"] = Act(page, tab.start_check, (tab.twin, tab.plot), made)
        acts["attribution, strength dragged"] = Act(page, slide, seen, made, answered=False)
        return acts

    # --- ablation ---

    def _ablation(self) -> dict[str, Act]:
        tab = self.app.page("ablation")
        bars = self.app.explore.input.prediction

        def edit() -> None:
            """Another channel, then what is done to it; after a few all are taken away."""
            self.turn += 1
            if self.turn % 2:
                self.app.change(channel=self.turn % self.app.shown.tap.channels)
            elif len(tab.edits) > 3:
                tab.put(())
            else:
                tab.edit(("zero", "mean", "freeze")[self.turn // 2 % 3])

        return {
            "ablation, edit after edit": Act("ablation", edit, (bars,), end=lambda: tab.put(())),
            "ablation, ranking": Act("ablation", tab.start_ranking, (tab.ranking.viewport(),), where="last"),
        }

    # --- maximise ---

    def _maximise(self) -> dict[str, Act]:
        tab = self.app.page("maximise")

        def grow(batch: int = 1) -> None:
            self.seed += 1
            tab.choices.set_settings(MaximiseSettings(seed=self.seed, batch=batch))
            self.app.follow_methods()
            tab.toggle()

        def every() -> None:
            self.seed += 1
            tab.choices.set_settings(MaximiseSettings(seed=self.seed, steps=4))
            self.app.follow_methods()
            tab.toggle_batch()

        return {
            "maximise": Act("maximise", grow, (tab.view,), end=tab.pause),
            "maximise, four pictures": Act("maximise", lambda: grow(4), (tab.view,), end=tab.pause),
            "maximise, every channel in 4 steps": Act("maximise", every, (tab.layer.thumbs,), end=tab.pause_batch),
        }

    # --- health ---

    def _health(self) -> dict[str, Act]:
        tab = self.app.page("health")
        table = (tab.table.viewport(),)

        def over(inputs: Over) -> Callable[[], None]:
            return lambda: tab.set_params(HealthParams(inputs))

        gallery = Act("health", tab.toggle, table, over(Over("gallery")), where="last")
        acts = {"health over the gallery": gallery}
        if _FOLDER.is_dir():
            folder = Over("folder", str(_FOLDER))
            acts["health over a folder"] = Act("health", tab.toggle, table, over(folder), where="last")
        return acts
