"""Demo models as a source: cards, weights, what is said when something is missing or broken. None has to be shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import demo_shelf
import pytest
import torch
from demo_shelf import CARD, LABELS, put

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.model_figures import written
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.texts import TextPreprocess
from explorer.engine.inputs import open_input
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models import catalogue, open_model, start_choice, start_input
from explorer.engine.models.demo import shelf
from explorer.engine.models.demo.facts import facts_of, figures_of
from explorer.engine.models.demo.residual import ResidualNet
from explorer.engine.models.demo.source import network_of
from explorer.engine.models.demo.text_cnn import TextCnn
from explorer.engine.models.demo.vit import VisionTransformer
from explorer.engine.models.module_state import seeded


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of demo models, empty."""
    return demo_shelf.resources_in(tmp_path, monkeypatch)


def failure(name: str, **more: Any) -> ExplorerError:
    with pytest.raises(ExplorerError) as caught:
        open_model(ModelSpec(f"demo:{name}", **more))
    return caught.value


def rewrite(models: Path, name: str, **changed: Any) -> None:
    path = models / f"{name}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


@pytest.mark.parametrize("half", [True, False])
def test_it_is_the_stored_network_in_single_precision(models: Path, half: bool) -> None:
    net = put(models, "shapes-cnn", half=half)
    before = torch.random.get_rng_state()
    loaded = open_model(ModelSpec("demo:shapes-cnn"))
    assert torch.equal(before, torch.random.get_rng_state())
    assert not loaded.module.training
    opened = loaded.module.state_dict()
    assert opened.keys() == net.state_dict().keys()
    for key, value in net.state_dict().items():
        assert opened[key].dtype == value.dtype
        assert torch.equal(opened[key], value), key
    x = to_tensor(open_input(InputRef("sample", "cat")), loaded.card.preprocess)
    with torch.no_grad():
        assert torch.equal(loaded.module(x), net(x))


def test_the_card_reaches_the_application(models: Path) -> None:
    put(models, "shapes-cnn")
    card = open_model(ModelSpec("demo:Shapes-CNN")).card
    assert (card.name, card.source, card.labels, card.description) == ("shapes-cnn", "demo", LABELS, CARD["says"])
    assert card.preprocess == Preprocess(96, 96, "crop", 96, (0.45,) * 3, (0.25,) * 3)
    assert card.parameters == sum(p.numel() for p in ResidualNet().parameters())
    assert (card.weights.label, card.weights.path) == ("trained", str(models / "shapes-cnn.safetensors"))
    assert card.weights.sha256 in card.digest
    assert (card.by_chance, card.notes) == ("", ())
    facts = dict(card.facts)
    assert facts["seen"] == "1,200 pictures in 3.5 minutes"
    assert facts["recipe"] == "train.py it, seed 1"
    assert facts["measured on"] == "2,000 held-out pictures"
    assert facts["accuracy (top-1)"] == "95.2 %"
    assert facts["k-NN accuracy, shape"] == "80.0 % (untrained 15.0 %, raw pixels 12.5 %)"
    assert facts["licence"] == "Apache-2.0"
    top1, shape = card.figures
    assert (top1.key, top1.value, top1.unit, top1.pictures) == ("top1", 95.25, "%", 2000)
    assert (shape.value, shape.beside) == (80.0, (("untrained", 15.0), ("raw pixels", 12.5)))


def test_facts_say_when_training_was_stopped_and_leave_out_what_is_not_known() -> None:
    assert facts_of({}) == ()
    heard = dict(facts_of({"examples": "sounds", "sounds_seen": 5000, "held_out": {"sounds": 1200}}))
    assert heard == {"seen": "5,000 sounds", "measured on": "1,200 held-out sounds"}
    assert dict(facts_of({"pictures_seen": 5, "minutes": 1, "finished": False}))["seen"].endswith(
        "stopped before its end"
    )
    assert facts_of({"untrained": {"iou_attention": 0.25}}) == (
        ("foreground by CLS attention (mass 0.6), mean IoU", "– (untrained 0.250)"),
    )
    for told in (facts_of, figures_of):
        with pytest.raises(ValueError, match="no figure"):
            told({"figures": {"top1": "high"}})


