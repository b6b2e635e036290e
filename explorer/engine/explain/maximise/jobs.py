"""Maximisation that remembers: one picture, or one of every channel of a layer, taken up again where it was left."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from explorer.core.maximise import LayerProgress, Maximised, MaximiseSettings, MaximiseState, Objective
from explorer.core.types import ExplorerError, Picture
from explorer.engine.cancel import Cancelled, never
from explorer.engine.capture import Plan
from explorer.engine.explain.maximise.prepare import plan_for
from explorer.engine.explain.maximise.run import maximise
from explorer.engine.explain.maximise.store import MaximisedStore
from explorer.engine.models.values import LoadedModel


def kept(
    loaded: LoadedModel,
    objective: Objective,
    settings: MaximiseSettings,
    store: MaximisedStore,
    *,
    plan: Plan | None = None,
    start: Picture | None = None,
    cancelled: Cancelled = never,
) -> Generator[Maximised, None, Maximised]:
    """As `maximise`, but a finished picture comes from the store at once, and an interrupted one goes on from there.

    When it cannot be kept (the disk is full), the picture comes all the same, with a note.
    """
    model, settings = loaded.card.digest, settings if start is None else replace(settings, start=start.digest)
    known = store.get(model, objective, settings)
    if known is not None:
        return known
    result = yield from _made(loaded, objective, settings, store, plan, start, cancelled)
    try:
        store.put(result)
    except ExplorerError as error:
        return replace(result, notes=(*result.notes, f"It is not kept for the next time. {error}"))
    return result


def every_channel(
    loaded: LoadedModel,
    tap: str,
    settings: MaximiseSettings,
    store: MaximisedStore,
    *,
    channels: Sequence[int] | None = None,
    cancelled: Cancelled = never,
) -> Generator[LayerProgress, None, LayerProgress]:
    """A picture of every channel of a tap (or of `channels`), one after the other; yields about ten times a second.

    What is in the store is not made again, so that started anew it goes on where it was left. Raises ExplorerError when a
    picture cannot be kept, for then nothing would come of the work; what is there stays.
    """
    plan = plan_for(loaded, settings, cancelled)
    plan.key_of(tap)
    wanted = range(next(one for one in plan.taps if one.name == tap).channels) if channels is None else channels
    done = list(done_channels(loaded, tap, settings, store, wanted))
    yield LayerProgress(tap, tuple(done), len(wanted))
    for channel in [c for c in wanted if c not in done]:
        making = _made(loaded, Objective(tap, (channel,)), settings, store, plan, None, cancelled)
        while True:
            try:
                growing = next(making)
            except StopIteration as end:
                result: Maximised = end.value
                break
            try:
                yield LayerProgress(tap, tuple(done), len(wanted), growing)
            except GeneratorExit:
                making.close()  # now, not when it is collected: its state is kept by that
                raise
        store.put(result)
        done.append(channel)
        yield LayerProgress(tap, tuple(done), len(wanted), result)
    return LayerProgress(tap, tuple(done), len(wanted))


def done_channels(
    loaded: LoadedModel, tap: str, settings: MaximiseSettings, store: MaximisedStore, channels: Sequence[int]
) -> tuple[int, ...]:
    """Those of `channels` whose picture is in the store."""
    model = loaded.card.digest
    return tuple(c for c in channels if store.has(model, Objective(tap, (c,)), settings))


def _made(
    loaded: LoadedModel,
    objective: Objective,
    settings: MaximiseSettings,
    store: MaximisedStore,
    plan: Plan | None,
    start: Picture | None,
    cancelled: Cancelled,
) -> Generator[Maximised, None, Maximised]:
    model = loaded.card.digest

    def keep(state: MaximiseState) -> None:
        try:
            store.put_state(model, objective, settings, state)
        except ExplorerError:
            pass  # it was interrupted: nobody waits for an answer, and the next time it starts from the beginning

    return (
        yield from maximise(
            loaded,
            objective,
            settings,
            plan=plan,
            start=start,
            state=store.state(model, objective, settings),
            keep=keep,
            cancelled=cancelled,
        )
    )
