"""Opens samples of every kind by their names: pictures, sounds, sentences, and pictures of the demo world by their number."""

from __future__ import annotations

from explorer.core.any_input import Input
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.translation import tr
from explorer.engine.data_sets.drawn_world import drawn_picture
from explorer.engine.data_sets.world_samples import SENTENCE, SOUND, made, sentence_names, sound_names
from explorer.engine.inputs.samples import open_sample


def sample_from_ref(ref: InputRef) -> Input:
    """The sample that a reference names: a picture, a sound or a sentence. Raises ExplorerError for an unknown name."""
    found = made(ref.path) or drawn_picture(ref.path)
    if found is None and ref.path.startswith((SOUND, SENTENCE)):
        raise ExplorerError(
            tr("There is no sample “{path}”.", path=ref.path),
            tr("There are: {list}.", list=", ".join((*sound_names(), *sentence_names()))),
        )
    return open_sample(ref.path) if found is None else found
