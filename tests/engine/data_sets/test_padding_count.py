"""Padding is counted where it stands, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.core.activations import Kind, Layout, Tap
from explorer.core.dataset import Over
from explorer.core.inputs import InputRef
from explorer.core.models import Preprocess
from explorer.core.texts import TextPreprocess, tokenised
from explorer.engine.data_sets.inputs_over import inputs_over
from explorer.engine.data_sets.padding_count import PaddingCount
from explorer.engine.health.channel_health import health
from explorer.engine.inputs.dataset_samples import DatasetItem
from explorer.engine.inputs.text_lines import text_input

WORDS = ("<pad>", "<unk>", "good", "bad")
LINES = ("good", "good <pad> bad", "bad bad bad bad bad bad")


@pytest.mark.parametrize("length", [4, 0])
def test_the_padding_at_the_end_is_counted(tmp_path: Path, length: int) -> None:
    file, pre = tmp_path / "lines.txt", TextPreprocess(WORDS, length=length)
    file.write_text("\n".join(LINES))
    count = PaddingCount(pre)
    given = text_input(InputRef("text", "good"), "good")
    items = count.counted(inputs_over(Over("folder", str(file)), given, pre))
    assert count.notes == ()
    for item in items:
        item.load()
    truth = sum(token.kind == "padding" for line in LINES for token in tokenised(line, pre))
    assert count.seen.padding == truth
    assert bool(count.notes) is bool(length)
    if length:
        assert count.notes[0].startswith(f"{truth} of 12 tokens are padding")


@pytest.fixture
def padded(tmp_path: Path) -> tuple[PaddingCount, tuple[DatasetItem, ...]]:
    file, pre = tmp_path / "lines.txt", TextPreprocess(WORDS, length=4)
    file.write_text("good\ngood bad\nbad bad bad bad")
    count = PaddingCount(pre)
    given = text_input(InputRef("text", "good"), "good")
    return count, count.counted(inputs_over(Over("folder", str(file)), given, pre))


class Words(nn.Module):
    """Maps of four words, and of every second one of them; a vector."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(4, 6)
        self.same, self.second = nn.Conv1d(6, 5, 3, padding=1), nn.Conv1d(5, 3, 3, 2, 1)
        self.head = nn.Linear(3, 2)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.second(self.same(self.embed(ids).transpose(1, 2))).mean(2))


@pytest.mark.parametrize(
    ("tap", "kept"), [("embed", (1, 2, 4)), ("same", (1, 2, 4)), ("second", (1, 1, 2)), ("head", (1, 1, 1))]
)
def test_the_health_of_a_layer_is_that_of_its_words(
    padded: tuple[PaddingCount, tuple[DatasetItem, ...]], tap: str, kept: tuple[int, ...]
) -> None:
    count, items = padded
    torch.manual_seed(0)
    module = Words().eval()
    *_, found = health(module, tap, items, counted=count.without)
    assert found is not None
    cells = []
    for item, length in zip(items, kept, strict=True):
        outputs: list[Tensor] = []
        handle = module.get_submodule(tap).register_forward_hook(lambda _m, _a, o, into=outputs: into.append(o))
        with torch.no_grad():
            module(item.load())
        handle.remove()
        values = outputs[0][0].numpy()
        values = values[:, None] if values.ndim == 1 else values if tap != "embed" else values.T
        cells.append(values[:, :length].astype(np.float64))
    every = np.concatenate(cells, 1)
    assert found.cells == every.shape[1]
    assert np.allclose([row.mean for row in found.channels], every.mean(1))
    assert np.allclose([row.std for row in found.channels], every.std(1))
    assert np.allclose([row.maximum for row in found.channels], every.max(1))
    assert np.allclose([row.sparsity for row in found.channels], 1 - (every > 0).mean(1))


def test_what_cannot_be_placed_is_counted_and_said(padded: tuple[PaddingCount, tuple[DatasetItem, ...]]) -> None:
    count, items = padded
    values, tap = np.zeros((2, 9)), Tap("lost", "lost", 0, Kind.CONV, Layout.NCT, (1, 2, 9))
    assert count.without(values, tap) is values  # nothing has been loaded
    items[0].load()
    assert count.without(values, tap) is values
    assert count.notes == (
        "3 of 4 tokens are padding; cells over them are left out, but not in lost, whose cells stand over "
        "unknown tokens.",
    )


def test_pictures_are_left_as_they_are() -> None:
    count = PaddingCount(Preprocess(8, 8))
    assert count.counted(()) == ()
    assert count.notes == ()
