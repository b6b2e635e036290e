"""What goes into a bundle: the files of a session, inputs that are in no file, the code that a Python file imports."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePath

import numpy as np

from explorer import catalogue
from explorer.core.any_input import Input
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelSpec
from explorer.core.session.bundle_manifest import FILES, LeftOut, entry_name
from explorer.core.session.bundle_requests import BundleContents, BundleGroup, BundleItem
from explorer.core.session.named_files import (
    FileRole,
    NamedFile,
    asked_for,
    is_program,
    moved,
    program_of,
    split_id,
    with_inputs,
    with_models,
)
from explorer.core.session.session import Session
from explorer.core.sounds import Sound
from explorer.core.translation import ntr, tr
from explorer.core.wav_bytes import wav_bytes
from explorer.engine.inputs import open_input

_MOST_FRAMES = 200  # of videos, each of which is a picture of its own


def contents(
    session: Session, held: Mapping[InputRef, Input], say: Callable[[str], None] = lambda _text: None
) -> BundleContents:
    """`held`: open inputs, for those that are in no file. Raises whatever `say` raises."""
    return _Contents(session, held, say).made


class _Contents:
    """Numbers the groups as they are found."""

    def __init__(self, session: Session, held: Mapping[InputRef, Input], say: Callable[[str], None]) -> None:
        self._held, self._say = held, say
        self._groups: list[BundleGroup] = []
        self._left: dict[LeftOut, None] = {}
        self._frames: dict[tuple[InputRef, str], InputRef] = {}
        self._entries: dict[NamedFile, str] = {}
        self._session = session
        session = with_models(session, self._with_weights)
        session = with_inputs(session, self._in_file)
        self.made = BundleContents(moved(session, self._entry), tuple(self._groups), tuple(self._left))

    def _leave(self, what: str, why: str) -> None:
        self._left[LeftOut(what, why)] = None

    def _folder(self) -> str:
        return f"{FILES}{len(self._groups) + 1:04}"

    # --- models ---

    def _with_weights(self, spec: ModelSpec) -> ModelSpec:
        """A model that is opened by its name, with the files that its name finds here."""
        from explorer.engine.models import hf_folder
        from explorer.engine.models.weights import locate

        if spec.weights or spec.untrained or split_id(spec.id)[1] is not None:
            return spec
        source, _, name = spec.id.rpartition(":")
        if source in ("", "torchvision"):
            found = locate.find(name)
            return spec if found is None else replace(spec, weights=str(found.path))
        if source == "hf":
            folder = hf_folder.find(name)
            return spec if folder is None else replace(spec, id=f"hf:{folder}")
        if source not in ("demo",):
            self._leave(spec.id, tr("it is found by its name, where the bundle is opened"))
        return spec

    # --- inputs that are in no file, or in a film ---

    def _in_file(self, ref: InputRef, digest: str) -> InputRef:
        if ref.kind != "video" and catalogue.lasts(ref.kind):
            return ref
        if (ref, digest) not in self._frames:
            self._frames[ref, digest] = self._made_file(ref, digest)
        return self._frames[ref, digest]

    def _made_file(self, ref: InputRef, digest: str) -> InputRef:
        title = (
            tr("{name}, frame {frame}", name=PurePath(ref.path).name, frame=ref.frame)
            if ref.kind == "video"
            else tr("from the {kind}", kind=ref.kind)
        )
        if len(self._frames) >= _MOST_FRAMES:
            self._leave(title, tr("a bundle holds at most {most_frames} frames", most_frames=_MOST_FRAMES))
            return ref
        self._say(title)
        given = self._held.get(ref)
        try:
            given = given if given is not None else open_input(ref)
        except ExplorerError as error:
            self._leave(title, error.what)
            return ref
        if digest and given.digest != digest:
            self._leave(title, tr("it has changed since it was used"))
            return ref
        made = _encoded(given)
        if made is None:
            self._leave(title, tr("no file format keeps its values as they are"))
            return ref
        suffix, data = made
        name = entry_name(f"{PurePath(ref.path).stem}-frame-{ref.frame}" if ref.kind == "video" else ref.kind)
        entry = f"{self._folder()}/{name}{suffix}"
        note = tr("frame of a video") if ref.kind == "video" else ""
        item = BundleItem(entry, len(data), data=data)
        self._groups.append(BundleGroup(FileRole.INPUT, title, entry, entry, (item,), note))
        kind = "sound" if suffix == ".wav" else "picture"
        self._entries[NamedFile(FileRole.INPUT, entry, kind)] = entry
        return InputRef(kind, entry)

    # --- files ---

    def _entry(self, file: NamedFile) -> str:
        if file not in self._entries:
            self._entries[file] = self._added(file)
        return self._entries[file]

    def _added(self, file: NamedFile) -> str:
        """The name of its entry; its path where it is not in the bundle."""
        if file.role in (FileRole.DATA, FileRole.INDEX):
            if asked_for(self._session, (file,)):
                self._leave(f"{tr(file.role.value)} {file.name}", tr("data sets and indexes are not in a bundle"))
            return file.path
        self._say(file.name)
        place = Path(file.path).expanduser()
        try:
            sources = {PurePath(name).as_posix(): path for name, path in _sources(file, place)}
            if not sources:
                raise FileNotFoundError
            sizes = {name: path.stat().st_size for name, path in sources.items()}
        except (OSError, ValueError, ExplorerError):
            self._leave(file.name, tr("there is no file {path} that can be read", path=file.path))
            return file.path
        folder = self._folder()
        entries = {name: "/".join(map(entry_name, name.split("/"))) for name in sources}
        items = tuple(BundleItem(f"{folder}/{entries[name]}", sizes[name], path) for name, path in sources.items())
        first = next(iter(entries.values()))
        whole = file.role is FileRole.MODEL and file.is_folder
        entry = f"{folder}/{first.partition('/')[0]}" if whole else f"{folder}/{first}"
        more = len(items) - 1
        note = (
            ntr("with {more} file beside it", "with {more} files beside it", more, more=more)
            if more and not whole
            else ""
        )
        self._groups.append(BundleGroup(file.role, file.name, file.path, entry, items, note))
        return entry


def _sources(file: NamedFile, place: Path) -> Iterator[tuple[str, Path]]:
    """(name in the bundle, path) of the files that belong to one, itself first."""
    if file.role is FileRole.CODE:
        yield from _code(place)
    elif file.role is FileRole.MODEL and file.is_folder:
        for path in sorted(place.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                yield f"{entry_name(place.name)}/{path.name}", path
    elif file.role is FileRole.MODEL:
        from explorer.engine.models.card_file import labels_of, weights_of
        from explorer.engine.models.onnx.onnx_file import files_beside

        yield place.name, place
        if program_of(place.name) == "onnx":
            yield from files_beside(place)
        for path in (weights_of(place), labels_of(place)) if not is_program(place.name) else (labels_of(place),):
            if path.is_file():
                yield path.name, path
    elif place.is_file():
        yield place.name, place


def _code(place: Path) -> Iterator[tuple[str, Path]]:
    """The file, and what runs with it, as they lie beside each other."""
    from explorer.engine.models.code_consent import Consent

    code = Consent().code(place)
    base = Path(os.path.commonpath([path.parent for path in code.files]))
    for path in (code.path, *code.neighbours):
        yield path.relative_to(base).as_posix(), path


def _encoded(given: Input) -> tuple[str, bytes] | None:
    """(suffix, bytes) of a file that opens as exactly this; None where there is none."""
    if isinstance(given, Sound):
        return ".wav", wav_bytes(given.samples, given.rate, "float32", 1.0)[0]
    if not isinstance(given, Picture):
        return None
    pixels = given.pixels
    if pixels.dtype == np.uint8:
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(buffer, "PNG")
        return ".png", buffer.getvalue()
    if pixels.dtype == np.uint16 and int(pixels.max()) > 255:
        head = f"{'P5' if pixels.shape[2] == 1 else 'P6'}\n{pixels.shape[1]} {pixels.shape[0]}\n65535\n".encode()
        return ".ppm", head + pixels.astype(">u2").tobytes()
    return None
