"""Videos by their frames, sounds by folders, sentences with the words that a cell sees: one index over input kinds."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import torch
from index_nets import SIDE, draw, made, network
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.example_pictures import seen_box
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.texts import TextPreprocess, tokenised
from explorer.engine.data_index.index_digest import digest_of
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.data_index.packed_index import pack_index

WORDS = ("<pad>", "<unk>", *"the cat sat on a mat and dogs bark at night".split())


class OverSound(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 5, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x).mean(2)


class OverWords(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(len(WORDS), 6)
        self.conv = nn.Conv1d(6, 3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.embed(x).transpose(1, 2)).amax(2)


def test_frames_of_a_video_beside_pictures(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    data = draw(tmp_path / "data", 4)
    with av.open(str(data / "a" / "clip.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "bgr0"
        chance = np.random.default_rng(1)
        for _ in range(5):
            pixels = chance.integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode())
    assert made(network(), data, tmp_path / "a.fmindex").done == 9
    with IndexReader(tmp_path / "a.fmindex") as reader:
        frames = reader.pictures(text="clip")
        assert [each.frame for each in frames] == [0, 1, 2, 3, 4]
        assert frames[2].ref(reader.place).frame == 2
        assert {each.label for each in frames} == {"a"}


def test_clips_of_a_folder(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    for number in range(6):
        place = tmp_path / "data" / ("low" if number % 2 else "high") / f"{number}.wav"
        place.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(place), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes((chance.normal(0, 3000, 800)).astype("<i2").tobytes())
    loaded = network(OverSound, SoundPreprocess(8000, 0.1), "sound")
    assert made(loaded, tmp_path / "data", tmp_path / "a.fmindex", taps="conv", features="").done == 6
    with IndexReader(tmp_path / "a.fmindex") as reader:
        assert set(reader.labels) == {"low", "high"}
        entry = reader.top("conv", 1).entries[0]
        assert entry.cell is not None
        box = seen_box(reader.tap("conv").receptive, reader.preprocess, (1, 100), entry.cell)
        assert box is not None
        assert box.x1 - box.x0 == pytest.approx(5 / 8)  # five samples in milliseconds
        assert reader.preprocess == loaded.card.preprocess


def test_sentences_with_the_words_of_the_maximum(tmp_path: Path) -> None:
    lines = ["the cat sat on a mat", "dogs bark at night", "", "a cat and dogs", "the night"]
    (tmp_path / "lines.txt").write_text("\n".join(lines))
    pre = TextPreprocess(WORDS, length=8)
    loaded = network(OverWords, pre, "text")
    store = tmp_path / "a.fmindex"
    assert made(loaded, tmp_path / "lines.txt", store, taps="conv", features="conv").done == 4
    with IndexReader(store) as reader:
        for channel in range(3):
            for entry in reader.top("conv", channel).entries:
                ids = torch.tensor([[token.id for token in tokenised(entry.picture.text, pre)]])
                with torch.no_grad():
                    values = loaded.module.conv(loaded.module.embed(ids).transpose(1, 2))[0, channel]  # type: ignore
                place = int(values.argmax())
                pieces = list(tokenised(entry.picture.text, pre))[place : place + 2]
                assert entry.cell == (0, place)
                assert entry.words == " ".join(each.piece for each in pieces if each.kind != "padding")
                assert entry.value == pytest.approx(float(values.max()), abs=1e-6)
    with pytest.raises(ExplorerError):
        made(loaded, tmp_path / "none.txt", store)


def test_a_packed_index_answers_alike(tmp_path: Path) -> None:
    data, store = draw(tmp_path / "data", 40), tmp_path / "a.fmindex"
    made(network(), data, store)
    pack_index(store, tmp_path / "b.fmindex")
    assert digest_of(store) == digest_of(tmp_path / "b.fmindex")
    with IndexReader(store) as whole, IndexReader(tmp_path / "b.fmindex") as packed:
        for tap in whole.taps:
            assert whole.top(tap.name, 1) == packed.top(tap.name, 1)
            assert whole.least(tap.name, 1) == packed.least(tap.name, 1)
            assert whole.classes(tap.name, 1) == packed.classes(tap.name, 1)
        assert whole.nearest(whole.feature(3)) == packed.nearest(packed.feature(3))
