"""In fresh interpreters: what is imported cannot be taken back in this one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_all_classification_models_are_there_and_dynamo_is_not() -> None:
    said = run(
        "import sys\n"
        "from explorer.engine.models.torchvision_compat import import_torchvision as get\n"
        "tv = get()\n"
        "assert get() is tv\n"
        "names = tv.models.list_models(module=tv.models)\n"
        "tv.models.get_model('squeezenet1_1', weights=None)\n"
        "print(len(names), 'torch._dynamo' in sys.modules, 'torchvision' in sys.modules)"
    )
    count, *rest = said.split()
    assert int(count) >= 80
    assert rest == ["False", "True"]


def test_the_stand_in_gives_way_to_the_real_thing() -> None:
    """Before torchvision's checks are let through, which need it no more."""
    said = run(
        "import warnings, sys\n"
        "from explorer.engine.models import torchvision_compat as compat\n"
        "compat.complete = lambda: None\n"
        "compat.import_torchvision()\n"
        "from torchvision.ops import roi_align\n"
        "name = roi_align.__globals__['is_compile_supported']\n"
        "warnings.simplefilter('ignore')\n"
        "print(name('cpu') in (True, False), 'torch._dynamo' in sys.modules)"
    )
    assert said == "True True"


def test_a_real_extension_is_used_when_it_loads() -> None:
    """Loader and package are replaced: an extension that fits this torch is not on every computer."""
    said = run(
        "import sys, types, torch\n"
        "from explorer.engine.models import torchvision_compat as compat\n"
        "from pathlib import Path\n"
        "loaded, imported = [], []\n"
        "def package(name):\n"
        "    imported.append(name)\n"
        "    sys.modules[name] = types.ModuleType(name)\n"
        "compat.extension_path = lambda: Path('_C.so')\n"
        "compat.importlib = types.SimpleNamespace(import_module=package)\n"
        "torch.ops.load_library = loaded.append\n"
        "compat.import_torchvision()\n"
        "print(loaded, imported, len(compat._declared))"
    )
    assert said == "['_C.so'] ['torchvision'] 0"


def test_schemas_are_declared_when_the_extension_is_missing_or_does_not_load() -> None:
    for change in ("compat.extension_path = lambda: None", "compat.extension_path = lambda: Path('none.so')"):
        said = run(
            "from pathlib import Path\n"
            "from explorer.engine.models import torchvision_compat as compat\n"
            f"{change}\n"
            "assert not compat.load_extension()\n"
            "compat._declare_operators(); compat._declare_operators()\n"
            "import torch\n"
            "print(len(compat._declared), hasattr(torch.ops.torchvision, 'nms'))"
        )
        assert said == "1 True"


def test_the_package_itself_imports_no_torch() -> None:
    said = run(
        "import sys\n"
        "from explorer.engine.models import catalogue, start_choice\n"
        "print(len(catalogue()) > 80, start_choice().id != '', 'torch' in sys.modules, 'torchvision' in sys.modules)"
    )
    assert said == "True True False False"


def test_a_persons_file_may_import_torchvision_itself(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("import torchvision\ndef make():\n    return torchvision.models.squeezenet1_1(weights=None)\n")
    said = run(
        "import warnings; warnings.simplefilter('ignore')\n"
        "from explorer.core.models import ModelSpec\n"
        "from explorer.engine.models import open_model\n"
        f"print(open_model(ModelSpec({f'file:{file}:make'!r}), trust_code=True).card.parameters)"
    )
    assert said == "1235496"
