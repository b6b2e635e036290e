"""Which of a channel's best pictures are others in another model: from two indexes of the same data, and in the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from fake_indexes import FOLDER, FakeReader

from explorer.core.changed_examples import ChangedExamples, turned
from explorer.core.dataset import Over
from explorer.core.errors import ExplorerError
from explorer.core.method import PairRequest
from explorer.core.pairs import PairParams, ShownPair, ShownSide, Side
from explorer.methods.changed_examples import compute
from explorer.methods.changed_examples.page import ResultPage
from explorer.methods.changed_examples.spec import SPEC


class _Job:
    def cancelled(self) -> bool:
        return False


class _Opened(FakeReader):
    def __enter__(self) -> FakeReader:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The result over two readers; the request asks for `inputs`."""

    def run(*readers: FakeReader, inputs: Over = Over("gallery")) -> ChangedExamples:  # noqa: B008
        facts = [replace(each.facts(), path=str(at)) for at, each in enumerate(readers)]
        monkeypatch.setattr(compute, "IndexReader", lambda path: readers[int(path)])
        monkeypatch.setattr(compute, "indexes_of", lambda model: tuple(f for f in facts if f.settings.model == model))
        request = PairRequest(SPEC, PairParams(inputs), Side("one", ("relu",)), Side("other", ("relu",)))
        steps = compute.run(None, request, _Job())  # type: ignore[arg-type]
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]

    return run


def names(reader: FakeReader, channel: int) -> set[str]:
    return {reader.picture(int(n)).name for n in np.argsort(-reader.maxima[:, channel])[:9]}


def test_the_nine_of_every_channel_are_compared(read: Any) -> None:
    one, other = _Opened(40, 6, "one"), _Opened(40, 6, "other", seed=1)
    found = read(one, other)
    for channel, each in enumerate(found.channels):
        first, second = names(one, channel), names(other, channel)
        assert set(each.kept) == first & second
        assert set(each.gone) == first - second
        assert set(each.new) == second - first
        assert each.changed == 9 - len(first & second)
    assert found.mean == pytest.approx(np.mean([9 - len(names(one, c) & names(other, c)) for c in range(6)]))
    assert found.channels[found.most].changed == max(each.changed for each in found.channels)
    back = turned(found)
    assert back.channels[2].gone == found.channels[2].new
    assert "of 9 changed" in SPEC.write(found)
    assert len(SPEC.to_json(found)["channels"]) == 6


def test_the_same_model_changes_nothing_and_clipped_ties_do_not_count(read: Any) -> None:
    one, other = _Opened(12, 4, "one"), _Opened(12, 4, "other")
    one.maxima[3:, 1] = other.maxima[3:, 1] = 0.0
    found = read(one, other)
    assert found.mean == 0
    assert len(found.channels[1].first) == 3


def test_without_two_indexes_of_the_same_data_it_says_so(read: Any) -> None:
    with pytest.raises(ExplorerError, match="Two indexes of the same data"):
        read(_Opened(model="one"), _Opened(model="other", data="/elsewhere"))
    with pytest.raises(ExplorerError, match="different channels"):
        read(_Opened(12, 4, "one"), _Opened(12, 5, "other"))


def test_of_several_indexes_those_with_the_layer_are_compared(read: Any) -> None:
    bare = [_Opened(40, 6, model, data="/first") for model in ("one", "other")]
    for each in bare:
        each.taps = (replace(each.of, name="conv"),)
    whole = [_Opened(40, 6, "one"), _Opened(40, 6, "other", seed=1)]
    assert read(*bare, *whole).data == FOLDER
    assert read(bare[0], whole[0], whole[1]).data == FOLDER
    with pytest.raises(ExplorerError, match="no tap 'relu'"):
        read(*bare)


def test_the_page_says_it_of_the_selected_channel(read: Any, qtbot: Any) -> None:
    found = read(_Opened(40, 6, "one"), _Opened(40, 6, "other", seed=1))
    page = ResultPage()
    qtbot.addWidget(page)
    page.show_pair(ShownPair((ShownSide("A", channel=4, tap="relu"), ShownSide("B", channel=4, tap="relu"))), found)
    assert page.changed.accessibleName() == f"{found.channels[4].changed} of 9 changed, channel 4"
    assert found.channels[4].gone[0] in page.gone.toolTip()
    with qtbot.waitSignal(page.channel_chosen) as told:
        page.most.click()
    assert told.args == [0, found.most]
