"""What leaves the application: values with a manifest, pictures, and a script that computes the same tensor."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from explorer import __version__
from explorer.core.activations import Capture, Tap
from explorer.core.any_input import Input
from explorer.core.arrays import Array
from explorer.core.errors import ExplorerError
from explorer.core.input_notes import notes_of
from explorer.core.inputs import Picture, Text
from explorer.core.models import AnyPreprocess, ModelCard, Preprocess, of_pictures
from explorer.core.sound_preprocess import SoundPreprocess
from explorer.core.sounds import Sound
from explorer.core.texts import TextPreprocess, tokenised
from explorer.core.translation import tr
from explorer.engine.export_input import preprocess_lines
from explorer.engine.models.torchvision_compat import PLAIN_IMPORT
from explorer.engine.models.torchvision_models import CONVERTED, is_vit
from explorer.engine.models.torchvision_tasks import task_of
from explorer.engine.sound.resampling import RESAMPLER
from explorer.engine.whole_files import replacing as replacing
from explorer.engine.whole_files import write as write


def manifest(card: ModelCard, capture: Capture, taps: Collection[Tap]) -> dict[str, Any]:
    """What a value needs to be had again: model, weights hash, preprocessing, input hash, taps, versions."""
    import torch

    return {
        "application": f"feature-map-explorer {__version__}",
        "model": card.spec.id,
        "name": card.name,
        "weights": {
            "state": card.weights.label,
            "sha256": card.weights.sha256,
            "file": Path(card.weights.path).name if card.weights.path else "",
        },
        "preprocess": _recipe(card.preprocess),
        **({"arguments": {each.name: each.text or each.says for each in card.given}} if card.given else {}),
        "input": {
            "kind": capture.picture.ref.kind,
            "name": capture.picture.name or Path(capture.picture.ref.path).name,
            "frame": capture.picture.ref.frame,
            "sha256_16": capture.picture.digest,
            "size": list(capture.picture.size),
            **_told(card.preprocess, capture.picture),
        },
        "device": capture.device,
        "taps": {tap.name: _tap_manifest(tap) for tap in taps},
        "versions": {"torch": torch.__version__, "numpy": np.__version__},
    }


def _recipe(pre: AnyPreprocess) -> dict[str, Any]:
    """Its fields; of a tokenizer, which is code, what it is."""
    if not isinstance(pre, TextPreprocess) or pre.tokenizer is None:
        return asdict(pre)
    made = pre.tokenizer
    return {**asdict(replace(pre, tokenizer=None)), "tokenizer": {"says": made.says, "digest": made.digest}}


def _told(pre: AnyPreprocess, given: Input) -> dict[str, Any]:
    """Of an input that is no picture."""
    if isinstance(given, Text) and isinstance(pre, TextPreprocess):
        tokens = [
            {"id": token.id, "piece": token.piece, "span": [token.start, token.end], "kind": token.kind}
            for token in tokenised(given.text, pre)
        ]
        return {"text": given.text, "tokens": tokens, "notes": list(notes_of(given, pre))}
    if isinstance(given, Sound) and isinstance(pre, SoundPreprocess):
        about = {"rate": given.rate, "channels": given.channels, "samples": given.count, "first_s": given.first}
        about |= {"file_s": given.total} if given.total else {}
        resampled = {"resampler": RESAMPLER} if pre.hertz != given.rate else {}
        return {**about, **resampled, "notes": list(notes_of(given, pre))}
    return {}


def _tap_manifest(tap: Tap) -> dict[str, Any]:
    return {
        "path": tap.path,
        "call": tap.call,
        "output": tap.key,
        "type": tap.type,
        "layout": str(tap.layout),
        "shape": list(tap.shape[1:] if tap.batched else tap.shape),
        "grid": None if tap.grid is None else list(tap.grid),
        "prefix_tokens": tap.prefix,
        "token_order": None if tap.order is None else list(tap.order),
    }


def values_file(card: ModelCard, capture: Capture, names: Collection[str]) -> bytes:
    """An .npz: one float32 array a tap under the tap's name, without the batch dimension, and `manifest` (a JSON string)."""
    taps = [capture.tap(name) for name in names]
    arrays: dict[str, Array] = {tap.name: np.asarray(capture.values[tap.name], np.float32) for tap in taps}
    arrays["manifest"] = np.array(json.dumps(manifest(card, capture, taps)))
    buffer = io.BytesIO()
    # not np.savez: it takes names as arguments, and cannot write a layer that is called `file`
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)
    return buffer.getvalue()


