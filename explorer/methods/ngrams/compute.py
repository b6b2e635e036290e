"""One forward a sentence, up to the layer; of each channel the place of its maximum, and the words that this cell sees."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from explorer.core.activations import Layout, Tap
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Text
from explorer.core.method import MethodRequest
from explorer.core.texts import TextPreprocess, Token, tokenised
from explorer.core.translation import tr
from explorer.engine.capture.describe import as_input
from explorer.engine.capture.forward import capture
from explorer.engine.capture.values import to_array
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.inputs.text_lines import lines_of, text_input
from explorer.engine.jobs.cancel import CancelledError
from explorer.engine.jobs.job import Job
from explorer.engine.jobs.pace import Pace
from explorer.engine.studies import Studies
from explorer.methods.ngrams.spec import Ngram, NgramParams, Ngrams

Found = dict[str, list[float]]  # words -> [highest value, sentences, position, number of the sentence]


def run(
    engine: Studies, request: MethodRequest[NgramParams, Ngrams], job: Job, pace: Pace | None = None
) -> Generator[Ngrams | None, None, Ngrams]:
    """A sentence a step. Raises ExplorerError where the layer's cells see no certain words, CancelledError."""
    pace, params = pace or Pace(), request.params
    loaded, _, plan = engine.given(request, job)
    pre, tap = loaded.card.preprocess, next(tap for tap in plan.taps if tap.name == request.tap)
    if not isinstance(pre, TextPreprocess):
        raise ExplorerError(tr("N-grams are of texts."), pre.says, tr("Open a model of texts."))
    field = tap.receptive
    if field is None or field.whole or tap.layout not in (Layout.NCT, Layout.NLC):
        raise ExplorerError(
            tr("The cells of {tap} see no certain words.", tap=tap.name), "", tr("Choose an earlier layer.")
        )
    sentences = _sentences(params, request.picture)
    found: list[Found] = [{} for _ in range(tap.channels)]

    def result(done: int, final: bool) -> Ngrams:
        channels = tuple(_listed(each, sentences, done, params.top) for each in found)
        return Ngrams(tap.name, round(field.size_x), channels, done, len(sentences), final)

    for number, sentence in enumerate(sentences):
        if job.cancelled():
            raise CancelledError
        given = text_input(InputRef("text", sentence), sentence)
        x = as_input(input_tensor(given, pre), loaded.module, engine.bench.device)
        seen = capture(loaded.module, x, plan, [tap.name], cancelled=job.cancelled)
        values = to_array(seen.tensors[tap.name], tap.batched)
        _count(found, values if tap.layout is Layout.NCT else values.T, tap, tokenised(sentence, pre), number)
        due = pace.due()
        if due:
            job.progress(
                tr("{number} of {count}", number=number + 1, count=len(sentences)), (number + 1) / len(sentences)
            )
        yield result(number + 1, False) if due else None
    return result(len(sentences), True)


def _sentences(params: NgramParams, given: object) -> list[str]:
    if params.inputs:
        lines = lines_of(params.inputs)
        if not lines:
            raise ExplorerError(
                tr("{inputs} is empty.", inputs=params.inputs), "", tr("Choose a file with a sentence on each line.")
            )
        return lines
    if not isinstance(given, Text):
        raise ExplorerError(tr("There is no text."), "", tr("Open a text, or name a file of sentences."))
    return [given.text]


def _count(found: list[Found], values: Array, tap: Tap, tokens: tuple[Token, ...], number: int) -> None:
    """The places of the maxima of a sentence: values (channels, steps)."""
    assert tap.receptive is not None
    good = np.where(np.isnan(values), -np.inf, values)
    for channel, step in enumerate(good.argmax(1).tolist()):
        box = tap.receptive.box(0, step)
        first, last = max(int(box.x0), 0), min(int(box.x1), len(tokens))
        words = " ".join(token.piece for token in tokens[first:last])
        value = float(good[channel, step])
        held = found[channel].setdefault(words, [value, 0, first, number])
        held[1] += 1
        if value > held[0]:
            held[0], held[2], held[3] = value, first, number


def _listed(found: Found, sentences: list[str], done: int, top: int) -> tuple[Ngram, ...]:
    best = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))[:top]
    return tuple(
        Ngram(words, value, count / max(done, 1), int(position), sentences[int(number)])
        for words, (value, count, position, number) in best
    )
