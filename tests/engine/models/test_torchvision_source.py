from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.progress import Progress
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models import Cancelled, open_model
from explorer.engine.models import torchvision_models as zoo
from explorer.engine.models import torchvision_source as source
from explorer.engine.models.torchvision_table import OFFICIAL
from explorer.engine.models.weights.locate import sha256_of

SMALL = "squeezenet1_1"


def make(name: str, seed: int = 5, **options: int) -> nn.Module:
    torch.manual_seed(seed)
    return zoo.build(name, zoo.TorchvisionShape(**options))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "mine.pth"
    torch.save(make(SMALL).state_dict(), path)
    return path


def test_a_file_the_person_gives(weights: Path) -> None:
    said: list[Progress] = []
    spec = ModelSpec(SMALL, weights=str(weights))
    loaded = open_model(spec, progress=said.append)
    card = loaded.card
    assert not loaded.module.training
    assert all(parameter.requires_grad for parameter in loaded.module.parameters())
    expected = torch.load(weights, weights_only=True)
    assert all(torch.equal(value, expected[key]) for key, value in loaded.module.state_dict().items())
    assert (card.spec, card.name, card.source) == (spec, SMALL, "torchvision")
    assert card.weights.trained
    assert card.weights.path == str(weights)
    assert card.weights.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert card.parameters == 1_235_496
    assert len(card.labels) == 1000
    assert [("assumed" in note) for note in card.notes] == [True, True]
    assert said[-1].fraction == 1.0


def test_weights_in_the_folder_are_found_by_name(weights: Path, app_home: Path) -> None:
    folder = app_home / "data" / "weights"
    folder.mkdir(parents=True)
    shutil.copy(weights, folder / f"{SMALL}.pth")
    assert open_model(ModelSpec(f"torchvision:{SMALL}")).card.weights.path == str((folder / f"{SMALL}.pth").resolve())


