"""What the Transfer workspace says of a training: what is frozen, how far it is, what came of it, the command that does the same. Pure."""

from __future__ import annotations

import math
import shlex
from pathlib import PurePath

from explorer.core.data_sets import DataSet
from explorer.core.models import ModelSpec
from explorer.core.params import params_of
from explorer.core.session.transfer_place import TransferPlace
from explorer.core.transfer import EpochFigures, Exported, Phase, Trainable, Training, TransferParams, TransferResult
from explorer.core.translation import ntr, tr
from explorer.ui.widgets import text

_PHASES = {
    Phase.PREPARING: tr("Preparing"),
    Phase.FROZEN_PART: tr("Computing the frozen part of every picture"),
    Phase.LEARNING: tr("Learning"),
    Phase.TESTING: tr("Testing"),
}


def frozen_words(of: Trainable | None, freeze: str, result: TransferResult | None = None) -> str:
    """How far the model is frozen and how much of it learns; after a training, that this was checked."""
    if of is None or of.reason:
        return ""
    where = tr("Frozen up to {freeze}", freeze=freeze) if freeze else tr("Nothing frozen")
    if result is not None:
        return tr(
            "{where}: {learnt_parameters:,} parameters have learnt{proof}",
            where=where,
            learnt_parameters=result.learnt_parameters,
            proof=_proof(result),
        )
    learning, least = of.learning.get(freeze, of.parameters), of.learning.get(of.points[-1], 0) if of.points else -1
    if learning == least:
        return tr(
            "{where}: only the new last layer learns, {learning:,} of {parameters:,} parameters",
            where=where,
            learning=learning,
            parameters=of.parameters,
        )
    if learning == of.parameters:
        return tr("{where}: all {parameters:,} parameters learn", where=where, parameters=of.parameters)
    return tr(
        "{where}: {learning:,} of {parameters:,} parameters learn",
        where=where,
        learning=learning,
        parameters=of.parameters,
    )


def _proof(result: TransferResult) -> str:
    if not result.frozen_taps:
        return ""
    if result.frozen_same:
        return ntr(
            "; {n:,} frozen layer is unchanged (proved)",
            "; {n:,} frozen layers are unchanged (proved)",
            result.frozen_taps,
        )
    return tr("; a frozen layer has CHANGED")


def short_frozen(freeze: str) -> str:
    """For the form: the setting that the strip of layers has."""
    return freeze or tr("nothing")


def progress_words(training: Training) -> str:
    """What is done now, and how far; "" of what is finished."""
    epochs, done = training.target.params.epochs, training.epochs[-1].epoch if training.epochs else 0
    if training.phase is Phase.DONE:
        return ""
    if training.phase is Phase.PAUSED:
        return tr("Paused after {done} of {epochs} epochs.{best}", done=done, epochs=epochs, best=_best(training))
    if training.phase is Phase.LEARNING:
        return tr(
            "Learning: epoch {done} of {epochs}.{best}", done=min(done + 1, epochs), epochs=epochs, best=_best(training)
        )
    share = f", {training.fraction:.0%}".replace("%", " %") if training.fraction else ""
    return f"{_PHASES[training.phase]}{share}."


def _best(training: Training) -> str:
    best = best_of(training)
    if best is None or math.isnan(best.validation_accuracy):
        return ""
    return tr(
        " Best so far: epoch {epoch}, {validation_accuracy} of the validation pictures right.",
        epoch=best.epoch,
        validation_accuracy=text.percent(best.validation_accuracy),
    )


def best_of(training: Training) -> EpochFigures | None:
    """The epoch that is kept so far."""
    return next((each for each in training.epochs if each.epoch == training.best), None)


def outcome(training: Training) -> str:
    """The result in sentences, a line each; "" while there is none."""
    result = training.result
    if result is None:
        return ""
    learnt, spared, tested = training.counts
    interval = tr("95 % interval {low} to {high}", low=text.percent(result.low), high=text.percent(result.high))
    lines = [
        tr(
            "{accuracy} of {counted} right ({interval}); {before} before it learnt.",
            accuracy=text.percent(result.accuracy),
            counted=ntr("{n:,} test picture", "{n:,} test pictures", tested),
            interval=interval,
            before=text.percent(result.before),
        ),
        tr("Balanced accuracy {balanced}: the mean over the classes.", balanced=text.percent(result.balanced)),
        tr(
            "{chosen} {counted} learnt from, {duration}.",
            chosen=_chosen(result.best_epoch, training.target.params.epochs, spared),
            counted=ntr("{n:,} picture", "{n:,} pictures", learnt),
            duration=_duration(result.seconds),
        ),
    ]
    if result.frozen_taps and result.frozen_same:
        same = tr(
            "The maps of the {counted} equal the original's to the last bit (proved).",
            counted=ntr("{n:,} frozen layer", "{n:,} frozen layers", result.frozen_taps),
        )
        lines.append(same)
    elif result.frozen_taps:
        lines.append(tr("Warning: a frozen layer has changed. See the note."))
    return "\n".join(lines)


def _chosen(best: int, epochs: int, spared: int) -> str:
    if not spared:
        return tr(
            "Epoch {best} of {epochs} is kept, the last: no picture was spared to choose.", best=best, epochs=epochs
        )
    on = ntr("{n:,} validation picture", "{n:,} validation pictures", spared)
    if not best:
        return tr("No epoch was better than the start on {on}: the copy is as it began.", on=on)
    return tr("Epoch {best} of {epochs} is kept, the best on {on}.", best=best, epochs=epochs, on=on)


def done_words(training: Training) -> str:
    """For a person who is looking at another workspace."""
    assert training.result is not None
    return tr(
        "The training is done: {accuracy} of the test pictures right.", accuracy=text.percent(training.result.accuracy)
    )


def saved_words(files: Exported) -> str:
    """Which files were written, and what they are for."""
    card = PurePath(files.card)
    names = [PurePath(file).name for file in files.files]
    return tr(
        "Saved in {parent}: {list}. Drop {card} on the window to open the model again.",
        parent=card.parent,
        list=", ".join(names),
        card=card.name,
    )


def command_line(spec: ModelSpec, data: DataSet, place: TransferPlace, params: TransferParams) -> str:
    """The command that learns the same and saves it."""
    parts = ["feature-map-explorer", "transfer", spec.id]
    for option, value in (("--weights", spec.weights), ("--output", spec.output)):
        parts += [option, value] if value else []
    parts += ["--untrained"] if spec.untrained else []
    parts += ["--size", "x".join(map(str, spec.size))] if spec.size else []
    parts += ["--probabilities", spec.probabilities] if spec.probabilities != "auto" else []
    parts += ["--data", data.name]
    parts += ["--groups", data.groups] if data.groups != "none" else []
    parts += ["--test", place.test] if place.test else []
    parts += ["--freeze", params.freeze or "none"]
    for param in params_of(TransferParams):
        value = getattr(params, param.name)
        if param.name != "freeze" and value != param.default:
            parts += [param.flag_name, str(value)]
    return shlex.join([*parts, "--out", "learnt"])


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
