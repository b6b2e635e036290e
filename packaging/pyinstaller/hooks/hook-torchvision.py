"""torchvision's Python always; its compiled operators only where they load beside the torch that is frozen."""

import importlib.util
from pathlib import Path

import torch


def _fits() -> bool:
    spec = importlib.util.find_spec("torchvision")
    files = [path for root in spec.submodule_search_locations for path in Path(root).glob("_C.*")]
    try:
        torch.ops.load_library(str(next(path for path in files if path.suffix in (".so", ".pyd"))))
    except (OSError, StopIteration):
        return False
    return True


_fit = _fits()
# densenet: its overloads are looked up in the source, else torch warns when it is imported
module_collection_mode = {"torchvision": "pyz", "torchvision.models.densenet": "pyz+py"}
hiddenimports = ["torchvision._C"] if _fit else []
excludedimports = [] if _fit else ["torchvision._C", "torchvision.image"]
