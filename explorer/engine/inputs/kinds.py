"""What a file is by its first bytes, where it is nothing that is opened: so that it is refused under its own name."""

from __future__ import annotations

from pathlib import Path

from explorer.core.translation import tr

_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\x0a", tr("JPEG XL")),
    (b"\0\0\0\x0cJXL ", tr("JPEG XL")),
    (b"\0\0\0\x0cjP  ", tr("JPEG 2000")),
    (b"\xff\x4f\xff\x51", tr("JPEG 2000")),
    (b"8BPS", tr("a Photoshop document")),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", tr("a Radiance picture (HDR)")),
    (b"SIMPLE  =", "FITS"),
    (b"\x93NUMPY", tr("a numpy array")),
    (b"P7\n", "PAM"),
    (b"%PDF", tr("a PDF document")),
    (b"%!PS", "PostScript"),
    (b"\0\0\x01\0", tr("an icon (ICO)")),
    (b"icns", tr("an icon (ICNS)")),
    (b"DDS ", tr("a texture (DDS)")),
    (b"qoif", "QOI"),
    (b"<svg", "SVG"),
    (b"\x1aE\xdf\xa3", tr("a Matroska or WebM video")),
    (b"\x89HDF", "HDF5"),
    (b"PK\x03\x04", tr("an archive (zip)")),
)


def kind_of(path: Path) -> str:
    """Its name for a message, "" where it is not known. Raises OSError."""
    with path.open("rb") as stream:
        head = stream.read(256)
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head[128:132] == b"DICM":
        return "DICOM"
    start = head.lstrip()
    if start.startswith(b"<?xml") and b"<svg" in head:
        return "SVG"
    return next((name for begin, name in _STARTS if head.startswith(begin) or start.startswith(begin)), "")


def _brand(head: bytes) -> str:
    """Of the family of MP4: the main brand, else those it goes with."""
    size = max(16, min(int.from_bytes(head[:4], "big"), len(head)))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
    if any(brand in (b"avif", b"avis") for brand in brands):
        return "AVIF"
    if any(brand in _HEIC for brand in brands):
        return "HEIC"
    return tr("Canon's raw format (CR3)") if head[8:12] == b"crx " else tr("a video (MP4 or QuickTime)")


def avif_depth(path: Path) -> int:
    """Bits a channel of an AVIF file: 8, 10 or 12, by its av1C box; 8 where there is none."""
    with path.open("rb") as stream:
        head = stream.read(65536)
    at = head.find(b"av1C")
    if at < 0 or at + 7 > len(head):
        return 8
    flags = head[at + 6]
    return (12 if flags & 0x20 else 10) if flags & 0x40 else 8
