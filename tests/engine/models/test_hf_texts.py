"""Models of texts of transformers, from folders: tokens, values and attention against transformers itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.cli import run as main
from explorer.core.activations import Capture, Layout
from explorer.core.attention import AttentionKind
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.requests import Lane
from explorer.core.texts import TextPreprocess, token_row, tokenised
from explorer.engine.arithmetic.cell import explain_cell
from explorer.engine.attention.record import find
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.input_tensor import input_tensor, noise
from explorer.engine.inputs.text_lines import text_input
from explorer.engine.jobs.job import Job
from explorer.engine.model_session import ModelSession

pytest.importorskip("transformers")
from hf_text_nets import PIECES, TEXT, TEXT_MODELS, byte_pairs, saved, wordpieces
from line_reach import reached_steps

from explorer.engine.models import extras


def job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


def opened(folder: Path, **more: Any) -> tuple[ModelSession, ModelCard]:
    session = ModelSession()
    return session, session.open(ModelSpec(f"hf:{folder}", **more), job()).card


def given(text: str = TEXT) -> Any:
    return text_input(InputRef("text", text), text)


def of_texts(card: ModelCard) -> TextPreprocess:
    assert isinstance(card.preprocess, TextPreprocess)
    return card.preprocess


def asked(net: Any, folder: Path, length: int) -> tuple[Any, Any]:
    """(ids, what transformers answers about a text that its own tokenizer has padded)."""
    with extras.silent():
        own = extras.load(extras.HF).AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if "GPT2" in type(net).__name__:
        own.pad_token = "<|endoftext|>"
    padding = {"padding": "max_length", "max_length": length} if length else {}
    found = own(TEXT, return_tensors="pt", **padding)
    found.pop("token_type_ids", None)
    if "GPT2For" in type(net).__name__ and length:
        net.config.pad_token_id = own.pad_token_id
    with torch.no_grad():
        return found["input_ids"], net(**found, output_hidden_states=True)


@pytest.mark.parametrize("length", [0, 18])
@pytest.mark.parametrize("name", TEXT_MODELS)
def test_ids_hidden_states_and_scores_are_those_of_transformers(tmp_path: Path, name: str, length: int) -> None:
    net = saved(name, tmp_path, length)
    session, card = opened(tmp_path)
    seen = session.capture(card.digest, given(), job())
    ids, answer = asked(net, tmp_path, length)
    assert torch.equal(input_tensor(given(), card.preprocess), ids)
    for number, state in enumerate(answer.hidden_states):
        assert _closest(seen, state[0]) <= 1e-6, number
    scores = [guess.logit for guess in sorted(seen.prediction, key=lambda g: g.index)]
    if "Sequence" in name:
        assert card.classifies
        assert scores == pytest.approx(answer.logits[0].tolist(), abs=1e-6)
    else:
        assert not scores
        assert _closest(seen, (answer.logits if "LM" in name else answer.last_hidden_state)[0]) <= 1e-6


def _closest(seen: Capture, state: torch.Tensor) -> float:
    same = [value for value in seen.values.values() if value.shape == tuple(state.shape)]
    return min(float(np.abs(value - state.numpy()).max()) for value in same)


@pytest.mark.parametrize("length", [0, 18])
@pytest.mark.parametrize("name", ["BertForSequenceClassification", "GPT2ForSequenceClassification"])
def test_attention_is_that_of_transformers_also_masked_and_padded(tmp_path: Path, name: str, length: int) -> None:
    net = saved(name, tmp_path, length)
    session, card = opened(tmp_path)
    loaded = session.model(card.digest)
    x = input_tensor(given(), card.preprocess)
    net.set_attn_implementation("eager")
    with torch.no_grad():
        expected = net(x, attention_mask=_mask(x, length), output_attentions=True).attentions
    found = find(loaded.module, x)
    assert len(found.calls) == 2
    for call, weights in zip(found.calls, expected, strict=True):
        assert call.kind == AttentionKind.TOKENS
        rows = torch.cat([block for _, block in found.records[call.name].blocks()], -2)[0]
        assert (rows.sum(-1) - 1).abs().max() <= 1e-6
        assert (rows - weights[0]).abs().max() <= 1e-5
    if length:  # padding is looked at by nobody
        assert float(expected[0][..., int(_mask(x, length).sum()) :].abs().max()) == 0.0


def _mask(x: torch.Tensor, length: int) -> torch.Tensor:
    return x.ne(x[0, -1]).long() if length else torch.ones_like(x)


@pytest.mark.parametrize("name", TEXT_MODELS)
def test_cells_are_followed_to_the_tokens(tmp_path: Path, name: str) -> None:
    saved(name, tmp_path, 12)
    session, card = opened(tmp_path)
    seen = session.capture(card.digest, given(), job())
    before = [t for t in seen.taps if t.observable and t.receptive is not None and not t.receptive.whole]
    assert {tap.layout for tap in before} == {Layout.NLC}
    assert len(before) >= 4, "the sum of the embeddings and what is made of it token by token"
    assert all(tap.receptive.box(0, 3).x0 == 3 and tap.receptive.box(0, 3).x1 == 4 for tap in before if tap.receptive)
    behind = [t for t in seen.taps if t.observable and t.layout is Layout.NLC and t.receptive and t.receptive.whole]
    assert len(behind) >= 10


@pytest.mark.parametrize("length", [0, 18])
@pytest.mark.parametrize("name", ["GPT2LMHeadModel", "DistilBertForSequenceClassification"])
def test_no_cell_sees_more_than_is_said(tmp_path: Path, name: str, length: int) -> None:
    """GPT-2 exactly the tokens up to itself; BERT's kind all of them, of which a mask hides the padding."""
    saved(name, tmp_path, length)
    session, card = opened(tmp_path)
    seen = session.capture(card.digest, given("not good"), job())
    net: Any = session.model(card.digest).module
    x = input_tensor(given("not good"), card.preprocess)
    found = list(reached_steps(net, x, seen.taps, net.get_input_embeddings(), cells=5))
    assert len({each.tap.name for each in found}) >= 29
    assert all(each.inside for each in found)
    causal = "GPT2" in name
    behind = [each for each in found if each.tap.receptive is not None and each.tap.receptive.whole]
    assert len(behind) > 70
    assert all(each.told[1] == (each.cell[1] + 1 if causal else x.shape[1]) for each in behind)
    if causal or not length:
        assert [each.told for each in found] == [each.steps for each in found]


