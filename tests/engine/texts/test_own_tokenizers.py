"""A person's file with a tokenizer of its own, and with further arguments of the forward: what is given, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.core.activations import Layout
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef
from explorer.core.interventions import Edit
from explorer.core.models import ModelCard, ModelSpec
from explorer.core.requests import Lane
from explorer.core.texts import TextPreprocess, tokenised
from explorer.engine.ablation.ablate import forward_under
from explorer.engine.attention.record import find
from explorer.engine.capture.forward import discover
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.inputs.text_lines import text_input
from explorer.engine.jobs.job import Job
from explorer.engine.model_session import ModelSession

SOURCE = """
import torch
from torch import nn

def tokens(text):
    {body}

{arguments}
PREPROCESS = {{"input": "text", "tokens": tokens, "length": 8, "pad": 0, "unknown": 1, **MORE}}
TRAINED = True

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(130, 16)
        self.positions = nn.Embedding(8, 16)
        self.block = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
        self.head = nn.Linear(16, 2)

    def forward(self, ids, padding=None, where=None, mask=None):
        x = self.embedding(ids) * (1 if mask is None else mask[..., None])
        x = x if where is None else x + self.positions(where)
        return self.head(self.block(x, src_key_padding_mask=padding)[:, 0])

make_model = Net
"""
LETTERS = """found = [(ord(c), c, (at, at + 1)) for at, c in enumerate(text) if c != " "]
    rows = [(2, "<s>", (0, 0)), *found, (3, "</s>", (0, 0))]
    return tuple(map(list, zip(*rows)))"""
WORDS = 'MORE = {"arguments": {"padding": "padding", "where": "positions", "mask": "mask"}}'
FUNCTION = """
def arguments(ids):
    real = ids.ne(0)
    return {"padding": ~real, "where": torch.arange(ids.shape[1]).expand_as(ids), "mask": real.long()}
