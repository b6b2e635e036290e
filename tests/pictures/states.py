"""The states of the window that pictures are made of: a session each, and what a hand does in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from explorer.core.channel_scores import ScoredBy
from explorer.core.dataset import Over
from explorer.core.guides.guide_file import built_in
from explorer.core.inputs import InputRef
from explorer.core.layer_views import Shows
from explorer.core.maximisation import MaximiseSettings
from explorer.core.models import ModelSpec
from explorer.core.session.comparison import Column, Comparison
from explorer.core.session.dataset_place import DatasetPage, DatasetPlace
from explorer.core.session.session import Session
from explorer.core.session.transfer_place import TransferPage, TransferPlace
from explorer.core.transfer import TransferParams
from explorer.core.wav_bytes import wav_bytes
from explorer.methods.attribution.spec import AttributionParams
from explorer.methods.health.spec import HealthParams
from explorer.methods.hear.spec import EVIDENCE, HearParams
from tests.benchmarks import scenario
from tests.support import hands, hf_text_nets, looks

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
# Attention between as many words as a text has.
READERS = """
from torch import nn

PREPROCESS = {"input": "text", "words": ["<pad>", "<unk>", "not", "so", "bad"], "length": 0}

class Former(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(5, 32), nn.Linear(32, 2)
        self.block = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)

    def forward(self, ids):
        return self.head(self.block(self.embedding(ids)).mean(1))
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


def _reader(folder: Path) -> Session:
    """A small BERT as transformers saves it, with a tokenizer that pads."""
    place = folder / "small-bert"
    if not place.exists():
        hf_text_nets.saved("BertForSequenceClassification", place, 14)
    return _explore("bert.embeddings", model=ModelSpec(f"hf:{place}"), input=InputRef("text", hf_text_nets.TEXT))


def _characters(folder: Path) -> Session:
    """A config of GPT-2 alone."""
    place = folder / "small-gpt2"
    if not place.exists():
        hf_text_nets.network("GPT2ForSequenceClassification").config.save_pretrained(place)
    return _explore("h.0", model=ModelSpec(f"hf:{place}"), input=InputRef("text", hf_text_nets.TEXT))


def _transfer(data: str, page: TransferPage = TransferPage.LAYERS) -> Session:
    return Session(CNN, WORLD, "stage3.0", 5, workspace="transfer", transfer=TransferPlace(data, page=page))


def _compare(*models: ModelSpec, tap: str = "stage2.0", shows: Shows = Shows.MAPS) -> Session:
    columns = tuple(Column(key, spec, tap=tap, channel=5, shows=shows) for key, spec in enumerate(models))
    return Session(models[0], WORLD, tap, 5, workspace="compare", comparison=Comparison(columns))


def _sentences(tap: str = "blocks.0", shows: Shows = Shows.MAPS) -> Session:
    """One network on two sentences."""
    model, texts = (
        ModelSpec("demo:sentences-transformer"),
        ("we felt glad that we came", "we felt glad that we left early"),
    )
    columns = tuple(Column(key, model, InputRef("text", text), tap, 5, shows=shows) for key, text in enumerate(texts))
    return Session(model, InputRef("text", texts[0]), tap, 5, workspace="compare", comparison=Comparison(columns))


def _aligned(app: Any) -> None:
    app.compare.fold.setChecked(False)
    app.compare.columns[1].panel.text.hovered.emit(2)


def _point(app: Any) -> None:
    """At a cell of a map, so that everything that follows the pointer is seen."""
    mosaic = app.explore.maps.mosaic
    hands.point(mosaic, looks.tile_centre(mosaic, mosaic.order[9]))


def _run(page: str) -> Callable[[Any], None]:
    return lambda app: app.page(page).toggle()


def _explain(method: str) -> Callable[[Any], None]:
    """With silence as the baseline."""
    return lambda app: app.page("attribution").set_params(AttributionParams(method, baseline="silence"))


