"""The page that edits channels of the selected layer and ranks them by their effect on a class."""

from __future__ import annotations

from typing import get_args

from explorer.core.activations import Capture
from explorer.core.errors import Failure
from explorer.core.figure.figure_parts import FigureDescription
from explorer.core.figure.figure_subject import FigureSubject
from explorer.core.geometry.cells import Region, has_maps
from explorer.core.interventions import Ablation, Edit, Mode, Ranking, Shift
from explorer.core.method import Measured
from explorer.core.selection import Selection
from explorer.core.translation import tr
from explorer.methods.ablation.figure import figure
from explorer.methods.ablation.page import AblationPage
from explorer.methods.ablation.requests import RankChannels
from explorer.methods.ablation.spec import SPEC
from explorer.ui.jobs.client import JobClient, Task
from explorer.ui.jobs.result_cache import ResultCache
from explorer.ui.method_page.host import PageHost

_MODES: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}
_NOT_YET = tr("This layer is still being computed. Try again in a moment.")
_PAUSE = tr("Pause to rank: ranking needs a single picture.")


class Presenter:
    """Sets the edits; what they do everywhere else is `Interventions`'."""

    def __init__(self, client: JobClient, host: PageHost) -> None:
        self._host, self._map, self.interventions = host, host.regions, host.interventions
        self.view = self.tab = AblationPage()
        self._ranking: Task[Ranking] = Task(client, "rank channels", self._take_ranking, self._fail, ended=self._end)
        self._rankings: ResultCache[Ranking] = ResultCache(SPEC.kept)
        self._asked: RankChannels | None = None  # what would be ranked
        self._applied: Ablation | None = None  # what the last edits did
        self._place: Selection | None = None
        self._region: Region | None = None  # of the selected layer: what is edited of it
        self._cells: Region | None = None  # that, else the selected cell
        self._connect()

    def _connect(self) -> None:
        tab, edits = self.tab, self.interventions
        tab.edited.connect(self.edit)
        tab.silenced.connect(self.silence)
        tab.removed.connect(edits.remove)
        tab.cleared.connect(edits.clear)
        tab.undone.connect(edits.undo)
        tab.rank_asked.connect(self.rank)
        tab.channel_chosen.connect(self._choose)
        self._map.banded.connect(self._mark)
        edits.changed.connect(self._show_edits)
        edits.asked.connect(self._show_asked)
        edits.applied.connect(self._show_applied)
        edits.shifted.connect(self._show_shifts)
        edits.failed.connect(self._show_failure)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._ranking.waiting or self.interventions.waiting

    def facts_of(self, selection: Selection) -> Measured | None:
        """The channels of a selection's layer, what its class needs most first; None while they are not ranked."""
        ranking = self._rankings.get(_ranking_of(selection))
        whole = ranking is not None and ranking.done == ranking.total
        return (
            {"needed": tuple(effect.channel for effect in ranking.effects)} if ranking is not None and whole else None
        )

    def figure(self) -> FigureDescription | None:
        """The figure of the edits and of the ranking, as far as there are any."""
        ranking, applied = self._rankings.get(self._asked), self._applied
        about = FigureSubject(self._place, further=ranking)
        if applied is not None and applied.edits == self.interventions.edits:
            return figure(applied, about)
        return figure(ranking, about) if ranking is not None else None

    # --- what is selected ---

    def captured(self, capture: Capture, live: bool) -> None:
        """Another capture is shown; `follow` comes next."""

    def follow(self, selection: Selection | None, blocked: str) -> None:
        """What is selected now; `blocked` says why nothing can be edited."""
        if blocked or selection is None:
            self.leave()
            self.tab.say(blocked or tr("Nothing is shown yet."))
            return
        before, self._place = self._place, selection
        if before is None or (before.card.digest, before.tap.name) != (selection.card.digest, selection.tap.name):
            self._map.set_banding(False)
            self._region = None
        reason = SPEC.unavailable(selection, SPEC.params())
        self.tab.say(reason)
        if reason:
            return
        self.tab.undo.setEnabled(self.interventions.can_undo)
        self._map.set_banding(has_maps(selection.tap))
        self._follow_ranking(selection)
        self._say_subject()

    def _follow_ranking(self, place: Selection) -> None:
        """The ranking of another layer, class or picture is shown where there is one."""
        playing = self._host.playing
        asked = None if playing else _ranking_of(place)
        if asked != self._asked or playing != self.tab.playing:
            self._ranking.drop()
            self.tab.set_running(None)
            self.tab.set_ranking(self._rankings.get(asked), _PAUSE if playing else "")
        self._asked, self.tab.playing = asked, playing

    def leave(self) -> None:
        """The page is no longer looked at. Edits stay until they are taken away."""
        if self._place is None:
            return
        self._place = None
        self._ranking.drop()
        self.tab.set_running(None)
        self._map.set_banding(False)
        self._region = None

    def choose_class(self) -> None:
        """A class was chosen in the prediction; the ranking is about it with the `follow` that comes next."""

    def _mark(self, region: Region | None) -> None:
        """Another region of the map, or none: the whole channel."""
        self._region = region
        self._say_subject()

    def _choose(self, channel: int) -> None:
        self._host.change(channel=channel)

    def _say_subject(self) -> None:
        place = self._place
        if place is None:
            return
        index, labels = place.class_index, place.card.labels
        name = "" if index is None else labels[index] if index < len(labels) else tr("class {index}", index=index)
        cell = place.cell if place.tap.grid is not None else None
        alone = (cell[0], cell[1], cell[0] + 1, cell[1] + 1) if cell is not None else None
        self._cells = self._region or alone
        self.tab.set_subject(place.channel, self._region, self._cells, name)
        self.tab.hint.setVisible(self._region is None and has_maps(place.tap))

    # --- edits ---

    def edit(self, mode: str) -> None:
        """Replaces the selected channel, or the marked region of it, by "zero", the channel's "mean" or (to "freeze") by what it
        is on this picture."""
        if self._place is None:
            return
        tap, source, origin = self._place.tap.name, "", None
        if mode == "freeze":
            picture = self.interventions.keep(tap)
            if picture is None:
                self.tab.set_result(None, _NOT_YET)
                return
            source, origin = picture.digest, picture.ref
        channels = (self._place.channel,)
        self.interventions.put(Edit(tap, channels, self._region, _MODES[mode], source=source, origin=origin))

    def silence(self) -> None:
        """All channels of the marked region, else of the selected cell, become 0."""
        if self._place is None or self._cells is None:
            return
        new, edits = Edit(self._place.tap.name, region=self._cells), self.interventions.edits
        if new not in edits:
            self.interventions.set_edits((*edits, new))

    def _show_edits(self) -> None:
        self.tab.set_edits(self.interventions.edits, self.interventions.can_undo)

    def _show_asked(self) -> None:
        self.tab.set_result(None)

    def _show_applied(self, _capture: Capture, result: Ablation) -> None:
        self._applied = result
        self.tab.set_result(result)

    def _show_shifts(self, shifts: tuple[Shift, ...]) -> None:
        self.tab.set_live(shifts)

    def _show_failure(self, words: str) -> None:
        self.tab.set_result(None, words)

    # --- the ranking ---

    def run(self) -> None:
        """Ranks, unless that is going on."""
        if not self._ranking.waiting:
            self.rank()

    def rank(self) -> None:
        """Starts the ranking of this layer's channels for the class, or stops the one that runs."""
        if self._ranking.drop():
            self.tab.set_running(None)
        elif self._place is not None and self._asked is not None:
            self._ranking.ask(self._asked)
            self.tab.set_running(0)
        self._say_subject()

    def _take_ranking(self, ranking: Ranking, _done: bool) -> None:
        if self._asked is not None:
            self._rankings.put(self._asked, ranking)
        self.tab.set_running(ranking.done / max(ranking.total, 1))
        self.tab.set_ranking(ranking)
        self._say_subject()

    def _fail(self, failure: Failure) -> None:
        self.tab.set_ranking(None, failure.text)

    def _end(self) -> None:
        self.tab.set_running(None)
        self._say_subject()


def _ranking_of(place: Selection) -> RankChannels | None:
    """What is ranked of a selection; None without a class."""
    index, picture = place.class_index, place.capture.picture
    if index is None:
        return None
    return RankChannels(place.capture.model, picture.digest, place.tap.name, index, picture)
