"""What can be opened: the model menu, and the model the application starts with. Imports no torch."""

from __future__ import annotations

from pathlib import Path

from explorer import catalogue as known
from explorer.core.errors import ExplorerError, Failure
from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.core.session.named_files import PROGRAMS
from explorer.core.translation import tr
from explorer.engine.models import hf_names, source_registry, timm_names
from explorer.engine.models.base import CatalogueEntry
from explorer.engine.models.demo import shelf
from explorer.engine.models.extras import HF, ONNX, TIMM
from explorer.engine.models.torchvision_table import OFFICIAL
from explorer.engine.models.torchvision_tasks import all_names, title_of
from explorer.engine.models.weights.locate import find, search

# Small and quick ones first: these make the best first picture.
FIRST = ("mobilenet_v2", "resnet18", "mobilenet_v3_large", "squeezenet1_1", "efficientnet_b0", "resnet50", "vit_b_16")


def catalogue() -> tuple[CatalogueEntry, ...]:
    """What is offered: demos, torchvision's models (with the weight file that would be opened), of timm and transformers a
    choice and what is here, extensions."""
    others = (*timm_names.entries(), *hf_names.entries())
    return (*shelf.entries(), *torchvision_entries(), *others, *extension_entries()[0])


def read_ahead() -> None:
    """Reads the names that `more` goes through, which takes some 30 ms at the first time."""
    timm_names.names()


def more(text: str, limit: int = 30) -> tuple[CatalogueEntry, ...]:
    """Of the many that `catalogue` leaves out, those whose name holds a text; or the one that the text itself names."""
    typed = text.strip()
    prefix, colon, name = typed.partition(":")
    source = prefix.lower() if colon else ""
    found: list[CatalogueEntry] = []
    if not TIMM.way and source in ("", "timm"):
        words = (name if colon else typed).lower().split()
        fits = [known for known in timm_names.names() if (words or colon) and all(word in known for word in words)]
        here = timm_names.here() if fits else {}
        found += [timm_names.entry(known, here.get(known)) for known in fits[:limit]]
    if not HF.way and name.strip() and source == "hf":
        found.append(hf_names.entry(name.strip(), hf_names.find(name.strip())))
    if source in PROGRAMS and name.strip():
        found.append(_program(source, Path(name.strip()).expanduser()))
    return tuple(found)


def _program(source: str, path: Path) -> CatalogueEntry:
    """A program of torch.export or an ONNX model, which bring their weights."""
    here = path if path.is_file() else None
    lacks = "" if here else tr("There is no file {path}.", path=path)
    group, says = tr("exported program"), tr("as torch.export saves a model")
    if source == "onnx":
        group, says, lacks = tr("ONNX model"), tr("values by ONNX Runtime, no gradients"), ONNX.way or lacks
    return CatalogueEntry(f"{source}:{path}", path.name, group, here, here is not None and not lacks, says, lacks)


def extension_entries() -> tuple[tuple[CatalogueEntry, ...], tuple[Failure, ...]]:
    """Entries of the installed extensions, and the failures of those that do not work."""
    entries: list[CatalogueEntry] = []
    failures = [Failure(f"{problem.text}.") for problem in known.models.taken]
    for extension in source_registry.extensions():
        try:
            entries += source_registry.added(extension).entries()
        except ExplorerError as error:
            failures.append(Failure(error.what, error.why, error.todo, "\n".join(getattr(error, "__notes__", ()))))
    return tuple(entries), tuple(failures)


def start_choice() -> ModelSpec:
    """What the application opens first: the first demo model, else one whose weights are here, else the seeded preview."""
    if shelf.intact(shelf.FIRST):
        return ModelSpec(f"demo:{shelf.FIRST}")
    for name in (*FIRST, *(name for name in OFFICIAL if name not in FIRST)):
        if find(name) is not None:
            return ModelSpec(f"torchvision:{name}")
    return ModelSpec(shelf.SEEDED.id)


def start_input(spec: ModelSpec | None = None) -> InputRef:
    """What a model (None: the one that is opened first) is shown on when nothing was named: a demo model on its own world."""
    from explorer.engine.inputs.samples import start_sample

    kind = (
        shelf.kind_of(spec.id.lower().removeprefix("demo:"))
        if spec is not None and spec.id.lower().startswith("demo:")
        else "picture"
    )
    if kind != "picture":
        return first_of(kind)
    if spec is None:
        of_the_world = shelf.intact(shelf.FIRST)
    else:
        of_the_world = spec.id.lower().startswith("demo:") and spec.id.lower() != shelf.SEEDED.id
    return start_sample() if of_the_world else InputRef("sample", "cat")


def first_of(kind: str) -> InputRef:
    """A sample of a kind of input: "picture", "sound" or "text"."""
    return InputRef("sample", {"sound": "sound-rise", "text": "sentence-praise"}.get(kind, "cat"))


def torchvision_entries() -> tuple[CatalogueEntry, ...]:
    """One entry a model, with the file that would be opened."""
    found = ((name, search(name, verify=False).found) for name in all_names())
    return tuple(
        CatalogueEntry(f"torchvision:{name}", name, title_of(name), file.path if file else None, file is not None)
        for name, file in found
    )
