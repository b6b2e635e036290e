"""Small models of transformers, one for every architecture that is opened, and what they say of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from explorer.engine.capture.outputs import tensors_of
from explorer.engine.models import extras

VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "image_size": 32,
    "patch_size": 8,
}
_DECODER = {
    "decoder_hidden_size": 16,
    "decoder_num_hidden_layers": 1,
    "decoder_num_attention_heads": 2,
    "decoder_intermediate_size": 16,
}
_TEXT = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "vocab_size": 100,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_STAGES = {"hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1]}
_TWO = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1]}
_SWIN = {"image_size": 32, "patch_size": 2, "embed_dim": 8, "depths": [2, 2], "num_heads": [2, 2], "window_size": 4}
_MOBILE = {"image_size": 64, "hidden_sizes": [16] * 3, "neck_hidden_sizes": [8, 8, 16, 16, 16, 16, 16]}
_SEG = {
    "num_encoder_blocks": 2,
    "depths": [1, 1],
    "sr_ratios": [2, 1],
    "hidden_sizes": [8, 16],
    "patch_sizes": [7, 3],
    "strides": [4, 2],
    "num_attention_heads": [1, 2],
    "mlp_ratios": [2, 2],
    "decoder_hidden_size": 16,
}
# class of transformers -> (class of its config, its settings, whether there are classes to predict)
MODELS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "ViTModel": ("ViTConfig", VIT, False),
    "ViTForImageClassification": ("ViTConfig", {**VIT, "num_labels": 5}, True),
    "DeiTForImageClassificationWithTeacher": ("DeiTConfig", {**VIT, "num_labels": 5}, True),
    "BeitForImageClassification": ("BeitConfig", {**VIT, "num_labels": 5}, True),
    "Dinov2Model": ("Dinov2Config", VIT, False),
    "Dinov2ForImageClassification": ("Dinov2Config", {**VIT, "num_labels": 4}, True),
    "Dinov2WithRegistersModel": ("Dinov2WithRegistersConfig", VIT, False),
    "DINOv3ViTModel": ("DINOv3ViTConfig", VIT, False),
    "DINOv3ConvNextModel": ("DINOv3ConvNextConfig", _STAGES, False),
    "ViTMAEForPreTraining": ("ViTMAEConfig", {**VIT, **_DECODER}, False),
    "CLIPVisionModel": ("CLIPVisionConfig", VIT, False),
    "CLIPModel": ("CLIPConfig", {"vision_config": VIT, "text_config": _TEXT, "projection_dim": 16}, False),
    "SiglipVisionModel": ("SiglipVisionConfig", VIT, False),
    "SiglipModel": ("SiglipConfig", {"vision_config": VIT, "text_config": _TEXT}, False),
    "ResNetForImageClassification": ("ResNetConfig", {**_TWO, "layer_type": "basic", "num_labels": 3}, True),
    "ConvNextForImageClassification": ("ConvNextConfig", {**_STAGES, "num_labels": 3}, True),
    "ConvNextV2Model": ("ConvNextV2Config", _STAGES, False),
    "SwinForImageClassification": ("SwinConfig", {**_SWIN, "num_labels": 4}, True),
    "Swinv2Model": ("Swinv2Config", _SWIN, False),
    "RegNetModel": ("RegNetConfig", {**_TWO, "groups_width": 4}, False),
    "Data2VecVisionModel": ("Data2VecVisionConfig", VIT, False),
    "Data2VecVisionForImageClassification": ("Data2VecVisionConfig", {**VIT, "num_labels": 5}, True),
    "SegformerModel": ("SegformerConfig", _SEG, False),
    "SegformerForImageClassification": ("SegformerConfig", {**_SEG, "num_labels": 5}, True),
    "SegformerForSemanticSegmentation": ("SegformerConfig", {**_SEG, "num_labels": 5}, False),
    "MobileViTForSemanticSegmentation": ("MobileViTConfig", {**_MOBILE, "num_labels": 5}, False),
    "MobileViTForImageClassification": ("MobileViTConfig", {**_MOBILE, "num_labels": 4}, True),
}


def saved(transformers: Any, name: str, folder: Path) -> nn.Module:
    """A folder as transformers writes it, and the model that is in it."""
    config, settings, _ = MODELS[name]
    with extras.silent():
        torch.manual_seed(1)
        module = getattr(transformers, name)(getattr(transformers, config)(**settings)).eval()
        module.save_pretrained(folder)
    assert isinstance(module, nn.Module)
    return module


def first(output: Any) -> Tensor:
    """The first tensor of what a model returns."""
    return next(iter(tensors_of(output).values()))


def expected(module: Any, name: str, x: Tensor) -> Tensor:
    """What the model that was saved says of a picture; of a larger one its picture tower or encoder."""
    with torch.no_grad():
        if name == "ViTMAEForPreTraining":
            module.vit.config.mask_ratio = 0.0
            return first(module.vit(x, noise=torch.arange(16.0)[None]))
        return first(module.vision_model(x) if name in ("CLIPModel", "SiglipModel") else module(x))
