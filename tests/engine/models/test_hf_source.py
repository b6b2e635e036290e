"""Folders are saved by transformers itself from small random models, whose answers are the oracle."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import hf_text_nets
import numpy as np
import pytest
import torch
from fake_hub import FakeHub, serving
from hf_nets import MODELS, VIT, expected, first, saved
from optional import package
from PIL import Image

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.progress import Progress
from explorer.core.texts import TextPreprocess, tokenised
from explorer.engine.capture.output_reading import watched
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models import extras, hf_names, hf_sounds, hf_texts, open_model
from explorer.engine.models.hf_folder import read
from explorer.engine.models.hf_models import TYPES
from explorer.engine.models.hf_preprocess import preprocess_of
from tests.support.predicted import predicted


@pytest.fixture(scope="module")
def transformers() -> Any:
    return package(extras.HF)


@pytest.fixture(autouse=True)
def _no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.mark.parametrize("name", MODELS)
def test_a_folder_opens_with_its_weights(transformers: Any, tmp_path: Path, name: str) -> None:
    module = saved(transformers, name, tmp_path / "net")
    before = torch.random.get_rng_state()
    loaded = open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))
    assert torch.equal(torch.random.get_rng_state(), before)
    x = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(first(loaded.module(x)), expected(module, name, x))
        assert first(loaded.module(torch.zeros(1, 3, 48, 64))).isfinite().all()  # another size, and not square
    card = loaded.card
    assert (card.source, card.name, card.classifies) == ("hf", "net", MODELS[name][2])
    assert (card.weights.trained, card.weights.path) == (True, str(tmp_path / "net" / "model.safetensors"))
    assert not loaded.module.training
    assert all(parameter.requires_grad for parameter in loaded.module.parameters())


def test_every_type_that_is_known_is_tried_here_and_in_the_menu(transformers: Any) -> None:
    assert TYPES.keys() == hf_names.KNOWN
    for name, known in TYPES.items():
        assert hasattr(import_module(known.module) if known.module else transformers, known.base), name
        assert not known.classifier or hasattr(transformers, known.classifier), name
        assert (known.config or name) in transformers.CONFIG_MAPPING
    tried = {getattr(transformers, config).model_type for config, _, _ in MODELS.values()}
    assert tried | set(hf_sounds.TYPES) | set(hf_texts.TYPES) == TYPES.keys()


def test_a_masked_autoencoder_says_how_it_is_opened_and_is_deterministic(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "ViTMAEForPreTraining", tmp_path / "mae")
    loaded = open_model(ModelSpec(f"hf:{tmp_path / 'mae'}"))
    assert "no patch is masked" in loaded.card.description
    assert any("decoder" in note for note in loaded.card.notes)
    x = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(first(loaded.module(x)), first(loaded.module(x)))


def test_only_a_config_is_untrained_and_says_so(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "Dinov2Model", tmp_path / "net")
    (tmp_path / "net" / "model.safetensors").unlink()
    a, b, c = (open_model(ModelSpec(f"hf:{tmp_path / 'net'}", seed=seed)).card for seed in (0, 0, 1))
    assert (a.weights.label, c.weights.label) == ("untrained, seed 0", "untrained, seed 1")
    assert a.weights.sha256 == b.weights.sha256 != c.weights.sha256
    assert any("holds no weights" in note for note in a.notes)
    assert a.by_chance


def test_untrained_on_purpose_takes_another_number_of_channels(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "ViTModel", tmp_path / "net")
    grey = Preprocess(height=32, width=32, channels=1, mean=(0.5,), std=(0.5,))
    loaded = open_model(ModelSpec(f"hf:{tmp_path / 'net'}", untrained=True, preprocess=grey))
    with torch.no_grad():
        assert first(loaded.module(torch.zeros(1, 1, 32, 32))).shape == (1, 17, 32)
    with pytest.raises(ExplorerError, match="cannot take 1 channels"):
        open_model(ModelSpec(f"hf:{tmp_path / 'net'}", preprocess=grey))


def test_old_names_and_old_files(transformers: Any, tmp_path: Path) -> None:
    """pytorch_model.bin with the names that transformers used before it had those of today."""
    module = saved(transformers, "ViTForImageClassification", tmp_path / "net")
    words = (
        (".layers.", ".encoder.layer."),
        ("attention.q_proj", "attention.attention.query"),
        ("attention.k_proj", "attention.attention.key"),
        ("attention.v_proj", "attention.attention.value"),
        ("attention.o_proj", "attention.output.dense"),
        ("mlp.fc1", "intermediate.dense"),
        ("mlp.fc2", "output.dense"),
    )
    state = {}
    for key, value in module.state_dict().items():
        for now, then in words:
            key = key.replace(now, then)
        state[key] = value
    assert "vit.encoder.layer.1.attention.attention.query.weight" in state
    (tmp_path / "net" / "model.safetensors").unlink()
    torch.save(state, tmp_path / "net" / "pytorch_model.bin")
    loaded = open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))
    x = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(first(loaded.module(x)), first(module(x)))


def test_weights_in_pieces(transformers: Any, tmp_path: Path) -> None:
    module: Any = saved(transformers, "ViTModel", tmp_path / "net")
    with extras.silent():
        module.save_pretrained(tmp_path / "net", max_shard_size="20KB")
    (tmp_path / "net" / "model.safetensors").unlink(missing_ok=True)
    pieces = sorted((tmp_path / "net").glob("model-*.safetensors"))
    assert len(pieces) > 1
    loaded = open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))
    for name, value in module.state_dict().items():
        assert torch.equal(loaded.module.state_dict()[name], value)
    pieces[0].unlink()
    with pytest.raises(ExplorerError, match=r"not complete.*files are missing"):
        open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))


def test_independent_classes_of_the_config_get_a_sigmoid_each(transformers: Any, tmp_path: Path) -> None:
    made = tmp_path / "net"
    saved(transformers, "ResNetForImageClassification", made)
    config = json.loads((made / "config.json").read_text())
    (made / "config.json").write_text(json.dumps({**config, "problem_type": "multi_label_classification"}))
    loaded = open_model(ModelSpec(f"hf:{made}"))
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    seen = watched(loaded.module, x, loaded.card)
    with torch.no_grad():
        true = first(loaded.module(x))[0].double().sigmoid()
    found = predicted(seen.output, loaded.card, seen.plan.scores)
    assert {g.index: g.probability for g in found} == pytest.approx({i: float(v) for i, v in enumerate(true)}, rel=1e-5)


def test_labels_of_the_config(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "ResNetForImageClassification", tmp_path / "net")
    assert open_model(ModelSpec(f"hf:{tmp_path / 'net'}")).card.labels == ()
    config = json.loads((tmp_path / "net" / "config.json").read_text())
    config["id2label"] = {"0": "cat, small", "1": "horse", "2": "none"}
    (tmp_path / "net" / "config.json").write_text(json.dumps(config))
    assert open_model(ModelSpec(f"hf:{tmp_path / 'net'}")).card.labels == ("cat, small", "horse", "none")


# --- how pictures are prepared


PROCESSORS: dict[str, dict[str, Any]] = {
    "vit": {"image_processor_type": "ViTImageProcessor", "size": {"height": 48, "width": 48}, "resample": 2},
    "old vit": {"feature_extractor_type": "ViTFeatureExtractor", "size": 40, "image_mean": [0.4, 0.5, 0.6]},
    "old clip": {"feature_extractor_type": "CLIPFeatureExtractor", "size": 48, "crop_size": 40, "resample": 3},
    "dinov2": {
        "image_processor_type": "BitImageProcessor",
        "size": {"shortest_edge": 64},
        "crop_size": {"height": 56, "width": 48},
        "resample": 3,
        "do_center_crop": True,
    },
    "convnext": {
        "image_processor_type": "ConvNextImageProcessor",
        "size": {"shortest_edge": 56},
        "crop_pct": 0.875,
        "resample": 3,
    },
    "siglip": {
        "image_processor_type": "SiglipImageProcessor",
        "size": {"height": 32, "width": 64},
        "do_normalize": False,
    },
    "mobilevit, blue first, odd rest": {
        "image_processor_type": "MobileViTImageProcessor",
        "size": {"shortest_edge": 45},
        "crop_size": {"height": 40, "width": 40},
        "do_flip_channel_order": True,
        "do_normalize": True,  # which this processor does not do
    },
    "mobilevit, red first": {
        "image_processor_type": "MobileViTImageProcessor",
        "size": {"shortest_edge": 45},
        "crop_size": {"height": 50, "width": 50},
        "do_flip_channel_order": False,
    },
    "squeezed, then cropped": {
        "image_processor_type": "BeitImageProcessor",
        "size": {"height": 64, "width": 64},
        "crop_size": {"height": 51, "width": 51},
        "do_center_crop": True,
    },
    "dinov3": {"image_processor_type": "DINOv3ViTImageProcessor", "size": {"height": 48, "width": 64}, "resample": 3},
    "not resized": {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": False,
        "crop_size": {"height": 81, "width": 90},
    },
    "levit": {"image_processor_type": "LevitImageProcessor", "size": {"shortest_edge": 50}, "crop_size": 50},
    "poolformer": {
        "image_processor_type": "PoolFormerImageProcessor",
        "size": {"shortest_edge": 50},
        "crop_pct": 0.9,
        "crop_size": 50,
    },
    "efficientnet, offset and std twice": {
        "image_processor_type": "EfficientNetImageProcessor",
        "size": 40,
        "rescale_factor": 1 / 127.5,
        "rescale_offset": True,
    },
    "lanczos": {"image_processor_type": "ViTImageProcessor", "size": 40, "resample": 1},
    "nearest": {"image_processor_type": "ViTImageProcessor", "size": 40, "resample": 0},
    "bytes": {"image_processor_type": "ViTImageProcessor", "size": 40, "do_rescale": False, "do_normalize": False},
    "segformer": {"image_processor_type": "SegformerImageProcessor", "size": 40, "do_reduce_labels": True},
    "to 0..2": {"image_processor_type": "ViTImageProcessor", "size": 32, "rescale_factor": 0.00784313725490196},
}


@pytest.mark.parametrize("settings", PROCESSORS.values(), ids=PROCESSORS)
@pytest.mark.parametrize("size", [(90, 130), (121, 70), (57, 101), (2, 7)])
def test_pictures_are_prepared_as_transformers_does(
    transformers: Any, tmp_path: Path, settings: dict[str, Any], size: tuple[int, int]
) -> None:
    saved(transformers, "ViTModel", tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings))
    preprocess, notes = preprocess_of(read(tmp_path), None)
    y, x = np.mgrid[0 : size[0], 0 : size[1]]
    pixels = np.stack([y % 256, x % 256, (x + y) % 200], axis=-1).astype(np.uint8)
    processor = transformers.AutoImageProcessor.from_pretrained(tmp_path, local_files_only=True)
    wanted = processor(images=Image.fromarray(pixels), return_tensors="pt").pixel_values
    found = to_tensor(Picture(InputRef("picture"), pixels, "0"), preprocess)
    assert notes == ()
    assert found.shape == wanted.shape
    step = max(1 / (255 * std) for std in preprocess.std)
    assert (found - wanted).abs().max() <= 1e-3 * step


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"image_processor_type": "BridgeTowerImageProcessor"}, "do_pad = True"),
        ({"image_processor_type": "PPLCNetImageProcessor"}, "resize_short"),
        ({"image_processor_type": "CLIPImageProcessor", "do_center_crop": False}, "keeps the sides' ratio"),
        ({"image_processor_type": "ViTImageProcessor", "do_resize": False}, "at their own size"),
        ({"image_processor_type": "GLPNImageProcessor"}, "another size"),
        ({"image_processor_type": "PerceiverImageProcessor"}, "224 × 224 px of 61 × 97"),
        ({"image_processor_type": "Qwen2VLImageProcessor"}, "another kind of input"),
        ({"image_processor_type": "ViTImageProcessor", "resample": 4}, "was not checked"),
        ({"image_processor_type": "ViTImageProcessor", "size": 999999}, "another size"),
    ],
)
def test_what_is_not_done_as_transformers_does_is_said(
    transformers: Any, tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    saved(transformers, "ViTModel", tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings))
    _, notes = preprocess_of(read(tmp_path), None)
    assert words in " ".join(notes)


def test_settings_that_stand_beside_those_of_texts(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "ViTModel", tmp_path)
    settings = {"image_processor_type": "MobileViTImageProcessor", "size": {"shortest_edge": 50}, "crop_size": 45}
    (tmp_path / "processor_config.json").write_text(json.dumps({"image_processor": settings}))
    preprocess, notes = preprocess_of(read(tmp_path), None)
    assert (preprocess.order, preprocess.height, preprocess.resize, notes) == ("bgr", 45, 50, ())


@pytest.mark.parametrize("name", ["ViTModel", "DeiTModel"])
def test_oblong_positions_are_taken_as_they_stand(transformers: Any, tmp_path: Path, name: str) -> None:
    """Told to resample, transformers lays 36 positions as 6 × 6, where they are 4 × 9."""
    config = transformers.ViTConfig if name == "ViTModel" else transformers.DeiTConfig
    torch.manual_seed(0)
    module = getattr(transformers, name)(config(**{**VIT, "image_size": (32, 72)}), add_pooling_layer=False).eval()
    with torch.no_grad():
        torch.nn.init.normal_(module.embeddings.position_embeddings)
    module.save_pretrained(tmp_path)
    loaded = open_model(ModelSpec(f"hf:{tmp_path}"))
    x = torch.randn(1, 3, 32, 72)
    with torch.no_grad():
        assert torch.equal(first(loaded.module(x)), module(x).last_hidden_state)
    assert (loaded.card.preprocess.height, loaded.card.preprocess.width) == (32, 72)


def test_without_settings_the_usual_ones_are_assumed_and_said(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "ViTModel", tmp_path / "net")
    card = open_model(ModelSpec(f"hf:{tmp_path / 'net'}")).card
    assert (card.preprocess.height, card.preprocess.width, card.preprocess.fit) == (32, 32, "stretch")
    assert any("assumed" in note for note in card.notes)


# --- downloads


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with serving() as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
        yield fake


def offer(server: FakeHub, repo: str, folder: Path) -> None:
    for path in folder.iterdir():
        server.files[f"{repo}/{path.name}"] = path.read_bytes()


def test_a_download_is_asked_for_then_found(transformers: Any, server: FakeHub, tmp_path: Path, app_home: Path) -> None:
    module = saved(transformers, "Dinov2Model", tmp_path / "net")
    offer(server, "some/dino", tmp_path / "net")
    with pytest.raises(ExplorerError, match="some/dino is not here") as caught:
        open_model(ModelSpec("hf:some/dino"))
    assert server.asked == []
    assert "--download" in caught.value.todo
    said: list[Progress] = []
    loaded = open_model(ModelSpec("hf:some/dino"), allow_download=True, progress=said.append)
    x = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(first(loaded.module(x)), first(module(x)))
    folder = app_home.resolve() / "data" / "weights" / "hf" / "some" / "dino"
    assert loaded.card.weights.path == str(folder / "model.safetensors")
    assert any("Downloading model.safetensors" in progress.text for progress in said)
    server.files.clear()
    assert open_model(ModelSpec("hf:some/dino")).card.name == "dino"
    assert any(entry.id == "hf:some/dino" and entry.ready for entry in hf_names.entries())


def test_untrained_fetches_the_config_alone(transformers: Any, server: FakeHub, tmp_path: Path) -> None:
    saved(transformers, "Dinov2Model", tmp_path / "net")
    offer(server, "some/dino", tmp_path / "net")
    card = open_model(ModelSpec("hf:some/dino", untrained=True), allow_download=True).card
    assert card.weights.label == "untrained, seed 0"
    assert set(server.gets()) == {"config.json"}
    with pytest.raises(ExplorerError, match="is not here"):  # a config alone is not taken for the model
        open_model(ModelSpec("hf:some/dino"))


def test_what_cannot_be_opened_is_not_fetched(transformers: Any, server: FakeHub) -> None:
    server.files["some/text/config.json"] = json.dumps({"model_type": "mamba"}).encode()
    server.files["some/text/model.safetensors"] = b"much"
    with pytest.raises(ExplorerError, match="type “mamba”, which is not known"):
        open_model(ModelSpec("hf:some/text"), allow_download=True)
    assert set(server.gets()) == {"config.json"}


def test_a_model_of_texts_comes_with_its_tokenizer(transformers: Any, server: FakeHub, tmp_path: Path) -> None:
    hf_text_nets.saved("BertForSequenceClassification", tmp_path / "bert")
    for file in (tmp_path / "bert").iterdir():
        server.files[f"some/bert/{file.name}"] = file.read_bytes()
    card = open_model(ModelSpec("hf:some/bert"), allow_download=True).card
    assert card.weights.trained
    assert not card.notes
    assert isinstance(card.preprocess, TextPreprocess)
    assert [token.piece for token in tokenised("good", card.preprocess)] == ["[CLS]", "good", "[SEP]"]
    assert open_model(ModelSpec("hf:some/bert")).card.preprocess.says == card.preprocess.says


def test_gated_and_unknown_repositories(transformers: Any, server: FakeHub) -> None:
    server.gated.add("some/gated")
    for repo in ("some/gated", "no/where"):
        with pytest.raises(ExplorerError, match="requires an account"):
            open_model(ModelSpec(f"hf:{repo}"), allow_download=True)


def test_offline_is_said(transformers: Any, server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ExplorerError, match="HF_HUB_OFFLINE is set"):
        open_model(ModelSpec("hf:some/dino"), allow_download=True)


# --- hostile folders


class _Runs:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("a file was executed",))


def test_a_pickle_that_executes_does_not(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "ViTModel", tmp_path / "net")
    (tmp_path / "net" / "model.safetensors").unlink()
    (tmp_path / "net" / "pytorch_model.bin").write_bytes(pickle.dumps({"cls_token": _Runs()}))
    with pytest.raises(ExplorerError, match=r"was not opened|damaged"):
        open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))


@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json"])
def test_code_of_the_folder_is_refused(transformers: Any, tmp_path: Path, file: str) -> None:
    saved(transformers, "ViTModel", tmp_path / "net")
    path = tmp_path / "net" / file
    held = json.loads(path.read_text()) if path.exists() else {"image_processor_type": "ViTImageProcessor"}
    key = "AutoModel" if file == "config.json" else "AutoImageProcessor"
    path.write_text(json.dumps({**held, "auto_map": {key: "evil.Model"}}))
    (tmp_path / "net" / "evil.py").write_text("raise SystemExit('a file was executed')")
    with pytest.raises(ExplorerError, match=r"trust_remote_code.*never run here"):
        open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))


def test_wrong_shapes_missing_weights_and_weights_of_another_model(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "ViTModel", tmp_path / "net")
    other = saved(transformers, "ResNetForImageClassification", tmp_path / "other")
    config = json.loads((tmp_path / "net" / "config.json").read_text())
    (tmp_path / "net" / "config.json").write_text(json.dumps({**config, "intermediate_size": 48}))
    with pytest.raises(ExplorerError, match=r"do not fit ViTModel.*mlp.fc1.weight \(64, 32\) in the file, \(48, 32\)"):
        open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))
    (tmp_path / "net" / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    with pytest.raises(ExplorerError, match=r"do not fit ViTModel.*missing from the file: layers.2"):
        open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))
    (tmp_path / "net" / "config.json").write_text(json.dumps(config))
    torch.save(other.state_dict(), tmp_path / "resnet.pth")
    with pytest.raises(ExplorerError, match=r"do not fit ViTModel|another model"):
        open_model(ModelSpec(f"hf:{tmp_path / 'net'}", weights=str(tmp_path / "resnet.pth")))


def test_half_a_file(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "ViTModel", tmp_path / "net")
    path = tmp_path / "net" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ExplorerError, match="damaged"):
        open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))


@pytest.mark.parametrize(
    "text", ["", "[1]", "{", '{"model_type": "vit", "hidden_size": "many"}', '{"model_type": "vit", "patch_size": 0}']
)
def test_a_config_that_is_none(transformers: Any, tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ExplorerError, match=r"damaged|cannot be used"):
        open_model(ModelSpec(f"hf:{tmp_path}"))


def test_an_index_that_leads_out_of_the_folder(transformers: Any, tmp_path: Path) -> None:
    saved(transformers, "ViTModel", tmp_path / "net")
    (tmp_path / "net" / "model.safetensors").unlink()
    index = {"weight_map": {"cls_token": "../elsewhere.safetensors"}}
    (tmp_path / "net" / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ExplorerError, match="names no files beside itself"):
        open_model(ModelSpec(f"hf:{tmp_path / 'net'}"))
