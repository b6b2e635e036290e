"""Which attention a model has, as a method of the catalogue."""

from __future__ import annotations

from nets import seeded
from studied import drained, job, made
from torch import Tensor, nn

from explorer.core.params import NoParams
from explorer.methods.attention import compute
from explorer.methods.attention.spec import SPEC, Asked


class Patches(nn.Module):
    """Two attentions, one after the other, between 4 × 4 patches."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.out = nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 5)
        self.one, self.two = (nn.MultiheadAttention(8, heads, batch_first=True) for heads in (4, 2))

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x).flatten(2).transpose(1, 2)
        x = x + self.one(x, x, x)[0]
        found: Tensor = self.out((x + self.two(x, x, x)[0]).mean(1))
        return found


def test_every_attention_of_the_forward_is_named() -> None:
    studies, capture, _ = made(seeded(Patches()))
    request = Asked(capture.model, capture.picture.digest, capture.picture, SPEC, NoParams())
    _, found = drained(compute.run(studies, request, job()))
    assert [(call.name, call.heads) for call in found.calls] == [("one", 4), ("two", 2)]
    told = SPEC.to_json(found)["blocks"]
    assert [block["name"] for block in told] == [call.name for call in found.calls]
    assert len(SPEC.write(found).splitlines()) == len(told)
