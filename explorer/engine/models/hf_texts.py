"""How transformers makes tokens of texts, in this application's words: by the tokenizer files of the folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.error_text import told
from explorer.core.errors import ExplorerError
from explorer.core.texts import TextPreprocess
from explorer.core.translation import tr
from explorer.engine.models import arguments, extras, tokenizers_of
from explorer.engine.models.hf_folder import Folder, read_json, refuse_code

# transformers' class that reads the files of a folder without tokenizer.json, and those files
_OLD = {
    "bert": ("BertTokenizer", ("vocab.txt",)),
    "distilbert": ("DistilBertTokenizer", ("vocab.txt",)),
    "electra": ("ElectraTokenizer", ("vocab.txt",)),
    "roberta": ("RobertaTokenizer", ("vocab.json", "merges.txt")),
    "gpt2": ("GPT2Tokenizer", ("vocab.json", "merges.txt")),
}
TYPES = tuple(_OLD)
WHOLE, _SETTINGS, _SPECIAL = "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"
FILES = (WHOLE, _SETTINGS, _SPECIAL, "vocab.txt", "vocab.json", "merges.txt")  # what is fetched with a model of texts


_USUAL = {
    "unk_token": ("[UNK]", "<unk>", "<|endoftext|>"),
    "pad_token": ("[PAD]", "<pad>"),
    "mask_token": ("[MASK]", "<mask>"),
}


def text_preprocess_of(folder: Folder, config: Any) -> tuple[TextPreprocess, tuple[str, ...]]:
    """(preprocessing, notes). Without tokenizer files characters are the tokens, with a note. Raises ExplorerError for files that cannot
    be used."""
    vocabulary, most = int(config.vocab_size), int(config.max_position_embeddings)
    if vocabulary < 1 or most < 1:
        why = tr("vocab_size is {vocabulary}, max_position_embeddings {most}.", vocabulary=vocabulary, most=most)
        raise ExplorerError(
            tr("config.json of {path} cannot be used.", path=folder.path.name), why, tr("Fetch it again.")
        )
    pad: int | None = config.pad_token_id
    if folder.type == "roberta":  # positions begin behind the number of the padding
        most -= (pad or 0) + 1
    backend = _backend(folder)
    if backend is None:
        note = tr(
            "The folder has no tokenizer: the tokens are characters, their numbers code points modulo "
            "{vocabulary:,}. They are not those that a trained model knows.",
            vocabulary=vocabulary,
        )
        made = tokenizers_of.of_characters(vocabulary)
        return TextPreprocess(tokenizer=made, most=most, pad=pad or 0, unknown=0), (note,)
    padding = backend.padding or {}
    length = min(int(padding.get("length") or 0), most)
    special = _special(folder, backend)
    rare = special["unk_token"] or 0
    if length:
        pad = padding["pad_id"]
    elif pad is None:
        pad = special["pad_token"]
    backend.no_padding()
    backend.no_truncation()
    made = tokenizers_of.of_library(backend, hashlib.sha256(backend.to_str().encode()).hexdigest()[:16], vocabulary)
    notes = (
        (tr("{whole} pads texts to {length} tokens; attention_mask hides the padding.", whole=WHOLE, length=length),)
        if length
        else ()
    )
    if made.count > vocabulary:
        notes = (
            *notes,
            tr(
                "The tokenizer has {count:,} pieces, the model {vocabulary:,} embeddings.",
                count=made.count,
                vocabulary=vocabulary,
            ),
        )
    mask = special["mask_token"]
    return TextPreprocess(
        tokenizer=made, length=length, most=most, pad=rare if pad is None else pad, unknown=rare, mask=mask
    ), notes


def prepare(module: nn.Module, pre: TextPreprocess) -> None:
    """The attention mask, RoBERTa's positions, and which token GPT-2 takes its class from.

    The mask is whole, (N, 1, queries, keys): from a row of it transformers would look at its values and take one of two ways, so
    that every text had to be watched anew.
    """
    config: Any = module.config
    makers: list[arguments.Maker] = []
    causal, pad = config.model_type == "gpt2", pre.pad if pre.length else None
    if causal or pad is not None:
        makers.append(lambda ids: {"attention_mask": arguments.apart(partial(_seen, pad=pad, causal=causal), ids)})
    spare = config.pad_token_id
    if config.model_type == "roberta":
        makers.append(lambda ids: {"position_ids": arguments.apart(partial(_counted, pad=spare), ids)})
    if makers:
        arguments.give(
            module, lambda ids: {name: t for make in makers for name, t in make(ids).items()}, "transformers"
        )
    if config.pad_token_id is None:
        config.pad_token_id = pre.pad if pre.length else -1  # -1: the last token, as without one; but of a batch too


def _seen(ids: Tensor, pad: int | None, causal: bool) -> Tensor:
    """(N, 1, L, L) bool: whether a query sees a key, which is no padding and, `causal`, not behind it."""
    count = ids.shape[1]
    real = torch.ones_like(ids) if pad is None else arguments.token_mask(ids, pad)
    seen = real.bool()[:, None, None, :].expand(-1, 1, count, -1)
    return seen.tril() if causal else seen.contiguous()


def _counted(ids: Tensor, pad: int) -> Tensor:
    """RoBERTa's positions: tokens are counted from the number of the padding on, padding itself is not. As its own embeddings do it, but
    as an argument: otherwise every cell would stand for all tokens that were counted."""
    real = ids.ne(pad).int()
    return real.cumsum(1).type_as(real).mul(real).long() + pad


def _backend(folder: Folder) -> Any:
    """A `tokenizers.Tokenizer` of the folder's files; None where it has none."""
    whole = folder.path / WHOLE
    name, old = _OLD[folder.type]
    try:
        if whole.is_file():
            from tokenizers import Tokenizer

            return Tokenizer.from_file(str(whole))
        if not all((folder.path / file).is_file() for file in old):
            return None
        with extras.silent():
            made = getattr(extras.load(extras.HF), name).from_pretrained(
                str(folder.path), local_files_only=True, trust_remote_code=False
            )
        return made.backend_tokenizer
    except ExplorerError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        what = tr("The tokenizer of {path} cannot be used.", path=folder.path.name)
        raise ExplorerError(what, f"{told(error)}.", tr("Fetch it again, or remove it to see characters.")) from None


def _special(folder: Folder, backend: Any) -> dict[str, int | None]:
    """Numbers of special tokens, by the folder's settings, else by their usual names."""
    said: dict[str, Any] = {}
    for file in (_SPECIAL, _SETTINGS):
        if (folder.path / file).is_file():
            held = read_json(folder.path / file)
            refuse_code(held, folder.path.name)
            said |= {name: held[name] for name in _USUAL if held.get(name) is not None}
    found: dict[str, int | None] = {}
    for name, usual in _USUAL.items():
        own = said.get(name)
        pieces = (str(own.get("content", "")) if isinstance(own, Mapping) else str(own),) if own is not None else usual
        found[name] = next((n for piece in pieces if (n := backend.token_to_id(piece)) is not None), None)
    return found