MORE = {"arguments": arguments}
"""


def job() -> Job:
    return Job(0, Lane.METHOD, "", lambda _event: None)


def given(text: str) -> Any:
    return text_input(InputRef("text", text), text)


def opened(folder: Path, body: str = LETTERS, arguments: str = "MORE = {}") -> tuple[ModelSession, ModelCard]:
    file = folder / "own.py"
    file.write_text(SOURCE.format(body=body, arguments=arguments))
    session = ModelSession()
    return session, session.open(ModelSpec(f"file:{file}"), job(), trust_code=True).card


def of_texts(card: ModelCard) -> TextPreprocess:
    assert isinstance(card.preprocess, TextPreprocess)
    return card.preprocess


def test_tokens_of_a_function(tmp_path: Path) -> None:
    _, card = opened(tmp_path)
    found = tokenised("a bc", of_texts(card))
    assert [(t.id, t.piece, t.start, t.end, t.kind) for t in found] == [
        (2, "<s>", 0, 0, "start"),
        (97, "a", 0, 1, "word"),
        (98, "b", 2, 3, "word"),
        (99, "c", 3, 4, "word"),
        (3, "</s>", 0, 0, "end"),
        *[(0, "#0", 0, 0, "padding")] * 3,
    ]
    assert [t.piece for t in tokenised("abcdefghij", of_texts(card))] == ["<s>", *"abcdef", "</s>"]
    assert "130 numbers" in card.preprocess.says


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("return [1], ['a']", "not three lists"),
        ("return 1, 2, 3", "no list"),
        ("return [1, 2], ['a'], [(0, 1)]", "2 ids, 1 pieces, 1 spans"),
        ("return [130], ['a'], [(0, 1)]", "from 0 to 129"),
        ("return [-1], ['a'], [(0, 1)]", "Id 0 is -1"),
        ("return [True], ['a'], [(0, 1)]", "Id 0 is True"),
        ("return [1.5], ['a'], [(0, 1)]", "Id 0 is 1.5"),
        ("return [1], [7], [(0, 1)]", "Piece 0 is 7"),
        ("return [1], ['a'], [(0, 99)]", "Span 0 is"),
        ("return [1], ['a'], [None]", "Span 0 is None"),
        ("return [], [], []", "no word in it"),
        ("return text.encode('ascii'), [], []", "UnicodeEncodeError"),
    ],
)
def test_what_a_function_may_do_wrong(tmp_path: Path, body: str, why: str) -> None:
    session, card = opened(tmp_path, body)
    with pytest.raises(ExplorerError) as caught:
        session.capture(card.digest, given("é"), job())
    assert why in str(caught.value)
    assert session.model(card.digest).card is card, "the model stays open"


def test_a_very_long_text_is_cut(tmp_path: Path) -> None:
    session, card = opened(tmp_path)
    seen = session.capture(card.digest, given("x" * 100_000), job())
    assert seen.text is not None
    assert (len(seen.text.tokens), seen.text.left_out) == (8, 99_994)


@pytest.mark.parametrize("arguments", [WORDS, FUNCTION])
def test_further_arguments_reach_every_forward(tmp_path: Path, arguments: str) -> None:
    session, card = opened(tmp_path, arguments=arguments)
    assert "also gets" in " ".join(card.notes)
    net = session.model(card.digest).module
    x = input_tensor(given("a bc"), card.preprocess)
    real = x.ne(0)
    with torch.no_grad():
        expected = net.forward(x, ~real, torch.arange(8)[None], real.long())
    for _ in range(10):  # from some forward on it may be replayed
        seen = session.capture(card.digest, given("a bc"), job())
    assert [g.logit for g in sorted(seen.prediction, key=lambda g: g.index)] == pytest.approx(
        expected[0].tolist(), abs=1e-6
    )
    embedded = net.embedding(x) * real[..., None] + net.positions.weight
    mask = np.array([token.kind != "padding" for token in seen.text.tokens])[:, None]
    assert np.allclose(seen.values["embedding"] * mask + seen.values["positions"], embedded[0].detach().numpy())
    rows = torch.cat([block for _, block in next(iter(find(net, x).records.values())).blocks()], -2)
    assert (rows.sum(-1) - 1).abs().max() <= 1e-6
    assert float(rows[..., int(real.sum()) :].max()) == 0.0, "padding is looked at by nobody"


def test_cells_stand_over_their_tokens_behind_a_mask(tmp_path: Path) -> None:
    session, card = opened(tmp_path, arguments=WORDS)
    taps = {tap.name: tap for tap in session.capture(card.digest, given("a bc"), job()).taps}
    assert taps["embedding"].layout is Layout.NLC
    call = find(session.model(card.digest).module, input_tensor(given("a bc"), card.preprocess)).calls[0]
    assert call.queries.grid == (1, 8)
    assert call.queries.field is not None
    assert call.queries.field.box(0, 2).x0 == 2
    assert not call.queries.field.whole


def test_edits_and_gradients_have_the_arguments_too(tmp_path: Path) -> None:
    session, card = opened(tmp_path, arguments=WORDS)
    net = session.model(card.digest).module
    x = input_tensor(given("a bc"), card.preprocess)
    shorter = input_tensor(given("z"), card.preprocess)
    plain = net(torch.cat([x, shorter]))
    real = shorter.ne(0).long()
    other = net.forward(shorter, real == 0, torch.arange(8)[None], real)
    assert torch.allclose(plain[1:], other, atol=1e-6)
    plan = discover(net, x).plan
    edited = forward_under(net, x, plan, (Edit("embedding", (3,)),), [], {}).output
    handle = net.embedding.register_forward_hook(lambda _m, _a, out: out * (torch.arange(16) != 3))
    by_hand = net.forward(x, x.eq(0), torch.arange(8)[None], x.ne(0).long())
    handle.remove()
    assert torch.allclose(edited, by_hand, atol=1e-6)
    assert not torch.allclose(edited, plain[:1], atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ('MORE = {"arguments": {"attention_mask": "mask"}}', "takes no “attention_mask”"),
        ('MORE = {"arguments": {"mask": "nonsense"}}', "'mask' is 'nonsense'"),
        ('MORE = {"arguments": 3}', "is a int"),
        ('MORE = {"arguments": {}}', "is a dict"),
    ],
)
def test_arguments_that_cannot_be(tmp_path: Path, arguments: str, why: str) -> None:
    with pytest.raises(ExplorerError) as caught:
        opened(tmp_path, arguments=arguments)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("def made(ids): raise ValueError('no')\nMORE = {'arguments': made}", "ValueError: no"),
        ("MORE = {'arguments': lambda ids: 3}", "gives a int"),
        ("MORE = {'arguments': lambda ids: {'mask': 'no'}}", "'mask' is a str"),
        ("MORE = {'arguments': lambda ids: {'nonsense': ids}}", "nonsense"),
    ],
)
def test_functions_of_arguments_that_fail(tmp_path: Path, arguments: str, why: str) -> None:
    session, card = opened(tmp_path, arguments=arguments)
    with pytest.raises(ExplorerError) as caught:
        session.capture(card.digest, given("a bc"), job())
    assert why in str(caught.value)


def test_a_script_gets_them_as_well(tmp_path: Path) -> None:
    from explorer.engine.export import as_python

    session, card = opened(tmp_path, arguments=WORDS)
    seen = session.capture(card.digest, given("a bc"), job())
    script = as_python(card, seen, next(tap for tap in seen.taps if tap.name == "embedding"))
    assert "trust_code=True" in script
    names: dict[str, Any] = {}
    exec(script, names)
    assert np.allclose(names["values"], seen.values["embedding"])


SCRIPTED = """
import torch
from torch import nn
PREPROCESS = {"input": "text", "words": ["<pad>", "<unk>", "a", "b"], "length": 4, "arguments": {"seen": "mask"}}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.last = nn.Embedding(4, 8), nn.Linear(8, 3)
    def forward(self, ids: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
        return self.last((self.words(ids) * seen[..., None]).sum(1))
def make_model():
    return torch.jit.script(Net())
"""


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_further_arguments_reach_a_scripted_model(tmp_path: Path) -> None:
    file = tmp_path / "scripted.py"
    file.write_text(SCRIPTED)
    session, job = ModelSession(), Job(0, Lane.METHOD, "", lambda _event: None)
    card = session.open(ModelSpec(f"file:{file}:make_model"), job, trust_code=True).card
    net = session.model(card.digest).module
    capture = session.capture(card.digest, text_input(InputRef("text", "a b"), "a b"), job)
    with torch.no_grad():
        expected = net.last(net.words(torch.tensor([[2, 3]])).sum(1))[0]
    (found,) = capture.values.values()
    assert found.reshape(-1) == pytest.approx(expected.numpy(), abs=1e-6)
