"""A small vision transformer that tells cats from horses, as an example of bringing your own model.

    feature-map-explorer layers file:docs/examples/vit_cat_horse.py:make_model --weights vit_model.pth

32 × 32 pixels in patches of 4, 64 features, 4 blocks with 4 heads. Each block normalises *after* adding, and its
two-layer network begins with a normalisation of its own. The names of the layers are those in the weight file,
misspelt ones included.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# x / 127.5 - 1
PREPROCESS = {"height": 32, "width": 32, "resize": 32, "mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)}
LABELS = ("cat", "horse")

SIZE, PATCH, WIDTH, HEADS, BLOCKS = 32, 4, 128, 4, 4


class Patches(nn.Module):
    """(N, 3, H, W) to (N, tokens, 3 · 4 · 4): each patch colour by colour, its pixels row by row."""

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        x = x.reshape(n, c, h // PATCH, PATCH, w // PATCH, PATCH)
        return x.permute(0, 2, 4, 1, 3, 5).reshape(n, -1, c * PATCH * PATCH)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.k_projection = nn.Linear(WIDTH, WIDTH, bias=False)
        self.q_projection = nn.Linear(WIDTH, WIDTH, bias=False)
        self.v_projeciton = nn.Linear(WIDTH, WIDTH, bias=False)
        self.o_projection = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (self._heads(part(x)) for part in (self.q_projection, self.k_projection, self.v_projeciton))
        mixed = nn.functional.scaled_dot_product_attention(q, k, v)
        return self.o_projection(mixed.transpose(1, 2).flatten(2))

    @staticmethod
    def _heads(x: Tensor) -> Tensor:
        return x.unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = Attention()
        self.layernorm1 = nn.LayerNorm(WIDTH)
        self.layernorm2 = nn.LayerNorm(WIDTH)
        self.fc = nn.Sequential(
            nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.layernorm1(self.attention(x) + x)
        return self.layernorm2(self.fc(x) + x)


class VisionTransformer(nn.Module):
    """(N, 3, 32, 32) in -1..1 to (N, 2) logits."""

    def __init__(self) -> None:
        super().__init__()
        self.to_patch_embedding = nn.Sequential(Patches(), nn.Linear(PATCH * PATCH * 3, WIDTH))
        self.cls_token = nn.Parameter(torch.randn(1, 1, WIDTH))
        self.positional_embedding = nn.Parameter(torch.randn(1, (SIZE // PATCH) ** 2 + 1, WIDTH))
        self.transformer_blocks = nn.Sequential(*(Block() for _ in range(BLOCKS)))
        self.classifier = nn.Linear(WIDTH, len(LABELS))

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.to_patch_embedding(x)
        tokens = torch.cat([self.cls_token.expand(len(x), -1, -1), tokens], dim=1) + self.positional_embedding
        return self.classifier(self.transformer_blocks(tokens)[:, 0])


def make_model() -> nn.Module:
    return VisionTransformer()
