"""How far an index is, how large and how long, in words. Pure."""

from __future__ import annotations

from explorer.core.byte_words import byte_words
from explorer.core.data_index import IndexFacts, IndexProgress
from explorer.core.translation import tr
from explorer.ui.widgets import text


def progress_words(now: IndexProgress) -> str:
    """Done of all, failures, rate, time left, size."""
    parts = [tr("{done:,} of {total:,}", done=now.done + now.failed, total=now.total)]
    parts += [tr("{failed:,} failed", failed=now.failed)] if now.failed else []
    parts += [tr("{rate} a second", rate=text.number(now.rate))] if now.rate else []
    parts += [tr("{duration} left", duration=duration(now.left))] if now.left is not None else []
    parts += [byte_words(now.nbytes)] if now.nbytes else []
    return " · ".join(parts) + ("\n" + "\n".join(now.notes) if now.notes else "")


def facts_words(facts: IndexFacts) -> str:
    """How far an index is that is not being made now."""
    failed = tr(", {failed:,} failed", failed=facts.failed) if facts.failed else ""
    if facts.waiting:
        return tr(
            "{done:,} of {pictures:,} indexed{failed}: Resume goes on from here.",
            done=facts.done,
            pictures=facts.pictures,
            failed=failed,
        )
    if facts.failed:
        return tr("{done:,} of {pictures:,} indexed{failed}.", done=facts.done, pictures=facts.pictures, failed=failed)
    return tr("All {pictures:,} indexed. Start looks for new files.", pictures=facts.pictures)


def duration(seconds: float) -> str:
    """3 h 12 min, 4 min, 12 s."""
    if seconds >= 3600:
        return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s" if seconds >= 60 else f"{max(round(seconds), 1)} s"
