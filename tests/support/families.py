"""torchvision's classification models as cases of a test: one or two of each family always, the others when they are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.engine.models.torchvision_models import names

# 2.5 GB of weights that take a minute to draw; the same code as the other vision transformers
_TOO_LARGE = {"vit_h_14"}
_OF_EACH_FAMILY = {
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "googlenet", "inception_v3"),
    *("maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf", "regnet_y_400mf", "resnet18"),
    *("resnet50", "resnext50_32x4d", "shufflenet_v2_x0_5", "squeezenet1_0", "swin_t", "swin_v2_t", "vgg11", "vgg11_bn"),
    *("vit_b_16", "vit_b_32", "wide_resnet50_2"),
}


def networks() -> list[Any]:
    """Names as parameters; the sisters of those of each family, the same code in other sizes, are marked `large`."""
    assert set(names()) > _OF_EACH_FAMILY
    return [
        name if name in _OF_EACH_FAMILY else pytest.param(name, marks=pytest.mark.large)
        for name in names()
        if name not in _TOO_LARGE
    ]
