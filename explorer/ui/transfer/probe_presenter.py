"""Probes of the open model over the open data set: over the layers, over numbers of pictures, and what is taken for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QGuiApplication

from explorer import catalogue
from explorer.core.command_text import command
from explorer.core.data_sets import DataSet, Split, check, split
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.method import MethodSpec
from explorer.core.probe import ALL_LAYERS, Point, Probe, ProbeParams
from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPage
from explorer.core.translation import tr
from explorer.ui.graphics.accuracy_plot import AccuracySeries
from explorer.ui.save_as import ask_path, plain_name
from explorer.ui.transfer import accuracy_series as words
from explorer.ui.transfer.lab import Lab
from explorer.ui.transfer.mistakes_presenter import MistakesPresenter
from explorer.ui.transfer.probe_question import ProbeQuestion
from explorer.ui.transfer.scratch_training import ScratchTraining

PROBE = "probe"
COUNTS = (1, 2, 5, 10, 20, 50, 100)  # pictures a class
_DRAWS = 10  # of the curve over numbers of pictures


class AccuracyView(Protocol):
    """What is needed of a panel with a plot: `AccuracyPanel`, or in a test a plain object."""

    started: SignalInstance
    chosen: SignalInstance

    def set_running(self, fraction: float | None) -> None: ...
    def set_status(self, words: str) -> None: ...
    def set_warning(self, words: str) -> None: ...
    def set_conclusion(self, words: str) -> None: ...
    def set_reading(self, words: str) -> None: ...
    def set_series(self, names: Sequence[str], series: Sequence[AccuracySeries]) -> None: ...
    def set_current(self, place: int | None, interval: tuple[float, float] | None = None) -> None: ...
    def set_best(self, place: int | None, value: float = 0.0) -> None: ...
    def say(self, message: str) -> None: ...


class LayerAccuracyView(AccuracyView, Protocol):
    """`LayerAccuracyPanel`."""

    params_changed: SignalInstance
    count_chosen: SignalInstance
    exported: SignalInstance
    copied: SignalInstance

    @property
    def params(self) -> ProbeParams: ...
    def set_params(self, params: ProbeParams) -> None: ...
    def set_counts(self, counts: Sequence[int], current: int) -> None: ...
    def set_ready(self, result: bool) -> None: ...


class PictureAccuracyView(AccuracyView, Protocol):
    """`PictureAccuracyPanel`."""

    scratch_asked: SignalInstance
    epochs_changed: SignalInstance

    @property
    def scratch_epochs(self) -> int: ...
    def set_scratch(self, running: bool) -> None: ...


class ProbePresenter:
    """Both curves follow the model, the data set, the settings and the selected layer."""

    def __init__(
        self, lab: Lab, layers: LayerAccuracyView, pictures: PictureAccuracyView, mistakes: MistakesPresenter
    ) -> None:
        spec = catalogue.methods.get(PROBE)
        assert spec is not None  # it comes with the program
        self.spec: MethodSpec[ProbeParams, Probe] = spec
        self._lab, self._layers, self._pictures, self._mistakes = lab, layers, pictures, mistakes
        client = lab.host.client
        stored: set[tuple[str, str]] = set()
        self.by_layer = ProbeQuestion(self.spec, client, "transfer layers", stored, self._draw_layers)
        self.by_count = ProbeQuestion(self.spec, client, "transfer counts", stored, self._draw_counts)
        self.scratch = ScratchTraining(client, self._draw_counts)
        self._started = False
        self._kept_split: tuple[DataSet, tuple[float, int], Split] | None = None
        layers.started.connect(partial(self._toggle, self.by_layer))
        pictures.started.connect(partial(self._toggle, self.by_count))
        layers.params_changed.connect(self._edited)
        layers.count_chosen.connect(self._count_chosen)
        layers.chosen.connect(self._choose_layer)
        layers.exported.connect(self._export)
        layers.copied.connect(self._copy)
        pictures.chosen.connect(self._choose_count)
        pictures.scratch_asked.connect(self._toggle_scratch)
        pictures.epochs_changed.connect(self._draw_counts)
        lab.data_changed.connect(self._turn_data)
        lab.model_changed.connect(self.turn)
        lab.moved.connect(self._moved)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self.by_layer.waiting or self.by_count.waiting or self.scratch.waiting

    def start(self) -> None:
        """The workspace comes to the front."""
        self._started = True
        self.turn()

    def finish(self) -> None:
        """Asks for nothing more."""
        for part in (self.by_layer, self.by_count, self.scratch):
            part.close()

    def run(self) -> None:
        """Probes all layers, or stops that."""
        self._lab.move(page=TransferPage.LAYERS)
        self._toggle(self.by_layer)

    @property
    def _data_option(self) -> tuple[str, ...]:
        """The data set, where it is the default one and would be left out."""
        return ("--data", self.params.data.path) if self.params.data == ProbeParams().data else ()

    # --- what is asked ---

    @property
    def params(self) -> ProbeParams:
        """Settings with the open data set."""
        place = self._lab.place
        kept = self._lab.params(PROBE, ProbeParams)
        return replace(kept, data=Over("folder", place.data), groups=place.groups, test=place.test, taps="")

    @property
    def count(self) -> int:
        """Pictures a class of the curve over the layers, 0: all."""
        return self.params.sizes[-1]

    def _divided(self) -> Split | None:
        """Kept, for it takes a while with ten thousand pictures."""
        data, params = self._lab.data, self.params
        if data is None:
            return None
        asked = params.hold_out, params.seed
        if self._kept_split is None or self._kept_split[0] is not data or self._kept_split[1] != asked:
            self._kept_split = data, asked, split(data, *asked)
        return self._kept_split[2]

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers of pictures a class that every class has, then 0: all."""
        divided = self._divided()
        smallest = divided.smallest if divided is not None else 0
        return (*(count for count in COUNTS if count < smallest), 0)

    @property
    def layer(self) -> str:
        """The selected layer as the curve names it, else the selected one."""
        result, tap = self.by_layer.result, self._lab.host.session.tap
        place = words.place_of(result, tap) if result is not None else None
        return words.layer_names(result)[place] if result is not None and place is not None else tap

    def blocked(self) -> str:
        """Why nothing can be probed, "" where something can."""
        if self._lab.card is None:
            return tr("Open a model first: Ctrl+O, or the button Model in Explore.")
        data = self._lab.data
        if data is None:
            return tr("Open a data set at the left: a folder whose folders are classes, or one of the ready ones.")
        try:
            check(data)
        except ExplorerError as error:
            return str(error)
        return ""

    def _turn_data(self) -> None:
        for question in (self.by_layer, self.by_count):
            question.forget()
        self.turn()

    def turn(self) -> None:
        """Model, data set, layer or settings have changed."""
        if not self._started:
            return
        reason, card = self.blocked(), self._lab.card
        for panel in (self._layers, self._pictures):
            panel.say(reason)
        if reason or card is None:
            self.scratch.stop()
            for question in (self.by_layer, self.by_count):
                question.turn("", None)
            self._mistakes.show_probe(None, None)
            return
        params = self.params
        self._layers.set_params(params)
        self._layers.set_counts(self.counts, self.count)
        self.by_layer.turn(card.digest, params)
        self._turn_counts()
        self._draw_layers()

    def _turn_counts(self) -> None:
        card = self._lab.card
        if card is None or self._lab.place.page is not TransferPage.PICTURES:
            return
        sizes = ",".join(str(count) for count in self.counts if count)
        per_class = f"{sizes},all" if sizes else "all"
        params = replace(self.params, taps=self.layer, per_class=per_class, draws=max(_DRAWS, self.params.draws))
        self.by_count.turn(card.digest, params)
        self._draw_counts()

    def _moved(self, old: Session, new: Session) -> None:
        if (old.methods, old.transfer.data, old.transfer.groups, old.transfer.test) != (
            new.methods,
            new.transfer.data,
            new.transfer.groups,
            new.transfer.test,
        ):
            self.turn()
        elif self._started and not self.blocked():
            self._turn_counts()
            self._draw_layers()

    def _toggle(self, question: ProbeQuestion) -> None:
        if not question.stop():
            question.run()

    def _edited(self) -> None:
        try:
            made = self._layers.params
        except ExplorerError as error:
            self._layers.set_status(str(error))
            return
        self._lab.set_params(PROBE, replace(made, per_class=self.params.per_class))

    def _count_chosen(self, count: int) -> None:
        self._lab.set_params(PROBE, replace(self.params, per_class=str(count) if count else ""))

    # --- over the layers ---

    def _draw_layers(self) -> None:
        question, panel = self.by_layer, self._layers
        result = question.result
        panel.set_running(question.fraction)
        panel.set_ready(result is not None and result.final)
        if result is None:
            panel.set_series((), ())
            panel.set_status(question.words)
            panel.set_conclusion("")
            panel.set_reading("")
            panel.set_warning("")
            self._mistakes.show_probe(None, None)
            return
        panel.set_series(words.axis_names(result, self._lab.host.capture), words.by_layer(result, self.count))
        place = words.place_of(result, self._lab.host.session.tap)
        point = self._point(result, place)
        panel.set_current(place, (point.test_low, point.test_high) if point is not None else None)
        best = result.best if result.final else None
        panel.set_best(words.place_of(result, best.tap) if best is not None else None, best.accuracy if best else 0.0)
        panel.set_conclusion(words.conclusion(result, self.count))
        panel.set_reading(words.in_words(point, result))
        panel.set_warning("\n".join(result.warnings))
        notes = [words.method_words(result), words.left_out(result, self._lab.data)] if result.final else []
        panel.set_status("\n".join(part for part in (question.words, *notes, *result.notes) if part))
        self._mistakes.show_probe(result, point)

    def _point(self, result: Probe, place: int | None) -> Point | None:
        names = words.layer_names(result)
        return result.point(names[place], self.count) if place is not None else None

    def _choose_layer(self, place: int) -> None:
        result = self.by_layer.result
        if result is None:
            return
        name = words.layer_names(result)[place]
        if name != ALL_LAYERS:
            self._lab.host.change(tap=name)
            return
        point = result.point(ALL_LAYERS, self.count)
        self._layers.set_current(place, (point.test_low, point.test_high) if point is not None else None)
        self._layers.set_reading(words.in_words(point, result))
        self._mistakes.show_probe(result, point)

    # --- over numbers of pictures ---

    def _draw_counts(self) -> None:
        question, panel, params = self.by_count, self._pictures, self.params
        result, card, counts = question.result, self._lab.card, self._by_size
        panel.set_running(question.fraction)
        panel.set_scratch(self.scratch.waiting)
        epochs = panel.scratch_epochs
        trained = self.scratch.known(card.digest, self._lab.data, epochs, params.seed) if card is not None else ()
        said = [question.words, self.scratch.words]
        if result is None:
            panel.set_series((), ())
            panel.set_conclusion("")
            panel.set_warning("")
        else:
            panel.set_series(
                [str(count) if count else "all" for count in counts],
                words.by_count(result, counts, self.layer, trained, epochs),
            )
            panel.set_current(counts.index(self.count) if self.count in counts else None)
            panel.set_warning("\n".join(result.warnings))
            panel.set_conclusion(words.few_shot(result, self.layer, trained))
            said.append(words.method_words(result) if result.final else "")
        if trained and abs(params.hold_out - 0.25) > 1e-9 and not params.test:
            said.append(tr("Training from scratch is tested on a quarter of the pictures, the probe on another share."))
        panel.set_status("\n".join(part for part in said if part))

    @property
    def _by_size(self) -> tuple[int, ...]:
        """Fewest first, all last."""
        return self.counts

    def _choose_count(self, place: int) -> None:
        counts = self._by_size
        if 0 <= place < len(counts):
            self._count_chosen(counts[place])

    def _toggle_scratch(self) -> None:
        if self.scratch.stop():
            return
        card, data = self._lab.card, self._lab.data
        if card is not None and data is not None and not self.blocked():
            self.scratch.run(card, data, self._by_size, self._pictures.scratch_epochs, self.params.seed)

    # --- what goes out ---

    def _export(self, number: int) -> None:
        result, export = self.by_layer.result, self.spec.exports[number]
        if result is None:
            return
        default = plain_name(export.name(result)) + export.suffix
        kinds = f"{export.kind} (*{export.suffix})"
        host = self._lab.host
        path = ask_path(host.parent_widget, host.settings, tr("Save probe"), default, kinds)
        if path:
            host.save(path, partial(export.make, result))

    def _copy(self) -> None:
        card = self._lab.card
        if card is not None:
            QGuiApplication.clipboard().setText(command(self.spec.id, card.spec, self.params, *self._data_option))
            self._lab.host.say(tr("The command was copied."))