def test_tokens_have_their_characters_and_special_ones_their_kind(tmp_path: Path) -> None:
    saved("BertForMaskedLM", tmp_path, 12)
    _, card = opened(tmp_path)
    text = "The movies were [MASK] good."
    tokens = tokenised(text, of_texts(card))
    assert [(t.piece, t.kind) for t in tokens[:8]] == [
        ("[CLS]", "start"),
        ("The", "word"),
        ("movie", "word"),
        ("s", "word"),
        ("were", "unknown"),
        ("[MASK]", "special"),
        ("good", "word"),
        (".", "word"),
    ]
    assert [(t.piece, t.kind) for t in tokens[8:]] == [("[SEP]", "end"), *[("[PAD]", "padding")] * 3]
    assert [text[t.start : t.end] for t in tokens[1:8]] == [t.piece for t in tokens[1:8]]
    assert (of_texts(card).mask, of_texts(card).unknown, of_texts(card).pad) == (4, 1, 0)


def test_a_long_text_is_cut_and_keeps_its_end(tmp_path: Path) -> None:
    saved("BertForSequenceClassification", tmp_path)
    session, card = opened(tmp_path)
    row = token_row("good " * 20_000, of_texts(card))
    assert len(row.tokens) == 24
    assert (row.tokens[0].piece, row.tokens[-1].piece, row.left_out) == ("[CLS]", "[SEP]", 19_978)
    assert session.capture(card.digest, given("good " * 20_000), job()).prediction


@pytest.mark.parametrize("text", ["שלום עולם", "😀 good", "naïve café", "\u202eabc", "\udc80 good"])
def test_any_text_has_tokens_or_a_sentence(tmp_path: Path, text: str) -> None:
    saved("BertForSequenceClassification", tmp_path)
    _, card = opened(tmp_path)
    if "\udc80" in text:
        with pytest.raises(ExplorerError, match="cannot read this text"):
            tokenised(text, of_texts(card))
    else:
        assert all(0 <= t.start <= t.end <= len(text) for t in tokenised(text, of_texts(card)))


def test_a_config_alone_opens_untrained_on_characters(tmp_path: Path) -> None:
    saved("GPT2ForSequenceClassification", tmp_path)
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "tokenizer.json").unlink()
    session, card = opened(tmp_path)
    assert not card.weights.trained
    assert any("no tokenizer" in note for note in card.notes)
    pre = of_texts(card)
    assert [(t.id, t.piece) for t in tokenised("az é", pre)] == [(ord(c) % 300, c) for c in "az é"]
    assert "no tokenizer" in pre.unit
    assert session.capture(card.digest, given(), job()).prediction
    assert noise(pre).shape == (1, 16)


def test_tokenizers_without_tokenizer_json(tmp_path: Path) -> None:
    saved("BertForSequenceClassification", tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES))
    _, card = opened(tmp_path)
    assert [t.id for t in tokenised(TEXT, of_texts(card))] == wordpieces().encode(TEXT).ids


