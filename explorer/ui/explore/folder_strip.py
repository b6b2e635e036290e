"""Fills the strip of the folder that the open input lies in, or of the samples that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from explorer.core.errors import ExplorerError
from explorer.core.example_pictures import ExampleAsked
from explorer.core.inputs import InputRef
from explorer.core.translation import tr
from explorer.engine.inputs import file_ref
from explorer.ui.data_index.picture_thumbs import PictureThumbs
from explorer.ui.dialogs.picture_chooser import SIDE as GALLERY
from explorer.ui.dialogs.picture_chooser import GalleryDialog
from explorer.ui.jobs.client import JobClient
from explorer.ui.state import Store
from explorer.ui.widgets.picture_grid import GridPicture
from explorer.ui.widgets.picture_strip import SIDE, PictureStrip

_FILES = ("picture", "video")


class FolderStrip:
    """`follow` is to be called when another input is open."""

    def __init__(
        self, strip: PictureStrip, client: JobClient, store: Store, open_input: Callable[[InputRef], object]
    ) -> None:
        self._strip, self._store, self._open, self._client = strip, store, open_input, client
        self._refs: dict[str, InputRef] = {}
        self._listed: tuple[object, ...] = ()  # which folder is shown, and when it was changed
        self._folder, self._items = "", list[GridPicture]()
        self._thumbs = PictureThumbs(client, "folder", SIDE * 2, strip.grid.set_thumbnails)
        strip.opened.connect(self._chosen)
        strip.wanted.connect(partial(self._want, self._thumbs))

    @property
    def waiting(self) -> bool:
        """Whether thumbnails are still to come."""
        return self._thumbs.waiting

    def follow(self) -> None:
        """Shows what lies beside the input of the session."""
        ref = self._store.session.input
        listed = _listing(ref)
        if listed != self._listed:  # a folder of many files is not read again for each of them
            self._listed = listed
            self._folder, row = beside(ref)
            self._refs = {one.path: one for one, _title in row}
            self._items = [GridPicture(one.path, title) for one, title in row]
        at = next((n for n, item in enumerate(self._items) if ref is not None and item.path == ref.path), -1)
        self._strip.set_pictures(self._folder, self._items, at, ref is None or ref.kind == "sample")

    def choose(self, parent: QWidget) -> None:
        """From all thumbnails of the folder, or of the samples."""
        now = self._store.session.input
        folder, row = beside(now)
        if len(row) < 2:
            folder, row = "samples", sample_row(None)
        self._refs |= {one.path: one for one, _title in row}
        items = [GridPicture(one.path, title) for one, title in row]
        dialog = GalleryDialog(
            tr("Pictures of {folder}", folder=folder), items, now.path if now is not None else "", parent
        )
        thumbs = PictureThumbs(self._client, "gallery", GALLERY * 2, dialog.grid.set_thumbnails)
        dialog.grid.wanted.connect(partial(self._want, thumbs))
        if dialog.exec():
            self._chosen(dialog.path)
        thumbs.close()
        dialog.deleteLater()

    def _chosen(self, path: str) -> None:
        ref = self._refs.get(path)
        if ref is not None and ref != self._store.session.input:
            self._open(ref)

    def _want(self, thumbs: PictureThumbs, paths: tuple[str, ...]) -> None:
        thumbs.want({path: ExampleAsked(self._refs[path], None) for path in paths if path in self._refs}, "", None)


def _listing(ref: InputRef | None) -> tuple[object, ...]:
    """Changes where another row has to be read: with the folder, and with the time at which something came to it or went."""
    if ref is None or ref.kind not in _FILES:
        return (None if ref is None else ref.kind, "" if ref is None else ref.path)
    here = Path(ref.path).parent
    try:
        return "folder", str(here), here.stat().st_mtime_ns
    except OSError:
        return "folder", str(here), -1


def beside(ref: InputRef | None) -> tuple[str, list[tuple[InputRef, str]]]:
    """(name of the folder, what lies in it with its title) of an input; nothing for one that stands in no row."""
    if ref is None:
        return "", []
    if ref.kind == "sample":
        return "samples", sample_row(ref)
    if ref.kind not in _FILES:
        return "", []
    from explorer.engine.inputs import folder

    here = Path(ref.path).parent
    try:
        return here.name, [(file_ref(path), path.name) for path in folder.list_folder(here)]
    except ExplorerError:  # it is said when the person goes on
        return here.name, []


def sample_row(ref: InputRef | None) -> list[tuple[InputRef, str]]:
    """The sample pictures in their order, where the input is one of them, or is None."""
    from explorer.engine.inputs.samples import sample_pictures

    row = [(InputRef("sample", sample.name), sample.title) for sample in sample_pictures()]
    return row if ref is None or any(one.path == ref.path for one, _title in row) else []
