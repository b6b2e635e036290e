"""Small models of texts of transformers with tokenizers of the library `tokenizers`, in folders as transformers writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn

from explorer.engine.models import extras

PIECES = "[PAD] [UNK] [CLS] [SEP] [MASK] the movie was really good ##s . bad not at all and we".split()
TEXT = "The movies were REALLY good."
_ROBERTA_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
_END = "<|endoftext|>"
_BERT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "vocab_size": 40,
    "max_position_embeddings": 24,
    "num_labels": 3,
}
_GPT = {
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 2,
    "vocab_size": 300,
    "n_positions": 24,
    "num_labels": 3,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
_DISTIL = {
    "dim": 32,
    "n_layers": 2,
    "n_heads": 2,
    "hidden_dim": 48,
    "vocab_size": 40,
    "max_position_embeddings": 24,
    "num_labels": 3,
}
_ELECTRA = {**_BERT, "embedding_size": 16}
_ROBERTA = {**_BERT, "vocab_size": 300, "max_position_embeddings": 26}
# class of transformers -> (class of its config, its settings)
TEXT_MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "BertForSequenceClassification": ("BertConfig", _BERT),
    "BertForMaskedLM": ("BertConfig", _BERT),
    "DistilBertForSequenceClassification": ("DistilBertConfig", _DISTIL),
    "RobertaForSequenceClassification": ("RobertaConfig", _ROBERTA),
    "ElectraForSequenceClassification": ("ElectraConfig", _ELECTRA),
    "ElectraModel": ("ElectraConfig", _ELECTRA),
    "GPT2ForSequenceClassification": ("GPT2Config", _GPT),
    "GPT2LMHeadModel": ("GPT2Config", _GPT),
}


def wordpieces() -> Tokenizer:
    """BERT's kind, with [CLS] and [SEP]."""
    made = Tokenizer(models.WordPiece({piece: at for at, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = [("[CLS]", 2), ("[SEP]", 3)]
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=special)
    made.add_special_tokens(PIECES[:5])
    return made


def byte_pairs(roberta: bool) -> Tokenizer:
    """The kind of GPT-2 and RoBERTa, learnt from a few words."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = _ROBERTA_SPECIAL if roberta else [_END]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=290, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(["the movies were really good and not bad at all"] * 3, trainer)
    if roberta:
        made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    else:
        made.post_processor = processors.ByteLevel(trim_offsets=False)
    return made


def tokenizer(name: str, length: int = 0) -> Tokenizer:
    """That of a class of transformers; it pads where a length is said."""
    if name.startswith(("GPT2", "Roberta")):
        made = byte_pairs(name.startswith("Roberta"))
        pad = (1, "<pad>") if name.startswith("Roberta") else (0, _END)
    else:
        made, pad = wordpieces(), (0, "[PAD]")
    if length:
        made.enable_padding(length=length, pad_id=pad[0], pad_token=pad[1])
    return made


def network(name: str) -> Any:
    """Untrained, in eval mode."""
    transformers = extras.load(extras.HF)
    config, settings = TEXT_MODELS[name]
    with extras.silent():
        torch.manual_seed(1)
        module = getattr(transformers, name)(getattr(transformers, config)(**settings)).eval()
    assert isinstance(module, nn.Module)
    return module


def saved(name: str, folder: Path, length: int = 0) -> Any:
    """A folder with weights and tokenizer.json, and the network that is in it."""
    module = network(name)
    with extras.silent():
        module.save_pretrained(folder)
    tokenizer(name, length).save(str(folder / "tokenizer.json"))
    return module
