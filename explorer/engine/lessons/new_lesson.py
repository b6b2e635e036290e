"""A new lesson to begin with, and the catalogues of its texts."""

from __future__ import annotations

import re
from pathlib import Path

from explorer import __version__
from explorer.core.errors import ExplorerError
from explorer.core.lessons.lesson_file import NAME, lesson_from
from explorer.core.lessons.lesson_texts import texts_of
from explorer.core.lessons.po_file import catalogue_text, entries_from
from explorer.core.translation import tr
from explorer.engine import whole_files
from explorer.engine.lessons.kit_archive import is_kit
from explorer.engine.lessons.lesson_source import open_lesson

_TEMPLATE = '''format = 1
id = "{id}"
title = "{title}"
about = "What the class learns, in a sentence."
language = "{language}"
licence = "CC BY 4.0"
level = "school"              # school, course or research
minutes = 15
application = "{version}"

[start]                       # what is open when the lesson begins
model = "demo:shapes-cnn"
input = "sample:world-14-star-checks"
tap = "stem.2"
channel = 0

[[step]]
id = "deeper"
title = "A deeper layer"
text = """This network says *{{top.label}}*, {{top.probability:.0%}}. Its first layer has {{layer.channels@stem.2}} channels.

**Go to a layer of stage 2, with the keys J and K or in the strip below.**"""
hint = ["The strip at the bottom shows all layers; a click leads to one."]
point = ["strip"]
done = {{ tap = "stage2.*" }}
show = [{{ set = {{ tap = "stage2.0" }} }}]
then = "This layer has {{layer.channels@stage2.0}} channels, of {{layer.height@stage2.0}} × {{layer.width@stage2.0}} cells each."
marks = 1

[[step.ask]]
id = "channels"
kind = "number"
text = "How many channels does the layer `stage2.0` have?"
of = "layer.channels@stage2.0"    # read from the model, never written down
'''


def make_lesson(folder: Path, title: str = "", language: str = "en") -> Path:
    """The lesson.toml of a new folder. Raises ExplorerError where there is one already."""
    folder = folder.expanduser().absolute()
    file = folder / NAME
    name = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-")[:60] or "lesson"
    words = (title or folder.name).replace("\\", "").replace('"', "'")
    text = _TEMPLATE.format(id=name, title=words, language=language, version=__version__)
    lesson_from(text, NAME)  # a language or a title that cannot be is told before anything is written
    try:
        if file.exists():
            raise ExplorerError(
                tr("There is a lesson in {folder} already.", folder=folder), "", tr("Name another folder.")
            )
        for part in ("po", "media", "sessions", "models"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ExplorerError(
            tr("{folder} cannot be written to.", folder=folder), f"{error.strerror or error}."
        ) from None
    return file


def write_texts(folder: Path, language: str) -> tuple[Path, int]:
    """(the catalogue of a language, how many of its texts are not translated): what is there already is kept; texts that have
    changed are marked fuzzy. Raises ExplorerError."""
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", language):
        raise ExplorerError(tr("{language!r} is no language.", language=language), "", tr("Write it as de or pt_BR."))
    if is_kit(folder):
        raise ExplorerError(tr("A kit is not translated."), "", tr("Translate the folder that it was packed from."))
    opened = open_lesson(folder)
    file = opened.folder / "po" / f"{language}.po"
    texts, known = texts_of(opened.source), opened.entries.get(language, {})
    written = catalogue_text(texts, language, known)
    try:
        file.parent.mkdir(exist_ok=True)
        whole_files.write(file, written.encode("utf-8"))
    except OSError as error:
        raise ExplorerError(tr("{file} cannot be written.", file=file), f"{error.strerror or error}.") from None
    now = entries_from(written, file.name)
    return file, sum(not entry.text or entry.fuzzy for entry in now.values())