def png(rgb: Array, text: str = "") -> bytes:
    """(H, W, 3) uint8 as a PNG; `text` goes into its description."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    if not rgb.size:
        raise ExplorerError(tr("There is nothing to draw."), tr("This layer returned no values for this input."))
    info = PngInfo()
    if text:
        info.add_text("Description", text)
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def as_python(card: ModelCard, capture: Capture, tap: Tap) -> str:
    """A short torch script that computes the values of `tap` on this input with nothing of this application, but for what makes the
    tensor of a sound."""
    return "\n".join(
        (
            *_imports(card, bool(tap.key), isinstance(card.preprocess, Preprocess)),
            *([] if not tap.key else ("", *_LEAVES)),
            "",
            *_model_lines(card),
            "",
            *_input_lines(card, capture),
            *_precision_lines(capture),
            "",
            *_hook_lines(tap),
        )
    )


def _imports(card: ModelCard, keyed: bool, pictures: bool) -> list[str]:
    lines = ["import numpy as np", "import torch", "from PIL import Image, ImageOps"] if pictures else ["import torch"]
    if keyed:
        lines.insert(0, "from collections.abc import Mapping")
    if _by_torchvision(card):
        lines += PLAIN_IMPORT
    return lines


def _model_lines(card: ModelCard) -> list[str]:
    name = card.spec.id.split(":", 1)[-1]
    seed = [] if card.weights.trained else [f"torch.manual_seed({card.weights.seed or 0})"]
    if _by_torchvision(card):
        lines = [*seed, f"model = torchvision.models.get_model({name.lower()!r}, weights=None{_options(card, name)})"]
    elif card.source == "file" and not card.arguments:
        path, _, factory = name.rpartition(":")
        lines = [
            "import importlib.util",
            f"spec = importlib.util.spec_from_file_location('model_file', {path!r})",
            "module = importlib.util.module_from_spec(spec)",
            "spec.loader.exec_module(module)",
            *seed,
            f"model = module.{factory}()",
            "model = model[0] if isinstance(model, tuple) else model",
        ]
    else:
        known = {
            "file": "hands over further arguments",
            "card": "learnt in the application",
            "demo": "comes with the application",
            "pt2": "a program of torch.export, read as data",
            "live": "handed over by a running program, and only there as long as its window",
            "onnx": "an ONNX model, computed by ONNX Runtime",
        }
        why = known.get(card.source, f"{card.source}'s model as the application opens it")
        spec = card.spec
        given = f", weights={spec.weights!r}" if spec.weights else ""
        given += f", arguments={spec.arguments!r}" if spec.arguments else ""
        trusted = ", trust_code=True" if card.source == "file" else ""
        lines = [
            f"from explorer.core.models import ModelSpec  # {why}",
            "from explorer.engine.models import open_model",
            f"model = open_model(ModelSpec({spec.id!r}{given}, untrained={spec.untrained}, seed={spec.seed}){trusted}).module",
        ]
    return [*lines, *_weights_lines(card), "model.eval()"]


def _by_torchvision(card: ModelCard) -> bool:
    """Whether torchvision's builder alone gives the model: one that names classes of a picture."""
    return card.source == "torchvision" and task_of(card.spec.id.split(":", 1)[-1].lower()) is None


def _options(card: ModelCard, name: str) -> str:
    """What torchvision's builder is told beside the name."""
    pre = of_pictures(card.preprocess)
    more = f", num_classes={len(card.labels)}" if card.labels and len(card.labels) != 1000 else ""
    more += f", image_size={pre.height}" if is_vit(name) and pre.height != 224 else ""
    if name.lower() in CONVERTED:  # auxiliary classifiers serve training only
        more += f", aux_logits=False, init_weights={not card.weights.trained}, transform_input=False"
    return more


def _weights_lines(card: ModelCard) -> list[str]:
    path = card.weights.path
    known = _by_torchvision(card) or (card.source == "file" and not card.arguments)
    if not card.weights.trained or not path or not known:
        return []
    if _is_safe(path):
        return [
            "from safetensors.torch import load_file",
            f"state = load_file({path!r})",
            *_without_auxiliary(card),
            "model.load_state_dict(state)",
        ]
    lines = [f"state = torch.load({path!r}, map_location='cpu', weights_only=True)", *_without_auxiliary(card)]
    return [*lines, "model.load_state_dict(state)  # unwrap first if the file nests the weights"]


