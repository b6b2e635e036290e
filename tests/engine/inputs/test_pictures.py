"""Every kind of picture file opens to its true pixels, and every bad one says what is wrong with it."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from explorer.core.errors import ExplorerError
from explorer.engine.inputs.pictures import open_picture


def colours(height: int = 24, width: int = 32) -> np.ndarray:
    """Smooth, so that JPEG and lossy WebP come close."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows * 9, columns * 7, 255 - rows * 4 - columns * 3], axis=-1).clip(0, 255).astype(np.uint8)


def png16(pixels: np.ndarray) -> bytes:
    """A PNG of 16-bit numbers, which Pillow does not write: (H, W, 2 grey + alpha, 3 or 4)."""
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 16, {2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.png", {}, 0),
        ("a.bmp", {}, 0),
        ("a.tif", {}, 0),
        ("lzw.tiff", {"compression": "tiff_lzw"}, 0),
        ("a.ppm", {}, 0),
        ("a.webp", {"lossless": True}, 0),
        ("lossy.webp", {"quality": 95}, 12),
        ("a.jpg", {"quality": 98, "subsampling": 0}, 6),
    ],
)
def test_formats(tmp_path: Path, name: str, options: dict[str, object], tolerance: int) -> None:
    path = tmp_path / name
    Image.fromarray(colours()).save(path, **options)
    picture = open_picture(path)
    assert picture.pixels.dtype == np.uint8
    assert picture.size == (24, 32)
    assert np.abs(picture.pixels.astype(int) - colours()).max() <= tolerance
    assert not picture.pixels.flags.writeable
    assert picture.ref.path == str(path)
    assert picture.name == name
    assert picture.notes == ()


def test_the_content_counts_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "really a png.jpg"
    Image.fromarray(colours()).save(path, format="PNG")
    assert np.array_equal(open_picture(path).pixels, colours())


def test_gif_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((8, 8, 3), value, np.uint8)) for value in (0, 85, 255)]
    frames[1].save(tmp_path / "a.gif", save_all=True, append_images=[frames[2], frames[0]])
    picture = open_picture(tmp_path / "a.gif")
    assert np.array_equal(picture.pixels, np.full((8, 8, 3), 85, np.uint8))
    assert picture.notes == ("first of several frames",)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_stays_one_channel(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(colours()).convert(mode)
    image.save(tmp_path / "grey.png")
    pixels = open_picture(tmp_path / "grey.png").pixels
    assert pixels.shape == (24, 32, 1)
    assert np.array_equal(pixels[..., 0], np.asarray(image.convert("L")))


def test_palette(tmp_path: Path) -> None:
    image = Image.fromarray(colours()).quantize(16)
    image.save(tmp_path / "palette.png")
    assert np.array_equal(open_picture(tmp_path / "palette.png").pixels, np.asarray(image.convert("RGB")))


def test_palette_with_a_transparent_entry_is_white_there(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), mode=None).convert("P")
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.putdata([0, 1, 2])
    image.save(tmp_path / "p.png", transparency=1)
    picture = open_picture(tmp_path / "p.png")
    assert picture.pixels[0].tolist() == [[10, 20, 30], [255, 255, 255], [70, 80, 90]]
    assert picture.notes == ("alpha composed over white",)


@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_is_composed_over_white(tmp_path: Path, channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 300, channels), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "alpha.png")
    picture = open_picture(tmp_path / "alpha.png")
    weight = pixels[..., -1:] / 255
    assert np.abs(picture.pixels - (pixels[..., :-1] * weight + 255 * (1 - weight))).max() <= 0.5 + 1e-9
    assert picture.pixels.shape[2] == channels - 1
    assert picture.notes == ("alpha composed over white",)


def test_opaque_alpha_changes_nothing_and_is_not_mentioned(tmp_path: Path) -> None:
    Image.fromarray(colours()).convert("RGBA").save(tmp_path / "opaque.png")
    picture = open_picture(tmp_path / "opaque.png")
    assert np.array_equal(picture.pixels, colours())
    assert picture.notes == ()


def test_cmyk(tmp_path: Path) -> None:
    image = Image.fromarray(colours()).convert("CMYK")
    image.save(tmp_path / "cmyk.tif")
    picture = open_picture(tmp_path / "cmyk.tif")
    assert np.array_equal(picture.pixels, np.asarray(image.convert("RGB")))
    assert picture.notes == ("CMYK converted to RGB",)


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bit_grey_keeps_every_step(tmp_path: Path, name: str) -> None:
    values = np.arange(1000, 1000 + 600, dtype=np.uint16).reshape(20, 30)
    Image.fromarray(values).save(tmp_path / name)
    pixels = open_picture(tmp_path / name).pixels
    assert pixels.dtype == np.uint16
    assert np.array_equal(pixels[..., 0], values)


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_sixteen_bit_colour_keeps_every_step(tmp_path: Path, channels: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 65536, (20, 30, channels)).astype(np.uint16)
    if channels != 3:
        pixels[..., -1] = 65535
    (tmp_path / "deep.png").write_bytes(png16(pixels))
    picture = open_picture(tmp_path / "deep.png")
    assert picture.pixels.dtype == np.uint16
    assert np.array_equal(picture.pixels, pixels if channels == 3 else pixels[..., :-1])
    assert picture.notes == ()


def test_sixteen_bit_alpha(tmp_path: Path) -> None:
    pixels = np.full((2, 2, 4), [60000, 30000, 0, 32768], np.uint16)
    (tmp_path / "deep.png").write_bytes(png16(pixels))
    picture = open_picture(tmp_path / "deep.png")
    weight = 32768 / 65535
    expected = [round(value * weight + 65535 * (1 - weight)) for value in (60000, 30000, 0)]
    assert picture.pixels[1, 1].tolist() == expected
    assert picture.notes == ("alpha composed over white",)


