"""PNM with more than 8 bits, AVIF, and files that are refused under their own name."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from explorer.core.errors import ExplorerError
from explorer.engine.inputs.kinds import avif_depth
from explorer.engine.inputs.pictures import open_picture


@pytest.mark.parametrize(("magic", "bands"), [(b"P5", 1), (b"P6", 3)])
@pytest.mark.parametrize("largest", [65535, 4095, 1000])
def test_deep_pnm(tmp_path: Path, magic: bytes, bands: int, largest: int) -> None:
    stored = np.random.default_rng(0).integers(0, largest, (5, 7, bands), endpoint=True)
    head = magic + b"\n# a remark\n7 5\n%d\n" % largest
    (tmp_path / "a.pnm").write_bytes(head + stored.astype(">u2").tobytes())
    picture = open_picture(tmp_path / "a.pnm")
    assert picture.pixels.dtype == np.uint16
    assert np.array_equal(picture.pixels, np.rint(stored * (65535 / largest)))
    assert bool(picture.notes) == (largest != 65535)


@pytest.mark.parametrize(("magic", "bands"), [("P2", 1), ("P3", 3)])
def test_deep_pnm_as_text(tmp_path: Path, magic: str, bands: int) -> None:
    stored = np.random.default_rng(0).integers(0, 65536, (5, 7, bands))
    (tmp_path / "a.pnm").write_text(f"{magic} 7 5 65535\n" + " ".join(map(str, stored.ravel())))
    assert np.array_equal(open_picture(tmp_path / "a.pnm").pixels, stored)


@pytest.mark.parametrize(("magic", "bands"), [(b"Pf", 1), (b"PF", 3)])
@pytest.mark.parametrize("scale", [b"-1.0", b"1.0"])
def test_pfm_stands_on_its_head(tmp_path: Path, magic: bytes, bands: int, scale: bytes) -> None:
    stored = np.random.default_rng(0).random((5, 7, bands)).astype(np.float32)
    order = "<f4" if scale.startswith(b"-") else ">f4"
    (tmp_path / "a.pfm").write_bytes(magic + b"\n7 5\n" + scale + b"\n" + stored[::-1].astype(order).tobytes())
    assert np.array_equal(open_picture(tmp_path / "a.pfm").pixels, stored)


def test_pnm_cut_short(tmp_path: Path) -> None:
    (tmp_path / "a.ppm").write_bytes(b"P6 7 5 65535\n" + bytes(20))
    with pytest.raises(ExplorerError, match="cut short"):
        open_picture(tmp_path / "a.ppm")


def test_sixteen_bit_grey_png_with_one_transparent_value(tmp_path: Path) -> None:
    stored = np.arange(1000, 1035, dtype=np.uint16).reshape(5, 7)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in stored)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 7, 5, 16, 0, 0, 0, 0)) + chunk(b"tRNS", struct.pack(">H", 1003))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(data)
    picture = open_picture(tmp_path / "a.png")
    assert np.array_equal(picture.pixels[..., 0], np.where(stored == 1003, 65535, stored))
    assert picture.notes == ("alpha composed over white",)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no decoder of AVIF")
def test_avif(tmp_path: Path) -> None:
    pixels = np.full((32, 48, 3), (200, 100, 50), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.avif", quality=95)
    picture = open_picture(tmp_path / "a.avif")
    assert np.abs(picture.pixels.astype(int) - pixels).max() <= 4
    assert picture.notes == ()
    whole = (tmp_path / "a.avif").read_bytes()
    at = whole.index(b"av1C") + 6
    (tmp_path / "deep.avif").write_bytes(whole[:at] + bytes([whole[at] | 0x40]) + whole[at + 1 :])
    assert avif_depth(tmp_path / "a.avif") == 8
    assert avif_depth(tmp_path / "deep.avif") == 10
    (tmp_path / "cut.avif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ExplorerError, match=r"cannot be decoded"):
        open_picture(tmp_path / "cut.avif")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heix", "HEIC"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "a video"),
        (b"\xff\x0a\0\0", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\x76\x2f\x31\x01", "OpenEXR"),
        (b"<?xml version='1.0'?>\n<svg xmlns='x'>", "SVG"),
        (b"%PDF-1.7", "PDF"),
        (bytes(128) + b"DICM", "DICOM"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, head: bytes, name: str) -> None:
    (tmp_path / "a.png").write_bytes(head + bytes(300))
    with pytest.raises(ExplorerError, match=name):
        open_picture(tmp_path / "a.png")
