"""Sphinx's settings for the documentation site; `python3 packaging/docs.py` builds it from the Markdown pages of docs/.

Everything that a page needs lies beside it: no font, script or picture comes from a network, and search runs in the page.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import outside_links  # noqa: E402
import reference_pages  # noqa: E402

from explorer import __version__  # noqa: E402

project = "Feature Map Explorer"
author = "Feature Map Explorer"
version = release = __version__
language = "en"
smartquotes = False  # "--weights" in a text is an option, no dash

extensions = ["myst_parser"]
myst_heading_anchors = 4  # links of the form page.md#heading, as on a code host
source_suffix = {".md": "markdown"}
exclude_patterns = ["decisions/0000-template.md", "examples"]
suppress_warnings = ["config.cache"]

html_theme = "furo"
html_title = f"Feature Map Explorer {__version__}"
html_static_path = [str(HERE / "static")]
html_css_files = ["site.css"]
html_copy_source = False  # the pages without their Markdown
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_use_index = False
html_last_updated_fmt = None  # the same sources give the same pages
# The excerpt under a result is fetched page by page, which browsers refuse for files that are opened from a disk.
html_show_search_summary = False
pygments_style = "default"
pygments_dark_style = "monokai"


def setup(app):
    """Pages that are made of what the program says of itself, and links that lead out of the site."""
    app.connect("source-read", reference_pages.complete)
    app.connect("source-read", outside_links.rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