def _by_effect(app: Any) -> None:
    app.orders.ask(ScoredBy.EFFECT)
    app.rest()


def _matched(app: Any, path: Path) -> None:
    """The dialog once it knows what a dropped file fits."""
    from explorer.engine.models import catalogue, more
    from explorer.engine.models.matching.match import match_file
    from explorer.ui.dialogs.model_dialog import ModelDialog

    dialog = ModelDialog(catalogue(), CNN, app.main_window, more)
    dialog.take_files([str(path)])
    dialog.show_match(match_file(path))
    dialog.exec()
    dialog.deleteLater()


def _squeezenet(folder: Path) -> Path:
    """A file that does not say what it is of."""
    import torch

    from explorer.engine.models.torchvision_models import build

    path = folder / "checkpoint_best.pth"
    state = {f"module.{name}": value for name, value in build("squeezenet1_1").state_dict().items()}
    torch.save({"epoch": 12, "state_dict": state}, path)
    return path


def _health(app: Any) -> None:
    app.page("health").set_params(HealthParams(Over("gallery")))
    app.page("health").toggle()


def _evidence(app: Any) -> None:
    app.page("hear").set_params(HearParams(EVIDENCE))
    app.page("hear").toggle()


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


def _token(app: Any) -> None:
    """The lines of one head for one token, locked."""
    page = app.page("attention")
    page.choose_head(2)
    app.rest()
    page.lines.chosen.emit(True, 6)


def _ablate_head(app: Any) -> None:
    page = app.page("attention")
    page.choose_head(1)
    app.rest()
    page.ablate.click()


def _token_matrix(app: Any) -> None:
    app.page("attention").set_mode("matrix")
    app.rest()
    app.page("attention").matrix.chosen.emit(3)


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


def _minute(folder: Path) -> Path:
    """A minute of beats."""
    path = folder / "minute.wav"
    times = np.arange(60 * 8000, dtype=np.float32) / 8000
    beats = 0.5 * np.sin(2 * np.pi * 440 * times) * np.exp(-8 * (times % 0.4))
    path.write_bytes(wav_bytes(beats[None].astype(np.float32), 8000)[0])
    return path


def _guided(name: str, at: int, shown: bool = True, page: str = "") -> Callable[[Any], None]:
    """A guide at a step, which is shown or still to be done."""

    def act(app: Any) -> None:
        guide = app.guide
        guide.begin(built_in(name))
        app.until(lambda: guide.begun)
        app.rest()
        for _ in range(at):
            guide.card.next_button.click()
        if page:
            app.open_page(page)
        if shown:
            guide.card.show_button.click()
            app.until(lambda: not guide.showing)
        app.rest()
        guide.look()

    return act


def _star_page(app: Any) -> None:
    """The third step in the middle of being done by hand."""
    _guided("first-steps", 2, False)(app)
    app.change(tap="stage3.1.relu1")
    app.open_page("health")
    _health(app)
    app.rest()
    app.guide.look()


def _told(app: Any) -> None:
    app.explore.channel.help.click()


