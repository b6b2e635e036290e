"""timm's own models, and its own preparation of pictures, are the oracles; all weights are random."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fake_hub import COMMIT, FakeHub, serving
from optional import package
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelSpec, Preprocess
from explorer.core.progress import Progress
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models import Cancelled, extras, open_model, timm_names
from explorer.engine.models import timm_models as zoo

NAME = "resnet18.a1_in1k"
VIT = "vit_tiny_patch16_224"


@pytest.fixture(scope="module")
def timm() -> Any:
    return package(extras.TIMM)


@pytest.fixture(autouse=True)
def _no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def made(timm: Any, name: str, seed: int = 3, **options: Any) -> nn.Module:
    torch.manual_seed(seed)
    module = timm.create_model(name, pretrained=False, **options).eval()
    assert isinstance(module, nn.Module)
    return module


def saved(module: nn.Module, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous().clone() for key, value in module.state_dict().items()}, path)
    return path


def same(a: nn.Module, b: nn.Module, *shape: int) -> bool:
    x = torch.randn(1, *shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return torch.equal(a(x), b(x))


def test_untrained_is_seeded_and_is_what_timm_builds(timm: Any) -> None:
    before = torch.random.get_rng_state()
    loaded = open_model(ModelSpec(f"timm:{VIT}", untrained=True, seed=3))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert same(loaded.module, made(timm, VIT), 3, 224, 224)
    card = loaded.card
    assert (card.name, card.source, card.weights.label) == (f"{VIT}.augreg_in21k_ft_in1k", "timm", "untrained, seed 3")
    assert (card.labels[0], len(card.labels), card.classifies) == ("tench", 1000, True)
    assert not loaded.module.training


@pytest.mark.parametrize(
    ("name", "options", "shape", "said"),
    [
        (VIT, {"img_size": 96, "num_classes": 5}, (3, 96, 96), "5 classes and positions for 96 × 96 pixels"),
        ("resnet18", {"num_classes": 3, "in_chans": 1}, (1, 64, 64), "3 classes and 1 input channels"),
        ("deit3_small_patch16_224", {"num_classes": 0, "img_size": 64}, (3, 64, 64), "0 classes"),
        ("swin_tiny_patch4_window7_224", {}, (3, 224, 224), ""),
        ("vit_small_patch14_reg4_dinov2.lvd142m", {"img_size": 112}, (3, 112, 112), "positions for 112 × 112"),
    ],
)
def test_a_file_the_person_gives(
    timm: Any, tmp_path: Path, name: str, options: dict[str, int], shape: tuple[int, ...], said: str
) -> None:
    module = made(timm, name, **options)
    path = saved(module, tmp_path / "mine.safetensors")
    # random positions do not say how they stand
    size = (shape[1], shape[2]) if "img_size" in options else None
    loaded = open_model(ModelSpec(f"timm:{name}", weights=str(path), size=size))
    assert same(loaded.module, module, *shape)
    assert said in " ".join(loaded.card.notes)
    assert "Preprocessing assumed" in " ".join(loaded.card.notes)
    assert loaded.card.weights.trained
    if "img_size" in options:
        assert (loaded.card.preprocess.height, loaded.card.preprocess.width) == shape[1:]


OBLONG = {"img_size": (128, 288), "num_classes": 7}


def test_oblong_positions_are_not_taken_for_a_square(timm: Any, tmp_path: Path) -> None:
    """144 positions are 8 × 18 and 12 × 12; values that nothing has learnt do not tell which."""
    module = made(timm, VIT, **OBLONG)
    spec = ModelSpec(f"timm:{VIT}", weights=str(saved(module, tmp_path / "oblong.safetensors")))
    with pytest.raises(ExplorerError, match="does not say what size of picture") as caught:
        open_model(spec)
    assert "192 × 192 px (12 × 12)" in caught.value.why
    assert "128 × 288 px (8 × 18)" in caught.value.why
    assert "--size" in caught.value.todo
    loaded = open_model(replace(spec, size=(128, 288)))
    assert same(loaded.module, module, 3, 128, 288)
    assert (loaded.card.preprocess.height, loaded.card.preprocess.width) == (128, 288)
    assert any("taken as 8 × 18, as the size says" in note for note in loaded.card.notes)
    assert loaded.module.patch_embed.grid_size == (8, 18)
    by_preprocess = open_model(replace(spec, preprocess=Preprocess(height=128, width=288)))
    assert same(by_preprocess.module, module, 3, 128, 288)


@pytest.mark.parametrize("grid", [(8, 18), (12, 12), (24, 6)])
def test_learnt_positions_tell_how_they_stand(timm: Any, tmp_path: Path, grid: tuple[int, int]) -> None:
    module = made(timm, VIT, img_size=(grid[0] * 16, grid[1] * 16))
    draw = torch.Generator().manual_seed(0)
    coarse = torch.randn(1, 192, max(2, grid[0] // 3), max(2, grid[1] // 3), generator=draw)
    smooth = torch.nn.functional.interpolate(coarse, grid, mode="bicubic")[0].flatten(1).T
    with torch.no_grad():
        module.pos_embed[0, 1:] = smooth
    loaded = open_model(ModelSpec(f"timm:{VIT}", weights=str(saved(module, tmp_path / "learnt.safetensors"))))
    assert loaded.module.patch_embed.grid_size == grid
    assert same(loaded.module, module, 3, grid[0] * 16, grid[1] * 16)
    assert any(f"stand as {grid[0]} × {grid[1]}" in note for note in loaded.card.notes)


def test_a_file_of_the_original_authors(timm: Any, tmp_path: Path) -> None:
    """DINOv2's own names: registers called otherwise, a mask token, a position for CLS."""
    name = "vit_small_patch14_reg4_dinov2"
    module = made(timm, name, dynamic_img_size=True)
    state = dict(module.state_dict())
    state["register_tokens"] = state.pop("reg_token")
    state["pos_embed"] = torch.cat([torch.zeros(1, 1, 384), state["pos_embed"]], 1)
    state["mask_token"] = torch.zeros(1, 384)
    torch.save({"teacher": {f"backbone.{key}": value for key, value in state.items()}}, tmp_path / "dino.pth")
    loaded = open_model(ModelSpec(f"timm:{name}", weights=str(tmp_path / "dino.pth")))
    assert same(loaded.module, module, 3, 56, 84)
    assert any("original authors" in note for note in loaded.card.notes)