def test_float_pictures(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    Image.fromarray(values).save(tmp_path / "unit.tif")
    assert np.array_equal(open_picture(tmp_path / "unit.tif").pixels[..., 0], values)
    Image.fromarray(values * 40 - 10).save(tmp_path / "wide.tif")
    wide = open_picture(tmp_path / "wide.tif")
    assert np.allclose(wide.pixels[..., 0], values, atol=1e-6)
    assert wide.notes == ("values -10 .. 30 stretched over 0 .. 1",)
    values[0, 0] = np.nan
    Image.fromarray(values).save(tmp_path / "nan.tif")
    assert open_picture(tmp_path / "nan.tif").notes == ("1 non-finite pixels set to 0",)


@pytest.mark.parametrize("name", ["turned.jpg", "turned.png", "turned.tif", "turned.webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path: Path, name: str, orientation: int) -> None:
    image = Image.fromarray(colours())
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if name.endswith("webp") else {}
    image.save(tmp_path / name, exif=exif, **options)
    with Image.open(tmp_path / name) as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored))  # Pillow's own words for the eight cases
    picture = open_picture(tmp_path / name)
    assert np.array_equal(picture.pixels, expected)
    assert picture.notes == ((f"EXIF orientation {orientation} applied",) if orientation > 1 else ())
    assert picture.size == ((32, 24) if orientation >= 5 else (24, 32))


def test_the_digest_tells_pixels_apart_and_nothing_else(tmp_path: Path) -> None:
    Image.fromarray(colours()).save(tmp_path / "a.png")
    Image.fromarray(colours()).save(tmp_path / "b.bmp")
    changed = colours()
    changed[0, 0, 0] ^= 1
    Image.fromarray(changed).save(tmp_path / "c.png")
    a, b, c = (open_picture(tmp_path / name).digest for name in ("a.png", "b.bmp", "c.png"))
    assert a == b
    assert a != c
    assert len(a) == 16


# --- bad input


def test_extreme_but_valid_sizes_open(tmp_path: Path) -> None:
    for size in ((1, 1), (65_535, 1), (1, 65_535)):
        Image.new("RGB", size, (9, 8, 7)).save(tmp_path / "p.png")
        picture = open_picture(tmp_path / "p.png")
        assert picture.size == (size[1], size[0])
        assert picture.pixels[-1, -1].tolist() == [9, 8, 7]


def promising(width: int, height: int) -> bytes:
    """A PNG that promises many pixels and holds none: decoding it would fail, so a refusal came before."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"no pixels")


def test_huge_pictures_are_refused_before_decoding(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(promising(20_000, 20_000))
    with pytest.raises(ExplorerError, match="too large: 20,000 × 20,000") as caught:
        open_picture(path)
    assert "400 megapixels" in caught.value.why
    assert caught.value.todo


@pytest.mark.parametrize("name", ["p.png", "p.jpg", "p.webp", "p.bmp", "p.tif", "p.gif"])
def test_truncated(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    with pytest.raises(ExplorerError, match=r"cannot be decoded|not a picture") as caught:
        open_picture(tmp_path / name)
    assert caught.value.why
    assert caught.value.todo


def test_truncated_says_cut_short(tmp_path: Path) -> None:
    Image.fromarray(colours(200, 200)).save(tmp_path / "p.jpg")
    data = (tmp_path / "p.jpg").read_bytes()
    (tmp_path / "p.jpg").write_bytes(data[: len(data) - 300])
    with pytest.raises(ExplorerError, match="cut short"):
        open_picture(tmp_path / "p.jpg")


def test_empty_missing_folder_and_text(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("I am no picture. " * 50)
    expected = {
        "empty.png": "is empty",
        "missing.png": "There is no picture",
        ".": "is a folder",
        "text.png": "is not a picture that can be opened",
    }
    messages = set()
    for name, message in expected.items():
        with pytest.raises(ExplorerError, match=message) as caught:
            open_picture(tmp_path / name)
        assert caught.value.todo
        messages.add(caught.value.what)
    assert len(messages) == 4


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(colours()).save(tmp_path / "secret.png")

    def denied(*_: object, **__: object) -> io.BytesIO:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # file modes do not hold for root
    with pytest.raises(ExplorerError, match="may not be read") as caught:
        open_picture(tmp_path / "secret.png")
    assert "permission" in caught.value.why


@pytest.mark.parametrize("name", ["p.png", "p.jpg", "p.webp", "p.bmp", "p.tif", "lzw.tif", "p.gif"])
def test_damaged_bytes_give_a_picture_or_words_and_a_silent_terminal(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    image = Image.fromarray(colours(48, 48))
    image.save(tmp_path / name, **({"compression": "tiff_lzw"} if name == "lzw.tif" else {}))
    data = (tmp_path / name).read_bytes()
    rng = random.Random(name)
    refusals = []
    for _ in range(80):
        damaged = bytearray(data[: rng.randrange(1, len(data) + 1)] if rng.random() < 0.3 else data)
        for _ in range(rng.randrange(1, 12)):
            damaged[rng.randrange(min(len(damaged), 400))] = rng.randrange(256)
        (tmp_path / name).write_bytes(bytes(damaged))
        try:
            assert open_picture(tmp_path / name).pixels.size
        except ExplorerError as error:
            refusals.append(error)
    assert refusals
    assert all(error.what and error.todo for error in refusals)
    assert capfd.readouterr() == ("", "")
