"""torch, as far as it is imported. The stock hook collects every module, every test and 46 MB of sources instead."""

import os
from pathlib import Path

from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs, get_package_paths

_ROOT = Path(get_package_paths("torch")[1])

# torch/utils/_config_module.py reads the source of each of these while torch is imported.
_CONFIGURATIONS = (
    *("torch._functorch.config", "torch._export.config", "torch.fx.experimental._config", "torch.distributed.config"),
    *("torch.compiler.config", "torch.utils.serialization.config"),
)
# Their overloads are looked up in the source; without it torch warns at each start.
_OVERLOADED = ("torch.functional", "torch.nn.functional", "torch.nn.modules.rnn")

module_collection_mode = {"torch": "pyz", **dict.fromkeys((*_CONFIGURATIONS, *_OVERLOADED), "pyz+py")}
warn_on_missing_hiddenimports = False
hiddenimports = ["torch._C", "torch._VF"]

binaries = [
    (source, target)
    for source, target in collect_dynamic_libs("torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"])
    if Path(target).name == "lib"
]
if os.name != "nt":  # torch looks for it while it is imported
    binaries.append((str(_ROOT / "bin" / "torch_shm_manager"), "torch/bin"))
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
