"""The real window with the real worker, on small models: what a person does, and what must come of it."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import demo_shelf
import numpy as np
import pytest
from hands import surface
from looks import histogram, hovered, table_rows
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.session.session import Session, from_json, to_json
from explorer.engine.inputs.samples import start_sample

SEEDED = ModelSpec("demo:seeded")
CAT = InputRef("sample", "cat")

NET = """
import torch
from torch import nn

PREPROCESS = {"height": 48, "width": 48, "resize": 48}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.down = nn.Conv2d(6, 8, 3, stride=2)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        x = self.relu(self.conv(x))
        return self.fc(self.pool(self.down(x)).flatten(1))

class Broken(Net):
    def forward(self, x):
        raise RuntimeError("layer seven is on strike")

def make_model():
    torch.manual_seed(3)
    return Net()

def make_broken():
    return Broken()
"""


@pytest.fixture
def net_file(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


@pytest.fixture
def make_app(window: Callable[..., Any]) -> Callable[..., Any]:
    """Windows that start with a model and a picture; Python files are asked about."""

    def make(model: ModelSpec | None = SEEDED, given: InputRef | None = CAT, **more: Any) -> Any:
        app = window(trust_code=False, **more)
        app.start(model, given)
        return app

    return make


@pytest.fixture
def app(make_app: Callable[..., Any]) -> Any:
    made = make_app()
    made.wait_capture()
    made.rest()
    return made


def show_file(app: Any, net_file: Path, factory: str = "make_model") -> None:
    app.open_model(ModelSpec(f"file:{net_file}:{factory}"), trust_code=True)
    app.until(lambda: app.card is not None and app.card.source == "file")
    app.until(lambda: app.capture.model == app.card.digest)
    app.rest()


# --- looking


def test_maps_prediction_and_numbers_are_those_of_plain_torch(app: Any, net_file: Path) -> None:
    import torch

    from explorer.engine.inputs import open_input
    from explorer.engine.inputs.preprocess import to_tensor

    show_file(app, net_file)
    space: dict[str, Any] = {}
    exec(compile(NET, "net", "exec"), space)
    net = space["make_model"]().eval()
    x = to_tensor(open_input(CAT), Preprocess(48, 48, resize=48))
    with torch.no_grad():
        conv = net.conv(x)[0].numpy()
        logits = net(x)[0]
    app.change(tap="conv")
    app.rest()
    assert np.allclose(app.shown.maps, conv, atol=1e-6)
    assert conv.min() < 0
    capture = app.capture
    assert capture.prediction[0].index == int(logits.argmax())
    assert capture.prediction[0].probability == pytest.approx(float(logits.softmax(0).max()), abs=1e-5)
    rows = {row.label: row.value for row in table_rows(app.explore.input.numbers)}
    assert rows["shape"] == "6 × 48 × 48"
    assert rows["parameters"] == "168"


def test_scrubbing_runs_no_forward(app: Any, qtbot: Any) -> None:
    number = app.capture.number
    strip = app.explore.strip.bar
    seen = []
    app.change(tap=app.explore.strip.tap(0))
    for _ in range(app.explore.strip.count):
        qtbot.keyClick(strip, Qt.Key.Key_Right)
        seen.append(app.session.tap)
        assert app.shown is not None
    app.rest()
    assert len(set(seen)) >= app.explore.strip.count - 1
    assert app.capture.number == number


def test_the_film_plays_and_stops_at_the_end(app: Any) -> None:
    app.explore.strip.hurry()
    app.explore.strip.play.setChecked(True)
    app.until(lambda: not app.explore.strip.play.isChecked())
    assert app.session.tap == app.explore.strip.tap(app.explore.strip.count - 1)


def test_clicking_a_map_selects_its_channel_and_cell(app: Any, qtbot: Any) -> None:
    mosaic = app.explore.maps.mosaic
    rect = mosaic.channel_rect(3)
    qtbot.mouseClick(surface(mosaic), Qt.MouseButton.LeftButton, pos=rect.center().toPoint())
    assert app.session.channel == 3
    y, x = app.session.cell
    value = app.shown.maps[3, y, x]
    assert f"{value:.4g}".replace("-", "−")[:4] in app.explore.channel.reading.text()


def test_pointing_at_a_cell_draws_its_field_on_the_picture(app: Any) -> None:
    capture = app.capture
    tap = next(
        t
        for t in capture.taps
        if t.observable and t.grid and t.receptive and not t.receptive.whole and t.receptive.size_y > 8
    )
    app.change(tap=tap.name)
    app.explore.point_at(tap.grid[0] // 2, tap.grid[1] // 2)
    field = app.explore.input.picture.field_box
    height, width = capture.picture.size
    assert 0 < field.y0 < height / 2 < field.y1 < height
    assert 0 < field.x0 < width / 2 < field.x1 < width
    app.explore.point_at_input((field.y0 + field.y1) / 2, (field.x0 + field.x1) / 2)
    assert hovered(app.explore.channel.map) == (tap.grid[0] // 2, tap.grid[1] // 2)
    app.explore.point_away()
    assert app.explore.input.picture.field_box is None


def test_sort_scale_and_colours_change_what_is_shown(app: Any) -> None:
    app.press(Qt.Key.Key_S)
    assert app.session.sort == "mean"
    means = app.shown.maps.mean(axis=(1, 2))[app.shown.order]
    assert np.all(np.diff(means) <= 1e-6)
    app.change(scale=type(app.session.scale)("fixed"), fixed=(0.0, 2.5))
    assert app.shown.limits.of(0) == (0.0, 2.5)
    app.change(colormap="viridis")
    assert app.shown.colormap == "viridis" or app.shown.limits.signed
    assert app.explore.maps.colours.currentData() == app.shown.colormap


def test_a_vector_is_shown_as_bars(app: Any, net_file: Path) -> None:
    show_file(app, net_file)
    app.change(tap="fc")
    assert app.explore.maps.front is app.explore.maps.vector
    app.change(tap="pool")
    assert app.explore.maps.front is app.explore.maps.vector


SEQUENCES = """
import torch
from torch import nn

