"""Edits of a pane with a fake engine: no torch, no window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_engine import FakeEngine
from fake_host import FakeHost, capture

from explorer.core.errors import Failure
from explorer.core.interventions import Ablation, Edit, EditedFrame, Edits, Shift, Thawed, digest_of
from explorer.core.models import ModelSpec
from explorer.core.pane_requests import Thaw

ONE, OTHER = Edit("relu", (1,)), Edit("relu", (2,))


class Opened:
    """One picture is shown, without edits."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.host = FakeHost(self.engine.client)
        self.edits = self.host.interventions
        self.heard: list[tuple[str, Any]] = []
        for name in ("asked", "applied", "cleared", "failed", "shifted"):
            getattr(self.edits, name).connect(lambda *what, name=name: self.heard.append((name, what)))
        self.show(capture())

    def show(self, shown: Any, live: bool = False) -> None:
        self.host.state.take(model=ModelSpec(shown.model))  # of another model it is a step of the document
        self.host.pane.capture = shown
        self.edits.captured(shown, live)

    def answer(self, edits: Edits) -> None:
        values = {"relu": np.zeros((4, 8, 8), np.float32)}
        self.engine.answer(Ablation(edits, digest_of(edits), (), values, capture().taps))

    @property
    def said(self) -> list[str]:
        names = [name for name, _ in self.heard]
        self.heard.clear()
        return names


@pytest.fixture
def opened() -> Opened:
    return Opened()


def test_an_edit_is_applied_to_what_is_shown_and_to_what_comes(opened: Opened) -> None:
    opened.edits.put(ONE)
    request = opened.engine.request
    assert (request.edits, request.names, request.capture) == ((ONE,), frozenset({"relu"}), opened.edits.plain)
    assert opened.host.live_edits[-1].edits == (ONE,)
    opened.answer((ONE,))
    name, (edited, result) = opened.heard[-1]
    assert (name, edited.edits, result.edits) == ("applied", digest_of((ONE,)), (ONE,))
    opened.show(edited)
    assert not opened.edits.plain.edits
    opened.show(capture(seen="next"))
    assert opened.engine.request.capture.picture.digest == "next"
    opened.show(capture("other"))
    assert (opened.edits.edits, opened.edits.can_undo) == ((), False)
    assert opened.edits.of(capture().model) == ()


def test_changes_are_undone_in_their_order(opened: Opened) -> None:
    opened.edits.put(ONE)
    opened.edits.put(OTHER)
    opened.edits.put(replace(ONE, mode="mean"))  # instead of what was done to it
    assert opened.edits.edits == (OTHER, replace(ONE, mode="mean"))
    opened.edits.remove(0)
    opened.edits.clear()
    assert opened.said[-1] == "cleared"
    for expected in ((replace(ONE, mode="mean"),), (OTHER, replace(ONE, mode="mean")), (ONE, OTHER), (ONE,), ()):
        opened.edits.undo()
        assert opened.edits.edits == expected
    opened.edits.undo()
    assert not opened.edits.can_undo


def test_late_answers_and_those_of_other_edits_are_passed_over(opened: Opened) -> None:
    opened.edits.put(ONE)
    opened.edits.put(OTHER)
    _ = opened.said
    opened.engine.answer(Ablation((ONE,), "", (), {}, capture().taps), ticket=1)
    opened.answer((ONE,))
    opened.edits.clear()
    opened.answer((ONE, OTHER))
    assert opened.said == ["cleared"]


def test_what_cannot_be_made_is_taken_back(opened: Opened) -> None:
    opened.edits.put(ONE)
    opened.answer((ONE,))
    opened.edits.put(OTHER)
    opened.engine.fail("It changes nothing.")
    assert opened.edits.edits == (ONE,)
    assert opened.heard[-1] == ("failed", ("It changes nothing.",))


def test_frames_come_with_their_edits_made(opened: Opened) -> None:
    opened.host.pane.playing = True
    opened.edits.put(ONE)
    assert opened.engine.asked == []
    edited = capture(edits=digest_of((ONE,)))
    assert opened.edits.fits(edited)
    assert not opened.edits.fits(capture())
    shifts = (Shift(0, "ring", 0.5, 0.25, 1.0, 0.5),)
    opened.edits.framed(EditedFrame((ONE,), capture(), edited, shifts))
    assert opened.heard[-1] == ("shifted", (shifts,))
    opened.edits.framed(EditedFrame((ONE,), capture(), None, (), Failure("No.")))
    assert opened.edits.edits == ()


def test_frozen_values_are_kept_as_long_as_an_edit_or_undoing_needs_them(opened: Opened) -> None:
    assert opened.edits.keep("gone") is None
    kept = opened.edits.keep("relu")
    assert kept is not None
    edit = Edit("relu", (2,), mode="freeze", source=kept.digest)
    opened.edits.put(edit)
    assert np.array_equal(opened.engine.request.frozen["p"]["relu"], capture().values["relu"])
    opened.edits.clear()
    assert opened.edits.frozen()
    opened.show(capture("other"))
    assert not opened.edits.frozen()


def test_held_values_of_a_picture_in_no_file_are_lost_once_and_said(opened: Opened) -> None:
    """An edit of a session file that names a picture, and not where it is: asked for once, then taken out."""
    lost: list[Failure] = []
    opened.edits.lost.connect(lost.append)
    nowhere = Edit("relu", (2,), mode="freeze", source="elsewhere")
    opened.edits.set_edits((ONE, nowhere))
    assert opened.engine.request.edits == (nowhere,)
    opened.engine.answer(Thawed({}))
    assert opened.edits.edits == (ONE,)
    assert [failure.what for failure in lost] == ["The held values of relu cannot be recomputed."]
    assert sum(isinstance(request, Thaw) for request, _ in opened.engine.asked) == 1
