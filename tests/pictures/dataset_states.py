"""Indexes of data sets: their workspace, and the page of examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.core.session.dataset_place import DatasetPage, DatasetPlace
from explorer.core.session.session import Session
from tests.pictures.compare_states import compare
from tests.pictures.picture_state import BARE, CNN, VIT, WORLD, State, explore, large, other

SENTENCES = (
    "a good and moving film that never bores",
    "not good at all, and far too long for what little it has to say about anybody in it",
    "the plot is dull but the music is wonderful",
    "never boring, always funny",
    "this was a bad idea and a worse film",
    "i did not like the ending",
    "a wonderful cast in a terrible story",
    "slow, loud and empty",
    "one of the best films of the year",
    "nobody needs another film like this one",
    "the acting is good, the rest is not",
)


def _dataset(page: DatasetPage, **more: Any) -> Session:
    return Session(CNN, WORLD, "stage2.1", 5, workspace="dataset", dataset=DatasetPlace(page=page, **more))


def _indexed(data: str = "gallery") -> Callable[[Any], None]:
    """An index of the open model, and the fifth example pointed at where the page is open."""

    def act(app: Any) -> None:
        making = app.view("dataset").making
        making.open(data)
        making.toggle()
        app.rest()
        page = app.page("examples")
        if app.workspace == "explore":
            app.explore.channel.scroll_to(page.tiles[-1])
            page.grid.pointed.emit(4)

    return act


def _near_cell(app: Any) -> None:
    making = app.view("dataset").making
    making.open("gallery")
    app.view("dataset").view.making.cells_chosen.emit("stage2.1")
    making.toggle()
    app.rest()
    app.view("dataset").view.chosen.near_chosen.emit("cell")


def _changed(app: Any) -> None:
    for spec in (CNN, BARE):
        app.open_model(spec)
        app.rest()
        _indexed()(app)
    app.restore(compare(CNN, BARE))
    app.rest()
    app.compare.fold.setChecked(True)
    app.compare.alike.pair("changed-examples").toggle()


def _lasso(app: Any) -> None:
    _indexed()(app)
    app.view("dataset").view.scatter.lassoed.emit(((0.0, -0.4), (1.0, -0.4), (1.0, 0.1), (0.5, 0.0)))


def dataset_states(folder: Path) -> Mapping[str, State]:
    """`folder`: where a data set of texts is written."""
    lines = folder / "sentences.txt"
    lines.write_text("\n".join(SENTENCES))
    return {
        "dataset-start": State(_dataset(DatasetPage.PICTURES)),
        "examples-none": State(replace(large(), page="examples")),
        "examples-pictures": State(explore("stage2.1", "examples"), _indexed()),
        "examples-tokens": State(explore("blocks.2", "examples", VIT), _indexed()),
        "examples-sounds": State(other("sounds-mel-cnn", "sound-rise", "features.2.2", "examples"), _indexed()),
        "examples-sentences": State(
            replace(other("sentences-textcnn", "sentence-praise", "filters.width3.1", "examples"), channel=7),
            _indexed(str(lines)),
        ),
        "dataset-pictures": State(_dataset(DatasetPage.PICTURES, picture="world-14-star-checks"), _indexed()),
        "dataset-near-cell": State(
            replace(_dataset(DatasetPage.PICTURES, picture="world-14-star-checks"), cell=(5, 6)), _near_cell
        ),
        "dataset-channels": State(_dataset(DatasetPage.CHANNELS, picture="cat"), _indexed()),
        "dataset-scatter": State(_dataset(DatasetPage.SCATTER, picture="world-14-star-checks"), _lasso),
        "compare-changed-examples": State(_dataset(DatasetPage.CHANNELS), _changed),
    }