PREPROCESS = {"height": 1, "width": 64, "resize": 64, "fit": "stretch"}

class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv3d(3, 5, 3, padding=1), nn.Linear(5, 4)

    def forward(self, x):
        clip = torch.stack([x.expand(1, 3, 6, 64).roll(n, -1) for n in range(4)], 2)
        return self.fc(self.conv(clip).mean((2, 3, 4)))

def make_model():
    torch.manual_seed(3)
    return nn.Sequential(nn.Flatten(2), nn.Conv1d(3, 6, 5, padding=2), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(6, 4))

def make_clip():
    torch.manual_seed(3)
    return Clip()
"""


def test_a_step_of_a_sequence_is_selected_and_its_field_drawn(app: Any, tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(SEQUENCES)
    show_file(app, path)
    app.change(tap="2")
    explore, session = app.explore, lambda: app.session
    view = explore.maps.sequence
    assert explore.maps.front is view
    assert explore.maps.count.text().endswith("(0–5)")
    view.selected.emit(3, 20)
    assert (session().channel, session().cell) == (3, (0, 20))
    value = app.shown.sequence[3, 20]
    assert explore.channel.reading.text() == f"step 20 = {float(value):.7g}"
    view.hovered.emit(3, 20)
    field = explore.input.picture.field_box
    width = app.capture.picture.size[1]
    assert (field.x0 / width * 64, field.x1 / width * 64) == pytest.approx((18, 23))
    view.left.emit()
    assert explore.input.picture.field_box is None
    app.change(tap="3")
    assert explore.maps.front is explore.maps.vector


def test_a_cell_of_a_clip_is_named_with_its_slice(app: Any, tmp_path: Path) -> None:
    path = tmp_path / "line.py"
    path.write_text(SEQUENCES)
    show_file(app, path, "make_clip")
    app.change(tap="conv", channel=2)
    explore = app.explore
    assert explore.maps.front is explore.maps.mosaic
    assert explore.maps.count.text().endswith("(0–4)")
    assert "4 slices" in explore.maps.subtitle.text()
    app.change(cell=(7, 70))
    value = app.capture.values["conv"][2, 3, 1, 6]
    assert explore.channel.reading.text() == f"slice 3, cell (1, 6) = {float(value):.7g}".replace("-", "−")


def test_weights_are_shown_for_convolutions(app: Any, net_file: Path) -> None:
    show_file(app, net_file)
    app.change(tap="conv", channel=2)
    assert app.explore.channel.kernels.isVisibleTo(app.main_window)
    app.change(tap="relu")
    assert not app.explore.channel.kernels.isVisibleTo(app.main_window)


def test_untrained_is_said_wherever_the_maps_are(app: Any) -> None:
    app.open_model(ModelSpec("torchvision:squeezenet1_1", untrained=True, seed=4))
    app.until(lambda: "squeezenet" in app.toolbar.model.text())
    app.until(lambda: app.capture.model == app.card.digest)
    assert "untrained" in app.toolbar.model.text()
    assert "untrained, seed 4" in app.explore.maps.subtitle.toolTip() + app.explore.maps.subtitle.text()


def test_the_histogram_is_that_of_the_values_that_are_shown(app: Any, tmp_path: Path) -> None:
    from PIL import Image

    folder = tmp_path / "two"
    folder.mkdir()
    for number in range(2):
        pixels = np.random.default_rng(number).integers(0, 256, (48, 48, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    app.open_files([str(folder)])
    app.until(lambda: app.capture.picture.name == "0.png")
    app.rest()
    seen = []
    for key in (Qt.Key.Key_N, Qt.Key.Key_P):
        app.press(key)
        app.until(lambda name=f"{int(not seen)}.png": app.capture.picture.name == name)
        app.rest()
        counts, edges = histogram(app.explore.channel.histogram)
        values = app.shown.maps[app.session.channel]
        assert (edges[0], edges[-1]) == (values.min(), values.max())
        assert counts.sum() == values.size
        seen.append(tuple(counts))
    assert seen[0] != seen[1]


def test_walking_through_a_folder_looks_one_picture_ahead(app: Any, tmp_path: Path) -> None:
    from PIL import Image

    for number in range(3):
        Image.new("RGB", (40, 30), (number * 80, 90, 10)).save(tmp_path / f"{number}.png")
    app.open_files([str(tmp_path)])
    app.until(lambda: app.capture.picture.name == "0.png")
    app.press(Qt.Key.Key_N)
    app.until(lambda: app.capture.picture.name == "1.png")
    app.rest()
    number = app.capture.number
    app.press(Qt.Key.Key_N)
    app.until(lambda: app.capture.picture.name == "2.png")
    assert app.capture.number == number + 1  # made before it was asked for
    app.press(Qt.Key.Key_P)
    app.until(lambda: app.capture.picture.name == "1.png")


# --- the memory budget


def test_dropped_layers_are_computed_again_when_they_are_looked_at(make_app: Any) -> None:
    app = make_app()
    app.wait_capture()
    app.desk.use("cpu", 1, 400_000)
    app.rest()
    app.desk.bench.store.clear()
    app.open_input(InputRef("sample", "house"))
    app.until(lambda: app.capture.picture.ref.path == "house")
    app.rest()
    dropped = app.capture.dropped
    assert dropped
    app.change(tap=dropped[0])
    app.until(lambda: app.shown is not None and app.shown.tap.name == dropped[0])
    # the newest is kept whole: its picture, and the layer that is looked at
    picture = app.capture.picture
    pixels = sum(array.nbytes for array in (picture.pixels, picture.small) if array is not None)
    assert app.desk.cached_bytes <= 400_000 + pixels + app.capture.tap(dropped[0]).nbytes


# --- demo models


def test_the_first_start_shows_the_trained_network_on_its_world(
    make_app: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo_shelf.put(demo_shelf.resources_in(tmp_path, monkeypatch), "shapes-cnn")
    made = make_app(None, None)
    made.wait_capture()
    made.rest()
    assert made.session.model == ModelSpec("demo:shapes-cnn")
    assert made.session.input == start_sample()
    assert {guess.label for guess in made.capture.prediction} <= set(demo_shelf.LABELS)
    tip = made.toolbar.model.toolTip()
    for part in (
        "Knows ten shapes.",
        "accuracy (top-1): 95.2 %",
        "takes 96×96 px",
        "10 labels: disc, square",
        "Apache-2.0",
    ):
        assert part in tip


def test_damaged_demo_weights_at_the_first_start_give_way(
    make_app: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = demo_shelf.resources_in(tmp_path, monkeypatch)
    demo_shelf.put(models, "shapes-cnn")
    (models / "shapes-cnn.safetensors").write_bytes(b"half a copy")
    made = make_app(None, None)
    made.wait_capture()
    made.rest()
    assert made.session.model == ModelSpec("demo:seeded")
    assert made.session.input == CAT


def test_scores_of_a_last_layer_that_learnt_nothing_are_called_chance(
    make_app: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo_shelf.put(demo_shelf.resources_in(tmp_path, monkeypatch), "shapes-ssl-cnn", head_trained=False, labels=[])
    made = make_app(ModelSpec("demo:shapes-ssl-cnn"), None)
    made.wait_capture()
    made.rest()
    assert made.session.input == start_sample()
    note = made.explore.input.prediction.note.accessibleName()
    assert "last layer never trained: by chance" in note
    assert "untrained" not in made.toolbar.model.text()


def test_the_menus_group_models_and_samples(
    make_app: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = demo_shelf.resources_in(tmp_path, monkeypatch)
    for name in ("shapes-vit", "shapes-cnn"):
        demo_shelf.put(models, name)
    made = make_app()
    made.wait_capture()
    made.rest()
    menu = made.toolbar.model_menu
    menu.aboutToShow.emit()
    words = [action.text() for action in menu.actions()]
    assert words[:3] == ["Demo models", "shapes-cnn\tKnows ten shapes.", "shapes-vit\tKnows ten shapes."]
    menu = made.toolbar.input_menu
    for _ in range(2):  # a menu is filled again whenever it opens
        menu.aboutToShow.emit()
    groups = {action.text(): action.menu() for action in menu.actions() if action.menu() is not None}
    counts = {title: len(part.actions()) for title, part in groups.items()}
    assert counts.pop("Recent sessions") == 0
    assert counts == {"World": 24, "World, for shapes-shortcut": 6, "Scenes": 8, "Sounds": 12, "Sentences": 3}
    assert "Tabby cat" in [action.text() for action in menu.actions()]
    groups["Scenes"].actions()[0].trigger()
    made.until(lambda: made.session.input == InputRef("sample", "scene-1"))
    made.rest()


# --- what goes wrong


def test_a_model_that_cannot_be_opened_leaves_the_last_one(app: Any) -> None:
    before = app.capture
    said = app.failure(lambda: app.open_model(ModelSpec("torchvision:resnet5000")))
    assert "resnet5000" in said.text
    assert app.capture is before
    assert app.session.model.id == "demo:seeded"


def test_a_forward_that_raises_leaves_what_was_shown(app: Any, net_file: Path) -> None:
    before = app.shown.tap.name
    spec = ModelSpec(f"file:{net_file}:make_broken")
    said = app.failure(lambda: app.open_model(spec, trust_code=True))
    assert "on strike" in said.why
    assert app.shown.tap.name == before
    assert "showing seeded, loading net" in app.explore.maps.subtitle.text()


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"no picture at all"])
def test_a_bad_picture_leaves_the_last_one(app: Any, tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(content)
    before = app.picture
    said = app.failure(lambda: app.open_files([str(bad)]))
    assert "bad.png" in said.text
    assert said.todo
    assert app.picture is before
    assert app.session.input == CAT


def test_a_folder_is_a_model_or_pictures_or_says_why_it_is_neither(app: Any, tmp_path: Path) -> None:
    saved, nothing = tmp_path / "saved", tmp_path / "nothing"
    for folder in (saved, nothing):
        folder.mkdir()
    said = app.failure(lambda: app.drop([str(nothing)]))
    assert said.what == "nothing holds neither pictures nor a model."
    (saved / "config.json").write_text("{}")
    said = app.failure(lambda: app.drop([str(saved)]))
    assert "neither model.safetensors nor pytorch_model.bin" in said.why
    (saved / "model.safetensors").write_bytes(b"")
    asked = app.models_asked()
    app.show_workspace("compare")
    app.failure(lambda: app.drop([str(saved)]))  # that of an empty configuration, or no transformers
    assert asked == [ModelSpec(f"hf:{saved}")]
    assert app.workspace == "explore"
    assert app.session.input == CAT


def test_saving_where_nothing_can_be_written_says_so(app: Any, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "maps.npz"
    capture, card = app.capture, app.card
    said = app.failure(lambda: app.save_values(str(missing), card, capture, (capture.taps[0].name,)))
    assert "folder" in said.why
    assert list(tmp_path.iterdir()) == []


def test_closing_in_the_middle_of_everything(make_app: Any) -> None:
    for act in (
        lambda a: None,
        lambda a: a.open_model(ModelSpec("torchvision:squeezenet1_0", untrained=True)),
        lambda a: a.open_input(InputRef("sample", "house")),
    ):
        app = make_app()
        act(app)
        app.close()
        assert not app.worker.is_alive()


# --- live


def test_the_test_scene_streams_pauses_steps_and_seeks(app: Any) -> None:
    frames: list[int] = []
    app.captured.connect(lambda capture: frames.append(capture.picture.ref.frame))
    app.live.play(InputRef("scene"))
    app.until(lambda: len(frames) > 6)
    assert frames == sorted(frames)
    assert app.live.playing
    app.change(tap=app.explore.strip.tap(2))
    app.until(
        lambda: app.shown is not None and app.shown.tap.name == app.session.tap,
    )
    app.live.toggle()
    assert not app.live.playing
    app.rest()
    last = app.session.input.frame
    app.until(lambda: not app.capture.dropped)
    app.live.step(1)
    app.until(lambda: app.capture.picture.ref.frame == last + 1)


def test_closing_while_it_streams(make_app: Any) -> None:
    app = make_app()
    app.wait_capture()
    app.live.play(InputRef("scene"))
    app.until(lambda: app.session.input.kind == "scene")
    app.close()
    assert not app.worker.is_alive()


# --- the document


def test_back_and_forward_through_layers_inputs_and_models(app: Any, net_file: Path) -> None:
    first = app.session.tap
    app.open_input(InputRef("sample", "house"))
    app.until(lambda: app.capture.picture.ref.path == "house")
    show_file(app, net_file)
    app.history.back()
    app.until(lambda: app.capture.model.startswith("demo:seeded"))
    app.rest()
    app.history.back()
    app.until(lambda: app.capture.picture.ref == CAT)
    app.rest()
    assert app.session.tap == first
    app.history.forward()
    app.until(lambda: app.capture.picture.ref.path == "house")


def test_a_session_is_saved_and_restored(app: Any, make_app: Any, tmp_path: Path) -> None:
    tap = app.explore.strip.tap(3)
    app.change(tap=tap, channel=2, sort=type(app.session.sort)("max"), colormap="viridis")
    path = tmp_path / "s.fmx.json"
    path.write_text(to_json(app.session))
    assert from_json(path.read_text()) == app.session
    other = make_app(ModelSpec("torchvision:squeezenet1_1", untrained=True), InputRef("sample", "house"))
    other.wait_capture()
    other.open_session(path)
    other.until(lambda: other.capture.model.startswith("demo:seeded"))
    other.until(lambda: other.capture.picture.ref == CAT)
    other.rest()
    now: Session = other.session
    assert (now.tap, now.channel, now.sort, now.colormap) == (tap, 2, "max", "viridis")


def test_the_last_session_opens_again(make_app: Any) -> None:
    first = make_app(SEEDED, InputRef("sample", "house"))
    first.wait_capture()
    first.change(tap=first.explore.strip.tap(4))
    first.close()
    second = make_app(None, None)
    second.wait_capture()
    second.rest()
    assert second.session.tap == first.session.tap
    assert second.session.input == InputRef("sample", "house")


# --- taking along


def test_values_are_saved_with_their_manifest(app: Any, qtbot: Any, tmp_path: Path) -> None:
    capture, card = app.capture, app.card
    name = app.session.tap
    target = tmp_path / "maps.npz"
    with qtbot.waitSignal(app.saved, timeout=60_000):
        app.save_values(str(target), card, capture, (name,))
    with np.load(target) as stored:
        assert np.array_equal(stored[name], capture.values[name])
        manifest = json.loads(str(stored["manifest"]))
    assert manifest["weights"]["sha256"] == card.weights.sha256
    assert manifest["input"]["sha256_16"] == capture.picture.digest


def test_copy_as_python_computes_the_same_tensor(app: Any, net_file: Path, tmp_path: Path) -> None:
    from explorer.core.system.paths import resources

    show_file(app, net_file)
    app.open_input(InputRef("picture", str(resources() / "samples" / "cat.png")))
    app.until(lambda: app.capture.picture.ref.kind == "picture")
    app.change(tap="down")
    app.rest()
    app.commands.take_away.copy_python()
    script = QGuiApplication.clipboard().text()
    target = tmp_path / "values.npy"
    (tmp_path / "run.py").write_text(script + textwrap.dedent(f"\nnp.save({str(target)!r}, values.numpy())\n"))
    done = subprocess.run([sys.executable, str(tmp_path / "run.py")], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert np.allclose(np.load(target), app.capture.values["down"], atol=1e-5)


def test_pictures_and_drawings_can_be_taken_along(app: Any) -> None:
    app.commands.figures.copy()
    assert QGuiApplication.clipboard().image().width() > 200
    assert QGuiApplication.clipboard().text().count("\n") >= len(app.capture.values[app.session.tap])
    picture = app.commands.take_away.map_picture()
    assert picture.shape[0] >= 400


def test_the_theme_can_be_changed_while_it_is_shown(app: Any) -> None:
    from explorer.ui import theme

    app.commands.appearance.set_theme("light")
    assert not theme.current().dark
    app.rest()
    light = app.grab().toImage().pixelColor(2, 2).lightness()
    app.commands.appearance.set_theme("dark")
    app.rest()
    assert light > 200 > app.grab().toImage().pixelColor(2, 2).lightness()


def test_every_key_on_the_sheet_is_bound(app: Any) -> None:
    from PySide6.QtGui import QShortcut

    bound = {s.key().toString() for s in app.find(QShortcut)}
    assert {
        "J",
        "K",
        "F",
        "/",
        "S",
        "C",
        "N",
        "P",
        "Space",
        ",",
        ".",
        "L",
        "Ctrl+O",
        "Ctrl+V",
        "Ctrl+C",
        "Ctrl+E",
        "?",
    } <= bound
    app.commands.show_keys()
    assert app.keys.isVisible()
