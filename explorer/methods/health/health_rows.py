"""A layer's health as a whole, as rows of numbers with their names."""

from __future__ import annotations

from explorer.core.health import DUPLICATE, Health
from explorer.ui.widgets import text
from explorer.ui.widgets.numbers import Row


def _silent_tip(found: Health) -> str:
    alone = "" if found.count > 1 else "; other inputs may activate them: measure over more to find dead ones"
    return f"Channels above 0 at no cell of any input{alone}"


def health_rows(found: Health) -> list[Row]:
    """A layer as a whole."""
    of, bad = len(found.channels), sum(row.not_finite for row in found.channels)
    left_out = f", {len(found.skipped):,} skipped" if found.skipped else ""
    cells = f"{found.cells:,} cells of each channel over all inputs"
    rows = [
        Row("inputs", f"{found.count:,}{left_out}", cells),
        Row(
            found.silent_word, f"{found.dead:,} of {of:,}", _silent_tip(found), warm=found.dead > 0 and found.count > 1
        ),
        Row("always on", f"{found.always_on:,} of {of:,}", "Channels above 0 at every cell of every input"),
        Row(
            "duplicates",
            f"{found.duplicates:,} of {of:,}",
            f"Channels whose correlation with an earlier one is above {DUPLICATE}",
        ),
        Row("zeros", text.percent(found.sparsity), "Fraction of cells that are not above 0, mean over channels"),
        Row(
            "effective rank",
            _known(found.effective_rank),
            f"exp(−Σ p ln p), p the normalised eigenvalues of the covariance: the number of independent dimensions of {of:,} "
            "channels (Roy and Vetterli 2007)",
        ),
        Row(
            "participation ratio",
            _known(found.participation_ratio),
            "(Σ λ)² / Σ λ² of the covariance's eigenvalues: like the effective rank, dominated by the strongest",
        ),
    ]
    if bad:
        rows.append(Row("not finite", f"{bad:,}", "Cells that are NaN or infinite; counted nowhere else", warm=True))
    return rows


def _known(value: float) -> str:
    return "not known" if value != value else f"{value:.1f}"
