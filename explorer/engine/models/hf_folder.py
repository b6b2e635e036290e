"""A folder as transformers saves a model: config.json, weights, preprocessor_config.json. Imports neither torch nor transformers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer.core.errors import ExplorerError
from explorer.core.system.paths import weight_dirs
from explorer.core.translation import tr
from explorer.core.untrusted_json import parsed
from explorer.engine.models.weights import hub

CONFIG, PROCESSOR, INDEX = "config.json", "preprocessor_config.json", "model.safetensors.index.json"
_BOTH = "processor_config.json"  # how pictures and texts are prepared, as newer versions write it
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
SUBFOLDER = "hf"  # of a weights folder: ORGANISATION/NAME beneath it, as on the hub
_LARGEST = 20_000_000  # bytes of a JSON file; ImageNet's names in 21,000 classes take one


@dataclass(frozen=True, slots=True)
class Folder:
    """What such a folder holds. `weights`: files, in pieces for large models; () when there are none."""

    path: Path
    config: Mapping[str, Any] = field(repr=False)
    processor: bool
    weights: tuple[Path, ...] = ()

    @property
    def type(self) -> str:
        """transformers' word for the architecture: "vit", "dinov2", …"""
        return str(self.config.get("model_type", ""))


def find(name: str) -> Path | None:
    """The folder for a path, or for a repository of the hub: in a weights folder first, then in the hub's cache."""
    try:
        given = Path(name).expanduser()
        if (given / CONFIG).is_file():
            return given.absolute()
    except (OSError, ValueError, RuntimeError):  # too long, a NUL, ~nobody
        return None
    if not hub.is_repo(name):
        return None
    kept = (folder / SUBFOLDER / name for folder in weight_dirs())
    places = [*kept, *(folder for folder in (hub.snapshot(name),) if folder is not None)]
    with_config = [folder for folder in places if (folder / CONFIG).is_file()]
    # a download that broke off leaves its config behind, and another place may have all
    return next((folder for folder in with_config if is_whole(folder)), with_config[0] if with_config else None)


def read(path: Path) -> Folder:
    """Raises ExplorerError for a config that is damaged, or that wants code of the folder to run."""
    config = read_json(path / CONFIG)
    refuse_code(config, path.name)
    return Folder(path, config, _has_processor(path), weights_in(path))


def _has_processor(path: Path) -> bool:
    """Whether it is said how pictures are prepared: in a file of its own, or beside how texts are."""
    if (path / PROCESSOR).is_file():
        refuse_code(read_json(path / PROCESSOR), path.name)
        return True
    if not (path / _BOTH).is_file():
        return False
    held = read_json(path / _BOTH)
    refuse_code(held, path.name)
    pictures = held.get("image_processor")
    if not isinstance(pictures, Mapping):
        return False
    refuse_code(pictures, path.name)
    return True


def holds_model(path: Path) -> bool:
    """Whether a folder has a config and weights beside it, be they whole or not."""
    try:
        return (path / CONFIG).is_file() and any((path / file).is_file() for file in (*WEIGHTS, INDEX))
    except (OSError, ValueError):  # no permission, too long, a NUL
        return False


def weights_in(path: Path) -> tuple[Path, ...]:
    """The weight files of a folder, () when there are none. Raises ExplorerError for pieces of which some are missing."""
    for file in WEIGHTS[:1]:
        if (path / file).is_file():
            return (path / file,)
    if (path / INDEX).is_file():
        return _pieces(path)
    return tuple(path / file for file in WEIGHTS[1:] if (path / file).is_file())


def is_whole(path: Path) -> bool:
    """Whether all weights of a folder are there."""
    try:
        return bool(weights_in(path))
    except ExplorerError:
        return False


def _pieces(path: Path) -> tuple[Path, ...]:
    names = piece_names(read_json(path / INDEX))
    missing = [name for name in names if not (path / name).is_file()]
    if missing:
        what = tr("The weights of {path} are not complete.", path=path.name)
        raise ExplorerError(
            what,
            tr(
                "{count} of {count2} files are missing: {missing}.",
                count=len(missing),
                count2=len(names),
                missing=missing[0],
            ),
            tr("Fetch them again."),
        )
    return tuple(path / name for name in names)


def piece_names(index: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the files that an index divides the weights into. Raises ExplorerError for one that leads elsewhere."""
    table = index.get("weight_map")
    names = sorted({str(name) for name in table.values()}) if isinstance(table, Mapping) else []
    if not names or any(Path(name).name != name or not name.endswith(".safetensors") for name in names):
        raise ExplorerError(
            tr("{index} is damaged.", index=INDEX), tr("It names no files beside itself."), tr("Fetch it again.")
        )
    return tuple(names)


def read_json(path: Path) -> Mapping[str, Any]:
    """A table. Raises ExplorerError."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is too large")
        held = parsed(path.read_text(encoding="utf-8"))
        if not isinstance(held, dict):
            raise ValueError("it holds no table")
    except OSError as error:
        raise ExplorerError(tr("{path} cannot be read.", path=path), f"{error.strerror or error}.") from None
    except (ValueError, RecursionError) as error:
        why = f"{str(error).splitlines()[0]}."
        raise ExplorerError(
            tr("{path} in {parent} is damaged.", path=path.name, parent=path.parent.name),
            why,
            tr("Copy or download it again."),
        ) from None
    return held


def refuse_code(config: Mapping[str, Any], folder: str) -> None:
    """Raises ExplorerError: `auto_map` names classes in Python files of the folder, which would have to be run."""
    parts = (config, *(value for value in config.values() if isinstance(value, Mapping)))
    if any(part.get("auto_map") or part.get("custom_pipelines") for part in parts):
        raise ExplorerError(
            tr("{folder} asks for its own program code to be run (trust_remote_code).", folder=folder),
            tr("Its config names Python files of the folder. Code that came with weights is never run here."),
            tr(
                "Use a version that transformers knows by itself, or write a Python file that makes the model and read it first."
            ),
        )
