"""From any input to a model's input tensor, by the model's preprocessing."""

from __future__ import annotations

import torch

from explorer.core.any_input import Input, kind_of_input
from explorer.core.errors import ExplorerError
from explorer.core.inputs import InputRef, Picture, Text
from explorer.core.kind_words import one, several
from explorer.core.models import AnyPreprocess, Preprocess, kind_of
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound, sound_from_array
from explorer.core.texts import TextPreprocess, TokenRow, example, token_row, tokenised
from explorer.core.translation import tr
from explorer.engine.inputs.given_tensor import tensor_of
from explorer.engine.inputs.preprocess import to_tensor

_LENGTH = 16  # tokens of a made-up text where the model takes any number


def input_tensor(given: Input, pre: AnyPreprocess) -> torch.Tensor:
    """Of a picture (1, C, H, W) float32, of a text (1, L) int64, of a sound as its layout says.

    Raises ExplorerError where the model takes another kind of input."""
    if isinstance(given, Picture) and isinstance(pre, Preprocess):
        return to_tensor(given, pre) if given.exact is None else tensor_of(given.exact, pre)
    if isinstance(given, Text) and isinstance(pre, TextPreprocess):
        return torch.tensor([[token.id for token in tokenised(given.text, pre)]])
    if isinstance(given, Sound) and isinstance(pre, SoundPreprocess):
        from explorer.engine.sound.sound_tensor import sound_tensor

        return sound_tensor(given, pre)
    wanted = kind_of(pre)
    todo = tr("Open {wanted}.", wanted=one(wanted))
    if wanted == "sound" and given.ref.kind == "video":
        todo = tr("The sound track of the video is the input sound:{path}.", path=given.ref.path)
    raise ExplorerError(
        tr(
            "This model takes {wanted}, not {kinds}: “{given}”.",
            wanted=several(wanted),
            kinds=several(kind_of_input(given)),
            given=given.name,
        ),
        "",
        todo,
    )


def read_text(given: Input, pre: AnyPreprocess) -> TokenRow | None:
    """The tokens of a text; None of another input."""
    return token_row(given.text, pre) if isinstance(given, Text) and isinstance(pre, TextPreprocess) else None


def noise(pre: AnyPreprocess) -> torch.Tensor:
    """An input of no meaning, the same for every run."""
    chance = torch.Generator().manual_seed(0)
    if isinstance(pre, TextPreprocess) and not pre.count:
        return torch.tensor([[token.id for token in tokenised(example(pre), pre)]])
    if isinstance(pre, TextPreprocess):
        length = pre.length or min(_LENGTH, pre.most or _LENGTH)
        return torch.randint(pre.count, (1, length), generator=chance)
    if isinstance(pre, SoundPreprocess):
        samples = torch.randn(pre.channels, pre.length or pre.hertz, generator=chance).numpy() / 4
        return input_tensor(sound_from_array(samples, pre.hertz, InputRef("sound"), "noise"), pre)
    return torch.randn(1, pre.channels, pre.height, pre.width, generator=chance)
