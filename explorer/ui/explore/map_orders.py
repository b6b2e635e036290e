"""Maps in the order of what a class gains from each channel: asked for, kept up with the layer, the input and the class."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from explorer.core.channel_scores import ChannelScores, ScoreChannels, ScoredBy
from explorer.core.errors import Failure
from explorer.core.progress import Progress
from explorer.core.render import SortKey
from explorer.core.selection import Selection
from explorer.core.session.session import Order
from explorer.core.translation import tr
from explorer.ui.explore.maps_panel import MapsPanel
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache
from explorer.ui.live import LiveControl
from explorer.ui.notices import Notices
from explorer.ui.state import Store

_KEPT = 24
_PAUSE = tr("Pause for this: it is computed of a single input")
_NO_CLASS = tr("This model has no class predictions")


class ChannelOrders(QObject):
    """`place` says what is selected, with its class."""

    def __init__(
        self,
        client: JobClient,
        store: Store,
        place: Callable[[], Selection | None],
        panel: MapsPanel,
        live: LiveControl,
        notices: Notices,
    ) -> None:
        super().__init__(panel)
        self._store, self._place, self._panel, self._live, self._notices = store, place, panel, live, notices
        self._task: Task[ChannelScores] = Task(
            client, "order channels", self._take, self._fail, ended=notices.progress_over
        )
        self._known: ResultCache[ChannelScores] = ResultCache(_KEPT)
        self._by: ScoredBy | None = None  # the order that is kept up
        self._title = ""  # what the session calls it
        panel.order_asked.connect(self.ask)

    @property
    def waiting(self) -> bool:
        """Whether an order is still to come."""
        return self._task.waiting

    def ask(self, by: ScoredBy) -> None:
        """Orders the maps of the shown layer."""
        place = self._place()
        why = self._why_not(place)
        request = None if why or place is None else _request(place, by)
        if place is None or request is None:
            self._notices.tell(f"{why}.")
            return
        self._by = by
        known = self._known.get(request)
        if known is not None:
            self._task.drop()
            self._order(known, place)
        elif request != self._task.request or not self._task.waiting:
            self._task.ask(request)

    def follow(self) -> None:
        """The layer, the input or the class may be another one: an order that is shown is made anew for it."""
        place = self._place()
        why = self._why_not(place)
        self._panel.offer_orders(_class_name(place) if place is not None else "", why)
        session = self._store.session
        shown = session.sort is SortKey.MEASURED and session.order is not None and session.order.by == self._title
        if not shown and not self._task.waiting:
            self._by = None
        elif self._by is not None and not why:
            self.ask(self._by)

    def _why_not(self, place: Selection | None) -> str:
        if self._live.playing:
            return _PAUSE
        if place is None:
            return tr("Nothing is shown yet")
        return _NO_CLASS if place.class_index is None else ""

    def _take(self, scores: ChannelScores, done: bool) -> None:
        if not done:
            text = tr("Channels of {tap}: {done} of {total}", tap=scores.tap, done=scores.done, total=scores.total)
            self._notices.progress(Progress(text, scores.done / max(scores.total, 1)))
            return
        request, place = self._task.request, self._place()
        if request is None:
            return
        self._known.put(request, scores)
        if place is not None and _request(place, scores.by) == request:  # another input may be shown by now
            self._order(scores, place)

    def _order(self, scores: ChannelScores, place: Selection) -> None:
        name = _class_name(place)
        self._title = (
            tr("effect on {name}", name=name) if scores.by is ScoredBy.EFFECT else tr("grad × act, {name}", name=name)
        )
        order = Order(scores.tap, self._title, scores.order)
        session = self._store.session
        if (session.sort, session.order) != (SortKey.MEASURED, order):
            self._store.update(sort=SortKey.MEASURED, order=order)

    def _fail(self, failure: Failure) -> None:
        self._by = None
        self._notices.fail(failure)


def _request(place: Selection, by: ScoredBy) -> ScoreChannels | None:
    """None where there is no class."""
    capture, index = place.capture, place.class_index
    if index is None:
        return None
    return ScoreChannels(capture.model, capture.picture.digest, place.tap.name, index, by, capture.picture)


def _class_name(place: Selection) -> str:
    return "" if place.class_index is None else place.card.class_name(place.class_index)
