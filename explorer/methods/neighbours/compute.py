"""Cosines between rows of an embedding's table; one forward proves that the layer looks the tokens of the text up."""

from __future__ import annotations

import difflib
from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.inputs import Text
from explorer.core.method import MethodRequest
from explorer.core.texts import WRITTEN, TextPreprocess, Token, name_of, tokenised
from explorer.core.translation import tr
from explorer.engine.capture.forward import explained, hooked, quiet
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.studies import Studies
from explorer.methods.neighbours.spec import Neighbour, NeighbourParams, Neighbours, RowNeighbours


def run(
    engine: Studies, request: MethodRequest[NeighbourParams, Neighbours], job: Job
) -> Generator[Neighbours | None, None, Neighbours]:
    """A word a step. Raises ExplorerError where the layer is no table of the text's tokens, CancelledError."""
    loaded, x, plan = engine.given(request, job)
    pre, tap = loaded.card.preprocess, next(tap for tap in plan.taps if tap.name == request.tap)
    module = loaded.module.get_submodule(tap.path)
    if not isinstance(pre, TextPreprocess) or not isinstance(request.picture, Text):
        raise ExplorerError(tr("Neighbours are of words."), pre.says, tr("Open a model of texts."))
    if not isinstance(module, nn.Embedding) or not _looks_up(loaded.module, module, x):
        what = tr("{tap} has no row for each word.", tap=tap.name)
        raise ExplorerError(
            what, tr("It does not look the tokens of the text up."), tr("Choose the embedding of the words.")
        )
    table = module.weight.detach().double()
    lengths = table.norm(dim=1)
    asked = [_asked(request.params.token, pre, len(table))] if request.params.token else None
    tokens = asked or list(tokenised(request.picture.text, pre))
    ids = list(dict.fromkeys(token.id for token in tokens))
    rows = []
    for number, row in enumerate(ids):
        if job.cancelled():
            raise CancelledError
        first = next(token for token in tokens if token.id == row)
        rows.append(_row(table, lengths, row, first, pre, request.params.top))
        job.progress(tr("{number} of {count}", number=number + 1, count=len(ids)), (number + 1) / len(ids))
        yield None
    places = () if asked else tuple(ids.index(token.id) for token in tokens)
    return Neighbours(tap.name, tuple(rows), places, len(table), table.shape[1])


def _row(table: Tensor, lengths: Tensor, row: int, token: Token, pre: TextPreprocess, top: int) -> RowNeighbours:
    """`table` in float64. Rows of zeros have no direction: they are nobody's neighbours."""
    norm = float(lengths[row])
    word = name_of(pre, row)
    if not norm:
        return RowNeighbours(row, word, norm, token.kind == "unknown", ())
    cosines = (table @ table[row]) / (lengths * norm)
    cosines[lengths == 0] = -torch.inf
    cosines[row] = -torch.inf
    values, best = cosines.topk(min(top, len(table)))
    found = (
        Neighbour(at, name_of(pre, at), value)
        for value, at in zip(values.tolist(), best.tolist(), strict=True)
        if value > -torch.inf
    )
    return RowNeighbours(row, word, norm, token.kind == "unknown", tuple(found))


def _asked(written: str, pre: TextPreprocess, rows: int) -> Token:
    """The token of a word, or of the number of a row."""
    wanted = written.strip()
    if pre.tokenizer is not None:
        pieces = [token for token in pre.tokenizer.tokens(wanted) if token.kind in WRITTEN]
        if len(pieces) == 1 and pieces[0].kind != "unknown":
            return pieces[0]
    for word in (wanted, wanted.lower() if pre.lower else wanted):
        if word in pre.words:
            return Token(pre.words.index(word), word)
    if wanted.isascii() and wanted.isdigit() and int(wanted) < rows:
        return Token(int(wanted), name_of(pre, int(wanted)))
    if pre.tokenizer is not None:
        why = (
            tr("The model sees it as {count} pieces.", count=len(pieces))
            if len(pieces) > 1
            else tr("The model sees it as an unknown word.")
        )
        raise ExplorerError(
            tr("“{wanted}” is no single piece of the vocabulary.", wanted=wanted[:40]),
            why,
            tr("Choose a shorter word."),
        )
    near = difflib.get_close_matches(wanted, pre.words, 3)
    todo = tr("There are: {list}.", list=", ".join(near)) if near else tr("Choose a word that the model knows.")
    raise ExplorerError(
        tr("“{wanted}” is not in the vocabulary.", wanted=wanted[:40]),
        tr("The model sees it as an unknown word."),
        todo,
    )


def _looks_up(module: nn.Module, embedding: nn.Embedding, x: Tensor) -> bool:
    """Whether the embedding is given the very tokens of the input."""
    seen: list[bool] = []

    def before(_module: nn.Module, args: tuple[object, ...]) -> None:
        given = args[0] if args else None
        seen.append(isinstance(given, Tensor) and given.shape == x.shape and torch.equal(given, x))

    handles: list[Any] = []
    with quiet(module), hooked(handles), explained(lambda: tr("its forward"), module, x):
        handles.append(embedding.register_forward_pre_hook(before))
        module(x)
    return any(seen)
