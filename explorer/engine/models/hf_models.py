"""transformers' models of pictures, sounds and texts: which are known, how they are built, and how weights come into them.

transformers itself reads no weight file, runs no code of a folder and never goes to the network: it gets tensors that were
read here, and brings old names to those of today.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.errors import ExplorerError
from explorer.core.translation import tr
from explorer.engine.models import extras
from explorer.engine.models.hf_folder import Folder
from explorer.engine.models.module_state import seeded
from explorer.engine.models.weights.load_state import LISTED, Mismatch, WeightsMismatch

_CLASSES = ("ForImageClassification", "ForSequenceClassification", "ForAudioClassification")
_PLACES = "ForSemanticSegmentation"
_TOKENS = ("ForMaskedLM", "LMHeadModel", "ForTokenClassification")  # heads that score something at every token


@dataclass(frozen=True, slots=True)
class Type:
    """One architecture: transformers' classes, the part of a larger config, what is said on the card."""

    base: str  # ViTModel
    classifier: str = ""  # ViTForImageClassification; "" where there is none
    config: str = ""  # name of the architecture whose config it takes, where that is another
    part: str = ""  # "vision_config": the picture tower of a model of pictures and texts
    says: str = ""
    pooler: bool = True  # False: the one that its class would add was never trained
    inside: str = ""  # where the state of a larger model holds it: "encoder."
    module: str = ""  # of transformers, where it does not hand out the class itself


def _plain(name: str) -> Type:
    return Type(f"{name}Model", f"{name}{_CLASSES[0]}")


def _of_sequences(name: str) -> Type:
    return Type(f"{name}Model", f"{name}{_CLASSES[1]}")


