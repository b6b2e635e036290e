"""torchvision's models for other tasks than to name the class of a picture, and their official weight files; imports no torchvision.

The default file stands first. A test holds this table against the installed torchvision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.core.scores import OutputKind
from explorer.core.translation import tr
from explorer.engine.models.torchvision_table import OFFICIAL, family


@dataclass(frozen=True, slots=True)
class TorchvisionTask:
    """`id`: of torchvision.models.ID; `files`: official files of weights by name."""

    id: str
    title: str
    output: OutputKind
    files: Mapping[str, tuple[str, ...]]


TASKS = (
    TorchvisionTask(
        "segmentation",
        tr("Segmentation"),
        "class map",
        {
            "deeplabv3_mobilenet_v3_large": ("deeplabv3_mobilenet_v3_large-fc3c493d.pth",),
            "deeplabv3_resnet101": ("deeplabv3_resnet101_coco-586e9e4e.pth",),
            "deeplabv3_resnet50": ("deeplabv3_resnet50_coco-cd0a2569.pth",),
            "fcn_resnet101": ("fcn_resnet101_coco-7ecb50ca.pth",),
            "fcn_resnet50": ("fcn_resnet50_coco-1167a1af.pth",),
            "lraspp_mobilenet_v3_large": ("lraspp_mobilenet_v3_large-d234d4ea.pth",),
        },
    ),
    TorchvisionTask(
        "detection",
        tr("Detection"),
        "boxes",
        {
            "fasterrcnn_mobilenet_v3_large_320_fpn": ("fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",),
            "fasterrcnn_mobilenet_v3_large_fpn": ("fasterrcnn_mobilenet_v3_large_fpn-fb6a3cc7.pth",),
            "fasterrcnn_resnet50_fpn": ("fasterrcnn_resnet50_fpn_coco-258fb6c6.pth",),
            "fasterrcnn_resnet50_fpn_v2": ("fasterrcnn_resnet50_fpn_v2_coco-dd69338a.pth",),
            "fcos_resnet50_fpn": ("fcos_resnet50_fpn_coco-99b0c9b7.pth",),
            "keypointrcnn_resnet50_fpn": (
                "keypointrcnn_resnet50_fpn_coco-fc266e95.pth",
                "keypointrcnn_resnet50_fpn_coco-9f466800.pth",
            ),
            "maskrcnn_resnet50_fpn": ("maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth",),
            "maskrcnn_resnet50_fpn_v2": ("maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth",),
            "retinanet_resnet50_fpn": ("retinanet_resnet50_fpn_coco-eeacb38b.pth",),
            "retinanet_resnet50_fpn_v2": ("retinanet_resnet50_fpn_v2_coco-5905b1c5.pth",),
            "ssd300_vgg16": ("ssd300_vgg16_coco-b556d3b4.pth",),
            "ssdlite320_mobilenet_v3_large": ("ssdlite320_mobilenet_v3_large_coco-a79551df.pth",),
        },
    ),
    TorchvisionTask(
        "video",
        tr("Video"),
        "auto",
        {
            "mc3_18": ("mc3_18-a90a0ba3.pth",),
            "mvit_v1_b": ("mvit_v1_b-dbeb1030.pth",),
            "mvit_v2_s": ("mvit_v2_s-ae3be167.pth",),
            "r2plus1d_18": ("r2plus1d_18-91a641e6.pth",),
            "r3d_18": ("r3d_18-b3b3357e.pth",),
            "s3d": ("s3d-d76dad2f.pth",),
            "swin3d_b": ("swin3d_b_1k-24f7c7c6.pth", "swin3d_b_22k-7c6ae6fa.pth"),
            "swin3d_s": ("swin3d_s-da41c237.pth",),
            "swin3d_t": ("swin3d_t-7615ae03.pth",),
        },
    ),
    TorchvisionTask(
        "quantization",
        tr("Quantised"),
        "auto",
        {
            "quantized_googlenet": ("googlenet_fbgemm-c81f6644.pth",),
            "quantized_inception_v3": ("inception_v3_google_fbgemm-a2837893.pth",),
            "quantized_mobilenet_v2": ("mobilenet_v2_qnnpack_37f702c5.pth",),
            "quantized_mobilenet_v3_large": ("mobilenet_v3_large_qnnpack-5bcacf28.pth",),
            "quantized_resnet18": ("resnet18_fbgemm_16fa66dd.pth",),
            "quantized_resnet50": (
                "resnet50_fbgemm-23753f79.pth",
                "resnet50_fbgemm_bf931d71.pth",
            ),
            "quantized_resnext101_32x8d": (
                "resnext101_32x8_fbgemm-ee16d00c.pth",
                "resnext101_32x8_fbgemm_09835ccf.pth",
            ),
            "quantized_resnext101_64x4d": ("resnext101_64x4d_fbgemm-605a1cb3.pth",),
            "quantized_shufflenet_v2_x0_5": ("shufflenetv2_x0.5_fbgemm-00845098.pth",),
            "quantized_shufflenet_v2_x1_0": ("shufflenetv2_x1_fbgemm-1e62bb32.pth",),
            "quantized_shufflenet_v2_x1_5": ("shufflenetv2_x1_5_fbgemm-d7401f05.pth",),
            "quantized_shufflenet_v2_x2_0": ("shufflenetv2_x2_0_fbgemm-5cac526c.pth",),
        },
    ),
)


def task_of(name: str) -> TorchvisionTask | None:
    """The task of a model by its name; None for those that name the class of a picture, and for names that there are not."""
    return next((task for task in TASKS if name in task.files), None)


def files_of(name: str) -> tuple[str, ...]:
    """Official files of weights of a model of any task, the default first; () where there are none."""
    task = task_of(name)
    return task.files[name] if task is not None else OFFICIAL.get(name, ())


def title_of(name: str) -> str:
    """What a person reads above a model in a menu: its task, or its family."""
    task = task_of(name)
    return task.title if task is not None else family(name)


def all_names() -> tuple[str, ...]:
    """Of all models that open by name."""
    return (*OFFICIAL, *(name for task in TASKS for name in task.files))
