"""Pictures and links in the Markdown of a lesson: pictures lie in its folder `media`, links lead to the glossary alone."""

from __future__ import annotations

import re

from explorer.core.translation import tr

_PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]*)[^)]*\)")
_TERM = re.compile(r"\[\[[^\[\]]*\]\]")
_LINK = re.compile(r"(?:\[[^\[\]]*)?\]\([^)\n]*\)?")
_DEFINITION = re.compile(r"^[ \t>*+\-\d.)]*\[[^\[\]]+\]:", re.MULTILINE)  # of a link or a picture: "[name]: address"
_ADDRESS = re.compile(r"<?\b(?:https?|ftp|file|mailto|data|javascript):", re.IGNORECASE)
_HTML = re.compile(r"<\s*/?\s*[a-zA-Z][^>]*>")
_NAME = re.compile(r"media/[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.(?:png|jpg|jpeg|svg|webp)", re.IGNORECASE)


def pictures_in(text: str) -> tuple[str, ...]:
    """Names of the pictures that a text shows: "media/grating.png"."""
    return tuple(match[1] for match in _PICTURE.finditer(text))


def fault_of_links(text: str) -> str:
    """What is wrong with pictures, links and marks of a text; "" where nothing is."""
    for name in pictures_in(text):
        if not _NAME.fullmatch(name):
            return tr("the picture {name!r} is none of the lesson's own, such as media/grating.png", name=name)
    if found := _ADDRESS.search(text):
        return tr("{found!r}: a lesson leads to no other place; it works without a network", found=found[0])
    bare = _TERM.sub("", _PICTURE.sub("", text))
    if found := _LINK.search(bare) or _DEFINITION.search(bare):
        return tr("the link {found!r} leads nowhere; terms of the glossary are [[feature map]]", found=found[0])
    if found := _HTML.search(text):
        return tr("{found!r} is HTML; texts are Markdown", found=found[0])
    return ""
