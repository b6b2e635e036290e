"""What the page of maximised pictures says and which numbers it shows. Pure."""

from __future__ import annotations

import numpy as np

from explorer.core.geometry.cells import title_of
from explorer.core.maximisation import LayerProgress, Maximised, Objective
from explorer.core.maximised_pictures import Natural
from explorer.core.selection import Selection
from explorer.core.session.display import Display
from explorer.core.translation import capitalised, ntr, tr
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row

_NAMED = 6  # channels that failed, by their number


def titles(place: Selection) -> list[tuple[str, str]]:
    """(kind, title) of the targets; "" where there is none of that kind."""
    labels, class_ = place.card.labels, place.class_index
    name = "" if class_ is None else labels[class_] if class_ < len(labels) else tr("class {value}", value=class_)
    known = place.tap.layout != "other" and place.tap.channels > 0
    channel = tr("channel {channel}", channel=place.channel) if known else ""
    on_map = place.cell is not None and place.tap.grid is not None
    cell = (
        tr("{channel} at {title_of}", channel=channel, title_of=title_of(place.cell))
        if channel and on_map and place.cell is not None
        else ""
    )
    return [
        ("channel", channel and tr("{channel} (mean)", channel=channel)),
        ("cell", cell),
        ("class", name and tr("class: {name}", name=name)),
        ("direction", channel and tr("several channels …")),
    ]


def quantity(objective: Objective) -> str:
    """What is made large or small."""
    if not objective.tap:
        return "logit"
    if len(objective.channels) > 1 or objective.weights:
        return tr("weighted sum")
    return tr("activation of the cell") if objective.cell is not None else tr("mean activation")


def invitation(objective: Objective) -> str:
    """What stands in the place of a picture that has not been made."""
    if objective.negative:
        return tr("Start: generate an image that minimises {target}.", target=objective.target)
    return tr("Start: generate an image that maximises {target}.", target=objective.target)


def status(made: Maximised | None, phase: str, kept: bool) -> str:
    """Where it stands; `kept`: it came from the disk."""
    if phase == "growing" and made is None:
        return tr("Preparing …")
    if made is None:
        return tr("Not generated yet.") if phase == "idle" else ""
    steps = tr("step {step} of {steps}", step=made.step, steps=made.settings.steps)
    if phase == "growing":
        return f"{capitalised(steps)}."
    if phase == "paused":
        return tr("{stored} at {steps}.", stored=tr("Stored") if kept else tr("Paused"), steps=steps)
    return tr(
        "{stored_earlier}, {step} steps.",
        stored_earlier=tr("Stored earlier") if kept else tr("Finished and stored"),
        step=made.step,
    )


def batched(made: Maximised) -> str:
    """How far the batch has come with what is selected."""
    return tr("Step {step} of {steps}, in the run over all channels.", step=made.step, steps=made.settings.steps)


def elsewhere(objective: Objective, latest: Maximised | None) -> str:
    """What grows that is not what is selected."""
    grown = tr(", step {step} of {steps}", step=latest.step, steps=latest.settings.steps) if latest is not None else ""
    return tr(
        "{capitalised} continues{grown}. Starting another pauses and stores it.",
        capitalised=capitalised(objective.text),
        grown=grown,
    )


def comparable(objective: Objective) -> bool:
    """Whether natural pictures can be set beside it."""
    single = len(objective.channels) == 1 and not objective.weights
    return bool(objective.tap) and single and objective.cell is None and not objective.negative


def rows(made: Maximised, now: float | None, natural: Natural | None) -> list[Row]:
    """The target of the picture, of the one that is shown, and of the best natural one."""
    sign = -1 if made.objective.negative else 1
    several = tr("; mean over the images") if len(made.pictures) > 1 else ""
    lines = []
    if made.value is not None:
        tip = tr(
            "{capitalised} for the finished image, not transformed{several}",
            capitalised=capitalised(quantity(made.objective)),
            several=several,
        )
        lines.append(Row(tr("generated image"), text.number(sign * made.value, 4), tip))
    if now is not None:
        lines.append(Row(tr("current input"), text.number(now, 4), tr("The same quantity for the input on the left")))
    if natural is not None and comparable(made.objective):
        lines += _natural(made, natural)
    return lines


def _natural(made: Maximised, natural: Natural) -> list[Row]:
    channel, seen = made.objective.channels[0], len(natural.names)
    best = float(natural.best[channel])
    name = natural.names[int(natural.which[channel])]
    of = (
        tr("best of {seen} samples", seen=seen)
        if seen == natural.total
        else tr("best of {seen}/{total} samples", seen=seen, total=natural.total)
    )
    lines = [Row(of, text.number(best, 4), tr("“{name}” has the largest mean activation", name=name))]
    if made.value is not None and best > 0:
        lines.append(
            Row(
                tr("ratio to the best"),
                text.number(made.value / best, 3),
                tr("Of the generated image to the best sample"),
            )
        )
    return lines


def unmade(progress: LayerProgress) -> str:
    """Which channels could not be made, and why the last of them; "" for none."""
    if not progress.failed:
        return ""
    which = ", ".join(str(channel) for channel, _ in progress.failed[-_NAMED:])
    more = len(progress.failed) - _NAMED
    others = tr(" and {more} more", more=more) if more > 0 else ""
    return ntr(
        "Not generated: channel {which}{others}. {failed}",
        "Not generated: channels {which}{others}. {failed}",
        len(progress.failed),
        which=which,
        others=others,
        failed=progress.failed[-1][1],
    )


def layer_progress(progress: LayerProgress) -> str:
    """How far a batch is."""
    done = tr(
        "{count} of {total} generated. {unmade}",
        count=len(progress.done),
        total=progress.total,
        unmade=unmade(progress),
    ).strip()
    latest = progress.latest
    if latest is None or latest.done:
        return done
    return tr(
        "Channel {channels}, step {step} of {steps}. {done}",
        channels=latest.objective.channels[0],
        step=latest.step,
        steps=latest.settings.steps,
        done=done,
    )


def value_of(objective: Objective, shown: Display) -> float | None:
    """The weighted sum of the channels' means, or of their values in a cell."""
    channels, cell = list(objective.channels), objective.cell
    if max(channels) >= len(shown.plain):
        return None
    values = shown.plain[channels]
    if cell is not None and cell[0] < 0:
        if shown.prefix is None or cell[1] >= len(shown.prefix):
            return None
        values = shown.prefix[cell[1], channels]
    elif cell is not None:
        values = values[:, cell[0], cell[1]] if values.ndim == 3 else values
    means = values.reshape(len(values), -1).mean(1)
    return float(np.dot(means, objective.weights or np.ones(len(means))))
