"""Models of transformers that the menu offers: a choice, and what of the hub lies on this disk. Imports no transformers."""

from __future__ import annotations

import os
from pathlib import Path

from explorer.core.errors import ExplorerError
from explorer.core.system.paths import weight_dirs
from explorer.core.translation import tr
from explorer.engine.models import hf_folder
from explorer.engine.models.base import CatalogueEntry
from explorer.engine.models.extras import HF
from explorer.engine.models.weights import hub

CHOICE = {
    "facebook/dinov2-with-registers-small": tr("DINOv2 with registers: features without labels"),
    "facebook/dinov2-small": tr("DINOv2: features without labels"),
    "facebook/dino-vits16": tr("DINO: attention that finds objects"),
    "facebook/vit-mae-base": tr("masked autoencoder: learnt by filling in"),
    "openai/clip-vit-base-patch32": tr("CLIP's picture tower: learnt from captions"),
    "google/siglip-base-patch16-224": tr("SigLIP's picture tower: learnt from captions"),
    "google/vit-base-patch16-224": tr("a supervised vision transformer"),
    "microsoft/resnet-18": "ResNet",
    "facebook/convnext-tiny-224": "ConvNeXt",
    "facebook/wav2vec2-base": tr("wav2vec 2.0: sounds, without labels"),
    "MIT/ast-finetuned-audioset-10-10-0.4593": tr("Audio Spectrogram Transformer: sounds"),
    "openai/whisper-tiny": tr("Whisper's encoder: speech"),
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": tr("DistilBERT: praise or complaint"),
    "google-bert/bert-base-uncased": tr("BERT: fills gaps in texts"),
    "openai-community/gpt2": tr("GPT-2: the next word, seen from the left"),
}


def entries() -> tuple[CatalogueEntry, ...]:
    """What is here, then the choice; one line with the way to install transformers where it is not."""
    if HF.way:
        return (CatalogueEntry("hf:", tr("transformers is not installed"), "hf", says=HF.way, lacks=HF.way),)
    here = _here()
    return tuple(entry(name, here.get(name)) for name in dict.fromkeys((*here, *CHOICE)))


def entry(name: str, file: Path | None = None) -> CatalogueEntry:
    """One line of the menu for a repository or a folder."""
    is_repo = hub.is_repo(name)
    title, group = (name, name.partition("/")[0]) if is_repo else (Path(name).name or name, tr("a folder"))
    return CatalogueEntry(f"hf:{name}", title, group, file, file is not None, CHOICE.get(name, ""))


def find(name: str) -> Path | None:
    """The weight file that would be opened, None when there is none; never raises."""
    try:
        folder = hf_folder.find(name)
        files = hf_folder.weights_in(folder) if folder is not None else ()
    except (ExplorerError, OSError, RuntimeError):
        return None
    return files[0] if files else None


def _here() -> dict[str, Path]:
    """Repositories whose weights are on this disk and whose type is known here."""
    names = [name for folder in weight_dirs() for name in _kept(folder / hf_folder.SUBFOLDER)]
    return {name: file for name in (*names, *hub.cached()) if _is_known(name) and (file := find(name)) is not None}


def _kept(folder: Path) -> list[str]:
    found = []
    for owner in _folders(folder):
        found += [f"{owner.name}/{name.name}" for name in _folders(owner)]
    return found


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir())
    except OSError:  # not made yet, or not for us to read
        return []


def _is_known(name: str) -> bool:
    """The hub's cache also holds models of other tasks, and timm's."""
    folder = hf_folder.find(name)
    try:
        return folder is not None and hf_folder.read_json(folder / hf_folder.CONFIG).get("model_type") in KNOWN
    except ExplorerError:
        return False


# transformers' words for the architectures that `hf_models` opens; a test holds the two together
KNOWN = frozenset(
    "vit deit beit dinov2 dinov2_with_registers dinov3_vit dinov3_convnext vit_mae clip clip_vision_model siglip "
    "siglip_vision_model resnet convnext convnextv2 swin swinv2 regnet mobilevit data2vec-vision segformer "
    "wav2vec2 hubert wavlm audio-spectrogram-transformer whisper bert distilbert roberta electra gpt2".split()
)
