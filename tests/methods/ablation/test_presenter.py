"""The page of ablations with a fake engine: what it sets, and the ranking."""

from __future__ import annotations

from typing import Any

import pytest
from fake_engine import FakeEngine
from fake_host import FakeHost, capture, selection

from explorer.core.interventions import Edit, Effect, Ranking
from explorer.core.pane_requests import ApplyEdits
from explorer.methods.ablation.presenter import Presenter
from explorer.methods.ablation.requests import RankChannels


class Opened:
    def __init__(self, qtbot: Any) -> None:
        self.engine = FakeEngine()
        self.host = FakeHost(self.engine.client)
        self.presenter = Presenter(self.engine.client, self.host)
        self.view, self.edits = self.presenter.view, self.host.interventions
        qtbot.addWidget(self.view)
        self.host.pane.capture = capture()
        self.edits.captured(capture(), live=False)
        self.presenter.follow(selection(cell=(3, 4)), "")


@pytest.fixture
def opened(qtbot: Any) -> Opened:
    return Opened(qtbot)


def ranking(done: int) -> Ranking:
    return Ranking("relu", 1, tuple(Effect(c, -1.0 - c, 0.0) for c in range(done)), 4)


def test_buttons_set_edits_of_the_channel_or_its_region(opened: Opened) -> None:
    opened.view.zero.click()
    assert opened.edits.edits == (Edit("relu", (2,)),)
    assert opened.view.result.text() == "Computing …"
    opened.host.regions.banded.emit((1, 1, 3, 3))
    opened.view.mean.click()
    opened.view.silence.click()
    opened.view.silence.click()
    whole, part, every = opened.edits.edits
    assert (part, every) == (Edit("relu", (2,), (1, 1, 3, 3), "mean"), Edit("relu", region=(1, 1, 3, 3)))
    assert opened.view.list.count() == 3
    opened.view.remove.click()
    assert opened.edits.edits == (whole, part)
    opened.view.undo.click()
    opened.view.clear_all.click()
    assert opened.edits.edits == ()
    opened.view.freeze.click()
    assert (opened.edits.edits[0].mode, opened.edits.edits[0].source) == ("freeze", "p")


def test_only_the_page_that_is_looked_at_draws_regions(opened: Opened) -> None:
    assert opened.host.regions.banding
    opened.presenter.leave()
    assert not opened.host.regions.banding
    opened.view.zero.click()
    assert opened.edits.edits == ()


def test_a_ranking_grows_is_stopped_and_kept(opened: Opened) -> None:
    opened.view.rank.click()
    asked = opened.engine.request
    assert isinstance(asked, RankChannels)
    assert (asked.tap, asked.index, opened.view.rank.text()) == ("relu", 1, "Cancel")
    opened.engine.answer(ranking(2), partial=True)
    assert (opened.view.progress.value(), opened.view.ranking.count()) == (50, 2)
    opened.engine.answer(ranking(4))
    assert not opened.view.running
    opened.view.ranking.chosen.emit(3)
    assert opened.host.fields == {"channel": 3}
    opened.presenter.follow(selection(seen="other"), "")
    assert opened.view.ranking.count() == 0
    opened.presenter.follow(selection(), "")
    assert opened.view.ranking.count() == 4
    opened.view.rank.click()
    opened.view.rank.click()
    assert not opened.presenter.waiting
    opened.view.rank.click()
    opened.engine.fail("No class vector.")
    assert opened.view.rank_note.text() == "No class vector."


def test_a_ranking_needs_one_picture(opened: Opened) -> None:
    opened.host.pane.playing = True
    opened.presenter.follow(selection(), "")
    assert not opened.view.rank.isEnabled()
    assert "Pause" in opened.view.rank_note.text()
    opened.host.pane.playing = False
    opened.presenter.follow(selection(), "")
    assert opened.view.rank.isEnabled()
    assert not opened.view.rank_note.text()


def test_what_edits_do_is_said_and_a_failure_too(opened: Opened) -> None:
    opened.view.zero.click()
    assert isinstance(opened.engine.request, ApplyEdits)
    opened.engine.fail("It changes nothing.")
    assert opened.view.result.text() == "It changes nothing."
    assert opened.view.list.count() == 0
    opened.presenter.follow(None, "")
    assert opened.view.message.text() == "Nothing is shown yet."
