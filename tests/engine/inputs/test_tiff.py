"""TIFFs of every depth, layout and meaning give the numbers that were written, or are refused by their own name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.core.errors import ExplorerError
from explorer.engine.inputs.pictures import open_picture
from tests.engine.inputs.tiff_files import write_tiff

GREY, RGB, PALETTE, CMYK = 1, 2, 3, 5
H, W = 23, 37
LAYOUTS = {
    "strips": {},
    "planes": {"planes": True},
    "tiles": {"tile": (16, 32)},
    "planes in tiles": {"planes": True, "tile": (16, 32)},
    "big-endian planes": {"planes": True, "order": ">"},
    "deflate": {"deflate": True},
    "deflate, differences, big-endian": {"deflate": True, "predictor": 2, "order": ">"},
    "deflate, planes in tiles, differences": {"deflate": True, "predictor": 2, "planes": True, "tile": (16, 32)},
    "BigTIFF": {"big": True, "order": ">"},
}


def numbers(kind: str, bands: int, height: int = H, width: int = W) -> np.ndarray:
    draw = np.random.default_rng(3)
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        return draw.random((height, width, bands)).astype(dtype)
    return draw.integers(0, min(np.iinfo(dtype).max, 65535), (height, width, bands), endpoint=True).astype(dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "i1", "i2", "f2", "f4", "f8"])
def test_colour(tmp_path: Path, kind: str, layout: str) -> None:
    stored = numbers(kind, 3)
    picture = open_picture(write_tiff(tmp_path / "a.tif", stored, RGB, **LAYOUTS[layout]))
    wanted = {"f": np.float32, "u": np.uint16, "i": np.uint16}[stored.dtype.kind] if kind[1] != "1" else np.uint8
    assert picture.pixels.dtype == wanted
    assert np.array_equal(picture.pixels, stored.astype(wanted))
    assert picture.notes == ()


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_differences_of_floats(tmp_path: Path, kind: str, order: str) -> None:
    stored = numbers(kind, 3)
    path = write_tiff(tmp_path / "a.tif", stored, RGB, predictor=3, deflate=True, order=order)
    assert np.array_equal(open_picture(path).pixels, stored.astype(np.float32))


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize(("bands", "colours", "photometric"), [(4, 3, RGB), (6, 3, RGB), (2, 1, GREY), (13, 1, GREY)])
@pytest.mark.parametrize("layout", ["strips", "planes", "deflate, planes in tiles, differences"])
def test_bands_without_a_meaning_are_no_alpha(
    tmp_path: Path, kind: str, bands: int, colours: int, photometric: int, layout: str
) -> None:
    if kind == "f4" and "differences" in layout:
        return
    stored = numbers(kind, bands)
    picture = open_picture(
        write_tiff(tmp_path / "a.tif", stored, photometric, extras=(0,) * (bands - colours), **LAYOUTS[layout])
    )
    assert np.array_equal(picture.pixels, stored[..., :colours])
    assert len(picture.notes) == 1
    assert f"{bands} bands, of which {bands - colours}" in picture.notes[0]


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
@pytest.mark.parametrize("planes", [False, True])
def test_alpha(tmp_path: Path, kind: str, planes: bool) -> None:
    stored = numbers(kind, 5)  # red, green, blue, a band without meaning, alpha
    top = 1.0 if kind == "f4" else float(np.iinfo(stored.dtype).max)
    picture = open_picture(write_tiff(tmp_path / "a.tif", stored, RGB, extras=(0, 2), planes=planes))
    weight = stored[..., 4:].astype(float) / top
    wanted = stored[..., :3] * weight + top * (1 - weight)
    assert np.abs(picture.pixels - wanted).max() <= (1e-6 if kind == "f4" else 0.5 + 1e-9)
    assert picture.notes[-1] == "alpha composed over white"


def test_premultiplied_alpha(tmp_path: Path) -> None:
    stored = np.full((4, 5, 4), [10000, 20000, 30000, 40000], np.uint16)
    pixels = open_picture(write_tiff(tmp_path / "a.tif", stored, RGB, extras=(1,))).pixels
    assert pixels[0, 0].tolist() == [10000 + 25535, 20000 + 25535, 30000 + 25535]


def test_ranges_without_a_meaning_are_stretched_and_said(tmp_path: Path) -> None:
    stored = np.linspace(-500, 1500, H * W).astype(np.int16).reshape(H, W, 1)
    picture = open_picture(write_tiff(tmp_path / "a.tif", stored, GREY))
    assert picture.notes == ("values -500 .. 1500 stretched over 0 .. 1",)
    assert np.abs(picture.pixels - (stored + 500.0) / 2000).max() < 1e-6


def test_white_is_zero(tmp_path: Path) -> None:
    stored = numbers("u2", 1)
    assert np.array_equal(open_picture(write_tiff(tmp_path / "a.tif", stored, 0)).pixels, 65535 - stored)


def test_sixteen_bit_palette_and_cmyk(tmp_path: Path) -> None:
    table = np.random.default_rng(0).integers(256, 65536, (3, 256))
    stored = numbers("u1", 1)
    more = ((320, "H", tuple(map(int, table.ravel()))),)
    path = write_tiff(tmp_path / "p.tif", stored, PALETTE, more=more, planes=False, extras=())
    # Pillow reads palettes of 8-bit indices, with colours cut to 8 bits
    assert np.abs(open_picture(path).pixels.astype(int) - table.T[stored[..., 0]] // 256).max() <= 1
    deep = stored.astype(np.uint16)
    table16 = np.zeros((3, 65536), np.int64)
    table16[:, :256] = table
    more = ((320, "H", tuple(map(int, table16.ravel()))),)
    path = write_tiff(tmp_path / "p16.tif", deep, PALETTE, more=more)
    assert np.array_equal(open_picture(path).pixels, table.T[stored[..., 0]])
    inks = numbers("u2", 4)
    picture = open_picture(write_tiff(tmp_path / "c.tif", inks, CMYK))
    unit = 1 - inks / 65535
    assert np.abs(picture.pixels - 65535 * unit[..., :3] * unit[..., 3:]).max() <= 0.5 + 1e-6
    assert picture.notes == ("CMYK converted to RGB",)


@pytest.mark.parametrize(("bits", "top"), [(12, 65535), (10, 65535), (14, 65535), (4, 255)])
def test_numbers_that_share_bytes(tmp_path: Path, bits: int, top: int) -> None:
    stored = np.random.default_rng(1).integers(0, 2**bits, (6, 7, 3))
    digits = ((stored.reshape(6, -1, 1) >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8).reshape(6, -1)
    lines = np.packbits(digits, axis=1)
    more = ((256, "I", (7,)), (258, "H", (bits,) * 3), (277, "H", (3,)), (339, "H", (1,) * 3))
    picture = open_picture(write_tiff(tmp_path / "a.tif", lines[..., None], RGB, more=more, rows=6))
    assert np.array_equal(picture.pixels, np.rint(stored * (top / (2**bits - 1))))
    assert picture.notes == (f"{bits}-bit values 0 .. {2**bits - 1} scaled to 0 .. {top}",)


def test_orientation_and_further_pages(tmp_path: Path) -> None:
    stored = numbers("u2", 3)
    picture = open_picture(write_tiff(tmp_path / "a.tif", stored, RGB, more=((274, "H", (6,)),), pages=3))
    assert np.array_equal(picture.pixels, np.rot90(stored, -1))
    assert picture.notes == ("first of several frames", "EXIF orientation 6 applied")


def test_strips_that_were_left_out_are_zeros(tmp_path: Path) -> None:
    stored = numbers("u2", 1, height=20)
    path = write_tiff(tmp_path / "a.tif", stored, GREY, more=((273, "I", (0, 16)), (279, "I", (0, W * 20))))
    pixels = open_picture(path).pixels
    assert not pixels[:10].any()
    assert np.array_equal(pixels[10:], stored[:10])


@pytest.mark.parametrize(
    ("photometric", "kind", "more", "words"),
    [
        (RGB, "f4", ((339, "H", (6, 6, 6)),), "32-bit complex"),
        (8, "u2", (), "CIE Lab of 3 bands, 16-bit unsigned"),
        (32803, "u2", (), "colour filter array"),
        (6, "u2", (), "YCbCr of 3 bands, 16-bit unsigned"),
        (RGB, "u2", ((258, "H", (5, 6, 5)),), "5/6-bit unsigned"),
        (RGB, "u2", ((259, "H", (7,)),), "16-bit unsigned, JPEG"),
        (RGB, "u2", ((259, "H", (34887,)),), "LERC"),
        (RGB, "u1", ((259, "H", (33005,)),), "JPEG 2000"),
        (CMYK, "u2", (), "CMYK of 3 bands"),
    ],
)
def test_what_is_not_read_is_named(
    tmp_path: Path, photometric: int, kind: str, more: tuple[tuple[int, str, tuple[int, ...]], ...], words: str
) -> None:
    path = write_tiff(tmp_path / "a.tif", numbers(kind, 3), photometric, more=more)
    with pytest.raises(ExplorerError, match="TIFF of a kind that is not read") as caught:
        open_picture(path)
    assert words in caught.value.why


@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("planes", [False, True])
def test_cut_short(tmp_path: Path, deflate: bool, planes: bool) -> None:
    path = write_tiff(
        tmp_path / "a.tif", numbers("u2", 3), RGB, deflate=deflate, planes=planes, more=((279, "I", (9,)),)
    )
    with pytest.raises(ExplorerError, match="cannot be decoded"):
        open_picture(path)


def test_a_huge_picture_in_a_small_file_is_refused_at_once(tmp_path: Path) -> None:
    more = ((256, "I", (9999,)), (257, "I", (9999,)), (258, "H", (64,) * 40), (277, "H", (40,)), (339, "H", (3,) * 40))
    path = write_tiff(tmp_path / "a.tif", numbers("f8", 1), GREY, more=(*more, (338, "H", (0,) * 39)))
    with pytest.raises(ExplorerError, match="too large"):
        open_picture(path)


@pytest.mark.parametrize("options", [{}, {"compression": "jpeg"}, {"compression": "tiff_lzw"}])
def test_what_pillow_reads_rightly_it_still_reads(tmp_path: Path, options: dict[str, str]) -> None:
    image = Image.fromarray(np.full((16, 16, 3), (200, 100, 50), np.uint8))
    image.save(tmp_path / "a.tif", **options)
    assert np.abs(open_picture(tmp_path / "a.tif").pixels.astype(int) - np.asarray(image)).max() <= 2