def _without_auxiliary(card: ModelCard) -> list[str]:
    if card.source != "torchvision" or card.spec.id.split(":", 1)[-1].lower() not in CONVERTED:
        return []
    return ["state = {name: value for name, value in state.items() if not name.lower().startswith('aux')}"]


def _is_safe(path: str) -> bool:
    from explorer.engine.models.weights.checkpoint import is_safe

    try:
        return is_safe(Path(path))
    except OSError:  # it is no longer there
        return path.endswith(".safetensors")


def _file_of(picture: Input) -> str:
    """Where a picture can be read again, "" when nowhere."""
    if picture.ref.kind == "sample":
        from explorer.engine.inputs.samples import find_sample

        return str(find_sample(picture.ref.path).path)
    return picture.ref.path if picture.ref.kind == "picture" else ""


def _input_lines(card: ModelCard, capture: Capture) -> list[str]:
    picture, pre = capture.picture, card.preprocess
    if isinstance(picture, Text) and isinstance(pre, TextPreprocess):
        tokens = tokenised(picture.text, pre)
        return [f"x = torch.tensor([{[token.id for token in tokens]}])  # {picture.name!a}"]
    if isinstance(picture, Sound):
        return _sound_lines(pre, picture)
    if isinstance(picture, Picture) and picture.exact is not None:
        return ["x = torch.from_numpy(np.load('input.npy'))[None]  # save the tensor (C, H, W) as input.npy first"]
    path = _file_of(picture)
    if path:
        lines = [f"image = ImageOps.exif_transpose(Image.open({path!r}))"]
    else:
        source = f"frame {picture.ref.frame} of {picture.ref.path!r}" if picture.ref.path else f"the {picture.ref.kind}"
        lines = [f"image = Image.open('input.png')  # save {source} as input.png first"]
    return [*lines, *preprocess_lines(of_pictures(card.preprocess))]


def _sound_lines(pre: AnyPreprocess, sound: Sound) -> list[str]:
    window = f", start={sound.ref.start!r}, length={sound.ref.length!r}" if sound.ref.start or sound.ref.length else ""
    ref, first = f"InputRef({sound.ref.kind!r}, {sound.ref.path!r}{window})", ""
    if sound.ref.kind not in ("sound", "sample"):
        ref, first = "InputRef('sound', 'input.wav')", "  # save it as input.wav first"
    return [
        "from explorer.core.inputs import InputRef  # decoding, resampling and spectra are the application's",
        "from explorer.core.sound_preprocess import LogMel, SoundPreprocess",
        "from explorer.engine.inputs import open_input",
        "from explorer.engine.inputs.input_tensor import input_tensor",
        f"pre = {pre!r}",
        f"x = input_tensor(open_input({ref}), pre){first}",
    ]


# How `outputs.parts` names the tensors of an output: dictionaries, tuples with and without names, dataclasses.
_LEAVES = """
def leaves(out, name=""):
    if isinstance(out, Mapping):
        items = out.items()
    elif isinstance(out, (tuple, list)):
        items = zip(getattr(out, "_fields", None) or range(len(out)), out)
    elif hasattr(out, "__dataclass_fields__"):
        items = ((field, getattr(out, field)) for field in out.__dataclass_fields__)
    else:
        return {name: out}
    found = {}
    for key, value in items:
        found.update(leaves(value, f"{name}.{key}" if name else str(key)))
    return found
""".strip().splitlines()


def _precision_lines(capture: Capture) -> list[str]:
    """The model's own input where it does not compute in float32."""
    if all(tap.dtype in ("", "float32") for tap in capture.taps):
        return []
    return ["x = x.to(next((p.dtype for p in model.parameters() if p.is_floating_point()), x.dtype))  # its precision"]


def _hook_lines(tap: Tap) -> list[str]:
    out = f"leaves(out)[{tap.key!r}]" if tap.key else "out"
    exact = ".float()" if tap.dtype in ("float16", "bfloat16") else ".dequantize()" if tap.dtype.startswith("q") else ""
    return [
        "seen = []",
        f"module = model.get_submodule({tap.path!r})",
        f"handle = module.register_forward_hook(lambda m, args, out: seen.append({out}.detach().clone()))",
        "with torch.no_grad():",
        "    model(x)",
        "handle.remove()",
        f"values = seen[{tap.call}]{'[0]' if tap.batched else ''}{exact}  # {tap.name}: {tap.layout} without the batch",
        "print(tuple(values.shape), values.min().item(), values.max().item(), values.mean().item())",
        "",
    ]