def test_figures_in_numbers_are_those_in_words() -> None:
    card = {
        "figures": {"entropy_attention": 2.6159, "iou_attention": 0.2444, "distance_attention": 42.9036},
        "untrained": {"entropy_attention": 4.9765, "iou_component": 0.1},
    }
    found, said = figures_of(card), dict(facts_of(card))
    assert [figure.key for figure in found] == ["iou_attention", "entropy_attention", "distance_attention"]
    assert [said[figure.what].partition(" (")[0] for figure in found] == ["0.244", "2.62 nats", "42.9 px"]
    assert [written(figure) for figure in found] == ["0.244", "2.62 nats", "42.9 px"]
    assert said[found[1].what] == "2.62 nats (untrained 4.98 nats)"
    assert found[1].beside == (("untrained", 4.9765),)
    assert figures_of({}) == ()


def test_the_untrained_twin_says_what_it_is(models: Path) -> None:
    first = seeded(ResidualNet, 1)
    put(models, "shapes-cnn-untrained", first, half=False, trained=False, head_trained=False, labels=[], figures={})
    card = open_model(ModelSpec("demo:shapes-cnn-untrained")).card
    assert card.weights.label == card.by_chance == "untrained, seed 1"
    assert card.labels == card.notes == ()


def test_untrained_on_purpose_is_the_same_network_from_any_seed(models: Path) -> None:
    put(models, "shapes-cnn")
    five, again, six = (open_model(ModelSpec("demo:shapes-cnn", untrained=True, seed=seed)) for seed in (5, 5, 6))
    plain = seeded(ResidualNet, 5).state_dict()
    assert all(torch.equal(value, plain[key]) for key, value in five.module.state_dict().items())
    assert five.card.weights.sha256 == again.card.weights.sha256 != six.card.weights.sha256
    assert (five.card.by_chance, five.card.facts, five.card.figures) == ("untrained, seed 5", (), ())


def test_features_without_labels_have_scores_that_mean_nothing(models: Path) -> None:
    put(models, "shapes-ssl-cnn", head_trained=False, labels=[])
    card = open_model(ModelSpec("demo:shapes-ssl-cnn")).card
    assert card.weights.trained
    assert card.by_chance == "last layer never trained"
    assert any("last layer" in note for note in card.notes)


def test_a_transformer_takes_its_own_size_only(models: Path) -> None:
    put(models, "shapes-vit", seeded(VisionTransformer, 1), network="VisionTransformer")
    loaded = open_model(ModelSpec("demo:shapes-vit"))
    with torch.no_grad():
        assert loaded.module(torch.zeros(1, 3, 96, 96)).shape == (1, 10)
    other = failure("shapes-vit", preprocess=Preprocess(64, 64, resize=64))
    assert "64 × 64" in other.what
    assert "96" in other.todo
    put(models, "shapes-cnn")
    assert (
        open_model(ModelSpec("demo:shapes-cnn", preprocess=Preprocess(64, 64, resize=64))).card.preprocess.height == 64
    )
    assert "channels" in failure("shapes-cnn", preprocess=Preprocess(channels=1, mean=(0.5,), std=(0.5,))).what


# --- what can be wrong


@pytest.mark.parametrize("name", ["shapes-tnn", "../models/shapes-cnn", "", "/etc/passwd"])
def test_an_unknown_name_names_what_there_is(models: Path, name: str) -> None:
    put(models, "shapes-cnn")
    assert "demo:shapes-cnn, demo:seeded" in failure(name).todo


def test_a_missing_file(models: Path) -> None:
    put(models, "shapes-cnn")
    (models / "shapes-cnn.safetensors").unlink()
    error = failure("shapes-cnn")
    assert "not here" in error.what
    assert str(models / "shapes-cnn.safetensors") in error.why
    assert error.todo


@pytest.mark.parametrize("harm", ["cut", "changed", "empty", "other"])
def test_a_damaged_file(models: Path, harm: str) -> None:
    put(models, "shapes-cnn")
    path = models / "shapes-cnn.safetensors"
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    path.write_bytes({"cut": data[:5000], "changed": data, "empty": b"", "other": b"{}" * 900}[harm])
    error = failure("shapes-cnn")
    assert "damaged" in error.what
    assert error.todo


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Expecting"),
        ("[1]", "no table"),
        (json.dumps({key: value for key, value in CARD.items() if key != "network"}), "network"),
        (json.dumps(CARD | {"sha256": 4}), "sha256"),
        (json.dumps(CARD | {"sha256": "", "classes": True}), "classes"),
        (json.dumps(CARD | {"sha256": "", "labels": ["disc"]}), "labels"),
        (json.dumps(CARD | {"sha256": "", "preprocess": 3}), "preprocess"),
        (json.dumps(CARD | {"sha256": "", "figures": [1]}), "figures"),
        (json.dumps(CARD | {"sha256": "", "input": {"rate": 16000}}), "input"),
        (json.dumps(CARD | {"sha256": "", "options": {"filters": "4"}}), "options"),
    ],
)
def test_a_damaged_card(models: Path, text: str, said: str) -> None:
    put(models, "shapes-cnn")
    (models / "shapes-cnn.json").write_text(text)
    error = failure("shapes-cnn")
    assert error.what == "The card shapes-cnn.json cannot be read."
    assert said in error.why
    entry = next(entry for entry in shelf.entries() if entry.id == "demo:shapes-cnn")
    assert not entry.ready
    assert not shelf.intact("shapes-cnn")