@pytest.mark.parametrize("name", ["GPT2ForSequenceClassification", "RobertaForSequenceClassification"])
def test_byte_pairs_without_tokenizer_json(tmp_path: Path, name: str) -> None:
    saved(name, tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    own = byte_pairs(name.startswith("Roberta"))
    own.model.save(str(tmp_path))
    _, card = opened(tmp_path)
    text = "the movies 😀 naïve"
    tokens = tokenised(text, of_texts(card))
    assert [t.id for t in tokens] == own.encode(text).ids
    assert {t.piece for t in tokens if t.kind == "word"} >= {"😀", "ï"}
    assert [t.kind for t in tokens].count("end") == name.startswith("Roberta")


def test_a_damaged_tokenizer_and_code_of_a_folder_are_refused(tmp_path: Path) -> None:
    saved("BertForSequenceClassification", tmp_path)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"auto_map": {"AutoTokenizer": ["x.Y", None]}}))
    with pytest.raises(ExplorerError, match="program code"):
        opened(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(ExplorerError, match="tokenizer of"):
        opened(tmp_path)


def test_a_tokenizer_of_another_model_is_told(tmp_path: Path) -> None:
    saved("BertForSequenceClassification", tmp_path)
    byte_pairs(True).save(str(tmp_path / "tokenizer.json"))
    session, card = opened(tmp_path)
    assert any("pieces, the model 40" in note for note in card.notes)
    with pytest.raises(ExplorerError, match="of another model"):
        session.capture(card.digest, given(), job())


def test_values_of_gpt2s_linear_maps_are_explained(tmp_path: Path) -> None:
    saved("GPT2ForSequenceClassification", tmp_path)
    session, card = opened(tmp_path)
    module, x = session.model(card.digest).module, input_tensor(given(), card.preprocess)
    seen = session.capture(card.digest, given(), job())
    found = explain_cell(module, x, discover(module, x).plan, "transformer.h.0.attn.c_attn", 7, (0, 3))
    assert found.value == pytest.approx(float(seen.values["transformer.h.0.attn.c_attn"][3, 7]), abs=1e-6)
    assert found.computed == pytest.approx(found.value, abs=1e-6)
    assert not found.why


@pytest.mark.parametrize("length", [0, 18])
@pytest.mark.parametrize("name", ["BertForSequenceClassification", "GPT2ForSequenceClassification"])
def test_text_after_text_has_its_own_values_also_when_it_is_replayed(tmp_path: Path, name: str, length: int) -> None:
    net = saved(name, tmp_path, length)
    session, card = opened(tmp_path)
    words = "the movie was good . not at all and we".split()
    for number in range(24):
        count = 1 + number % 4 if length else 6
        text = given(" ".join(words[(number + at) % len(words)] for at in range(count)))
        seen = session.capture(card.digest, text, job())
        x = input_tensor(text, card.preprocess)
        with torch.no_grad():
            net.config.pad_token_id = of_texts(card).pad if length else None
            assert seen.text is not None
            real = torch.tensor([[token.kind != "padding" for token in seen.text.tokens]]).long()
            expected = net(x, attention_mask=real).logits[0].tolist()
        scores = [guess.logit for guess in sorted(seen.prediction, key=lambda g: g.index)]
        assert scores == pytest.approx(expected, abs=1e-6), number
    assert not any(plan.decides for plan in session._plans.values()), "or every text would be watched anew"


def test_gpt2_without_padding_takes_batches(tmp_path: Path) -> None:
    net = saved("GPT2ForSequenceClassification", tmp_path)
    session, card = opened(tmp_path)
    x = input_tensor(given(), card.preprocess)
    with torch.no_grad():
        both = session.model(card.digest).module(torch.cat([x, x.flip(1)])).logits
        each = torch.cat([net(x).logits, net(x.flip(1)).logits])
    assert torch.allclose(both, each, atol=1e-6)


def test_neighbours_are_named_by_the_pieces_of_the_tokenizer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = saved("BertForSequenceClassification", tmp_path, 0)
    asked = ["neighbours", f"hf:{tmp_path}", "--tap", "bert.embeddings.word_embeddings", "--top", "4"]
    assert main([*asked, "--token", "Good", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["tokens"]
    weight, at = net.bert.embeddings.word_embeddings.weight.detach(), PIECES.index("good")
    cosines = torch.nn.functional.cosine_similarity(weight, weight[at], dim=1)
    cosines[at] = -2
    ids = cosines.topk(4).indices.tolist()
    assert (told["id"], told["word"]) == (at, "good")
    assert [n["id"] for n in told["neighbours"]] == ids
    assert [n["word"] for n in told["neighbours"]] == [PIECES[i] if i < len(PIECES) else f"#{i}" for i in ids]
    assert main([*asked, "--token", "movies"]) == 1
    assert "2 pieces" in capsys.readouterr().err


_SPECIAL = {"Bert": "[PAD] [UNK] [CLS] [SEP] [MASK]", "Roberta": "<pad> <unk> <s> </s> <mask>", "GPT2": "<|endoftext|>"}


@pytest.mark.parametrize("length", [0, 22])
@pytest.mark.parametrize(
    "name", ["BertForSequenceClassification", "RobertaForSequenceClassification", "GPT2ForSequenceClassification"]
)
def test_special_tokens_in_the_text_are_what_transformers_makes_of_them(tmp_path: Path, name: str, length: int) -> None:
    net = saved(name, tmp_path, length)
    session, card = opened(tmp_path)
    for piece in next(pieces for start, pieces in _SPECIAL.items() if name.startswith(start)).split():
        text = f"the {piece} good"
        with extras.silent():
            own = extras.load(extras.HF).AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
        if "GPT2" in name:
            own.pad_token = "<|endoftext|>"
            net.config.pad_token_id = own.pad_token_id if length else None
        padding = {"padding": "max_length", "max_length": length} if length else {}
        found = own(text, return_tensors="pt", **padding)
        found.pop("token_type_ids", None)
        assert torch.equal(input_tensor(given(text), card.preprocess), found["input_ids"])
        with torch.no_grad():
            answer = net(**found).logits[0]
        seen = session.capture(card.digest, given(text), job())
        scores = [guess.logit for guess in sorted(seen.prediction, key=lambda g: g.index)]
        assert scores == pytest.approx(answer.tolist(), abs=1e-6)
        token = next(t for t in tokenised(text, of_texts(card)) if (t.start, t.end) == (4, 4 + len(piece)))
        assert (token.piece, token.kind) == (piece, "unknown" if piece == "[UNK]" else "special")


@pytest.mark.parametrize("name", [n for n in TEXT_MODELS if "Sequence" in n])
@pytest.mark.parametrize(
    "text", ["good 👩‍👩‍👧 🙂 movie", "שלום עולם — مرحبا", "e\u0301 ﬁ ẞ ①", "a\u200b\u202eb\x00c", "good " * 20_000]
)
def test_any_signs_and_any_length_are_cut_to_what_the_model_takes(tmp_path: Path, name: str, text: str) -> None:
    saved(name, tmp_path)
    session, card = opened(tmp_path)
    seen = session.capture(card.digest, given(text), job())
    row = seen.text
    assert row is not None
    assert len(row.tokens) <= 24
    assert all(0 <= token.start <= token.end <= len(text) for token in row.tokens)
    assert all(np.isfinite(value).all() for value in seen.values.values())
    if len(text) == 100_000:
        assert len(row.tokens) == of_texts(card).most
        assert row.left_out > 10_000


def test_a_space_that_roberta_counts_to_no_character_is_written_as_a_space(tmp_path: Path) -> None:
    saved("RobertaForSequenceClassification", tmp_path)
    _, card = opened(tmp_path)
    pieces = [token.piece for token in tokenised("the movie", of_texts(card))]
    assert "\u0120" not in "".join(pieces)
    assert tokenised("a b", of_texts(card))[2].piece == "␣"


def test_a_field_over_a_text_ends_with_the_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved("BertForSequenceClassification", tmp_path)
    argv = ["receptive-field", f"hf:{tmp_path}", "--input", f"text:{TEXT}", "--json", "--cell"]
    assert main([*argv, "0,8", "--tap", "bert.encoder.layer.1"]) == 0
    found = json.loads(capsys.readouterr().out)
    tokens = len(found["words"])
    assert tokens == 9
    assert (found["input"], found["clipped"]["left"], found["clipped"]["right"]) == ([1, tokens], 0, tokens)
    assert main([*argv, "0,9", "--tap", "bert.encoder.layer.1"]) == 1
    assert "1 × 9 cells" in capsys.readouterr().err


def test_a_text_that_is_too_long_is_cut_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved("BertForSequenceClassification", tmp_path)
    file = tmp_path / "long.txt"
    file.write_text("good " * 20_000)
    said = "24 of 20,002 tokens, the rest is left out"
    assert main(["predict", f"hf:{tmp_path}", "--input", str(file)]) == 0
    assert said in capsys.readouterr().out
    assert main(["attention", f"hf:{tmp_path}", "--input", str(file)]) == 0
    assert said in capsys.readouterr().out


def test_the_command_line_says_up_to_which_word_a_cell_sees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved("GPT2LMHeadModel", tmp_path)
    command = ["receptive-field", f"hf:{tmp_path}", "--input", "text:not bad at", "--tap", "transformer.h.1"]
    assert main([*command, "--cell", "0,1"]) == 0
    said = capsys.readouterr().out
    assert "clipped   tokens 0 to 2 (exclusive)" in said
    assert "nothing after it" in said
    assert main([*command, "--cell", "0,1", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert (rows["sees_whole_input"], rows["sees_all_before"], rows["exact"]) == (False, True, False)
    assert len(rows["words"]) == 2
