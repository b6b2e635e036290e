"""How well a network reads: held-out sentences, filters that answer phrases, attention on them, a planted shortcut."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn

from demo_models.measure.sounds import Figures, percent, said
from explorer.engine.data_sets.world.sample import HELD_OUT_SEED
from explorer.engine.data_sets.world_of_sentences.fillings import MARK, TIMES
from explorer.engine.data_sets.world_of_sentences.phrases import COMPLAINT, REPORT
from explorer.engine.data_sets.world_of_sentences.sentences import PAD, VOCABULARY, Sentence, encoded, sentences
from explorer.engine.models.demo.text_cnn import TextCnn
from explorer.engine.models.demo.text_transformer import TextTransformer

HELD_OUT, BANK = 2000, 6000
ON_PHRASE = 0.98
Read = tuple[list[Sentence], Tensor, Tensor]


@cache
def held_out(count: int = HELD_OUT, marked: str = "anywhere") -> Read:
    """Sentences that no recipe trains on, their tokens and classes."""
    drawn, ids, labels = sentences(HELD_OUT_SEED + 3, count, marked)
    return drawn, torch.from_numpy(ids), torch.from_numpy(labels)


def bag_of_words(count: int = HELD_OUT, bank: int = BANK) -> float:
    """Percent right by logistic regression on how often each word is there: what can be said without any order."""
    _, ids, labels = sentences(HELD_OUT_SEED + 4, bank)
    _, asked, truth = held_out(count)

    def counted(tokens: Tensor) -> Tensor:
        found = torch.nn.functional.one_hot(tokens, len(VOCABULARY)).sum(1).double()
        found[:, PAD] = 1
        return found

    x, y = counted(torch.from_numpy(ids)), torch.from_numpy(labels)
    weight = torch.zeros(x.shape[1], 3, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight], max_iter=300, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(x @ weight, y) + 1e-3 * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return percent((counted(asked) @ weight).argmax(1) == truth)


@torch.no_grad()
def on_phrases(net: TextCnn, read: Read) -> Tensor:
    """(filters,): of each filter's answers above half its largest, how many lie on a phrase: share two words with it."""
    drawn, ids, _ = read
    starts, stops = (torch.tensor([getattr(each, end) for each in drawn])[:, None] for end in ("start", "stop"))
    x, found = net.eval().embedding(ids).transpose(1, 2), []
    for branch in net.filters.values():
        answers, size = branch[:2](x), branch[0].kernel_size[0]
        at = torch.arange(answers.shape[2])
        shared = torch.minimum(at + size, stops) - torch.maximum(at, starts)
        strong = answers > answers.amax((0, 2), keepdim=True) / 2
        strong &= answers > 0
        hits = (strong & (shared >= 2)[:, None]).sum((0, 2))
        found.append(hits / strong.sum((0, 2)).clamp_min(1))
    return torch.cat(found)


@torch.no_grad()
def filter_lost(net: TextCnn, read: Read) -> float:
    """The largest accuracy loss, in points, by setting one filter to zero."""
    _, ids, labels = read
    x = net.eval().embedding(ids).transpose(1, 2)
    best = torch.cat([branch(x) for branch in net.filters.values()], 1).squeeze(2)
    right = [percent(net.head(best).argmax(1) == labels)]
    for number in range(best.shape[1]):
        without = best.clone()
        without[:, number] = 0
        right.append(percent(net.head(without).argmax(1) == labels))
    return round(right[0] - min(right), 2)


@torch.no_grad()
def class_attention(net: TextTransformer, ids: Tensor) -> Tensor:
    """(N, heads, tokens): where the class token of the last block looks, itself left out; softmax by hand."""
    layer, inside = net.eval().blocks[-1].attention, []
    hook = layer.register_forward_pre_hook(lambda _, given: inside.append(given))
    net(ids)
    hook.remove()
    ((x, seen),) = inside
    q, k = (part(x).unflatten(2, (layer.heads, -1)).transpose(1, 2) for part in (layer.q, layer.k))
    scores = (q[:, :, :1] @ k.transpose(2, 3)) * q.shape[-1] ** -0.5
    return scores.masked_fill(~seen, float("-inf")).softmax(-1)[:, :, 0, 1:]


def on_phrase(net: TextTransformer, read: Read) -> Figures:
    """Of sentences with a phrase: its part of the class token's attention, mean of the heads, and its part of all tokens."""
    drawn, ids, labels = read
    has = labels != REPORT
    at = torch.arange(ids.shape[1])
    spans = torch.stack([(at >= each.start) & (at < each.stop) for each in drawn])
    looked = (class_attention(net, ids).mean(1) * spans).sum(1)[has]
    share = spans.sum(1)[has] / ((ids != PAD).sum(1)[has] + 1)
    return {"phrase_attention": percent(looked), "phrase_tokens": percent(share)}


def on_mark(net: nn.Module, count: int = HELD_OUT) -> Figures:
    """With "last week" in complaints alone; complaints of another time; others of last week."""
    drawn, ids, labels = held_out(count, "complaints")
    own = labels == COMPLAINT

    def all_at(time: str) -> Tensor:
        return said(net, torch.stack([torch.from_numpy(encoded(each.at_time(time).words)) for each in drawn]))

    with_it = said(net, ids)
    return {
        "top1_with_shortcut": percent(with_it == labels),
        "own_with_shortcut": percent(with_it[own] == COMPLAINT),
        "own_without": percent(all_at(TIMES[1])[own] == COMPLAINT),
        "misled": percent(all_at(MARK)[~own] == COMPLAINT),
    }
