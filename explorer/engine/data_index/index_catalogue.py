"""Which indexes there are, and how one is removed. Without torch."""

from __future__ import annotations

from pathlib import Path

from explorer.core.data_index import SUFFIX, IndexFacts
from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.data_index import index_file
from explorer.engine.data_index.index_reader import IndexReader


def indexes() -> tuple[IndexFacts, ...]:
    """Those in the application's cache, the newest first, then those that come with the program. What cannot be read is left out;
    `damaged_indexes` names it."""
    found = []
    for path in index_file.index_stores():
        try:
            with IndexReader(path) as reader:
                found.append(reader.facts())
        except ExplorerError:
            continue
    return tuple(sorted(found, key=lambda facts: (facts.shipped, -facts.changed)))


def damaged_indexes() -> tuple[tuple[str, str], ...]:
    """(store, why) of those that cannot be read."""
    found = []
    for path in index_file.index_stores():
        try:
            IndexReader(path).close()
        except ExplorerError as error:
            found.append((str(path), str(error)))
    return tuple(found)


def indexes_of(model: str) -> tuple[IndexFacts, ...]:
    """Those of a model, by its digest: a person's own first, then that of the gallery which comes with the program."""
    return tuple(facts for facts in indexes() if facts.settings.model == model)


def remove_index(store: str | Path) -> int:
    """Removes an index with its files; also a damaged one. Returns the bytes. Raises ExplorerError for what is none."""
    path = Path(store).expanduser().absolute()
    if path.parent == index_file.shipped_folder():
        raise ExplorerError(tr("This index comes with the program."), str(path), tr("It stays."))
    if not path.is_file():
        raise ExplorerError(
            tr("There is no index “{path}”.", path=path.name),
            str(path),
            tr("The command index list says what there is."),
        )
    if not _is_index(path):
        raise ExplorerError(tr("“{path}” is no index.", path=path.name), tr("It is left as it is."))
    size = index_file.nbytes_of_index(path)
    try:
        for file in reversed(
            index_file.files_of(path)
        ):  # the store last: what is left of a failure can be removed again
            file.unlink(missing_ok=True)
    except OSError as error:
        raise ExplorerError(
            tr("“{path}” could not be removed.", path=path.name),
            f"{error.strerror or error}.",
            tr("Close what has it open."),
        ) from None
    return size


def _is_index(path: Path) -> bool:
    """By its name, or because it can be read as one: a file that somebody named by mistake stays."""
    if path.suffix.lower() == SUFFIX:
        return True
    try:
        IndexReader(path).close()
    except ExplorerError:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0" and index_file.maxima_file(path).exists()
    return True
