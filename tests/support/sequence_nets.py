"""Networks over sounds, sentences and clips, fed directly or from inside a picture, and which of their dimensions are channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Wave(nn.Module):
    """A network over 16,000 samples: a long strided kernel, then blocks of convolution, normalisation, ReLU and pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm, self.relu = nn.Conv1d(1, 32, 160, 8, 80), nn.BatchNorm1d(32), nn.ReLU()
        self.pool = nn.MaxPool1d(4)
        self.features = nn.Sequential(_block(32, 48), _block(48, 64), _block(64, 96))
        self.head, self.fc = nn.AdaptiveAvgPool1d(1), nn.Linear(96, 12)

    def forward(self, x: Tensor) -> Tensor:
        y = self.features(self.pool(self.relu(self.norm(self.first(x)))))
        return self.fc(self.head(y).flatten(1))


def _block(inside: int, out: int) -> nn.Module:
    return nn.Sequential(nn.Conv1d(inside, out, 5, padding=2), nn.BatchNorm1d(out), nn.ReLU(), nn.MaxPool1d(2))


class Words(nn.Module):
    """A convolutional network over token numbers, with windows of two, three and five tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.convs = nn.ModuleList(nn.Conv1d(16, 6, width, padding=width // 2) for width in (2, 3, 5))
        self.act, self.pool, self.fc = nn.GELU(), nn.AdaptiveMaxPool1d(1), nn.Linear(18, 3)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids).transpose(1, 2)
        return self.fc(torch.cat([self.pool(self.act(conv(x))).squeeze(2) for conv in self.convs], 1))


class Sentence(nn.Module):
    """A transformer with a class token, its batch first or, as torch has it by default, second."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.first, self.embed = batch_first, nn.Embedding(50, 16)
        self.cls, self.position = nn.Parameter(torch.randn(1, 1, 16)), nn.Parameter(torch.randn(1, 13, 16))
        layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=batch_first)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm, self.fc = nn.LayerNorm(16), nn.Linear(16, 3)

    def forward(self, ids: Tensor) -> Tensor:
        x = torch.cat([self.cls, self.embed(ids)], 1) + self.position
        y = self.norm(self.encoder(x if self.first else x.transpose(0, 1)))
        return self.fc(y[:, 0] if self.first else y[0])


class Rows(nn.Sequential):
    """One-dimensional layers over a picture that is read row after row."""

    def __init__(self) -> None:
        layers = [nn.Flatten(2), nn.Conv1d(3, 8, 9, padding=4), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(4)]
        super().__init__(
            *layers, nn.Conv1d(8, 16, 9), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 4)
        )


