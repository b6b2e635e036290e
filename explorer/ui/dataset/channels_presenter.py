"""The page Channels: the table of a layer, the histogram of a channel, and the way to Explore."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import SignalInstance

from explorer.core.data_index import ChannelHistogram, ChannelTable, ClassBar
from explorer.core.errors import ExplorerError
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.workspace_figures import table_figure
from explorer.core.session.dataset_place import DatasetPage
from explorer.core.session.session import Session
from explorer.core.translation import tr
from explorer.ui.dataset.index_lab import IndexLab


class ChannelsSurface(Protocol):
    """`ChannelsPanel`, or in a test a plain object."""

    tap_chosen: SignalInstance
    channel_chosen: SignalInstance
    jumped: SignalInstance

    def set_taps(self, names: Sequence[str], current: str) -> None: ...
    def show_table(self, found: ChannelTable | None, noun: str = "picture") -> None: ...
    def show_channel(self, channel: int | None, found: ChannelHistogram | None, bars: Sequence[ClassBar]) -> None: ...
    def set_note(self, words: str) -> None: ...


class ChannelsPresenter:
    """The layer and the channel are those of Explore, where the index is of its model. Reads nothing before its page is in front."""

    waiting = False

    def __init__(self, lab: IndexLab, view: ChannelsSurface) -> None:
        self._lab, self._view = lab, view
        view.tap_chosen.connect(self._choose_tap)
        view.channel_chosen.connect(self._choose_channel)
        view.jumped.connect(self._jump)
        lab.index_changed.connect(self.show)
        lab.moved.connect(self._follow)

    def finish(self) -> None:
        """Nothing runs."""

    def _follow(self, old: Session, new: Session) -> None:
        one, other = old.dataset, new.dataset
        if not self._lab.front or other.page is not DatasetPage.CHANNELS:
            return
        if (old.tap, one.tap, one.page, old.workspace) != (new.tap, other.tap, other.page, new.workspace):
            self.show()
        elif (old.channel, one.channel) != (new.channel, other.channel):
            self._show_channel()

    def show(self) -> None:
        """The table of the layer, and the channel."""
        if self._lab.place.page is not DatasetPage.CHANNELS:
            return
        view = self._view
        try:
            reader, tap = self._lab.reader, self._lab.tap
            if reader is None or tap is None:
                view.set_taps((), "")
                view.show_table(None)
                view.show_channel(None, None, ())
                view.set_note("" if reader is None else tr("The index has no layers."))
                return
            view.set_taps([each.name for each in reader.taps], tap.name)
            view.show_table(reader.table(tap.name), reader.settings.noun)
        except ExplorerError as error:
            view.show_table(None)
            view.show_channel(None, None, ())
            view.set_note(str(error))
            return
        self._show_channel()

    def _show_channel(self) -> None:
        found: ChannelHistogram | None = None
        bars: Sequence[ClassBar] = ()
        note = ""
        try:
            reader, tap = self._lab.reader, self._lab.tap
            if reader is None or tap is None:
                return
            channel = self._lab.channel
            bars = reader.classes(tap.name, channel) if tap.sums and any(reader.labels) else ()
            found = reader.histogram(tap.name, channel)
        except ExplorerError as error:
            note = str(error)
        self._view.show_channel(channel, found, bars)
        self._view.set_note(note)

    def figure(self) -> FigureDescription | None:
        """The table of the layer with the histogram of the channel; None without one."""
        try:
            reader, tap = self._lab.reader, self._lab.tap
            table = reader.table(tap.name) if reader is not None and tap is not None else None
            if reader is None or tap is None or table is None:
                return None
            channel = self._lab.channel if self._lab.channel is not None else -1
            counts = reader.histogram(tap.name, channel) if channel >= 0 else None
        except ExplorerError:
            return None
        return table_figure(table, self._lab.facts, channel, counts)

    # --- hands ---

    def _choose_tap(self, tap: str) -> None:
        channel = self._lab.channel
        reader = self._lab.reader
        if reader is not None:
            self._lab.choose_channel(tap, min(channel, reader.tap(tap).channels - 1))

    def _choose_channel(self, channel: int) -> None:
        tap = self._lab.tap
        if tap is not None:
            self._lab.choose_channel(self._name(tap.name, tap.same_as), channel)

    def _jump(self, channel: int) -> None:
        tap = self._lab.tap
        if tap is not None:
            self._lab.open_channel(self._name(tap.name, tap.same_as), channel)

    def _name(self, tap: str, others: tuple[str, ...]) -> str:
        """The layer as Explore calls it now, where it is the same."""
        now = self._lab.host.session.tap
        return now if self._lab.own and now in others else tap
