"""Figures of the workspaces Dataset and Transfer: what an index says of a layer and of pictures, how a copy learns, its mistakes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.core.arrays import Array
from explorer.core.data_index import ChannelHistogram, ChannelTable, IndexFacts, Scatter
from explorer.core.data_sets import DataSet
from explorer.core.figure.figure_numbers import written
from explorer.core.figure.figure_parts import (
    ColourScale,
    CurvesPart,
    FigureAxis,
    FigureCurve,
    FigureDescription,
    FigurePart,
    HistogramPart,
    MatrixPart,
    ScatterPart,
    TablePart,
    TilesPart,
)
from explorer.core.figure.figure_subject import program, sentences
from explorer.core.figure.layer_figures import file_name
from explorer.core.probe import Confusion
from explorer.core.ready_sets import data_title
from explorer.core.render import colormaps, overlay
from explorer.core.transfer import Training
from explorer.core.translation import tr

_SIDE = 96  # px of a picture of the grid


def index_words(facts: IndexFacts | None) -> str:
    """Which index of which data set; of a folder its name alone."""
    if facts is None:
        return ""
    data = data_title(facts.settings.data)
    return tr(
        "Index of {model} over {data}, {done:,} of {pictures:,} inputs",
        model=facts.model,
        data=data,
        done=facts.done,
        pictures=facts.pictures,
    )


def table_figure(
    table: ChannelTable, facts: IndexFacts | None, channel: int = -1, histogram: ChannelHistogram | None = None
) -> FigureDescription:
    """Every channel of a layer is a row; with the histogram of the selected one."""
    header = (
        *(tr("channel"), tr("maximum"), tr("mean"), tr("coverage")),
        *(tr("sparsity"), tr("selectivity"), "d′", tr("prefers")),
    )
    columns = (table.maximum, table.mean, table.coverage, table.sparsity, table.selectivity, table.d_prime)
    rows = tuple(
        (str(at), *(written(float(column[at]), 3) for column in columns), table.prefers[at] or "–")
        for at in range(len(table.maximum))
    )
    first: list[tuple[FigurePart, ...]] = []
    if histogram is not None and channel >= 0:
        axis = FigureAxis(tr("maximum of an input"))
        first.append(
            (
                HistogramPart(
                    tr("Channel {channel}", channel=channel),
                    histogram.counts,
                    histogram.edges,
                    axis,
                    FigureAxis(tr("inputs")),
                ),
            )
        )
    return FigureDescription(
        tr("Channels of {tap}", tap=table.tap),
        (*first, (TablePart("", header, rows),)),
        sentences(index_words(facts), program()),
        file_name(table.tap, "channels"),
    )


def scatter_figure(found: Scatter, tap: str, facts: IndexFacts | None) -> FigureDescription:
    """Inputs in the plane of the first two components, coloured by class."""
    groups = tuple(sorted({label for label in found.labels if label}))
    number = {name: at for at, name in enumerate(groups)}
    group = np.array([number.get(label, -1) for label in found.labels] or [-1] * len(found.points))
    axes = [
        FigureAxis(tr("component {at}, {share:.1f} % of the variance", at=at + 1, share=100 * share))
        for at, share in enumerate(found.explained)
    ]
    part = ScatterPart("", found.points[:, 0], found.points[:, 1], group, groups, axes[0], axes[1])
    caption = sentences(index_words(facts), tr("PCA of pooled features"), program())
    return FigureDescription(
        tr("Inputs by their features in {tap}", tap=tap), ((part,),), caption, file_name(tap, "scatter")
    )


def grid_figure(
    title: str, pictures: Sequence[tuple[str, Array | None]], facts: IndexFacts | None, note: str = ""
) -> FigureDescription | None:
    """Pictures with their names; None where none has come yet."""
    there = [(name, pixels) for name, pixels in pictures if pixels is not None and pixels.size]
    if not there:
        return None
    tiles = tuple(overlay.as_rgb(pixels, (_SIDE, _SIDE)) for _, pixels in there)
    part = TilesPart("", tiles, tuple(name for name, _ in there), numbers=False, note=note)
    return FigureDescription(title, ((part,),), sentences(index_words(facts), program()), file_name("pictures"))


def classes_figure(data: DataSet) -> FigureDescription:
    """Every class with its pictures; one that is not used says why."""
    tested = {each.name: len(each.pictures) for each in data.test}
    header = (tr("class"), tr("pictures"), *((tr("test pictures"),) if data.test else ()), "")
    rows = tuple(
        (each.name, str(len(each.pictures)), *((str(tested.get(each.name, 0)),) if data.test else ()), each.reason)
        for each in data.classes
    )
    unreadable = tr("{count:,} of the files cannot be read", count=len(data.unreadable)) if data.unreadable else ""
    caption = sentences(
        tr("Data set {data_title}", data_title=data_title(data.name)), unreadable, *data.notes, program()
    )
    return FigureDescription(tr("Classes"), ((TablePart("", header, rows),),), caption, file_name("classes"))


def training_figure(training: Training, model: str) -> FigureDescription:
    """Loss and accuracy over the epochs."""
    epochs = np.array([each.epoch for each in training.epochs], float)
    loss = np.array([each.validation_loss for each in training.epochs], float)
    right = 100 * np.array([each.validation_accuracy for each in training.epochs], float)
    curves = [FigureCurve(tr("training"), training.ends, training.losses)] if len(training.ends) else []
    curves += [FigureCurve(tr("validation"), epochs, loss)] if np.isfinite(loss).any() else []
    axis = FigureAxis(tr("epochs"))
    parts: tuple[FigurePart, ...] = (
        CurvesPart(tr("Loss"), tuple(curves), axis, FigureAxis(tr("cross-entropy"), "nats")),
    )
    if np.isfinite(right).any():
        curve = FigureCurve("", epochs, right)
        parts += (
            CurvesPart(tr("Accuracy on the validation pictures"), (curve,), axis, FigureAxis(tr("accuracy"), "%")),
        )
    learn, validate, test = training.counts
    counts = tr(
        "{learn} pictures learnt from, {validate} of validation, {test} of the test",
        learn=learn,
        validate=validate,
        test=test,
    )
    best = tr("Best epoch {best}", best=training.best) if training.epochs else ""
    return FigureDescription(
        tr("Fine-tuning {model}", model=model),
        (parts,),
        sentences(counts, best, *training.notes, program()),
        file_name("training", model),
    )


def confusion_part(found: Confusion) -> MatrixPart:
    """Rows are the true classes, columns what the pictures are taken for; colours are shares of a row."""
    counts = np.asarray(found.counts, float)
    totals = counts.sum(1, keepdims=True)
    share = counts / np.maximum(totals, 1)
    table = colormaps.table("viridis")
    rgb = colormaps.looked_up(table, share, np.ones(share.shape, bool))
    texts = tuple(tuple(str(int(count)) for count in row) for row in counts)
    scale = ColourScale(table, 0.0, 1.0, tr("share of the class"))
    return MatrixPart("", counts, rgb, found.labels, found.labels, tr("true class"), tr("taken for"), scale, (), texts)


def confusion_figure(found: Confusion, about: str) -> FigureDescription:
    """The matrix with the recall of each class."""
    part = confusion_part(found)
    recalls = tuple(
        (label, f"{100 * value:.1f} %", f"{100 * low:.1f}–{100 * high:.1f} %")
        for label, (value, low, high) in zip(found.labels, found.recalls, strict=True)
    )
    recall = TablePart(tr("Recall"), ("class", "recall", tr("95 % interval")), recalls)
    return FigureDescription(tr("Confusion matrix"), ((part,), (recall,)), sentences(about, program()), "confusion")
