"""Every demo model ships with an index of its gallery, and it says what the model says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.core.inputs import InputRef
from explorer.core.models import ModelSpec
from explorer.engine.data_index.index_catalogue import indexes_of
from explorer.engine.data_index.index_file import shipped_folder
from explorer.engine.data_index.index_reader import IndexReader
from explorer.engine.inputs import open_input
from explorer.engine.inputs.input_tensor import input_tensor
from explorer.engine.models import open_model

NAMES = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "resources" / "models").glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_its_index_is_of_the_model_that_ships(name: str) -> None:
    loaded = open_model(ModelSpec(f"demo:{name}"))
    with IndexReader(shipped_folder() / f"{name}.fmindex") as reader:
        assert reader.model == loaded.card.digest, "make it again: packaging/demo_models/indexes.py"
        assert reader.facts().waiting == reader.facts().failed == 0
        tap = reader.taps[-1]
        best = reader.top(tap.name, 0).entries[0]
        picture = open_input(InputRef("sample", best.picture.path))
        got: list[torch.Tensor] = []
        hook = loaded.module.get_submodule(tap.name).register_forward_hook(lambda _m, _a, out: got.append(out))
        with torch.no_grad():
            loaded.module(input_tensor(picture, loaded.card.preprocess))
        hook.remove()
        assert got[0][0].reshape(tap.channels, -1)[0].max().item() == pytest.approx(best.value, rel=1e-3, abs=1e-4)
        assert len(reader.classes(tap.name, 0)) > 1
        assert np.isfinite(reader.scatter().points).all()


def test_it_is_found_by_the_model() -> None:
    loaded = open_model(ModelSpec("demo:shapes-cnn"))
    assert indexes_of(loaded.card.digest)[-1].shipped
