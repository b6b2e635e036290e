"""The input tensor is torchvision's, to the last bit; other precisions keep theirs; the geometry is the true one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from explorer.core.boxes import Box
from explorer.core.errors import ExplorerError
from explorer.core.geometry.affine import input_affine, placement, to_original
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import Preprocess
from explorer.engine.inputs.image_arrays import picture_from_array
from explorer.engine.inputs.preprocess import to_tensor
from explorer.engine.models.torchvision_compat import import_torchvision

PLAIN = {"mean": (0.0,), "std": (1.0,)}


def picture(pixels: np.ndarray) -> Picture:
    return picture_from_array(pixels, InputRef("clipboard"))


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "nearest"])
@pytest.mark.parametrize(("crop", "resize"), [(224, 256), (224, 232), (299, 342), (518, 518), (300, 224)])
@pytest.mark.parametrize("size", [(432, 768), (300, 451), (224, 224), (5, 7), (1, 1), (4, 160), (257, 255)])
def test_equals_torchvision_bit_for_bit(size: tuple[int, int], crop: int, resize: int, interpolation: str) -> None:
    import_torchvision()
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms._presets import ImageClassification

    pixels = noise(*size)
    preset = ImageClassification(crop_size=crop, resize_size=resize, interpolation=InterpolationMode(interpolation))
    ours = to_tensor(picture(pixels), Preprocess(crop, crop, "crop", resize, interpolation=interpolation))
    assert torch.equal(ours, preset(Image.fromarray(pixels))[None])


def test_equals_the_transforms_that_come_with_weights() -> None:
    import_torchvision()
    from torchvision.models import ResNet18_Weights

    pixels = noise(333, 500)
    expected = ResNet18_Weights.IMAGENET1K_V1.transforms()(Image.fromarray(pixels))
    assert torch.equal(to_tensor(picture(pixels), Preprocess())[0], expected)


@pytest.mark.parametrize("channels", [2, 4, 7])
def test_other_numbers_of_channels_are_red_green_and_blue_in_turn(channels: int) -> None:
    colour, pre = picture(noise(20, 30)), Preprocess(16, 16, "stretch", **PLAIN)
    three = to_tensor(colour, pre)[0]
    many = to_tensor(colour, replace(pre, channels=channels))[0]
    assert torch.equal(many, torch.stack([three[number % 3] for number in range(channels)]))
    grey = picture(noise(20, 30)[..., :1])
    alike = to_tensor(grey, replace(pre, channels=channels))[0]
    assert alike.shape[0] == channels
    assert all(torch.equal(plane, alike[0]) for plane in alike)


def test_three_values_are_taken_in_turn_as_well() -> None:
    colour, mean, std = picture(noise(8, 8)), (0.1, 0.2, 0.3), (0.4, 0.5, 0.6)
    three = to_tensor(colour, Preprocess(8, 8, "stretch", mean=mean, std=std))[0]
    six = to_tensor(colour, Preprocess(8, 8, "stretch", mean=mean, std=std, channels=6))[0]
    assert torch.equal(six, torch.cat([three, three]))


def test_one_channel_equals_torchvision_greyscale() -> None:
    import_torchvision()
    from torchvision.transforms.functional import rgb_to_grayscale
    from torchvision.transforms.functional import to_tensor as as_tensor

    pixels = noise(40, 40)
    pre = Preprocess(40, 40, "stretch", channels=1, **PLAIN)
    ours = to_tensor(picture(pixels), pre)
    assert ours.shape == (1, 1, 40, 40)
    assert torch.equal(ours[0], as_tensor(rgb_to_grayscale(Image.fromarray(pixels))))


def test_grey_is_replicated_and_normalised_per_channel() -> None:
    grey = noise(300, 400)[..., 0]
    three = np.repeat(grey[..., None], 3, axis=2)
    assert torch.equal(to_tensor(picture(grey), Preprocess()), to_tensor(picture(three), Preprocess()))


def test_sixteen_bits_stay_sixteen_bits() -> None:
    # neighbours that are one step of 65,535 apart would fall together in 8 bits
    values = np.arange(30_000, 30_000 + 64 * 64, dtype=np.uint16).reshape(64, 64)
    tensor = to_tensor(picture(values), Preprocess(64, 64, "stretch", channels=1, **PLAIN))
    assert torch.equal(tensor[0, 0], torch.from_numpy(values.astype(np.float32) / np.float32(65535)))


def test_floats_stay_floats_and_agree_with_the_8_bit_way() -> None:
    pixels = noise(300, 420)
    exact = to_tensor(picture(pixels.astype(np.float32) / 255), Preprocess())
    rounded = to_tensor(picture(pixels), Preprocess())
    # Pillow rounds to 8 bits after each of its two passes
    assert (exact - rounded).abs().max() <= 1.01 / 255 / 0.224
    assert not torch.equal(exact, rounded)


def test_float_luminance_agrees_with_the_8_bit_one() -> None:
    pixels = noise(32, 32)
    pre = Preprocess(32, 32, "stretch", channels=1, **PLAIN)
    exact = to_tensor(picture(pixels.astype(np.float32) / 255), pre)
    assert (exact - to_tensor(picture(pixels), pre)).abs().max() <= 0.51 / 255


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(20, 300), st.integers(20, 300)),
    pre=st.builds(
        Preprocess,
        height=st.integers(16, 96),
        width=st.integers(16, 96),
        fit=st.sampled_from(["crop", "letterbox", "stretch"]),
        resize=st.integers(16, 128),
        mean=st.just((0.0,)),
        std=st.just((1.0,)),
    ),
)
def test_every_input_pixel_comes_from_where_the_affine_says(size: tuple[int, int], pre: Preprocess) -> None:
    """A picture whose colours are its coordinates shows, resized, where each pixel came from."""
    height, width = size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    pixels = np.stack([rows / height, columns / width, np.ones_like(rows)], axis=-1)
    tensor = to_tensor(picture(pixels), pre)[0].numpy()
    affine, place = input_affine(size, pre), placement(size, pre)
    # a filter of few taps does not weigh exactly even
    slack_y, slack_x = 0.1 * max(1, 1 / affine.scale_y), 0.1 * max(1, 1 / affine.scale_x)
    reach_y, reach_x = 2 + 2 / affine.scale_y, 2 + 2 / affine.scale_x  # filters are cut off at the rim
    for i, j in [(0, 0), (pre.height // 2, pre.width // 2), (pre.height - 1, pre.width - 1), (pre.height // 3, 2)]:
        centre = to_original(affine, Box(i + 0.5, j + 0.5, i + 0.5, j + 0.5))
        inside = place.top <= i < place.top + place.height and place.left <= j < place.left + place.width
        assert tensor[2, i, j] == pytest.approx(1.0 if inside else 0.0, abs=1e-5)
        if reach_y < centre.y0 < height - reach_y and reach_x < centre.x0 < width - reach_x:
            assert tensor[0, i, j] * height == pytest.approx(centre.y0, abs=slack_y)
            assert tensor[1, i, j] * width == pytest.approx(centre.x0, abs=slack_x)


def test_a_picture_of_one_row_costs_only_what_is_seen() -> None:
    """Resized whole it would have 4.3 thousand million pixels."""
    ramp = np.linspace(0, 1, 65_535, dtype=np.float32)[None]
    tensor = to_tensor(picture(ramp), Preprocess(channels=1, mean=(0.0,), std=(1.0,)))
    assert tensor.shape == (1, 1, 224, 224)
    affine = input_affine((1, 65_535), Preprocess())
    seen = to_original(affine, Box(0, 0, 224, 224))
    middle = (seen.x0 + seen.x1) / 2
    assert float(tensor[0, 0, :, 111:113].mean()) * 65_534 + 0.5 == pytest.approx(middle, abs=0.1)


def test_seen_part_alone_equals_the_whole_resized_then_cropped(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = noise(50, 900).astype(np.float32) / 255
    whole = to_tensor(picture(pixels), Preprocess())
    monkeypatch.setattr("explorer.engine.inputs.preprocess._WHOLE_LIMIT", 0)
    assert torch.allclose(to_tensor(picture(pixels), Preprocess()), whole, atol=1e-3)


def test_the_tensor_is_its_own_and_the_picture_untouched() -> None:
    source = picture(noise(224, 224))
    before = source.pixels.copy()
    to_tensor(source, Preprocess(224, 224, "crop", 224)).fill_(7)
    assert np.array_equal(source.pixels, before)


@pytest.mark.parametrize(
    ("pre", "message"),
    [
        (Preprocess(channels=0, mean=(0.0,), std=(1.0,)), "0 channels cannot be made"),
        (Preprocess(channels=9, mean=(0.0, 1.0)), "2 mean values for 9 channels"),
        (Preprocess(channels=1), "3 mean values for 1 channels"),
        (Preprocess(std=(0.0,)), "cannot be used"),
        (Preprocess(mean=(float("nan"),)), "cannot be used"),
        (Preprocess(height=0), "cannot be used"),
    ],
)
def test_what_cannot_be_met_is_refused_with_a_way_out(pre: Preprocess, message: str) -> None:
    with pytest.raises(ExplorerError, match=message) as caught:
        to_tensor(picture(noise(8, 8)), pre)
    assert caught.value.todo


def test_blue_comes_first_where_the_model_wants_it() -> None:
    pixels = noise(40, 50)
    rgb = Preprocess(mean=(0.1, 0.2, 0.3), std=(0.4, 0.5, 0.6), height=30, width=30, resize=35)
    bgr = replace(rgb, order="bgr")
    assert torch.equal(to_tensor(picture(pixels), bgr), to_tensor(picture(pixels), rgb).flip(1))
    assert (bgr.means, bgr.stds) == ((0.3, 0.2, 0.1), (0.6, 0.5, 0.4))


@pytest.mark.parametrize(("resized", "start"), [(35, 2), (37, 3), (30, 0)])
def test_an_odd_rest_is_cut_off_at_the_end_where_the_library_does_so(resized: int, start: int) -> None:
    pixels = noise(resized, resized)
    pre = Preprocess(30, 30, "crop", resized, (0.0,), (1 / 255,), rounding="down")
    found = to_tensor(picture(pixels), pre)[0].permute(1, 2, 0).round().numpy()
    assert np.array_equal(found, pixels[start : start + 30, start : start + 30])


def test_what_is_padded_has_its_colour() -> None:
    pixels = np.full((10, 40, 1), 255, np.uint8)
    pre = Preprocess(20, 20, "letterbox", 20, (0.0,), (1.0,), fill=(0.2, 0.4, 0.6))
    corner = to_tensor(picture(pixels), pre)[0, :, 0, 0]
    torch.testing.assert_close(corner, torch.tensor([0.2, 0.4, 0.6]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos", "nearest"])
@pytest.mark.parametrize("size", [(61, 97), (3, 5), (1, 9)])
def test_torchs_resizing_equals_torchvisions_of_a_tensor(size: tuple[int, int], interpolation: str) -> None:
    from torchvision.transforms.v2 import InterpolationMode
    from torchvision.transforms.v2.functional import resize

    mode = "nearest-exact" if interpolation == "nearest" else interpolation
    pixels = noise(*size)
    tensor = torch.from_numpy(pixels.transpose(2, 0, 1).copy())
    wanted = resize(tensor, [30, 44], InterpolationMode(mode), antialias=True)
    pre = Preprocess(30, 44, "stretch", 30, (0.0,), (1.0,), interpolation=interpolation, resizer="torch")
    assert torch.equal(to_tensor(picture(pixels), pre)[0], wanted.float() / 255)


def test_the_words_of_a_usual_preprocessing_stay_what_digests_were_made_of() -> None:
    words = "Preprocess(height=224, width=224, fit='crop', resize=256, mean=(0.485, 0.456, 0.406), "
    words += "std=(0.229, 0.224, 0.225), channels=3, interpolation='bilinear')"
    assert repr(Preprocess()) == words
    assert "order='bgr'" in repr(Preprocess(order="bgr"))
