"""The demo world by number: an index of pictures that have no files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from index_nets import job, made

from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture
from explorer.core.models import ModelSpec
from explorer.engine.data_index.index_items import listed
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.data_sets import drawn_world
from explorer.engine.data_sets.world import shapes
from explorer.engine.data_sets.world.sample import draw
from explorer.engine.inputs import open_input
from explorer.engine.jobs.steps import ended
from explorer.engine.models import open_model


def test_a_number_is_always_the_same_picture() -> None:
    drawn = draw(drawn_world._SEED + 1, 16)
    found = open_input(InputRef("sample", "drawn-000019"))
    drawn_world._pixels.cache_clear()
    again = open_input(InputRef("sample", "drawn-000019"))
    assert isinstance(found, Picture)
    assert isinstance(again, Picture)
    assert found.digest == again.digest
    wanted = (drawn.images[3] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    assert np.array_equal(found.pixels, wanted)
    label = shapes.NAMES[int(drawn.shape[3])]
    assert found.name == f"Drawn picture 19: {label}"
    assert list(drawn_world.drawn_pictures("demo:world:20"))[19] == ("drawn-000019", label)


def test_it_is_listed_with_its_classes_and_read_again_by_number(tmp_path: Path) -> None:
    loaded = open_model(ModelSpec("demo:shapes-cnn"))
    end = made(loaded, "demo:world:20", tmp_path / "a.fmindex", taps="stage3.1", features="stage3.1")
    assert (end.done, end.failed) == (20, 0)
    with IndexReader(tmp_path / "a.fmindex") as reader:
        assert reader.place == ""
        best = reader.top("stage3.1", 3).entries[0].picture
        assert best.label in shapes.NAMES
        again = open_input(best.ref(reader.place))
        assert again.ref == InputRef("sample", best.path)
        assert reader.count() == 20


@pytest.mark.parametrize("size", ["0", "-1", "x", "1000001", "²", ""])
def test_a_size_that_cannot_be_had_is_told(size: str) -> None:
    with pytest.raises(ExplorerError, match="There is no data set"):
        ended(listed(f"demo:world:{size}", "picture", job()))


def test_a_model_of_sounds_is_told_that_these_are_pictures() -> None:
    with pytest.raises(ExplorerError, match="holds pictures"):
        ended(listed("demo:world", "sound", job()))


def test_without_a_size_there_are_ten_thousand() -> None:
    assert len(ended(listed("demo:world", "picture", job())).items) == 10_000
