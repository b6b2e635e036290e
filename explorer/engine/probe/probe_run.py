"""The whole of a probe: the data set, the pass over its pictures, what is learnt while it runs, the baselines beneath it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from explorer.core.data_sets import DataPicture, DataSet, Split, split
from explorer.core.errors import ExplorerError
from explorer.core.models import ModelCard, of_pictures
from explorer.core.probe import PIXELS, UNTRAINED, Point, Probe, ProbeParams
from explorer.core.translation import tr
from explorer.engine.data_sets.named import read_named
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.models import ConsentNeeded, LoadedModel, open_model
from explorer.engine.probe.feature_extraction import BATCH, FeatureExtraction
from explorer.engine.probe.feature_store import PooledStore
from explorer.engine.probe.learner import Learner, LearningTask, task_of
from explorer.engine.probe.near_duplicates import MANY, share_of_duplicates
from explorer.engine.probe.pooling import PooledColumns
from explorer.engine.studies import Studies

_FEW = 16  # test pictures that the first points are tested on
Steps = Generator[Probe | None, None, Probe]


def probe_steps(studies: Studies, model: str, params: ProbeParams, job: Job, pace: Pace | None = None) -> Steps:
    """A probe of an open model. Yields what is known whenever there is more. Raises ExplorerError and CancelledError."""
    loaded = studies.bench.model(model)
    of_pictures(loaded.card.preprocess)
    _ = params.sizes, params.baselines  # what cannot be meant is said before anything is read
    job.progress(tr("Reading the data set"))
    data = yield from read_named(params.data.path, params.groups, params.test, job)
    run = _ProbeRun(studies, loaded, params, data, split(data, params.hold_out, params.seed), job, pace or Pace())
    return (yield from run.steps())


@dataclass(slots=True, eq=False)
class _ProbeRun:
    studies: Studies
    loaded: LoadedModel
    params: ProbeParams
    data: DataSet
    divided: Split
    job: Job
    pace: Pace
    task: LearningTask = field(init=False)
    learners: list[Learner] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    forwards: int = 0
    done: int = 0

    def __post_init__(self) -> None:
        self.task = task_of(self.data, self.divided, self.params)

    def steps(self) -> Steps:
        store = self._store(self.loaded.card.digest)
        extraction = self._extraction(store, lambda: self.loaded)
        yield from self._extracted(extraction, "", store)
        if extraction.unreadable:  # they are in no count: what was learnt so far is learnt anew
            self.data = self.data.without(extraction.unreadable)
            self.divided = split(self.data, self.params.hold_out, self.params.seed)
            self.task, self.learners = task_of(self.data, self.divided, self.params), []
        main = self.learners[0] if self.learners else self._learner(store)
        self.learners = [main]
        self._say_copies(store)
        yield from self._learnt(main)
        if PIXELS in self.params.baselines:
            pixels = Learner(self.task, store, store.columns[-1:], self.params, PIXELS, cancelled=self.job.cancelled)
            self.learners.append(pixels)
            yield from self._learnt(pixels)
        if UNTRAINED in self.params.baselines:
            yield from self._untrained()
        return self._result(True)

    def _untrained(self) -> Iterator[Probe | None]:
        """The same network at random weights, where its source can make one."""
        card = self.loaded.card
        if not card.weights.trained:
            self.notes.append(tr("The network is untrained itself: it has no untrained twin."))
            return
        store = self._store(f"{card.digest}|{UNTRAINED}|{card.spec.seed}")
        extraction = self._extraction(store, lambda: _twin(card, self.studies.bench.device))
        try:
            yield from self._extracted(extraction, UNTRAINED)
        except (ConsentNeeded, ExplorerError) as error:
            self.notes.append(tr("No untrained twin: {error}", error=error))
            return
        if extraction.unreadable:  # they have gone since the network saw them: its twin would be tested on others
            path, why = next(iter(extraction.unreadable.items()))
            self.notes.append(tr("No untrained twin: {path} has gone meanwhile. {why}", path=path, why=why))
            return
        twin = self._learner(store, UNTRAINED)
        self.learners.append(twin)
        yield from self._learnt(twin)

    # --- the pass ---

    def _store(self, network: str) -> PooledStore:
        return PooledStore(network, BATCH, self.studies.bench.device)

    def _extraction(self, store: PooledStore, opened: Callable[[], LoadedModel]) -> FeatureExtraction:
        return FeatureExtraction(self.data, store, opened, self.studies.bench.device, self.job.cancelled)

    def _extracted(
        self, extraction: FeatureExtraction, what: str, first: PooledStore | None = None
    ) -> Iterator[Probe | None]:
        """Takes the features that are not stored; with `first` the layers are learnt meanwhile from those that are."""
        order, begun = self._order(), self.done
        self.job.progress(tr("Reading the pictures"))
        for _ in extraction.steps(order):
            self.forwards += extraction.forwards
            extraction.forwards = 0
            blank = not self.learners
            if first is not None and not extraction.unreadable:
                self._look(first)
            if self.pace.due() or (blank and self.learners):  # the first point at once
                count = extraction.seen
                self.job.progress(f"Features of {what} {count} of {len(order)}".replace("  ", " "), count / len(order))
                yield self._result() if self.learners and self.learners[0].known else None
            else:
                yield None
        self.done = begun or len(order)
        self.notes += extraction.notes
        if not extraction.store.columns:
            path, why = next(iter(extraction.unreadable.items()))
            raise ExplorerError(tr("No picture could be used."), f"{path}: {why}", tr("Choose other pictures."))

    def _order(self) -> Sequence[DataPicture]:
        """Those of the first draw, the test pictures in the order in which they are asked about, the others."""
        pictures = {picture.path: picture for picture in self.data.pictures}
        task = self.task
        chosen = set(task.draws[task.first][0])
        by_key = {key: path for path, key in task.keys.items()}
        first = [path for key, path in by_key.items() if key in chosen]
        return [pictures[path] for path in dict.fromkeys((*first, *task.paths, *pictures))]

    def _look(self, store: PooledStore) -> None:
        """One step of what can be learnt of the features that are there."""
        if not self.learners:
            needed = (*self.task.draws[self.task.first][0], *self.task.tested[:_FEW])
            if not store.columns or not all(map(store.has, needed)):
                return
            self.learners = [self._learner(store)]
        (learner,) = self.learners
        if learner.previews:
            learner.step()
        else:
            learner.ask()

    # --- what is learnt ---

    def _learner(self, store: PooledStore, baseline: str = "") -> Learner:
        layers = _chosen(store.columns[:-1], self.params.taps)
        return Learner(self.task, store, layers, self.params, baseline, not baseline, self.job.cancelled)

    def _learnt(self, learner: Learner) -> Iterator[Probe | None]:
        learner.ask()
        for _ in learner.rest():
            yield self._result() if self.pace.due() else None
        yield self._result()

    def _say_copies(self, store: PooledStore) -> None:
        keys = self.task.keys
        pool, test = (
            store.rows([keys[p] for paths in part for p in paths], store.columns[-1])
            for part in (self.divided.pool, self.divided.test)
        )
        share = share_of_duplicates(pool, test)
        if share >= MANY:
            self.warnings.append(
                tr(
                    "{share:.0%} of the test pictures are nearly the same as one that is learnt from, as "
                    "frames of one burst are: the accuracy says little about new pictures. Choose groups that "
                    "keep them on one side.",
                    share=share,
                )
            )

    def _result(self, final: bool = False) -> Probe:
        main = self.learners[0]
        task = main.task
        baselines = tuple(point for learner in self.learners[1:] for point in learner.points())
        curve = main.points()
        return Probe(
            model=self.loaded.card.digest,
            params=self.params,
            data=self.data,
            split=self.divided,
            taps=tuple(columns.name for columns in main.layers),
            curve=curve,
            baselines=baselines,
            tested=task.paths[: main.known],
            truth=task.truth[: main.known],
            done=self.done or self.forwards,
            total=len(self.data.pictures),
            forwards=self.forwards,
            batch=BATCH,
            warnings=(*self.warnings, *_said(self.divided, self.params, (*curve, *baselines), self.learners)),
            notes=tuple(dict.fromkeys((*self.data.notes, *self.notes))),
            left_out=main.store.left_out,
            final=final,
        )


def _chosen(layers: Sequence[PooledColumns], patterns: str) -> tuple[PooledColumns, ...]:
    """The layers that any of some names or patterns fits; all where there is none. Raises ExplorerError."""
    wanted = [pattern.strip() for pattern in patterns.split(",") if pattern.strip()]
    found: list[PooledColumns] = []
    for pattern in wanted:
        fitting = [c for c in layers if any(fnmatchcase(name, pattern) for name in (c.name, *c.same_as))]
        if not fitting:
            raise ExplorerError(
                tr("No layer with features is named {pattern!r}.", pattern=pattern[:60]),
                "",
                tr("The command layers lists them."),
            )
        found += fitting
    return tuple(columns for columns in layers if columns in found) if wanted else tuple(layers)


def _said(divided: Split, params: ProbeParams, points: Sequence[Point], learners: Sequence[Learner]) -> list[str]:
    smallest, lines = divided.smallest, []
    if max(params.sizes) > smallest:
        lines.append(
            tr(
                "The smallest class has {smallest} pictures to learn from: a class that has fewer gives all.",
                smallest=smallest,
            )
        )
    failed = sorted({point.tap for point in points if not point.converged})
    if failed:
        lines.append(tr("Logistic regression has not converged for {some}.", some=_some(failed)))
    not_finite = sorted({name for learner in learners for name in learner.not_finite})
    if not_finite:
        lines.append(tr("Features that are not finite count as 0: {some}.", some=_some(not_finite)))
    return lines


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (tr(" and {count} more", count=len(names) - 3) if len(names) > 3 else "")


def _twin(card: ModelCard, device: str) -> LoadedModel:
    spec = replace(card.spec, untrained=True, weights="", preprocess=card.preprocess)
    made = open_model(spec)
    made.module.to(device)
    return made