def test_a_file_under_the_full_name_is_found_and_known(timm: Any, app_home: Path) -> None:
    path = saved(made(timm, "resnet18"), app_home / "data" / "weights" / f"{NAME}.safetensors")
    card = open_model(ModelSpec("timm:resnet18")).card
    assert (card.weights.path, card.weights.note, card.notes) == (str(path.resolve()), f"timm {NAME}", ())
    assert any(entry.id == f"timm:{NAME}" and entry.ready for entry in timm_names.entries())


def test_torchvisions_file_of_the_same_name_is_not_taken(timm: Any, app_home: Path) -> None:
    saved(made(timm, "resnet18"), app_home / "data" / "weights" / "resnet18.safetensors")
    with pytest.raises(ExplorerError, match=r"no weights for resnet18\.a1_in1k"):
        open_model(ModelSpec("timm:resnet18"))


def test_weights_in_the_hubs_cache_are_found_without_network(timm: Any, tmp_path: Path) -> None:
    folder = tmp_path / "hub" / f"models--timm--{NAME}"
    path = saved(made(timm, "resnet18"), folder / "snapshots" / COMMIT / "model.safetensors")
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(COMMIT)
    assert open_model(ModelSpec(f"timm:{NAME}")).card.weights.path == str(path)


@pytest.mark.parametrize(
    ("name", "classifies", "labels"),
    [
        ("vit_small_patch14_dinov2.lvd142m", False, 0),
        ("vit_base_patch16_clip_224.openai", False, 0),
        ("resnet50_clip.openai", False, 0),
        ("vit_base_patch16_clip_224.openai_ft_in1k", True, 1000),
        ("vit_base_patch16_224.augreg_in21k", True, 21843),
    ],
)
def test_whether_there_are_classes_to_predict(timm: Any, name: str, classifies: bool, labels: int) -> None:
    recipe = zoo.recipe(zoo.check_name(name))
    assert (recipe.classifier and recipe.classes > 0) is classifies
    if classifies:
        assert len(zoo.labels(recipe.classes)) == labels


