"""The workspace Transfer in the real window: how late the UI thread is while features are computed and while a copy learns."""

from __future__ import annotations

from typing import Any

from explorer.core.models import ModelSpec
from explorer.core.session.transfer_place import TransferPage, TransferPlace
from explorer.core.transfer import TransferParams
from tests.benchmarks import scenario
from tests.benchmarks.children.desktop import Desktop
from tests.benchmarks.talk import serve


class Bench:
    def __init__(self) -> None:
        self.desktop: Desktop | None = None

    def open(self, name: str, threads: int, data: str) -> None:
        scenario.spec = lambda _name: ModelSpec(name)
        self.desktop = desktop = Desktop(name, threads)
        desktop.driver.change(transfer=TransferPlace(data, page=TransferPage.TRAINING))
        desktop.driver.turn_to("transfer")
        self.view = desktop.driver.view("transfer")
        desktop.until(lambda: self.view.lab.data is not None and not self.view.waiting)
        self.view.lab.set_params("transfer", TransferParams(epochs=10_000))
        desktop.until(lambda: not self.view.waiting)

    def training(self, seconds: float) -> dict[str, Any]:
        """Beats while a copy learns; `epochs` that it has learnt meanwhile."""
        assert self.desktop is not None
        presenter = self.view.training
        presenter.toggle()
        self.desktop.until(lambda: presenter.training is not None and len(presenter.training.epochs) > 1)
        before = len(presenter.training.epochs)
        late, work = self.desktop.listen(seconds)
        epochs = len(presenter.training.epochs) - before
        presenter.toggle()
        self.desktop.until(lambda: not self.view.waiting)
        return {"late": late, "work": work, "epochs": epochs}

    def probing(self, seconds: float) -> dict[str, Any]:
        """Beats while all layers are probed, again and again with other seeds."""
        assert self.desktop is not None
        self.view.lab.move(page=TransferPage.LAYERS)
        self.view.probe.by_layer.run()
        self.desktop.run(0.3)
        late, work = self.desktop.listen(seconds)
        self.view.probe.by_layer.stop()
        self.desktop.until(lambda: not self.view.waiting)
        return {"late": late, "work": work}


if __name__ == "__main__":
    bench = Bench()
    serve({name: getattr(bench, name) for name in ("open", "training", "probing")})