def test_an_official_file_brings_its_own_recipe(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also under another name: it is known by its content."""
    head = hashlib.sha256(weights.read_bytes()).hexdigest()[:8]
    preprocess = Preprocess(height=100, width=100, resize=111)
    official = replace(zoo.recipes(SMALL)[0], file=f"s-{head}.pth", preprocess=preprocess, member="TEST")
    monkeypatch.setattr(zoo, "recipes", lambda name: (official,))
    card = open_model(ModelSpec(SMALL, weights=str(weights))).card
    assert card.preprocess == preprocess
    assert "TEST" in card.weights.note
    assert card.notes == ()


def test_a_preprocessing_of_the_persons_own_wins(weights: Path) -> None:
    mine = Preprocess(height=96, width=64, fit="stretch")
    assert open_model(ModelSpec(SMALL, weights=str(weights), preprocess=mine)).card.preprocess == mine


def test_nothing_found_tells_where_and_three_ways_out(app_home: Path) -> None:
    with pytest.raises(ExplorerError) as caught:
        open_model(ModelSpec("torchvision:resnet18"))
    error = caught.value
    assert str(app_home.resolve() / "data" / "weights") in error.why
    assert str(app_home / "torch" / "hub" / "checkpoints") in error.why
    for way in ("--weights", "resnet18-f37072fd.pth", "resnet18.safetensors", "--untrained"):
        assert way in error.todo


def test_a_damaged_file_in_the_folder_is_named(app_home: Path) -> None:
    folder = app_home / "data" / "weights"
    folder.mkdir(parents=True)
    (folder / OFFICIAL["resnet18"][0]).write_bytes(b"half a download")
    with pytest.raises(ExplorerError, match=r"Passed over .*resnet18-f37072fd.pth: its content does not match"):
        open_model(ModelSpec("resnet18"))


def test_untrained_is_seeded_and_says_so() -> None:
    torch.manual_seed(99)
    before = torch.random.get_rng_state()
    a, b, c = (open_model(ModelSpec(SMALL, untrained=True, seed=seed)) for seed in (0, 0, 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert a.card.weights.sha256 == b.card.weights.sha256 != c.card.weights.sha256
    assert c.card.weights.label == "untrained, seed 1"
    assert a.card.digest == b.card.digest != c.card.digest


def test_another_number_of_classes(tmp_path: Path) -> None:
    torch.save(
        {"module." + key: value for key, value in make(SMALL, classes=7).state_dict().items()}, tmp_path / "w.pth"
    )
    loaded = open_model(ModelSpec(SMALL, weights=str(tmp_path / "w.pth")))
    with torch.no_grad():
        assert loaded.module(torch.zeros(1, 3, 64, 64)).shape == (1, 7)
    assert loaded.card.labels == ()
    assert any("7 classes" in note for note in loaded.card.notes)
    (tmp_path / "labels.txt").write_text("a\nb\nc\nd\ne\nf\ng\n")
    assert open_model(ModelSpec(SMALL, weights=str(tmp_path / "w.pth"))).card.labels == tuple("abcdefg")


def test_another_architecture(weights: Path) -> None:
    with pytest.raises(ExplorerError, match=r"mine.pth do not fit resnet18.*missing from the file: conv1.weight"):
        open_model(ModelSpec("resnet18", weights=str(weights)))


def test_old_densenet_files_and_metadata_free_mnasnet_files(tmp_path: Path) -> None:
    dense = make("densenet121")
    rename = re.compile(r"(denselayer\d+\.(?:norm|conv))([12])")
    old = {rename.sub(r"\1.\2", key): value for key, value in dense.state_dict().items()}
    assert old.keys() != dense.state_dict().keys()
    torch.save(old, tmp_path / "dense.pth")
    loaded = open_model(ModelSpec("densenet121", weights=str(tmp_path / "dense.pth"))).module.state_dict()
    assert all(torch.equal(value, loaded[key]) for key, value in dense.state_dict().items())
    torch.save(dict(make("mnasnet0_5").state_dict()), tmp_path / "mnas.pth")
    open_model(ModelSpec("mnasnet0_5", weights=str(tmp_path / "mnas.pth")))


def test_googlenet_files_with_auxiliary_classifiers(tmp_path: Path) -> None:
    from torchvision.models import googlenet

    whole = googlenet(weights=None, aux_logits=True, init_weights=False).eval()
    torch.save(whole.state_dict(), tmp_path / "g.pth")
    loaded = open_model(ModelSpec("googlenet", weights=str(tmp_path / "g.pth")))
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(loaded.module(x), whole(x))
    assert not loaded.card.preprocess.transform_input
    assert any("transform_input is off" in note for note in loaded.card.notes)


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_torchvisions_own_files_have_their_input_converted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision import models

    options = {"weights": None, "init_weights": False, "num_classes": 1000}
    whole = getattr(models, name)(**options, aux_logits=True, transform_input=True).eval()
    path = tmp_path / "renamed.pth"
    torch.save(whole.state_dict(), path)
    other = open_model(ModelSpec(name, weights=str(path))).card
    assert (other.preprocess.transform_input, other.convertible) == (False, True)
    own = zoo.recipes(name)[0]
    begins = sha256_of(path)[:8]  # as if torchvision had published this very file
    monkeypatch.setattr(zoo, "recipes", lambda _name: (replace(own, file=f"{name}-{begins}.pth"),))
    loaded = open_model(ModelSpec(name, weights=str(path)))
    assert loaded.card.preprocess.transform_input
    assert any("transform_input is on" in note for note in loaded.card.notes)
    pixels = np.random.default_rng(0).integers(0, 256, (301, 401, 3), dtype=np.uint8)
    picture = Picture(InputRef("picture"), pixels, "0")
    plain = to_tensor(picture, replace(loaded.card.preprocess, transform_input=False))
    with torch.no_grad():
        assert torch.equal(loaded.module(to_tensor(picture, loaded.card.preprocess)), whole(plain))
    black = torch.tensor(loaded.card.preprocess.means) + 1.0
    torch.testing.assert_close(black, torch.full((3,), 1.5), atol=1e-6, rtol=0)


def test_a_vision_transformer_takes_the_size_of_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.save(make("vit_b_32", size=96).state_dict(), tmp_path / "vit.pth")
    spec = ModelSpec("vit_b_32", weights=str(tmp_path / "vit.pth"))
    card = open_model(spec).card
    assert (card.preprocess.height, card.preprocess.resize) == (96, 96)
    with pytest.raises(ExplorerError, match="cannot take 224 × 224"):
        open_model(replace(spec, preprocess=Preprocess()))
    any_size = open_model(ModelSpec("vit_b_32", untrained=True, preprocess=Preprocess(height=64, width=64)))
    with torch.no_grad():
        assert any_size.module(torch.zeros(1, 3, 64, 64)).shape == (1, 1000)


def test_download_only_when_allowed(weights: Path, app_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, Path]] = []

    def fetch(url: str, folder: Path, **how: object) -> Path:
        asked.append((url, folder))
        how["progress"](5_000_000, 10_000_000)  # type: ignore[operator]
        return weights

    monkeypatch.setattr(source, "download", fetch)
    with pytest.raises(ExplorerError, match="no weights"):
        open_model(ModelSpec(SMALL))
    assert asked == []
    said: list[Progress] = []
    open_model(ModelSpec(SMALL), allow_download=True, progress=said.append)
    assert [(url.rsplit("/", 1)[1], folder) for url, folder in asked] == [
        (OFFICIAL[SMALL][0], app_home.resolve() / "data" / "weights")
    ]
    assert Progress(f"Downloading {OFFICIAL[SMALL][0]}: 4.77 MiB of 9.54 MiB", 0.5) in said


def test_cancel() -> None:
    with pytest.raises(Cancelled):
        open_model(ModelSpec(SMALL, untrained=True), cancelled=lambda: True)


def test_not_finite_weights_open_with_a_note(tmp_path: Path) -> None:
    state = make(SMALL).state_dict()
    state["features.0.weight"][0] = float("nan")
    torch.save(state, tmp_path / "nan.pth")
    card = open_model(ModelSpec(SMALL, weights=str(tmp_path / "nan.pth"))).card
    assert card.notes[0] == "27 values in 1 of 52 weight tensors are not finite (features.0.weight)."


def test_another_number_of_input_channels(tmp_path: Path) -> None:
    torch.save(make("resnet18", classes=3, channels=1).state_dict(), tmp_path / "grey.pth")
    loaded = open_model(ModelSpec("resnet18", weights=str(tmp_path / "grey.pth")))
    assert (loaded.card.preprocess.channels, loaded.card.preprocess.mean) == (1, (0.5,))
    assert loaded.card.notes[0] == "Built with 3 classes and 1 input channels, as the weights have it."
    with torch.no_grad():
        assert loaded.module(torch.zeros(1, 1, 64, 64)).shape == (1, 3)


@pytest.mark.parametrize(
    "name", ["alexnet", "googlenet", "swin_t", "shufflenet_v2_x0_5", "efficientnet_b0", "densenet121"]
)
def test_untrained_with_the_channels_asked_for(name: str) -> None:
    five = Preprocess(height=64, width=64, channels=5, mean=(0.5,) * 5, std=(0.5,) * 5)
    loaded = open_model(ModelSpec(name, untrained=True, preprocess=five))
    with torch.no_grad():
        assert loaded.module(torch.zeros(1, 5, 64, 64)).shape == (1, 1000)


def test_an_input_that_cannot_work_is_refused_at_once(weights: Path) -> None:
    grey = Preprocess(channels=1, mean=(0.5,), std=(0.5,))
    with pytest.raises(ExplorerError, match="cannot take 1 channels"):
        open_model(ModelSpec(SMALL, weights=str(weights), preprocess=grey))
    with pytest.raises(ExplorerError, match="vit_b_32 cannot be built for this input"):
        open_model(ModelSpec("vit_b_32", untrained=True, preprocess=Preprocess(height=50, width=50)))
