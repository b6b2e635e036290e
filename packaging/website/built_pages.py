"""What holds of the built pages: nothing is loaded from outside, every address has the form of one, and how large they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

# tag: attributes whose address a browser loads by itself
LOADED = {
    **dict.fromkeys(
        ("img", "script", "iframe", "audio", "video", "source", "embed", "track", "input"), ("src", "srcset")
    ),
    "link": ("href",),
    "object": ("data",),
    "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
}
_CSS = re.compile(r"url\(\s*[\"']?((?:https?:)?//[^\"')]+)|@import\s+[\"']((?:https?:)?//[^\"']+)")
_SCHEMES = ("https", "http", "mailto")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.styles: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.loaded += [given[name] for name in LOADED.get(tag, ()) if name in given]
        self.styles += [given["style"]] if "style" in given else []
        self.linked += [given["href"]] if tag == "a" and "href" in given else []

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            self.styles.append(data)


def faults(folder: Path) -> Iterator[str]:
    """What is wrong, a line each."""
    for path in sorted(folder.rglob("*.html")):
        page = _Page()
        page.feed(path.read_text(encoding="utf-8"))
        name = path.relative_to(folder)
        yield from (f"{name} loads {address} from outside" for address in page.loaded if is_outside(address))
        yield from (
            f"{name} loads {address} from outside" for style in page.styles for address in outside_of_css(style)
        )
        yield from (f"{name}: {address} is no address" for address in page.linked if not is_well_formed(address))
    for path in sorted(folder.rglob("*.css")):
        told = outside_of_css(path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(folder)} loads {address} from outside" for address in told)


def is_outside(address: str) -> bool:
    """Whether a browser would ask another machine for it."""
    return bool(urlsplit(address).netloc)


def outside_of_css(text: str) -> list[str]:
    """The addresses on other machines that a style sheet loads."""
    return [first or second for first, second in _CSS.findall(text)]


def is_well_formed(address: str) -> bool:
    """Whether an address has the form of one; nobody asks whether somebody answers there."""
    parts = urlsplit(address)
    if parts.scheme in ("http", "https"):
        return "." in parts.netloc and " " not in address
    return parts.scheme in ("", *_SCHEMES)


def size(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
