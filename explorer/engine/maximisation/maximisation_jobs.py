"""Maximisation that remembers: one picture, or one of every channel of a layer, taken up again where it was left."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from explorer.core.errors import ExplorerError
from explorer.core.inputs import Picture
from explorer.core.maximisation import LayerProgress, Maximised, MaximiseSettings, MaximiseState, Objective
from explorer.core.translation import tr
from explorer.engine.capture.forward import CapturePlan
from explorer.engine.jobs.cancel import Cancelled, CancelledError, never
from explorer.engine.maximisation.maximised_store import MaximisedStore
from explorer.engine.maximisation.optimise import maximise
from explorer.engine.maximisation.prepare import plan_for
from explorer.engine.models.base import LoadedModel

_HOPELESS = 3  # channels that fail before any is made: it is not the channel


def kept(
    loaded: LoadedModel,
    objective: Objective,
    settings: MaximiseSettings,
    store: MaximisedStore,
    *,
    plan: CapturePlan | None = None,
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
        return replace(result, notes=(*result.notes, tr("It is not stored. {error}", error=error)))
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

    What is in the store is not made again, so that started anew it goes on where it was left. A channel that cannot be made
    is named with the reason, and the others go on. Raises ExplorerError when a picture cannot be kept, for then nothing would
    come of the work, and when not one of the first few channels can be made; what is there stays.
    """
    plan = plan_for(loaded, settings, cancelled)
    plan.key_of(tap)
    wanted = range(next(one for one in plan.taps if one.name == tap).channels) if channels is None else channels
    now = LayerProgress(tap, done_channels(loaded, tap, settings, store, wanted), len(wanted))
    yield now
    for channel in [c for c in wanted if c not in now.done]:
        making = _made(loaded, Objective(tap, (channel,)), settings, store, plan, None, cancelled)
        result = yield from _told(making, now)
        if isinstance(result, str):
            now = replace(now, failed=(*now.failed, (channel, result)))
            if not now.done and len(now.failed) == min(_HOPELESS, len(wanted)):
                raise ExplorerError(
                    tr("No channel of {tap} can be maximised.", tap=tap),
                    result,
                    tr("Choose another layer or other settings."),
                )
            yield now
            continue
        store.put(result)
        now = replace(now, done=(*now.done, channel))
        yield replace(now, latest=result)
    return now


def _told(
    making: Generator[Maximised, None, Maximised], now: LayerProgress
) -> Generator[LayerProgress, None, Maximised | str]:
    """The finished picture, or why there is none. The error itself, which holds tensors, ends here."""
    while True:
        try:
            growing = next(making)
        except StopIteration as end:
            made: Maximised = end.value
            return made
        except CancelledError:
            raise
        except ExplorerError as error:
            return " ".join(part for part in (error.what, error.why) if part)
        except Exception as error:  # noqa: BLE001 - somebody's model may raise anything
            return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        try:
            yield replace(now, latest=growing)
        except GeneratorExit:
            making.close()  # now, not when it is collected: its state is kept by that
            raise


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
    plan: CapturePlan | None,
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
