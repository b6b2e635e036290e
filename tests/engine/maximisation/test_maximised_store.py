"""What is kept on disk: whole or not at all, within a budget, and never something else than was put there."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explorer.core.errors import ExplorerError
from explorer.core.maximisation import Maximised, MaximiseSettings, MaximiseState, Objective
from explorer.core.system.paths import cache_dir
from explorer.engine.maximisation.maximised_store import MaximisedStore

SETTINGS = MaximiseSettings(steps=3, batch=2)


def picture(channel: int = 0, model: str = "m") -> Maximised:
    pixels = np.random.default_rng(channel).integers(0, 255, (2, 16, 12, 3)).astype(np.uint8)
    objective = Objective("layer", (channel, 9), (1.0, -0.5), cell=(1, 2))
    return Maximised(model, objective, SETTINGS, pixels, 3, np.array([1, 2, 3], np.float32), 2.5, ("a note",))


def state() -> MaximiseState:
    values = [np.full((2, 3, 4, 3, 2), v, np.float32) for v in (1, 2, 3)]
    return MaximiseState(values[0], values[1], values[2], np.array([0.5, 0.75], np.float32), blocked=True)


def of(store: MaximisedStore, made: Maximised) -> Maximised | None:
    return store.get(made.model, made.objective, made.settings)


def test_a_picture_comes_back_as_it_was() -> None:
    store, made = MaximisedStore(), picture()
    assert of(store, made) is None
    store.put(made)
    assert (cache_dir() / "maximised").is_dir()
    found = of(MaximisedStore(), made)
    assert found is not None
    assert np.array_equal(found.pictures, made.pictures)
    assert not found.pictures.flags.writeable
    assert np.array_equal(found.curve, made.curve)
    for name in ("model", "objective", "settings", "step", "value", "notes", "key"):
        assert getattr(found, name) == getattr(made, name)
    assert store.has(made.model, made.objective, made.settings)


def test_another_model_target_or_setting_is_another_picture() -> None:
    store, made = MaximisedStore(), picture()
    store.put(made)
    assert store.get("other", made.objective, made.settings) is None
    assert store.get(made.model, replace(made.objective, negative=True), made.settings) is None
    assert store.get(made.model, made.objective, replace(made.settings, seed=1)) is None


def test_a_state_comes_back_bit_for_bit_and_goes_when_the_picture_is_there() -> None:
    store, made, kept = MaximisedStore(), picture(), state()
    where = (made.model, made.objective, made.settings)
    store.put_state(*where, kept)
    found = store.state(*where)
    assert found is not None
    for name in ("parameters", "mean", "square", "curve"):
        assert np.array_equal(getattr(found, name), getattr(kept, name))
    assert found.blocked
    assert found.step == 2
    assert of(store, made) is None
    store.put(made)
    assert store.state(*where) is None


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(b ^ 255 for b in data[middle : middle + 40]) + data[middle + 40 :]


@pytest.mark.parametrize("damage", [cut, flipped, lambda _data: b"", lambda _data: b"nonsense"])
def test_a_damaged_file_is_no_picture_and_goes(damage: Any) -> None:
    store, made = MaximisedStore(), picture()
    store.put(made)
    (path,) = store.folder.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    assert of(store, made) is None
    assert not path.exists()
    store.put(made)
    assert of(store, made) is not None


def test_a_file_under_a_wrong_name_is_not_taken_for_what_it_is_called() -> None:
    store, one, two = MaximisedStore(), picture(1), picture(2)
    store.put(one)
    (path,) = store.folder.iterdir()
    os.rename(path, store.folder / f"{two.key}.npz")
    assert of(store, two) is None


def test_arrays_that_do_not_fit_the_manifest_are_damage(tmp_path: Path) -> None:
    store, made = MaximisedStore(tmp_path), picture()
    store.put(replace(made, pictures=made.pictures[:1]))
    assert of(store, made) is None
    store.put(replace(made, curve=made.curve[:2]))
    assert of(store, made) is None
    assert list(tmp_path.iterdir()) == []


def test_the_longest_unused_goes_when_the_budget_is_full(tmp_path: Path) -> None:
    store = MaximisedStore(tmp_path)
    store.put(picture(0))
    store.budget = 3 * store.nbytes + 100
    for channel in (1, 2):
        store.put(picture(channel))
    for age, channel in enumerate((2, 1, 0)):
        os.utime(tmp_path / f"{picture(channel).key}.npz", (1000 + age, 1000 + age))
    assert of(store, picture(2)) is not None  # used again, so that 1 is the oldest
    store.put(picture(3))
    assert [of(store, picture(channel)) is not None for channel in range(4)] == [True, False, True, True]
    assert store.nbytes <= store.budget
    store.budget = 1
    store.put(picture(4))
    assert [path.name for path in tmp_path.iterdir()] == [f"{picture(4).key}.npz"]


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MaximisedStore(tmp_path)
    store.put(picture(0))

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        for channel in (0, 1):
            with pytest.raises(ExplorerError, match=r"disk of .* is full"):
                store.put(picture(channel))
    assert of(store, picture(0)) is not None
    assert [path.name for path in tmp_path.iterdir()] == [f"{picture(0).key}.npz"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = MaximisedStore(tmp_path / "file" / "maximised")
    with pytest.raises(ExplorerError, match="could not be stored"):
        store.put(picture())
    assert of(store, picture()) is None


def test_what_a_crash_left_is_cleared_away(tmp_path: Path) -> None:
    store = MaximisedStore(tmp_path)
    for name, when in ((".saving-old", 1000), (".saving-now", None)):
        (tmp_path / name).write_bytes(b"half")
        if when is not None:
            os.utime(tmp_path / name, (when, when))
    store.put(picture())
    assert not (tmp_path / ".saving-old").exists()
    assert (tmp_path / ".saving-now").exists()
