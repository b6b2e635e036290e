"""Trained weights of other people, and the two example files that open those torchvision has no architecture for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from explorer.core.models import ModelSpec, Preprocess
from explorer.engine.models import LoadedModel, open_model

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"


def picture(path: Path, made: Preprocess) -> Tensor:
    """Shorter side to `resize`, centre crop, normalised: written out here so that it leans on nothing of ours."""
    image = Image.open(path).convert("RGB")
    scale = made.resize / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR)
    left, top = (image.width - made.width) // 2, (image.height - made.height) // 2
    pixels = np.asarray(image.crop((left, top, left + made.width, top + made.height)), dtype=np.float32) / 255
    values = (pixels - np.array(made.mean, np.float32)) / np.array(made.std, np.float32)
    return torch.from_numpy(values).permute(2, 0, 1)[None].contiguous()


def example(name: str, weights: Path) -> LoadedModel:
    return open_model(ModelSpec(f"file:{EXAMPLES / name}:make_model", weights=str(weights)), trust_code=True)


def test_mobilenet_knows_the_photos(shared_data: Path) -> None:
    file = shared_data / "weights" / "mobilenet_v2-imagenet" / "mobilenet_v2.safetensors"
    loaded = open_model(ModelSpec("torchvision:mobilenet_v2", weights=str(file)))
    expected = {"chelsea.png": ("Egyptian cat", 0.74), "coffee.png": ("espresso", 0.99), "camera.png": ("tripod", 0.98)}
    for photo, (label, probability) in expected.items():
        with torch.no_grad():
            guess = loaded.module(picture(shared_data / "photos" / photo, loaded.card.preprocess)).softmax(1)[0]
        assert loaded.card.labels[int(guess.argmax())] == label
        assert float(guess.max()) == pytest.approx(probability, abs=0.01)


def test_squeezenet_gives_the_golden_outputs(shared_data: Path) -> None:
    folder = shared_data / "weights" / "squeezenet1_1-imagenet"
    loaded = open_model(ModelSpec("squeezenet1_1", weights=str(folder / "squeezenet1_1.safetensors")))
    for number in range(3):
        given, expected = (
            torch.from_numpy(np.load(folder / "test_data_set" / str(number) / f"{kind}_0.npy"))
            for kind in ("input", "output")
        )
        with torch.no_grad():
            # scores up to 170: their last bits depend on the processor
            torch.testing.assert_close(loaded.module(given).reshape(-1), expected.reshape(-1), atol=1.4e-4, rtol=2e-6)


@pytest.mark.parametrize("file", ["vit_model.pth", "vit_cat_horse.safetensors"])
def test_the_small_transformer_sees_a_cat(shared_data: Path, file: str) -> None:
    loaded = example("vit_cat_horse.py", shared_data / "weights" / "vit-cat-horse" / file)
    card = loaded.card
    assert (card.labels, card.parameters, card.notes) == (("cat", "horse"), 807_554, ())
    assert (card.preprocess.height, card.preprocess.mean) == (32, (0.5, 0.5, 0.5))
    with torch.no_grad():
        guess = loaded.module(picture(shared_data / "photos" / "chelsea.png", card.preprocess)).softmax(1)[0]
    assert float(guess[0]) > 0.7


@pytest.mark.parametrize("file", ["gaussian/n2n-gaussian.pt", "gaussian-clean/n2n-gaussian.pt", "gaussian.safetensors"])
def test_the_unet_takes_noise_off(shared_data: Path, file: str) -> None:
    loaded = example("n2n_unet.py", shared_data / "weights" / "n2n-unet" / file)
    assert (loaded.card.labels, loaded.card.parameters, loaded.card.notes) == ((), 700_611, ())
    clean = picture(shared_data / "photos" / "coffee.png", loaded.card.preprocess)
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    noisy = (clean + 25 / 255 * noise).clamp(0, 1)
    with torch.no_grad():
        restored = loaded.module(noisy).clamp(0, 1)
    before, after = (float(-10 * (x - clean).pow(2).mean().log10()) for x in (noisy, restored))
    assert 20 < before < 21.5
    assert after > 30


def test_a_checkpoint_opened_as_the_wrong_architecture(shared_data: Path) -> None:
    from explorer.core.errors import ExplorerError

    file = shared_data / "weights" / "squeezenet1_1-imagenet" / "squeezenet1_1.safetensors"
    with pytest.raises(ExplorerError, match=r"do not fit mobilenet_v2.*missing from the file.*without a place"):
        open_model(ModelSpec("mobilenet_v2", weights=str(file)))
