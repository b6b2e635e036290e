"""The networks that hear and read under the engine: where their layers' cells stand, and what their attention is found to be."""

from __future__ import annotations

import pytest
import torch
from demo_models.measure.sentences import class_attention
from demo_models.recipes.worlds import WORLDS

from explorer.core.activations import Layout
from explorer.core.attention import AttentionKind
from explorer.engine.attention.record import find
from explorer.engine.capture.forward import discover
from explorer.engine.data_sets.world_of_sentences.sentences import TOKENS, encoded, sentence
from explorer.engine.data_sets.world_of_sounds.clips import clips
from explorer.engine.models.demo.mel_cnn import MelFront, mel_matrix

# samples of a field, samples from cell to cell, first and last sample of the middle cell
FIELDS = {
    "first": (160, 8, 7920, 8080),
    "pool": (184, 32, 7920, 8104),
    "features.0.0": (312, 32, 7856, 8168),
    "features.0": (344, 64, 7856, 8200),
    "features.1.0": (600, 64, 7728, 8328),
    "features.2.0": (1176, 128, 7408, 8584),
    "features": (1304, 256, 7408, 8712),
}


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_networks_take_what_their_card_says_and_answer(name: str) -> None:
    recipe = WORLDS[name]
    net, given = recipe.make().eval(), recipe.input
    if given["kind"] == "sound":
        x = torch.zeros(2, given["channels"], round(given["rate"] * given["seconds"]))
    else:
        x = torch.full((2, given["length"]), given["unknown"])
        assert len(given["words"]) == recipe.options["words"]
        assert [given["words"][given[key]] for key in ("pad", "unknown")] == ["<pad>", "<unk>"]
    with torch.no_grad():
        assert net(x).shape == (2, len(recipe.labels))
        assert bool(net(x).isfinite().all()), "silence, and words that nobody knows"


def test_cells_of_the_wave_network_stand_where_they_should() -> None:
    x = torch.from_numpy(clips(1, 1)[0])
    taps = {tap.name: tap for tap in discover(WORLDS["sounds-wave-cnn"].make().eval(), x).plan.taps}
    for name, (size, stride, first, last) in FIELDS.items():
        tap = taps[name]
        assert tap.layout is Layout.NCT
        assert tap.grid is not None
        assert tap.receptive is not None
        field, middle = tap.receptive, tap.grid[1] // 2
        assert (field.size_x, field.jump_x) == (size, stride), name
        begun = field.start_x + middle * field.jump_x
        assert (begun, begun + field.size_x) == (first, last), name


def test_a_filter_sees_as_many_words_as_it_is_wide() -> None:
    ids = torch.from_numpy(encoded(sentence(1, 0).words))[None]
    taps = {tap.name: tap for tap in discover(WORLDS["sentences-textcnn"].make().eval(), ids).plan.taps}
    for width in (2, 3, 4, 5):
        tap = taps[f"filters.width{width}.1"]
        assert (tap.layout, tap.grid) == (Layout.NCT, (1, TOKENS - width + 1))
        assert tap.receptive is not None
        assert (tap.receptive.size_x, tap.receptive.jump_x) == (width, 1)


def test_the_attention_of_the_transformer_is_found_and_never_on_padding() -> None:
    net, words = WORLDS["sentences-transformer"].make().eval(), sentence(1, 0).words
    ids = torch.from_numpy(encoded(words))[None]
    records = list(find(net, ids).records.values())
    assert len(records) == 2
    for record in records:
        assert (record.call.kind, record.call.fused) == (AttentionKind.TOKENS, True)
        assert (record.call.heads, record.call.keys.prefix, record.call.keys.grid) == (4, 1, (1, TOKENS))
        rows = record.rows(torch.arange(TOKENS + 1))
        torch.testing.assert_close(rows.sum(-1), torch.ones(1, 4, TOKENS + 1))
        assert not rows[..., len(words) + 1 :].any()
    with torch.no_grad():
        by_hand = class_attention(net, ids)
    torch.testing.assert_close(records[-1].rows(torch.tensor([0]))[:, :, 0, 1:], by_hand, rtol=1e-4, atol=1e-6)


def test_the_log_mel_front_is_that_of_its_description() -> None:
    """A tone of 1 kHz is loudest in the band whose peak is nearest; the bands' peaks are evenly spaced in mel."""
    at = torch.arange(16_000) / 16_000
    mel = MelFront()(torch.sin(2 * torch.pi * 1000 * at)[None, None])
    assert mel.shape == (1, 1, 64, 101)
    edges = 700 * (10 ** (torch.linspace(0, 2840.023, 66) / 2595) - 1)
    assert int(mel[0, 0, :, 50].argmax()) == int((edges[1:-1] - 1000).abs().argmin())
    matrix = mel_matrix(16_000, 201, 64)
    assert float(matrix.min()) == 0
    assert float(matrix.max()) <= 1
    assert float(MelFront()(torch.zeros(1, 1, 16_000)).max()) == pytest.approx(-13.8155, abs=1e-3)
