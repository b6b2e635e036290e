"""timm's names, and what of their weights is on this disk; read from its source, so that a menu needs no import of timm."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from explorer.core.translation import tr
from explorer.engine.models.base import CatalogueEntry
from explorer.engine.models.extras import TIMM
from explorer.engine.models.weights import hub, locate

# What people come to timm for, with what it is good for: the menu begins with these, the search finds all.
CHOICE = {
    "vit_small_patch14_reg4_dinov2.lvd142m": tr("DINOv2 with registers: features without labels"),
    "vit_small_patch14_dinov2.lvd142m": tr("DINOv2: features without labels"),
    "vit_small_patch16_224.dino": tr("DINO: attention that finds objects"),
    "vit_base_patch16_224.mae": tr("masked autoencoder: learnt by filling in"),
    "vit_base_patch16_clip_224.openai": tr("CLIP's picture tower: learnt from captions"),
    "vit_base_patch16_siglip_224.webli": tr("SigLIP's picture tower: learnt from captions"),
    "deit3_small_patch16_224.fb_in1k": tr("DeiT III: a supervised vision transformer"),
    "vit_tiny_patch16_224.augreg_in21k_ft_in1k": tr("the smallest vision transformer"),
    "swin_tiny_patch4_window7_224.ms_in1k": tr("Swin: attention in shifted windows"),
    "convnext_atto.d2_in1k": tr("ConvNeXt: a small convolutional network of today"),
    "resnet18.a1_in1k": tr("ResNet with timm's recipe"),
    "efficientnet_b0.ra_in1k": "EfficientNet",
    "mobilenetv3_large_100.ra_in1k": tr("MobileNet V3"),
}
FILES = ("model.safetensors", "pytorch_model.bin")  # of a repository on the hub
_ARCHITECTURE = re.compile(r"^@register_model\s+def (\w+)", re.MULTILINE)
_TAGGED = re.compile(r"^\s+['\"](\w+\.\w+)['\"]:", re.MULTILINE)


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Every architecture with its tags, and those that have none: some 30 ms at the first call. () without timm."""
    spec = find_spec(TIMM.package)
    roots = (spec.submodule_search_locations or ()) if spec else ()
    known: set[str] = set()
    tagged: set[str] = set()
    for path in (file for root in roots for file in Path(root, "models").glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        known.update(_ARCHITECTURE.findall(text))
        tagged.update(_TAGGED.findall(text))
    tagged = {name for name in tagged if name.partition(".")[0] in known}
    return tuple(sorted(tagged | (known - {name.partition(".")[0] for name in tagged})))


def entries() -> tuple[CatalogueEntry, ...]:
    """The choice, and whatever has its weights here; one line with the way to install timm where it is not."""
    if TIMM.way:
        return (CatalogueEntry("timm:", tr("timm is not installed"), "timm", says=TIMM.way, lacks=TIMM.way),)
    kept = here()
    return tuple(entry(name, kept.get(name)) for name in dict.fromkeys((*kept, *CHOICE)))


def entry(name: str, file: Path | None = None) -> CatalogueEntry:
    """One line of the menu for a full name."""
    says = CHOICE.get(name, "")
    return CatalogueEntry(f"timm:{name}", name, name.partition("_")[0].partition(".")[0], file, file is not None, says)


def find(name: str, repo: str = "") -> Path | None:
    """The file that would be opened for ARCHITECTURE.TAG: of a weights folder first, then of the hub's cache."""
    found = locate.search(name).found
    if found is not None:
        return found.path
    folder = hub.snapshot(repo or f"timm/{name}")
    return _first(folder) if folder is not None else None


def here() -> dict[str, Path]:
    """Weight files that carry the full name of one of timm's models, and those in the hub's cache."""
    found: dict[str, Path] = {}
    for folder in locate.places():
        try:
            files = sorted(os.listdir(folder))
        except OSError:  # not made yet, or not for us to read
            continue
        for file in files:
            path = folder / file
            if path.suffix in locate.SUFFIXES and "." in path.stem and path.stem in _set():
                found.setdefault(path.stem, path)
    for repo in hub.cached():
        name = repo.removeprefix("timm/")
        kept = hub.snapshot(repo) if repo != name else None
        known = _first(kept) if kept is not None else None
        if known is not None:
            found.setdefault(name, known)
    return found


@lru_cache(maxsize=1)
def _set() -> frozenset[str]:
    return frozenset(names())


def _first(folder: Path) -> Path | None:
    return next((folder / file for file in FILES if (folder / file).is_file()), None)
