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
from explorer.ui.widgets import text

_PHASES = {
    Phase.PREPARING: "Preparing",
    Phase.FROZEN_PART: "Computing the frozen part of every picture",
    Phase.LEARNING: "Learning",
    Phase.TESTING: "Testing",
}


def frozen_words(of: Trainable | None, freeze: str, result: TransferResult | None = None) -> str:
    """How far the model is frozen and how much of it learns; after a training, that this was checked."""
    if of is None or of.reason:
        return ""
    where = f"Frozen up to {freeze}" if freeze else "Nothing frozen"
    if result is not None:
        return f"{where}: {result.learnt_parameters:,} parameters have learnt{_proof(result)}"
    learning, least = of.learning.get(freeze, of.parameters), of.learning.get(of.points[-1], 0) if of.points else -1
    if learning == least:
        return f"{where}: only the new last layer learns, {learning:,} of {of.parameters:,} parameters"
    if learning == of.parameters:
        return f"{where}: all {of.parameters:,} parameters learn"
    return f"{where}: {learning:,} of {of.parameters:,} parameters learn"


def _proof(result: TransferResult) -> str:
    if not result.frozen_taps:
        return ""
    if result.frozen_same:
        verb = "is" if result.frozen_taps == 1 else "are"
        return f"; {_counted(result.frozen_taps, 'frozen layer')} {verb} unchanged (proved)"
    return "; a frozen layer has CHANGED"


def short_frozen(freeze: str) -> str:
    """For the form: the setting that the strip of layers has."""
    return freeze or "nothing"


def progress_words(training: Training) -> str:
    """What is done now, and how far; "" of what is finished."""
    epochs, done = training.target.params.epochs, training.epochs[-1].epoch if training.epochs else 0
    if training.phase is Phase.DONE:
        return ""
    if training.phase is Phase.PAUSED:
        return f"Paused after {done} of {epochs} epochs.{_best(training)}"
    if training.phase is Phase.LEARNING:
        return f"Learning: epoch {min(done + 1, epochs)} of {epochs}.{_best(training)}"
    share = f", {training.fraction:.0%}".replace("%", " %") if training.fraction else ""
    return f"{_PHASES[training.phase]}{share}."


def _best(training: Training) -> str:
    best = best_of(training)
    if best is None or math.isnan(best.validation_accuracy):
        return ""
    return (
        f" Best so far: epoch {best.epoch}, {text.percent(best.validation_accuracy)} of the validation pictures right."
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
    interval = f"95 % interval {text.percent(result.low)} to {text.percent(result.high)}"
    lines = [
        f"{text.percent(result.accuracy)} of {_counted(tested, 'test picture')} right ({interval}); "
        f"{text.percent(result.before)} before it learnt.",
        f"Balanced accuracy {text.percent(result.balanced)}: the mean over the classes.",
        f"{_chosen(result.best_epoch, training.target.params.epochs, spared)} "
        f"{_counted(learnt, 'picture')} learnt from, {_duration(result.seconds)}.",
    ]
    if result.frozen_taps and result.frozen_same:
        same = f"The maps of the {_counted(result.frozen_taps, 'frozen layer')} equal the original's to the last bit (proved)."
        lines.append(same)
    elif result.frozen_taps:
        lines.append("Warning: a frozen layer has changed. See the note.")
    return "\n".join(lines)


def _chosen(best: int, epochs: int, spared: int) -> str:
    if not spared:
        return f"Epoch {best} of {epochs} is kept, the last: no picture was spared to choose."
    on = _counted(spared, "validation picture")
    if not best:
        return f"No epoch was better than the start on {on}: the copy is as it began."
    return f"Epoch {best} of {epochs} is kept, the best on {on}."


def done_words(training: Training) -> str:
    """For a person who is looking at another workspace."""
    assert training.result is not None
    return f"The training is done: {text.percent(training.result.accuracy)} of the test pictures right."


def saved_words(files: Exported) -> str:
    """Which files were written, and what they are for."""
    card = PurePath(files.card)
    names = [PurePath(file).name for file in files.files]
    return f"Saved in {card.parent}: {', '.join(names)}. Drop {card.name} on the window to open the model again."


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