@pytest.mark.parametrize(
    "name",
    [
        "resnet18.a1_in1k",
        "vit_tiny_patch16_224.augreg_in21k_ft_in1k",
        "vit_base_patch16_clip_224.openai",
        "vit_small_patch14_dinov2.lvd142m",
        "coat_lite_medium_384.in1k",
        "efficientnet_b0.ra_in1k",
        "dm_nfnet_f0.dm_in1k",  # squeezed, then cropped
        "deepseek_vit_412m_enc.deepseek_v4_flash_vision_exp",  # on a ground of the mean colour
    ],
)
@pytest.mark.parametrize("size", [(300, 200), (150, 261), (224, 224), (57, 101), (2, 7)])
def test_pictures_are_prepared_as_timm_does(timm: Any, name: str, size: tuple[int, int]) -> None:
    recipe = zoo.recipe(name)
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    config = timm.data.resolve_data_config(pretrained_cfg=timm.models.get_pretrained_cfg(name).to_dict())
    expected = timm.data.create_transform(**config, is_training=False)(Image.fromarray(pixels))
    found = to_tensor(Picture(InputRef("picture"), pixels, "0"), recipe.preprocess)[0]
    assert recipe.notes == ()
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-6)
    grey = to_tensor(Picture(InputRef("picture"), pixels[..., :1], "0"), recipe.preprocess)[0]
    as_colour = timm.data.create_transform(**config)(Image.fromarray(pixels[..., 0]).convert("RGB"))
    torch.testing.assert_close(grey, as_colour, rtol=0, atol=2e-6)


def test_pictures_of_other_sizes(timm: Any) -> None:
    """What is said before the forward is what the forward does."""
    wide = Preprocess(height=192, width=256, resize=192)
    for name in (VIT, "swin_tiny_patch4_window7_224", "hiera_tiny_224", "convnext_atto"):
        loaded = open_model(ModelSpec(f"timm:{name}", untrained=True, preprocess=wide))
        with torch.no_grad():
            assert loaded.module(torch.zeros(1, 3, 192, 256)).shape == (1, 1000)
    odd = replace(wide, height=200, width=200)
    with pytest.raises(ExplorerError, match=r"cannot take 200 × 200 pixels.*divisible by patch size") as caught:
        open_model(ModelSpec(f"timm:{VIT}", untrained=True, preprocess=odd))
    assert "224 × 224" in caught.value.todo


@pytest.mark.parametrize(("name", "size"), [("tresnet_m", 64), ("csatv2", 64)])
def test_a_first_layer_may_have_other_channels_than_the_picture(timm: Any, name: str, size: int) -> None:
    """TResNet sees blocks of 4 × 4 pixels, CSATv2 the coefficients of a cosine transform."""
    loaded = open_model(ModelSpec(f"timm:{name}", untrained=True, preprocess=Preprocess(size, size, resize=size)))
    assert loaded.card.preprocess.channels == 3
    with torch.no_grad():
        assert loaded.module(torch.zeros(1, 3, size, size)).shape == (1, 1000)


def test_weights_for_grey_pictures_behind_such_a_layer(timm: Any, tmp_path: Path) -> None:
    file = saved(made(timm, "tresnet_m", in_chans=1), tmp_path / "grey.safetensors")
    loaded = open_model(ModelSpec("timm:tresnet_m", str(file)))
    assert loaded.card.preprocess.channels == 1
    assert same(loaded.module, made(timm, "tresnet_m", in_chans=1), 1, 64, 64)


@pytest.mark.filterwarnings("ignore:CSATv2 is designed for 3-channel")
def test_channels_that_an_architecture_cannot_take(timm: Any) -> None:
    pre = Preprocess(channels=4, mean=(0.5,) * 4, std=(0.5,) * 4)
    with pytest.raises(ExplorerError, match="cannot take 4 channels") as raised:
        open_model(ModelSpec("timm:csatv2", untrained=True, preprocess=pre))
    assert raised.value.todo == "Its own number is 3."


def test_a_size_that_weights_cannot_take(timm: Any, tmp_path: Path) -> None:
    path = saved(made(timm, "mixer_s32_224"), tmp_path / "m.safetensors")
    spec = ModelSpec("timm:mixer_s32_224", weights=str(path), preprocess=Preprocess(height=256, width=256))
    with pytest.raises(ExplorerError, match="cannot take 256 × 256"):
        open_model(spec)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resnet81", "Did you mean"),
        ("resnet18.nothing", r"There are resnet18\.a1_in1k"),
        ("hf-hub:timm/resnet18.a1_in1k", "no model"),
        ("local-dir:x", "no model"),
    ],
)
def test_names_that_are_none(timm: Any, name: str, words: str) -> None:
    with pytest.raises(ExplorerError, match=words):
        open_model(ModelSpec(f"timm:{name}", untrained=True))