_TOWER = tr("The picture tower alone: texts are left out.")
_LISTENS = tr("The encoder alone: what writes the words is left out.")
_MAE = tr(
    "The encoder of a masked autoencoder as a plain transformer: no patch is masked, so one picture gives one answer."
)
TYPES: dict[str, Type] = {
    "vit": _plain("ViT"),
    "deit": _plain("DeiT"),
    "beit": _plain("Beit"),
    "dinov2": _plain("Dinov2"),
    "dinov2_with_registers": _plain("Dinov2WithRegisters"),
    "dinov3_vit": Type("DINOv3ViTModel"),
    "dinov3_convnext": Type("DINOv3ConvNextModel"),
    "vit_mae": Type("ViTModel", "ViTForImageClassification", config="vit", says=_MAE, pooler=False),
    "clip": Type("CLIPVisionModel", config="clip_vision_model", part="vision_config", says=_TOWER),
    "clip_vision_model": Type("CLIPVisionModel"),
    "siglip": Type("SiglipVisionModel", config="siglip_vision_model", part="vision_config", says=_TOWER),
    "siglip_vision_model": Type("SiglipVisionModel"),
    "resnet": _plain("ResNet"),
    "convnext": _plain("ConvNext"),
    "convnextv2": _plain("ConvNextV2"),
    "swin": _plain("Swin"),
    "swinv2": _plain("Swinv2"),
    "regnet": _plain("RegNet"),
    "mobilevit": _plain("MobileViT"),
    "data2vec-vision": _plain("Data2VecVision"),
    "segformer": _plain("Segformer"),
    "wav2vec2": _of_sequences("Wav2Vec2"),
    "hubert": _of_sequences("Hubert"),
    "wavlm": _of_sequences("WavLM"),
    "audio-spectrogram-transformer": Type("ASTModel", "ASTForAudioClassification"),
    "whisper": Type(
        "WhisperEncoder",
        "WhisperForAudioClassification",
        says=_LISTENS,
        inside="encoder.",
        module="transformers.models.whisper.modeling_whisper",
    ),
    "bert": _of_sequences("Bert"),
    "distilbert": _of_sequences("DistilBert"),
    "roberta": _of_sequences("Roberta"),
    "electra": _of_sequences("Electra"),
    "gpt2": _of_sequences("GPT2"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A module in eval mode and what is known of it: transformers' class, whether it gives scores of classes, notes."""

    module: nn.Module
    name: str
    classifier: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class HfPlan:
    """What a folder's config comes to: transformers' class and its config."""

    made_of: Any  # a class of transformers
    config: Any
    classifier: bool
    says: str = ""
    pooler: bool = True
    inside: str = ""
    everywhere: bool = False  # it scores something at every place of the input

    @property
    def options(self) -> dict[str, bool]:
        """What the class is made with besides its config."""
        return {} if self.pooler or self.classifier else {"add_pooling_layer": False}

    @property
    def name(self) -> str:
        return str(self.made_of.__name__)


def plan(folder: Folder, channels: int | None = None) -> HfPlan:
    """Raises ExplorerError for an architecture that is not known here, or a config that it cannot be made of."""
    known = TYPES.get(folder.type)
    if known is None:
        what = tr(
            "{path} is a model of the type “{type}”, which is not known here.",
            path=folder.path.name,
            type=folder.type or "?",
        )
        raise ExplorerError(what, "", tr("Known are {list}.", list=", ".join(TYPES)))
    transformers = extras.load(extras.HF)
    named = [str(name) for name in folder.config.get("architectures") or ()]
    scores = bool(known.classifier) and any(_gives_classes(name) for name in named)
    # DeiT has a second one, which is taught by another network
    own = next((name for name in named if _gives_classes(name) and hasattr(transformers, name)), known.classifier)
    places = next((name for name in named if name.endswith((_PLACES, *_TOKENS)) and hasattr(transformers, name)), "")
    held = folder.config.get(known.part) if known.part else folder.config
    values = {key: value for key, value in dict(held or {}).items() if key not in _NOT_OURS}
    values |= {"num_channels": channels} if channels is not None else {}
    try:
        with extras.silent():
            holder = import_module(known.module) if known.module and not scores else transformers
            made_of = getattr(holder, own if scores else places or known.base)
            config = transformers.CONFIG_MAPPING[known.config or folder.type].from_dict(values)
    except Exception as error:  # noqa: BLE001 - a config may hold anything
        raise _unusable(folder, error) from None
    if hasattr(config, "use_cache"):
        config.use_cache = False  # keys and values for the next token, which nobody asks for
    says = known.says
    if places and not scores:
        at = tr("the picture") if places.endswith(_PLACES) else tr("the text")
        what = tr("pieces of its vocabulary") if "LM" in places else "classes"
        says = tr("It scores the {what} at every place of {at}: there is no class of the whole.", what=what, at=at)
    inside = "" if scores or places else known.inside
    return HfPlan(made_of, config, scores, says, known.pooler or bool(places), inside, bool(places) and not scores)


def _gives_classes(name: str) -> bool:
    return any(kind in name for kind in _CLASSES)


# What would change how a module computes, or is another class's.
_NOT_OURS = ("model_type", "architectures", "_attn_implementation", "attn_implementation", "torch_dtype", "dtype")


def untrained(folder: Folder, made: HfPlan, seed: int) -> Made:
    """With initial values from the seed; torch's generator is left as it was."""
    try:
        with extras.silent():
            module = seeded(lambda: made.made_of(made.config, **made.options), seed)
    except ExplorerError:
        raise
    except Exception as error:  # noqa: BLE001
        raise _unusable(folder, error) from None
    return Made(_any_size(module.eval()), made.name, made.classifier)


def trained(folder: Folder, made: HfPlan, state: Mapping[str, Tensor], file: str) -> Made:
    """With these tensors in their places. Raises ExplorerError naming what does not fit."""
    if made.inside and any(
        made.inside in name for name in state
    ):  # transformers knows the way of the larger model alone
        state = {name.rpartition(made.inside)[2]: value for name, value in state.items() if made.inside in name}
    module, told = _loaded(folder, made, state)
    notes: list[str] = []
    missing = set(told["missing_keys"])
    if missing and all("pooler." in name for name in missing) and _may_lack_pooler(made):
        made = replace(made, pooler=False)
        module, told = _loaded(folder, made, state)
        missing = set(told["missing_keys"])
        notes.append(tr("The weights have no pooler, so it is left out."))
    shapes = tuple(
        tr("{name} {given} in the file, {have} in the model", name=name, given=tuple(given), have=tuple(have))
        for name, given, have in _shapes(told)
    )
    counters = {name for name in missing if name.endswith("num_batches_tracked")}
    mismatch = Mismatch(tuple(sorted(missing - counters - {name.split(" ")[0] for name in shapes})), (), shapes)
    if mismatch:
        what = tr("The weights in {file} do not fit {made} as config.json describes it.", file=file, made=made.name)
        raise WeightsMismatch(what, mismatch, tr("Use the config.json that was saved with them."))
    left = sorted(told["unexpected_keys"])
    if left and len(left) == len(state):
        raise ExplorerError(
            tr("The weights in {file} are of another model than {made}.", file=file, made=made.name),
            tr("No name fits."),
        )
    if left:
        parts = list(dict.fromkeys(name.rpartition(".")[0].split(".")[0] or name for name in left))
        notes.append(
            tr(
                "Left out: {count} tensors of {list}, which {made} has not.",
                count=len(left),
                list=", ".join(parts[:LISTED]),
                made=made.name,
            )
        )
    return Made(_any_size(module.eval()), made.name, made.classifier, tuple(notes))


def _loaded(folder: Folder, made: HfPlan, state: Mapping[str, Tensor]) -> tuple[nn.Module, dict[str, Any]]:
    told: list[dict[str, Any]] = []

    def make() -> nn.Module:
        # a path of None and a state: transformers only renames and fills in
        module, found = made.made_of.from_pretrained(
            None,
            config=made.config,
            state_dict=dict(state),
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
            local_files_only=True,
            trust_remote_code=False,
            **made.options,
        )
        told.append(found)
        assert isinstance(module, nn.Module)
        return module

    try:
        with extras.silent():
            return seeded(make, 0), told[0]
    except ExplorerError:
        raise
    except Exception as error:  # noqa: BLE001
        raise _unusable(folder, error) from None


def _shapes(told: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    return sorted((str(name), given, have) for name, given, have in told["mismatched_keys"])


def _may_lack_pooler(made: HfPlan) -> bool:
    return "add_pooling_layer" in inspect.signature(made.made_of.__init__).parameters


def _any_size(module: nn.Module) -> nn.Module:
    """Lets a transformer resample its positions for pictures of another size than its own, where it has to be told to.

    Not where its own size is oblong: transformers resamples as if positions stood in a square, even at that size.
    """
    size = getattr(getattr(module, "config", None), "image_size", 0)
    if isinstance(size, (tuple, list)) and len(set(size)) > 1:
        return module
    if "interpolate_pos_encoding" in inspect.signature(type(module).forward).parameters:
        module.register_forward_pre_hook(_resample, with_kwargs=True)
    return module


def _resample(_module: nn.Module, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return args, {"interpolate_pos_encoding": True, **kwargs}


def _unusable(folder: Folder, error: Exception) -> ExplorerError:
    first = (str(error).strip().splitlines() or ["no message"])[0][:200].rstrip(".")
    return ExplorerError(
        tr("config.json of {path} cannot be used.", path=folder.path.name),
        f"{type(error).__name__}: {first}.",
        tr("Fetch it again."),
    )
