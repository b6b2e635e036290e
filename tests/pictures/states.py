"""The states of the window that pictures are made of: a session each, and what a hand does in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from explorer.core.dataset import Over
from explorer.core.inputs import InputRef
from explorer.core.layer_views import Shows
from explorer.core.maximisation import MaximiseSettings
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.dataset_place import DatasetPage, DatasetPlace
from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPage, TransferPlace
from explorer.core.transfer import TransferParams
from explorer.methods.health.spec import HealthParams
from tests.benchmarks import scenario
from tests.support import hands, looks

WORLD = InputRef("sample", "world-14-star-checks")
CNN, BARE, VIT = (ModelSpec(f"demo:{name}") for name in ("shapes-cnn", "shapes-cnn-untrained", "shapes-vit"))
# One-dimensional layers over a picture that is read row after row.
ROWS = """
from torch import nn

PREPROCESS = {"height": 32, "width": 32, "resize": 32}

def make_model():
    return nn.Sequential(
        nn.Flatten(2), nn.Conv1d(3, 24, 9, stride=4), nn.BatchNorm1d(24), nn.ReLU(), nn.Conv1d(24, 32, 9, stride=2), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(32, 4),
    )
"""
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


@dataclass(frozen=True, slots=True)
class State:
    """`session` is opened; `act` is what a hand does then; `dialog` opens a dialog and comes back when it is closed."""

    session: Session
    act: Callable[[Any], None] | None = None
    dialog: Callable[[Any], None] | None = None


def _explore(tap: str, page: str = "values", model: ModelSpec = CNN, **more: Any) -> Session:
    return Session(model, tap=tap, page=page, **{"input": WORLD, "channel": 5, **more})


def _other(model: str, sample: str, tap: str, page: str) -> Session:
    """A network that hears or reads."""
    return _explore(tap, page, ModelSpec(f"demo:{model}"), input=InputRef("sample", sample))


def _transfer(data: str, page: TransferPage = TransferPage.LAYERS) -> Session:
    return Session(CNN, WORLD, "stage3.0", 5, workspace="transfer", transfer=TransferPlace(data, page=page))


def _compare(*models: ModelSpec, tap: str = "stage2.0", shows: Shows = Shows.MAPS) -> Session:
    columns = tuple(Column(key, spec, tap=tap, channel=5, shows=shows) for key, spec in enumerate(models))
    return Session(models[0], WORLD, tap, 5, workspace="compare", comparison=Comparison(columns))


def _point(app: Any) -> None:
    """At a cell of a map, so that everything that follows the pointer is seen."""
    mosaic = app.explore.maps.mosaic
    hands.point(mosaic, looks.tile_centre(mosaic, mosaic.order[9]))


def _run(page: str) -> Callable[[Any], None]:
    return lambda app: app.page(page).toggle()


def _health(app: Any) -> None:
    app.page("health").set_params(HealthParams(Over("gallery")))
    app.page("health").toggle()


def _statistics(app: Any) -> None:
    page = app.page("channel-statistics")
    page.set_params(replace(page.params, inputs=Over("gallery")))
    page.toggle()


def _ablate(app: Any) -> None:
    page = app.page("ablation")
    page.edit("zero")
    app.rest()
    page.start_ranking()


def _maximise(app: Any) -> None:
    page = app.page("maximise")
    page.choices.set_settings(MaximiseSettings(steps=48))
    page.choices.changed.emit()
    app.rest()
    page.run.click()


def _matrix(app: Any) -> None:
    app.compare.fold.setChecked(True)
    app.compare.alike.choose(Over("gallery"))
    app.compare.alike.start.click()


def _minus(app: Any) -> None:
    app.compare.columns[1].minus.click()


def _folded(app: Any) -> None:
    app.compare.fold.setChecked(False)


def _palette(app: Any) -> None:
    app.commands.show_commands("co")


def _probed(app: Any) -> None:
    lab = app.view("transfer")
    lab.probe.by_layer.run()
    app.rest()
    labels = lab.lab.data.labels
    lab.lab.move(confused=(labels[0], labels[2]))


def _counted(app: Any) -> None:
    _probed(app)
    app.view("transfer").view.tabs.setCurrentIndex(1)
    app.rest()
    app.view("transfer").probe.by_count.run()


def _trained(app: Any) -> None:
    lab = app.view("transfer")
    lab.lab.set_params("transfer", TransferParams("stage2.1", epochs=4))
    app.rest()
    lab.training.toggle()


def _before_after(app: Any) -> None:
    _trained(app)
    app.rest()
    app.view("transfer").training.copy.compare()


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


def _changed(app: Any) -> None:
    for spec in (CNN, BARE):
        app.open_model(spec)
        app.rest()
        _indexed()(app)
    app.restore(_compare(CNN, BARE))
    app.rest()
    app.compare.fold.setChecked(True)
    app.compare.alike.pair("changed-examples").toggle()


def _lasso(app: Any) -> None:
    _indexed()(app)
    app.view("dataset").view.scatter.lassoed.emit(((0.0, -0.4), (1.0, -0.4), (1.0, 0.1), (0.5, 0.0)))


def _no_file(app: Any) -> None:
    app.failure(lambda: app.open_input(InputRef("picture", "holiday.png")))


def states(folder: Path) -> Mapping[str, State]:
    """All of them by name, in the order in which they are pictured; what is read from disk and is no part of the project is
    written to `folder`."""
    rows = folder / "rows.py"
    rows.write_text(ROWS)
    lines = folder / "sentences.txt"
    lines.write_text("\n".join(SENTENCES))
    large = _explore("features.0.0", model=scenario.spec("mobilenet_v2"), input=InputRef("sample", "cat"))
    early = _explore("stem.2")
    return {
        "explore-early": State(early, _point),
        "explore-late": State(_explore("stage3.1.relu2", channel=11)),
        "explore-large": State(large, _point),
        "explore-many": State(replace(large, tap="features.17.conv.0.2")),
        "explore-vector": State(_explore("head")),
        "explore-tokens": State(_explore("blocks.3", model=VIT)),
        "explore-sequence": State(_explore("3", model=ModelSpec(f"file:{rows}:make_model"))),
        "explore-components": State(_explore("stage2.0", shows=Shows.COMPONENTS)),
        "explore-similarity": State(_explore("stage2.0", shows=Shows.SIMILARITY, cell=(4, 5))),
        "arithmetic": State(_explore("stage1.0.conv1", "arithmetic", cell=(9, 12))),
        "attribution": State(_explore("stage2.0", "attribution"), _run("attribution")),
        "ablation": State(_explore("stage3.0", "ablation"), _ablate),
        "maximise": State(_explore("stage2.0", "maximise"), _maximise),
        "health": State(_explore("stage2.0", "health"), _health),
        "statistics": State(_explore("stage2.0", "channel-statistics"), _statistics),
        "attention": State(_explore("blocks.2", "attention", VIT)),
        "sounds-hear": State(_other("sounds-mel-cnn", "sound-rise", "features.2.2", "hear"), _run("hear")),
        "sounds-waveform": State(_other("sounds-wave-cnn", "sound-ee", "features.0.2", "values")),
        "sounds-filters": State(_other("sounds-wave-cnn", "sound-kick", "first", "filters"), _run("filters")),
        "sentences-ngrams": State(
            _other("sentences-textcnn", "sentence-praise", "filters.width3.1", "ngrams"), _run("ngrams")
        ),
        "sentences-attention": State(_other("sentences-transformer", "sentence-praise", "blocks.1", "attention")),
        "compare-maps": State(_compare(CNN, BARE), _folded),
        "compare-three": State(_compare(CNN, VIT, ModelSpec("demo:shapes-ssl-cnn")), _folded),
        "compare-matrix": State(_compare(CNN, BARE), _matrix),
        "compare-difference": State(_compare(CNN, BARE), _minus),
        "compare-components": State(_compare(CNN, VIT, shows=Shows.COMPONENTS)),
        "compare-attention": State(
            _compare(VIT, ModelSpec("demo:shapes-ssl-vit"), tap="blocks.2", shows=Shows.ATTENTION), _folded
        ),
        "transfer-start": State(_transfer("")),
        "transfer-layers": State(_transfer("demo:materials"), _probed),
        "transfer-no-transfer": State(_transfer("demo:digits"), _probed),
        "transfer-pictures": State(_transfer("demo:materials"), _counted),
        "transfer-training": State(_transfer("demo:materials", TransferPage.TRAINING), _trained),
        "transfer-before-after": State(_transfer("demo:materials", TransferPage.TRAINING), _before_after),
        "dataset-start": State(_dataset(DatasetPage.PICTURES)),
        "examples-none": State(replace(large, page="examples")),
        "examples-pictures": State(_explore("stage2.1", "examples"), _indexed()),
        "examples-tokens": State(_explore("blocks.2", "examples", VIT), _indexed()),
        "examples-sounds": State(_other("sounds-mel-cnn", "sound-rise", "features.2.2", "examples"), _indexed()),
        "examples-sentences": State(
            replace(_other("sentences-textcnn", "sentence-praise", "filters.width3.1", "examples"), channel=7),
            _indexed(str(lines)),
        ),
        "dataset-pictures": State(_dataset(DatasetPage.PICTURES, picture="world-14-star-checks"), _indexed()),
        "dataset-channels": State(_dataset(DatasetPage.CHANNELS, picture="cat"), _indexed()),
        "dataset-scatter": State(_dataset(DatasetPage.SCATTER, picture="world-14-star-checks"), _lasso),
        "compare-changed-examples": State(_dataset(DatasetPage.CHANNELS), _changed),
        "dialog-models": State(early, dialog=lambda app: app.commands.choose_model()),
        "dialog-weights": State(
            early, dialog=lambda app: app.commands.choose_model(now=ModelSpec("torchvision:resnet18"))
        ),
        "dialog-preprocessing": State(early, dialog=lambda app: app.commands.choose_preprocess()),
        "dialog-settings": State(early, dialog=lambda app: app.commands.choose_settings()),
        "palette": State(early, _palette),
        "keys": State(early, lambda app: app.commands.show_keys()),
        "error": State(early, _no_file),
    }