def test_nothing_here_tells_where_and_the_ways_out(timm: Any, app_home: Path, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError) as caught:
        open_model(ModelSpec("timm:resnet18"))
    assert str(app_home.resolve() / "data" / "weights") in caught.value.why
    assert str(tmp_path / "hub") in caught.value.why
    for way in ("--weights", f"{NAME}.safetensors", "--download", "--untrained"):
        assert way in caught.value.todo


# --- downloads


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with serving() as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield fake


def test_a_download_is_asked_for_then_found(timm: Any, server: FakeHub, tmp_path: Path, app_home: Path) -> None:
    module = made(timm, "resnet18")
    server.files[f"timm/{NAME}/model.safetensors"] = saved(module, tmp_path / "w.safetensors").read_bytes()
    with pytest.raises(ExplorerError, match="no weights"):
        open_model(ModelSpec("timm:resnet18"))
    assert server.asked == []
    said: list[Progress] = []
    loaded = open_model(ModelSpec("timm:resnet18"), allow_download=True, progress=said.append)
    assert same(loaded.module, module, 3, 64, 64)
    assert any(re.fullmatch(rf"Downloading {NAME}.safetensors: (44\.\d MiB) of \1", p.text) for p in said)
    assert loaded.card.weights.path == str(app_home.resolve() / "data" / "weights" / f"{NAME}.safetensors")
    server.files.clear()
    assert open_model(ModelSpec("timm:resnet18")).card.weights.path == loaded.card.weights.path


def test_a_cancelled_download(timm: Any, server: FakeHub, tmp_path: Path) -> None:
    server.files[f"timm/{NAME}/model.safetensors"] = saved(made(timm, "resnet18"), tmp_path / "w").read_bytes()
    wanted: list[Progress] = []

    def is_enough() -> bool:
        return any("Downloading" in progress.text for progress in wanted)

    with pytest.raises(Cancelled):
        open_model(ModelSpec("timm:resnet18"), allow_download=True, progress=wanted.append, cancelled=is_enough)


def test_a_model_that_the_hub_has_not(timm: Any, server: FakeHub) -> None:
    server.files[f"timm/{NAME}/README.md"] = b"nothing else"
    with pytest.raises(ExplorerError, match="cannot be downloaded"):
        open_model(ModelSpec("timm:resnet18"), allow_download=True)


# --- hostile files


class _Runs:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("a file was executed",))


def test_a_pickle_that_executes_does_not(timm: Any, app_home: Path) -> None:
    folder = app_home / "data" / "weights"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.pth").write_bytes(pickle.dumps({"conv1.weight": _Runs()}))
    with pytest.raises(ExplorerError, match=r"was not opened|damaged"):
        open_model(ModelSpec("timm:resnet18"))


def test_wrong_shapes_and_half_a_file(timm: Any, tmp_path: Path) -> None:
    state = dict(made(timm, "resnet18").state_dict())
    state["layer1.0.conv1.weight"] = torch.zeros(64, 64, 5, 5)
    torch.save(state, tmp_path / "odd.pth")
    with pytest.raises(ExplorerError, match=r"do not fit resnet18.*layer1.0.conv1.weight \(64, 64, 5, 5\)"):
        open_model(ModelSpec("timm:resnet18", weights=str(tmp_path / "odd.pth")))
    whole = saved(made(timm, "resnet18"), tmp_path / "half.safetensors").read_bytes()
    (tmp_path / "half.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ExplorerError, match="damaged"):
        open_model(ModelSpec("timm:resnet18", weights=str(tmp_path / "half.safetensors")))


def test_names_are_read_from_the_source_as_timm_lists_them(timm: Any) -> None:
    read = set(timm_names.names())
    architectures = {name.partition(".")[0] for name in read}
    assert architectures == set(timm.list_models())
    listed = set(timm.list_models(pretrained=True))
    assert len(listed & read) > 0.95 * len(listed)
    assert set(timm_names.CHOICE) <= listed
