"""How pictures are prepared for a file that says of which size they are and nothing else."""

from __future__ import annotations

from explorer.core.models import Preprocess


def usual_preprocess(channels: int, height: int, width: int) -> Preprocess:
    """ImageNet's for this size."""
    resize = round(min(height, width) * 256 / 224)
    usual = Preprocess()
    mean, std = (usual.mean[:channels], usual.std[:channels]) if channels != 1 else ((0.449,), (0.226,))
    return Preprocess(height=height, width=width, resize=resize, channels=channels, mean=mean, std=std)
