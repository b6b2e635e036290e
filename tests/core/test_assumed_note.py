"""A note that says what was assumed stays one when it is copied."""

from __future__ import annotations

import copy
import pickle

from explorer.core.models import AssumedNote


def test_a_copy_keeps_both_parts() -> None:
    note = AssumedNote("Labels assumed: ImageNet.", "labels")
    for other in (copy.deepcopy(note), pickle.loads(pickle.dumps(note))):
        assert (other, other.brief, type(other)) == (note, "labels", AssumedNote)
