"""The inputs of a measurement for a model of any kind: the current one, samples of the demo worlds, a folder, a file of lines."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import Tensor

from explorer.core.any_input import Input, as_picture
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.input_files import SOUND_SUFFIXES, unreadable
from explorer.core.inputs import InputRef
from explorer.core.models import AnyPreprocess, Preprocess, kind_of
from explorer.core.sounds import sound_from_array
from explorer.core.translation import tr
from explorer.engine.data_sets.world_of_sentences import phrases
from explorer.engine.data_sets.world_of_sentences.sentences import sentence
from explorer.engine.data_sets.world_of_sounds import clips
from explorer.engine.data_sets.world_of_sounds.noises import RATE
from explorer.engine.data_sets.world_samples import SEED
from explorer.engine.inputs.dataset_samples import DatasetItem, samples_of
from explorer.engine.inputs.folder import natural_key
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.inputs.text_lines import lines_of, text_input
from explorer.engine.sound.sound_files import open_sound

_SAMPLES = 120  # of a demo world
_TEXTS = ".txt"


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One input, opened when its turn comes. `open` raises ExplorerError when it cannot be had."""

    name: str
    open: Callable[[], Input]
    label: str = ""  # its class


def inputs_over(over: Over, given: Input, pre: AnyPreprocess) -> tuple[DatasetItem, ...]:
    """The inputs that `over` names for a model with this preprocessing, `given` being the current one.

    Of sounds a folder whose sub-folders are classes; of texts a file of lines, or a folder of such files, each a class.
    Raises ExplorerError where there are none.
    """
    if isinstance(pre, Preprocess):
        return samples_of(over, as_picture(given), pre)
    if over.kind == "picture":
        return (DatasetItem(given.name or given.digest, partial(input_tensor, given, pre)),)
    return tuple(
        DatasetItem(shot.name, partial(_load, shot, pre), shot.label) for shot in shots_over(over, kind_of(pre))
    )


def shots_over(over: Over, kind: str) -> tuple[Shot, ...]:
    """The sounds or the texts (`kind`) that `over` names: samples, or those of a folder or a file. Errors as `inputs_over`."""
    sounds = kind == "sound"
    if over.kind == "gallery":
        return tuple((_clip if sounds else _sentence)(number) for number in range(_SAMPLES))
    return _sounds(Path(over.path)) if sounds else _texts(Path(over.path))


def _load(shot: Shot, pre: AnyPreprocess) -> Tensor:
    return input_tensor(shot.open(), pre)


def _clip(number: int) -> Shot:
    label = clips.NAMES[number % len(clips.NAMES)]

    def made() -> Input:
        return sound_from_array(clips.clip(SEED, number).sound.copy(), RATE, InputRef("sound"), label)

    return Shot(f"{label} {number}", made, label)


def _sentence(number: int) -> Shot:
    made = sentence(SEED, number)
    return _line(made.text, phrases.NAMES[made.label])


def _line(text: str, label: str) -> Shot:
    return Shot(text[:60], lambda: text_input(InputRef("text", text), text), label)


def _sounds(folder: Path) -> tuple[Shot, ...]:
    found = _files(folder, lambda path: path.suffix.lower() in SOUND_SUFFIXES)
    if not found:
        what = tr("There is no sound in “{folder}”.", folder=folder.name)
        raise ExplorerError(what, str(folder), tr("Choose a folder of sounds, or of folders of sounds."))
    return tuple(Shot(path.relative_to(folder).as_posix(), partial(open_sound, path), label) for path, label in found)


def _texts(path: Path) -> tuple[Shot, ...]:
    if not path.is_dir():
        found = [_line(line, "") for line in lines_of(path)]
    else:
        files = _files(path, lambda file: file.suffix.lower() == _TEXTS)
        found = [item for file, label in files for item in _lines_in(file, label or file.stem)]
    if not found:
        what = tr("There is no text in “{path}”.", path=path.name)
        raise ExplorerError(what, str(path), tr("Choose a file of lines (.txt), or a folder of such files."))
    return tuple(found)


def _lines_in(file: Path, label: str) -> list[Shot]:
    """The lines of one file of several: where it cannot be read it is one input that says so."""
    try:
        return [_line(line, label) for line in lines_of(file)]
    except ExplorerError as error:
        return [Shot(file.name, partial(_raise, error), label)]


def _raise(error: ExplorerError) -> Input:
    raise error


def _files(folder: Path, fits: Callable[[Path], bool]) -> list[tuple[Path, str]]:
    """(file, class) of what lies in a folder, without a class, then of its sub-folders, whose names are the classes."""
    try:
        with os.scandir(folder) as entries:
            names = sorted((e.name for e in entries if not e.name.startswith(".")), key=natural_key)
        paths = [folder / name for name in names]
        found = [(path, "") for path in paths if path.is_file() and fits(path)]
        for inner in (path for path in paths if path.is_dir()):
            inside = sorted(os.listdir(inner), key=natural_key)
            found += [(inner / name, inner.name) for name in inside if not name.startswith(".") and fits(inner / name)]
    except NotADirectoryError as error:
        raise ExplorerError(
            tr("“{folder}” is not a folder.", folder=folder.name), str(folder), tr("Choose a folder.")
        ) from error
    except OSError as error:
        raise unreadable(folder, "folder", error) from error
    return found
