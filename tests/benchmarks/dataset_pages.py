"""What the UI thread computes for the workspace Dataset: `python -m tests.benchmarks.dataset_pages STORE [--model demo:shapes-cnn]`.

Of an index of thousands of pictures: each page comes to the front, the index grows by a picture while it is there, a filter is chosen,
half of the plane is inside a lasso, a picture is chosen. CPU milliseconds of the UI thread, which other work on the machine does not
lengthen, of all of it and of the longest event. A copy of the store is used.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median

from explorer.core.session.dataset_place import DatasetPage
from explorer.engine.data_index.index_file import files_of
from tests.benchmarks.children.desktop import Desktop

_HALF = ((-9.0, -9.0), (9.0, -9.0), (9.0, 0.0), (-9.0, 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--model", default="demo:shapes-cnn")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for path in files_of(args.store):
            shutil.copy(path, folder)
        pages = DatasetPages(Path(folder) / args.store.name, args.model)
        rounds = [pages.once() for _ in range(args.rounds)]
        pages.close()
    found = {
        name: {part: round(median(each[name][part] for each in rounds), 1) for part in rounds[0][name]}
        for name in rounds[0]
    }
    print(json.dumps(found, indent=1))


class DatasetPages:
    """The window with the index shown."""

    def __init__(self, store: Path, model: str) -> None:
        self.store, self.desktop = store, Desktop(model, 1)
        driver = self.desktop.driver
        self.shelf, self.driver = driver.view("dataset").making._lab.host.indexes, driver
        self.shelf.add(str(store))
        driver.turn_to("dataset")
        driver.change(dataset=replace(driver.session.dataset, store=str(store)))
        self.desktop.rest()

    def close(self) -> None:
        self.desktop.close()

    def once(self) -> dict[str, dict[str, float]]:
        """Every act once."""
        found = {}
        for page in DatasetPage:
            self._move(page=page, label=None, picture="", lasso=())
            self.desktop.rest()
            other = next(each for each in DatasetPage if each is not page)
            self._move(page=other)
            self.desktop.rest()
            found[f"{page.value}: comes to the front"] = self._timed(lambda page=page: self._move(page=page))  # type: ignore[misc]
            found[f"{page.value}: the index grows"] = self._timed(self._grow)
            found[f"{page.value}: a picture is chosen"] = self._timed(lambda: self._move(picture=self._some(7)))
        self._move(page=DatasetPage.SCATTER)
        self.desktop.rest()
        found["scatter: half inside the lasso"] = self._timed(lambda: self._move(lasso=_HALF))
        self._move(page=DatasetPage.PICTURES, lasso=())
        self.desktop.rest()
        label = self.driver.view("dataset").lab.facts.labels[0]
        found["pictures: a class alone"] = self._timed(lambda: self._move(label=label))
        found["pictures: part of a name"] = self._timed(lambda: self._move(label=None, text="1"))
        self._move(text="")
        self.desktop.rest()
        return found

    def _some(self, number: int) -> str:
        return str(self.shelf.reader(str(self.store)).picture(number).name)

    def _move(self, **fields: object) -> None:
        self.driver.change(dataset=replace(self.driver.session.dataset, **fields))  # type: ignore[arg-type]

    def _grow(self) -> None:
        """As another process that commits: the last picture goes or comes."""
        with closing(sqlite3.connect(self.store)) as base, base:
            ((last, state),) = base.execute("SELECT id, state FROM pictures ORDER BY id DESC LIMIT 1").fetchall()
            label = base.execute("SELECT class FROM pictures WHERE id = ?", (last,)).fetchone()[0]
            base.execute("UPDATE pictures SET state = ? WHERE id = ?", (1 - state, last))
            counts = json.loads(base.execute("SELECT value FROM meta WHERE key = 'counts'").fetchone()[0])
            counts[label][state] -= 1
            counts[label][1 - state] += 1
            base.execute("UPDATE meta SET value = ? WHERE key = 'counts'", (json.dumps(counts),))
        self.shelf.refresh()

    def _timed(self, act: Callable[[], object]) -> dict[str, float]:
        """CPU ms of the UI thread for it until nothing is left to do, and the longest stretch of them from event to event."""
        begun = here = time.thread_time()
        act()
        longest = time.thread_time() - here
        app, quiet = self.desktop.driver.qt, 0
        while quiet < 20:
            here = time.thread_time()
            app.processEvents()
            longest = max(longest, time.thread_time() - here)
            quiet = 0 if self.driver.view("dataset").waiting else quiet + 1
            time.sleep(0.005)
        return {"all_ms": 1000 * (time.thread_time() - begun), "longest_ms": 1000 * longest}


if __name__ == "__main__":
    main()
