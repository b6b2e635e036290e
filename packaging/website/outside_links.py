"""Links of a page to files that are no pages of the site: they become text that names the file in the sources."""

from __future__ import annotations

import posixpath
import re
from typing import Any

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!\w+:|#)([^)\s#]+)(#[^)\s]*)?\)")
_FENCED = re.compile(r"^(```.*?^```)", re.MULTILINE | re.DOTALL)
PAGES = {
    "resources/glossary.md": "glossary.md",
    "CHANGELOG.md": "changelog.md",
}  # file of the sources: page of the site


def rewrite(_app: Any, docname: str, source: list[str]) -> None:
    """Sphinx's event `source-read`."""
    parts = _FENCED.split(source[0])
    source[0] = "".join(part if part.startswith("```") else rewritten(part, docname) for part in parts)


def rewritten(text: str, docname: str) -> str:
    """The Markdown with links out of docs/ replaced; links between pages, to sections and to the web stay."""
    here = posixpath.dirname(posixpath.join("docs", docname))

    def replace(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        path = posixpath.normpath(posixpath.join(here, target))
        if path in PAGES:
            back = posixpath.relpath(posixpath.join("docs", PAGES[path]), here)
            return f"[{words}]({back}{found[3] or ''})"
        if path.startswith("docs/") and path.endswith(".md"):
            return found[0]
        if path == "docs/decisions":
            return f"[{words}]({posixpath.relpath('docs/decisions/index.md', here)})"
        return f"{words} (`{path}` in the sources)"

    return _LINK.sub(replace, text)