def states(folder: Path) -> Mapping[str, State]:
    """All of them by name, in the order in which they are pictured; what is read from disk and is no part of the project is
    written to `folder`."""
    rows = folder / "rows.py"
    rows.write_text(ROWS)
    readers = folder / "readers.py"
    readers.write_text(READERS)
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
        "explore-effect": State(_explore("stage3.1"), _by_effect),
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
        "sounds-attribution": State(
            _other("sounds-mel-cnn", "sound-rise", "features.2.2", "attribution"), _explain("integrated-gradients")
        ),
        "sounds-occlusion": State(
            _other("sounds-wave-cnn", "sound-ee", "features.0.2", "attribution"), _explain("time-occlusion")
        ),
        "sounds-maximisation": State(
            _other("sounds-mel-cnn", "sound-rise", "features.2.2", "sound-maximisation"), _run("sound-maximisation")
        ),
        "sounds-window": State(
            replace(
                _other("sounds-wave-cnn", "sound-ee", "features.0.2", "values"),
                input=InputRef("sound", str(_minute(folder)), start=12.5, length=1.0),
            )
        ),
        "sounds-waveform": State(_other("sounds-wave-cnn", "sound-ee", "features.0.2", "values")),
        "sounds-filters": State(_other("sounds-wave-cnn", "sound-kick", "first", "filters"), _run("filters")),
        "sounds-evidence": State(_other("sounds-mel-cnn", "sound-rise", "features.6.2", "hear"), _evidence),
        "sentences-health": State(
            _other("sentences-textcnn", "sentence-praise", "filters.width3.1", "health"), _health
        ),
        "sentences-ngrams": State(
            _other("sentences-textcnn", "sentence-praise", "filters.width3.1", "ngrams"), _run("ngrams")
        ),
        "sentences-attention": State(_other("sentences-transformer", "sentence-praise", "blocks.1", "attention")),
        "texts-bert": State(replace(_reader(folder), tap="bert.encoder.layer.0")),
        "texts-bert-words": State(
            replace(_reader(folder), tap="bert.embeddings", page="word-attribution"), _run("word-attribution")
        ),
        "texts-bert-attention": State(replace(_reader(folder), tap="bert.encoder.layer.1", page="attention")),
        "texts-characters": State(_characters(folder)),
        "sentences-lines": State(_other("sentences-transformer", "sentence-praise", "blocks.1", "attention"), _token),
        "sentences-matrix": State(
            _other("sentences-transformer", "sentence-praise", "blocks.1", "attention"), _token_matrix
        ),
        "sentences-head-ablated": State(
            _other("sentences-transformer", "sentence-praise", "blocks.1", "attention"), _ablate_head
        ),
        "attention-long": State(
            _explore(
                "block", "attention", ModelSpec(f"file:{readers}:Former"), input=InputRef("text", "not so bad " * 200)
            )
        ),
        "sentences-neighbours": State(
            replace(_other("sentences-textcnn", "sentence-praise", "embedding", "neighbours"), cell=(0, 2)),
            _run("neighbours"),
        ),
        "compare-maps": State(_compare(CNN, BARE), _folded),
        "compare-three": State(_compare(CNN, VIT, ModelSpec("demo:shapes-ssl-cnn")), _folded),
        "compare-matrix": State(_compare(CNN, BARE), _matrix),
        "compare-difference": State(_compare(CNN, BARE), _minus),
        "compare-sentences": State(_sentences(), _aligned),
        "compare-sentences-attention": State(_sentences("blocks.1", Shows.ATTENTION), _aligned),
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
        "dialog-match": State(early, dialog=lambda app: _matched(app, _squeezenet(folder))),
        "dialog-preprocessing": State(early, dialog=lambda app: app.commands.choose_preprocess()),
        "dialog-settings": State(early, dialog=lambda app: app.commands.choose_settings()),
        "palette": State(early, _palette),
        "keys": State(early, lambda app: app.commands.show_keys()),
        "error": State(early, _no_file),
        "guide-start": State(early, _guided("first-steps", 0, False)),
        "guide-depth": State(early, _guided("first-steps", 1)),
        "guide-star": State(early, _star_page),
        "guide-number": State(early, _guided("first-steps", 3)),
        "guide-without": State(early, _guided("first-steps", 4)),
        "guide-pixels": State(early, _guided("first-steps", 5)),
        "guide-proof": State(early, _guided("shortcut", 4)),
        "page-help": State(_explore("stage2.0", "attribution"), _told),
        "page-help-compare": State(_compare(CNN, BARE), lambda app: app.compare.alike.help.click()),
        "glossary": State(early, lambda app: app.guide.define("receptive field")),
        "first-start": State(early, lambda app: app.guide.offer_line.show()),
    }
