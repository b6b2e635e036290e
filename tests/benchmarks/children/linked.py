"""Two linked columns of the workspace Compare, layer after layer by key."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from explorer.core.models import ModelSpec
from tests.benchmarks import scenario
from tests.benchmarks.children.desktop import Desktop, Paints
from tests.benchmarks.talk import serve


class Linked:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None
        self.forwards = 0

    def open(self, names: list[str], threads: int) -> int:
        """Answers with the number of layers of the first model's film."""
        from explorer.cli.compare import show

        self.desktop = Desktop(names[0], threads)
        show(self.desktop.app, tuple(_spec(name) for name in names), "", 0, None)
        self.desktop.rest()
        return len(self._columns()[0].layers)

    def _columns(self) -> list[Any]:
        assert self.desktop is not None
        return list(self.desktop.driver.compare.columns)

    def scrub(self) -> dict[str, Any]:
        """Once through all layers: seconds from the key until the window has been painted; forwards meanwhile."""
        assert self.desktop is not None
        driver, first = self.desktop.driver, self._columns()[0]
        driver.compare.scrub(first.key, 0)
        self.desktop.rest()
        counter, steps = self._count_forwards(), []
        self.desktop.paints = Paints(*[w for p in self._columns() for w in (p.mosaic, p.vector, p.sequence)])
        for _ in range(len(first.layers) - 1):
            steps.append(self.desktop.paint_after(lambda: driver.press(Qt.Key.Key_J)))
        self.desktop.rest()
        counter.remove()
        return {"seconds": steps, "forwards": self.forwards}

    def _count_forwards(self) -> Any:
        from torch.nn.modules.module import register_module_forward_pre_hook

        self.forwards = 0

        def called(_module: Any, _args: Any) -> None:
            self.forwards += 1

        return register_module_forward_pre_hook(called)


def _spec(name: str) -> ModelSpec:
    return ModelSpec(name) if name.startswith("demo:") else scenario.spec(name)


def main() -> None:
    linked = Linked()
    serve({"open": linked.open, "scrub": linked.scrub})
    if linked.desktop is not None:
        linked.desktop.close()


if __name__ == "__main__":
    main()