class Clip(nn.Module):
    """Four frames made from one picture, and convolutions over three dimensions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.act, self.pool = nn.Conv3d(3, 6, 3, padding=1), nn.ReLU(), nn.MaxPool3d((1, 2, 2))
        self.conv2, self.fc = nn.Conv3d(6, 5, 3, padding=1), nn.Linear(5, 4)

    def forward(self, x: Tensor) -> Tensor:
        clip = torch.stack([x.roll(2 * n, -1) for n in range(4)], 2)
        return self.fc(self.conv2(self.pool(self.act(self.conv1(clip)))).mean((2, 3, 4)))


class Path(nn.Module):
    """Any function of its layers and its input."""

    def __init__(self, function: Callable[[Any, Tensor], Tensor], **layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


def _encoder() -> nn.Module:
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(24, 2, 32), 1, enable_nested_tensor=False)


def _squeezed(x: Tensor) -> Tensor:
    return x.view(1, 6, 31, 2).permute(0, 1, 3, 2).reshape(1, 12, 31)


def _frames(x: Tensor) -> Tensor:
    return torch.cat([x, x.roll(1, 3), x.flip(3), x], 0)


def _written(x: Tensor) -> Tensor:
    out = torch.zeros(1, x.shape[1] + 2, x.shape[2])
    out[:, 2:] = x
    return out


def _written_by_numpy(x: Tensor) -> Tensor:
    out = torch.zeros(1, x.shape[1] + 2, x.shape[2])
    out.numpy()[:, 2:] = x.detach().numpy()
    return out


PICTURE, SOUND = (1, 3, 16, 24), (1, 1, 64)
# name -> (network, shape of the input, {tap: (layout, number of channels)}); "other": nothing says it, and nothing is guessed
PATHS: dict[str, tuple[nn.Module, tuple[int, ...], dict[str, tuple[str, int]]]] = {
    "lstm, batch first": (
        Path(
            lambda s, x: s.act(s.rnn(x.flatten(2).transpose(1, 2))[0] * 1),
            rnn=nn.LSTM(3, 7, batch_first=True),
            act=nn.ReLU(),
        ),
        PICTURE,
        {"rnn[0]": ("NLC", 7), "act": ("NLC", 7)},
    ),
    "lstm, steps first": (
        Path(
            lambda s, x: s.act(s.rnn(x.flatten(2).permute(2, 0, 1))[0] * 1),
            rnn=nn.LSTM(3, 7, 2, bidirectional=True),
            act=nn.ReLU(),
        ),
        PICTURE,
        {"rnn[0]": ("NLC", 14), "act": ("NLC", 14), "rnn[1.0]": ("NLC", 7)},
    ),
    "gru over rows": (
        Path(lambda s, x: s.act(s.rnn(x[:, 0])[0] * 1), rnn=nn.GRU(24, 16, batch_first=True), act=nn.Dropout()),
        PICTURE,
        {"rnn[0]": ("NLC", 16), "act": ("NLC", 16)},
    ),
    "steps of a cell": (
        Path(
            lambda s, x: s.act(torch.stack([s.cell(x[:, 0, i])[0] for i in range(16)], 1)),
            cell=nn.LSTMCell(24, 7),
            act=nn.ReLU(),
        ),
        PICTURE,
        {"cell[0]": ("NC", 7), "act": ("NLC", 7)},
    ),
    "packed": (
        Path(
            lambda s, x: s.act(
                nn.utils.rnn.pad_packed_sequence(
                    s.rnn(nn.utils.rnn.pack_padded_sequence(x[:, 0], [16], batch_first=True))[0], batch_first=True
                )[0]
            ),
            rnn=nn.GRU(24, 5, batch_first=True),
            act=nn.ReLU(),
        ),
        PICTURE,
        {"act": ("NLC", 5)},
    ),
    "read as text": (
        Path(
            lambda s, x: s.fc(s.rnn(s.act(s.conv(x).amax(2).permute(2, 0, 1)))[0]),
            conv=nn.Conv2d(3, 5, 3, padding=1),
            act=nn.Dropout(),
            rnn=nn.LSTM(5, 6),
            fc=nn.Linear(6, 4),
        ),
        PICTURE,
        {"conv": ("NCHW", 5), "act": ("NLC", 5), "rnn[0]": ("NLC", 6), "fc": ("NLC", 4)},
    ),
    "as many channels as steps": (
        Path(
            lambda s, x: s.last(s.act(s.conv(x)).transpose(1, 2) * 1),
            conv=nn.Conv1d(1, 64, 3, padding=1),
            act=nn.ReLU(),
            last=nn.Dropout(),
        ),
        SOUND,
        {"act": ("NCT", 64), "last": ("NLC", 64)},
    ),
    "turned by einsum": (
        Path(
            lambda s, x: s.act(torch.einsum("nct->ntc", s.conv(x))), conv=nn.Conv1d(1, 64, 3, padding=1), act=nn.ReLU()
        ),
        SOUND,
        {"act": ("NLC", 64)},
    ),
    "frames of samples": (
        Path(lambda s, x: s.act(s.fc(x.squeeze(1).unfold(1, 16, 8))), fc=nn.Linear(16, 9), act=nn.ReLU()),
        SOUND,
        {"fc": ("NLC", 9), "act": ("NLC", 9)},
    ),
    "functions": (
        Path(
            lambda s, x: s.act(F.avg_pool1d(F.gelu(F.conv1d(x, s.weight.weight, stride=2, dilation=2, padding=4)), 2)),
            weight=nn.Conv1d(1, 6, 5),
            act=nn.Identity(),
        ),
        SOUND,
        {"act": ("NCT", 6)},
    ),
    "groups and norms": (
        nn.Sequential(
            nn.Conv1d(1, 6, 3),
            nn.Conv1d(6, 6, 3, groups=6),
            nn.ConvTranspose1d(6, 8, 4, 2),
            nn.GroupNorm(2, 8),
            nn.PReLU(),
            nn.InstanceNorm1d(8),
        ),
        SOUND,
        {str(i): ("NCT", 6 if i < 2 else 8) for i in range(6)},
    ),
    "of a vector": (
        nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.BatchNorm1d(10), nn.ReLU()),
        SOUND,
        {"1": ("NC", 10), "2": ("NC", 10), "3": ("NC", 10)},
    ),
    "channels last between": (
        Path(
            lambda s, x: s.act(s.norm(s.conv(x).transpose(1, 2)).transpose(1, 2)),
            conv=nn.Conv1d(1, 6, 3),
            norm=nn.LayerNorm(6),
            act=nn.ReLU(),
        ),
        SOUND,
        {"norm": ("NLC", 6), "act": ("NCT", 6)},
    ),
    "linear over time": (
        Path(
            lambda s, x: s.act(s.fc(s.conv(x))), conv=nn.Conv1d(1, 6, 3, padding=1), fc=nn.Linear(64, 9), act=nn.GELU()
        ),
        SOUND,
        {"fc": ("NCT", 6), "act": ("NCT", 6)},
    ),
    "linear over channels": (
        Path(
            lambda s, x: s.act(s.fc(s.conv(x).permute(0, 2, 1))),
            conv=nn.Conv1d(1, 6, 3),
            fc=nn.Linear(6, 9),
            act=nn.GELU(),
        ),
        SOUND,
        {"fc": ("NLC", 9), "act": ("NLC", 9)},
    ),
    "up and joined": (
        Path(
            lambda s, x: s.end(torch.cat([F.interpolate(s.down(s.conv(x)), size=64), s.conv(x)], 1)),
            conv=nn.Conv1d(1, 6, 3, padding=1),
            down=nn.Conv1d(6, 5, 3, 2, 1),
            end=nn.Sequential(nn.Conv1d(11, 3, 1), nn.ELU()),
        ),
        SOUND,
        {"end": ("NCT", 3)},
    ),
    "squeezed": (
        Path(
            lambda s, x: s.act(_squeezed(s.conv(x))),
            conv=nn.Conv1d(1, 6, 3),
            act=nn.ReLU(),
        ),
        SOUND,
        {"act": ("NCT", 12)},
    ),
    "conv2d over a line": (
        Path(lambda s, x: s.act(s.conv(x.unsqueeze(2)).squeeze(2)), conv=nn.Conv2d(1, 6, (1, 5)), act=nn.ReLU()),
        SOUND,
        {"conv": ("NCHW", 6), "act": ("NCT", 6)},
    ),
    "clip": (
        Path(
            lambda s, x: s.last(s.pool(s.act(s.conv(torch.stack([x, x.flip(3), x, x], 2))))),
            conv=nn.Conv3d(3, 6, 3, padding=1),
            act=nn.Sequential(nn.BatchNorm3d(6), nn.ReLU()),
            pool=nn.AvgPool3d(2),
            last=nn.AdaptiveAvgPool3d(1),
        ),
        PICTURE,
        {"conv": ("NCDHW", 6), "act": ("NCDHW", 6), "pool": ("NCDHW", 6), "last": ("NCDHW", 6)},
    ),
    "frames as a batch": (
        Path(lambda s, x: s.act(s.conv(_frames(x))), conv=nn.Conv2d(3, 6, 3, padding=1), act=nn.ReLU()),
        PICTURE,
        {"conv": ("NCHW", 6), "act": ("NCHW", 6)},
    ),
    "lstm over frames": (
        Path(
            lambda s, x: s.act(s.rnn(s.conv(_frames(x)).mean((2, 3)).unsqueeze(0))[0] * 1),
            conv=nn.Conv2d(3, 6, 3, padding=1),
            rnn=nn.LSTM(6, 5, batch_first=True),
            act=nn.ReLU(),
        ),
        PICTURE,
        {"rnn[0]": ("NLC", 5), "act": ("NLC", 5)},
    ),
    "encoder and decoder": (
        Path(
            lambda s, x: s.norm(s.both(x[:, 0].transpose(0, 1)[:8], x[:, 1].transpose(0, 1))),
            both=nn.Transformer(
                24,
                2,
                1,
                1,
                32,
                custom_encoder=_encoder(),
            ),
            norm=nn.LayerNorm(24),
        ),
        PICTURE,
        {"both.encoder": ("NLC", 24), "both.decoder.layers.0.linear1": ("NLC", 32), "norm": ("NLC", 24)},
    ),
    "columns of a picture": (
        Path(lambda s, x: s.act(s.conv(x.mean(2))), conv=nn.Conv1d(3, 5, 3, dilation=2), act=nn.GELU()),
        PICTURE,
        {"conv": ("NCT", 5), "act": ("NCT", 5)},
    ),
    "nothing has said it yet": (
        Path(lambda s, x: s.conv(s.act(x)), act=nn.ReLU(), conv=nn.Conv1d(8, 4, 3)),
        (1, 8, 50),
        {"act": ("other", 0), "conv": ("NCT", 4)},
    ),
    "features last, said later": (
        Path(lambda s, x: s.rnn(s.act(x))[0] * 1, act=nn.Dropout(), rnn=nn.LSTM(8, 4, batch_first=True)),
        (1, 50, 8),
        {"act": ("other", 0), "rnn[0]": ("NLC", 4)},
    ),
    "sounds as a batch": (
        Path(lambda s, x: s.act(s.conv(x.view(1, 4, 16).transpose(0, 1))), conv=nn.Conv1d(1, 6, 5), act=nn.ReLU()),
        SOUND,
        {"conv": ("other", 0), "act": ("other", 0)},
    ),
    "written into another": (
        Path(lambda s, x: s.act(_written(s.conv(x))), conv=nn.Conv1d(1, 6, 3), act=nn.ReLU()),
        SOUND,
        {"conv": ("NCT", 6), "act": ("NCT", 8)},
    ),
    "written into another where nobody sees it": (
        Path(lambda s, x: s.act(_written_by_numpy(s.conv(x))), conv=nn.Conv1d(1, 6, 3), act=nn.ReLU()),
        SOUND,
        {"conv": ("NCT", 6), "act": ("other", 0)},
    ),
}
