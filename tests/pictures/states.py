"""The states of the window that pictures are made of, of all workspaces."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.pictures.compare_states import compare_states
from tests.pictures.dataset_states import dataset_states
from tests.pictures.explore_states import explore_states
from tests.pictures.lesson_states import lesson_states
from tests.pictures.output_states import output_states
from tests.pictures.picture_state import State
from tests.pictures.room_states import room_states
from tests.pictures.sound_states import sound_states
from tests.pictures.text_states import text_states
from tests.pictures.transfer_states import transfer_states
from tests.pictures.window_states import window_states


def states(folder: Path) -> Mapping[str, State]:
    """All of them by name, in the order in which they are pictured; what is read from disk and is no part of the project is
    written to `folder`."""
    return {
        **explore_states(folder),
        **room_states(),
        **sound_states(folder),
        **text_states(folder),
        **output_states(folder),
        **compare_states(),
        **transfer_states(),
        **dataset_states(folder),
        **lesson_states(folder),
        **window_states(folder),
    }