def test_a_card_that_is_no_text(models: Path) -> None:
    put(models, "shapes-cnn")
    (models / "shapes-cnn.json").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in failure("shapes-cnn").what


def test_a_card_that_does_not_belong_to_its_weights(models: Path) -> None:
    put(models, "shapes-cnn")
    rewrite(models, "shapes-cnn", network="Unheard")
    assert "unknown network" in failure("shapes-cnn").what
    rewrite(models, "shapes-cnn", network="ResidualNet", classes=8, labels=[])
    assert "do not fit" in failure("shapes-cnn").what
    rewrite(models, "shapes-cnn", classes=10, preprocess=CARD["preprocess"] | {"fit": "tear"})
    assert "fit" in failure("shapes-cnn").why


def test_what_takes_another_kind_of_input_opens_as_its_card_says(models: Path) -> None:
    words = [f"word{number}" for number in range(150)]
    net = put(
        models,
        "words",
        seeded(TextCnn, 3),
        network="TextCnn",
        classes=3,
        labels=list("abc"),
        input={"kind": "text", "words": words, "length": 26},
        options={"filters": 12},
    )
    put(models, "shapes-cnn")
    assert shelf.names() == ("shapes-cnn", "words")
    assert "demo:words" in {entry.id for entry in catalogue()}
    card = open_model(ModelSpec("demo:words")).card
    assert card.preprocess == TextPreprocess(tuple(words), length=26)
    module, held = network_of("words")
    assert (held.kind, dict(held.options), dict(held.preprocess)) == ("text", {"filters": 12}, {})
    assert not module.training
    assert all(torch.equal(value, net.state_dict()[key]) for key, value in module.state_dict().items())
    rewrite(models, "words", input={"kind": "smell"})
    assert "smell" in failure("words").why


def test_no_weight_file_of_ones_own(models: Path) -> None:
    put(models, "shapes-cnn")
    assert "takes no weight file" in failure("shapes-cnn", weights="x.pth").what


# --- the menu and the first start


def test_demo_models_come_first_with_a_line_each(models: Path) -> None:
    for name in ("shapes-vit", "shapes-plain", "shapes-cnn"):
        put(models, name, says=f"About {name}.")
    found = [entry for entry in catalogue() if entry.id.startswith("demo:")]
    assert list(catalogue())[: len(found)] == found
    assert [entry.title for entry in found] == ["shapes-cnn", "shapes-plain", "shapes-vit", "seeded"]
    assert found[1].says == "About shapes-plain."
    assert all(entry.ready and entry.says and entry.group == "Demo" for entry in found)
    assert found[0].weights == models / "shapes-cnn.safetensors"
    (models / "shapes-vit.safetensors").unlink()
    assert not next(entry for entry in catalogue() if entry.id == "demo:shapes-vit").ready


def test_the_first_start_is_the_trained_network_on_its_world(models: Path, app_home: Path) -> None:
    folder = app_home / "data" / "weights"
    folder.mkdir(parents=True)
    (folder / "resnet18.pth").write_bytes(b"x")
    assert start_choice() == ModelSpec("torchvision:resnet18")
    assert start_input() == InputRef("sample", "cat")
    put(models, "shapes-cnn")
    assert start_choice() == ModelSpec("demo:shapes-cnn")
    assert open_input(start_input()).name == "Star, checks"
    assert start_input(ModelSpec("demo:shapes-vit")) == start_input()
    for other in ("demo:seeded", "torchvision:resnet18"):
        assert start_input(ModelSpec(other)) == InputRef("sample", "cat")
    (models / "shapes-cnn.safetensors").write_bytes(b"damaged")
    assert start_choice() == ModelSpec("torchvision:resnet18"), "a network that does not open is no first sight"
