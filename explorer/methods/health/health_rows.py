"""A layer's health as a whole, as rows of numbers with their names."""

from __future__ import annotations

from explorer.core.health import DUPLICATE, Health
from explorer.core.translation import tr
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row


def _silent_tip(found: Health) -> str:
    alone = "" if found.count > 1 else tr("; other inputs may activate them: measure over more to find dead ones")
    return tr("Channels above 0 at no cell of any input{alone}", alone=alone)


def health_rows(found: Health) -> list[Row]:
    """A layer as a whole."""
    of, bad = len(found.channels), sum(row.not_finite for row in found.channels)
    left_out = tr(", {count:,} skipped", count=len(found.skipped)) if found.skipped else ""
    cells = tr("{cells:,} cells of each channel over all inputs", cells=found.cells)
    rows = [
        Row(tr("inputs"), f"{found.count:,}{left_out}", cells),
        Row(
            found.silent_word,
            tr("{dead:,} of {of:,}", dead=found.dead, of=of),
            _silent_tip(found),
            warm=found.dead > 0 and found.count > 1,
        ),
        Row(
            tr("always on"),
            tr("{always_on:,} of {of:,}", always_on=found.always_on, of=of),
            tr("Channels above 0 at every cell of every input"),
        ),
        Row(
            tr("duplicates"),
            tr("{duplicates:,} of {of:,}", duplicates=found.duplicates, of=of),
            tr("Channels whose correlation with an earlier one is above {duplicate}", duplicate=DUPLICATE),
        ),
        Row(
            tr("zeros"), text.percent(found.sparsity), tr("Fraction of cells that are not above 0, mean over channels")
        ),
        Row(
            tr("effective rank"),
            _known(found.effective_rank),
            f"exp(−Σ p ln p), p the normalised eigenvalues of the covariance: the number of independent dimensions of {of:,} "
            "channels (Roy and Vetterli 2007)",
        ),
        Row(
            tr("participation ratio"),
            _known(found.participation_ratio),
            tr("(Σ λ)² / Σ λ² of the covariance's eigenvalues: like the effective rank, dominated by the strongest"),
        ),
    ]
    if bad:
        rows.append(
            Row(tr("not finite"), f"{bad:,}", tr("Cells that are NaN or infinite; counted nowhere else"), warm=True)
        )
    return rows


def _known(value: float) -> str:
    return tr("not known") if value != value else f"{value:.1f}"
