"""The health of the selected layer: measured when asked for, kept for each layer, streamed into the page that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from explorer.core.cells import has_maps
from explorer.core.health import Health, Over
from explorer.core.render import SortKey
from explorer.core.session import Order
from explorer.engine import desk as work
from explorer.engine.runner import Event
from explorer.ui.save_as import ask_path
from explorer.ui.understand.place import Place, Wanted

if TYPE_CHECKING:
    from explorer.ui.controller import Controller

Key = tuple[str, str, Over, str]  # model, layer, inputs, the picture where it is the input
_KEPT = 12  # measurements, the newest


class HealthControl(QObject):
    """A measurement belongs to one model, layer and set of inputs; with another selection the page shows that one's."""

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._c = controller
        self.tab = controller.window.explore.channel.health
        self._wanted = Wanted()
        self._place: Place | None = None
        self._key: Key | None = None  # of what is shown
        self._over = Over()
        self._found: dict[Key, Health] = {}
        self.tab.started.connect(self.toggle)
        self.tab.over.over_changed.connect(self.choose)
        self.tab.over.folder_asked.connect(self._ask_folder)
        self.tab.channel_chosen.connect(lambda channel: controller.change(channel=channel))
        self.tab.sorted.connect(self.sort_maps)
        self.tab.saved.connect(self.save)

    @property
    def waiting(self) -> bool:
        return self._wanted.waiting(work.HEALTH)

    @property
    def found(self) -> Health | None:
        """What the page shows."""
        return self._found.get(self._key) if self._key is not None else None

    # --- what is shown ---

    def follow(self, place: Place | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be computed."""
        if blocked or place is None:
            self.leave()
            self.tab.say(blocked or "Nothing is shown yet.")
            return
        self._place = place
        if place.tap.layout == "other":
            self.leave()
            self.tab.say("This layer cannot be measured: its layout is unknown.")
            return
        self.tab.say("")
        self._turn_to(self._key_of(place))
        self.tab.set_sortable(has_maps(place.tap))
        self.tab.set_channel(place.channel)

    def _key_of(self, place: Place) -> Key:
        picture = place.capture.picture.digest if self._over.kind == "picture" else ""
        return place.capture.model, place.tap.name, self._over, picture

    def _turn_to(self, key: Key) -> None:
        if key == self._key:
            return
        self._stop()
        self._key = key
        self.tab.set_health(self.found)
        self._say_state()

    def leave(self) -> None:
        """The page is no longer looked at: what runs stops, what was found stays."""
        if self._place is None:
            return
        self._place = None
        if self._stop():
            self._say_state()

    def _say_state(self, failure: str = "") -> None:
        found = self.found
        if failure or found is None:
            self.tab.set_status(failure or "Dead, duplicate and class-selective channels, and the effective rank.")
        elif found.final:
            self.tab.set_status("")
        else:
            self.tab.set_status(f"Stopped after {found.count:,} of {found.total:,} inputs.")

    # --- what is asked for ---

    def choose(self, over: Over) -> None:
        """Other inputs to measure over."""
        self._over = over
        self.tab.over.set_over(over)
        if self._place is not None:
            self._turn_to(self._key_of(self._place))

    def _ask_folder(self) -> None:
        settings = self._c.settings
        title = "A folder of pictures, or of folders that are classes"
        path = QFileDialog.getExistingDirectory(self._c.window, title, settings.text("health_folder"))
        if path:
            settings.put("health_folder", path)
        self.choose(Over("folder", path) if path else self._over)

    def toggle(self) -> None:
        """Starts a measurement, or stops the one that runs."""
        if self._stop():
            self._say_state()
        elif self._place is not None and self._key is not None:
            ticket = self._c.desk.health(self._place.capture, self._place.tap.name, self._over)
            self._wanted.ask(work.HEALTH, ticket)
            self.tab.set_running(True)
            self.tab.set_status("Opening the first input …")

    def _stop(self) -> bool:
        """Whether one ran."""
        stopped = self._wanted.drop(work.HEALTH)
        if stopped:
            self._c.desk.drop_study(work.HEALTH)
            self.tab.set_running(False)
        return stopped

    def sort_maps(self) -> None:
        """The maps in the order of the table."""
        if self.found is not None and self._place is not None:
            table = self.tab.table
            self._c.change(sort=SortKey.MEASURED, order=Order(self._place.tap.name, table.by, table.order))

    def save(self) -> None:
        """The table as a file."""
        found = self.found
        if found is None:
            return
        name = "".join(c if c.isalnum() or c in "._-" else "-" for c in found.tap)
        default = f"{name}-health-{found.count}-inputs.csv"
        path = ask_path(self._c.window, self._c.settings, "Save health", default, "CSV (*.csv)")
        if path:
            self._c.desk.save_health(path, found)

    # --- answers ---

    def receive(self, event: Event) -> bool:
        """Whether the event was this one's."""
        if event.key != work.HEALTH:
            return False
        if not self._wanted.takes(event):
            return True
        if event.progress is not None:
            self.tab.set_running(True, event.progress.fraction or 0.0)
            self.tab.set_status(f"{event.progress.text} inputs")
        elif isinstance(event.value, Health) and self._key is not None:
            self._keep(self._key, event.value)
            self.tab.set_health(event.value)
        if not event.partial:
            self.tab.set_running(False)
            self._say_state(event.failure.text if event.failure is not None else "")
        return True

    def _keep(self, key: Key, found: Health) -> None:
        self._found.pop(key, None)
        self._found[key] = found
        for old in list(self._found)[:-_KEPT]:
            del self._found[old]
