"""Small networks of texts, and files that make them."""

from __future__ import annotations

from pathlib import Path

WORDS = ["<pad>", "<unk>", "the", "movie", "was", "really", "good", "bad", "not", "at", "all", "and", "we", "left", "."]
SOURCE = f"""
import torch
from torch import nn
PREPROCESS = {{"input": "text", "words": {WORDS!r}, "length": 12}}
LABELS = ["praise", "complaint"]
TRAINED = True

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding({len(WORDS)}, 16)
        self.convs = nn.ModuleList(nn.Conv1d(16, 8, w, padding=w // 2) for w in (3, 5))
        self.relu = nn.ReLU()
        self.head = nn.Linear(16, 2)

    def forward(self, ids):
        x = self.embedding(ids).transpose(1, 2)
        return self.head(torch.cat([self.relu(c(x)).amax(2) for c in self.convs], 1))

class Former(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding({len(WORDS)}, 16)
        self.block = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
        self.head = nn.Linear(16, 2)

    def forward(self, ids):
        return self.head(self.block(self.embedding(ids)).mean(1))

make_model = Net
former = Former
"""


def text_file(folder: Path, factory: str = "make_model") -> str:
    """The id of a model of texts in a file."""
    path = folder / "text_net.py"
    path.write_text(SOURCE)
    return f"file:{path}:{factory}"
