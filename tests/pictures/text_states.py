"""Texts in Explore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.session import Session
from tests.pictures.picture_state import State, explore, health, other, run
from tests.support import hf_text_nets

# Attention between as many words as a text has.
READERS = """
from torch import nn

PREPROCESS = {"input": "text", "words": ["<pad>", "<unk>", "not", "so", "bad"], "length": 0}

class Former(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(5, 32), nn.Linear(32, 2)
        self.block = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)

    def forward(self, ids):
        return self.head(self.block(self.embedding(ids)).mean(1))
"""


def _reader(folder: Path) -> Session:
    """A small BERT as transformers saves it, with a tokenizer that pads."""
    place = folder / "small-bert"
    hf_text_nets.saved("BertForSequenceClassification", place, 14)
    return explore("bert.embeddings", model=ModelSpec(f"hf:{place}"), input=InputRef("text", hf_text_nets.TEXT))


def _characters(folder: Path) -> Session:
    """A config of GPT-2 alone."""
    place = folder / "small-gpt2"
    hf_text_nets.network("GPT2ForSequenceClassification").config.save_pretrained(place)
    return replace(
        explore("h.0", model=ModelSpec(f"hf:{place}"), input=InputRef("text", hf_text_nets.TEXT)), cell=(0, 8)
    )


def _point(app: Any) -> None:
    """At the letter that is selected: what it sees is marked."""
    app.explore.point_at(0, 8)


def _token(app: Any) -> None:
    """The lines of one head for one token, locked."""
    page = app.page("attention")
    page.choose_head(2)
    app.rest()
    page.lines.chosen.emit(True, 6)


def _ablate_head(app: Any) -> None:
    page = app.page("attention")
    page.choose_head(1)
    app.rest()
    page.ablate.click()


def _token_matrix(app: Any) -> None:
    app.page("attention").set_mode("matrix")
    app.rest()
    app.page("attention").matrix.chosen.emit(3)


def text_states(folder: Path) -> Mapping[str, State]:
    """`folder`: where models of texts are written."""
    readers = folder / "readers.py"
    readers.write_text(READERS)
    bert, former = _reader(folder), other("sentences-transformer", "sentence-praise", "blocks.1", "attention")
    return {
        "sentences-health": State(other("sentences-textcnn", "sentence-praise", "filters.width3.1", "health"), health),
        "sentences-ngrams": State(
            other("sentences-textcnn", "sentence-praise", "filters.width3.1", "ngrams"), run("ngrams")
        ),
        "sentences-attention": State(former),
        "texts-bert": State(replace(bert, tap="bert.encoder.layer.0")),
        "texts-bert-words": State(
            replace(bert, tap="bert.embeddings", page="word-attribution"), run("word-attribution")
        ),
        "texts-bert-attention": State(replace(bert, tap="bert.encoder.layer.1", page="attention")),
        "texts-characters": State(_characters(folder), _point),
        "sentences-lines": State(former, _token),
        "sentences-matrix": State(former, _token_matrix),
        "sentences-head-ablated": State(former, _ablate_head),
        "attention-long": State(
            explore(
                "block", "attention", ModelSpec(f"file:{readers}:Former"), input=InputRef("text", "not so bad " * 200)
            )
        ),
        "sentences-neighbours": State(
            replace(other("sentences-textcnn", "sentence-praise", "embedding", "neighbours"), cell=(0, 2)),
            run("neighbours"),
        ),
    }
