"""Against a hub on this computer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_hub import COMMIT, FakeHub, serving

from explorer.core.errors import ExplorerError
from explorer.core.progress import Progress
from explorer.engine.models.base import OpenRequest
from explorer.engine.models.open_errors import Cancelled
from explorer.engine.models.weights import hub, hub_requests

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with serving() as fake:
        fake.files["some/net/model.safetensors"] = CONTENT
        monkeypatch.setenv("HF_ENDPOINT", fake.url + "/")
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield fake


def test_a_file_is_looked_at_and_fetched_of_that_very_version(server: FakeHub, tmp_path: Path) -> None:
    remote = hub_requests.look("some/net", "model.safetensors")
    assert remote == hub.Remote("some/net", "model.safetensors", COMMIT, hashlib.sha256(CONTENT).hexdigest())
    said: list[Progress] = []
    path = hub_requests.fetch(remote, tmp_path, OpenRequest(progress=said.append), "net.safetensors")
    assert path == tmp_path / "net.safetensors"
    assert path.read_bytes() == CONTENT
    assert ("GET", f"/some/net/resolve/{COMMIT}/model.safetensors") in server.asked
    assert said[-1] == Progress("Downloading net.safetensors: 1,000 KiB of 1,000 KiB", 1.0)
    assert [file.name for file in tmp_path.iterdir()] == ["net.safetensors"]


def test_bytes_that_are_not_what_the_hub_named_are_thrown_away(server: FakeHub, tmp_path: Path) -> None:
    server.wrong.add("some/net/model.safetensors")
    remote = hub_requests.look("some/net", "model.safetensors")
    assert remote is not None
    with pytest.raises(ExplorerError, match="checksum is wrong"):
        hub_requests.fetch(remote, tmp_path, OpenRequest())
    assert list(tmp_path.iterdir()) == []


def test_a_repository_without_that_file(server: FakeHub) -> None:
    assert hub_requests.look("some/net", "pytorch_model.bin") is None


@pytest.mark.parametrize("repo", ["some/closed", "no/where"])
def test_a_repository_that_is_not_given_away_or_not_there(server: FakeHub, repo: str) -> None:
    server.gated.add("some/closed")
    with pytest.raises(ExplorerError, match=f"requires an account for {repo}") as caught:
        hub_requests.look(repo, "config.json")
    assert "browser" in caught.value.todo


def test_cancel_leaves_no_whole_file(server: FakeHub, tmp_path: Path) -> None:
    remote = hub_requests.look("some/net", "model.safetensors")
    assert remote is not None
    with pytest.raises(Cancelled):
        hub_requests.fetch(remote, tmp_path, OpenRequest(cancelled=lambda: True))
    assert not (tmp_path / "model.safetensors").exists()


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_by_the_hubs_own_variable(server: FakeHub, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(ExplorerError, match=f"{variable} is set"):
        hub_requests.look("some/net", "model.safetensors")
    assert server.asked == []


def test_no_connection_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.url)  # and gone it is
    with pytest.raises(ExplorerError, match="refuses the connection") as caught:
        hub_requests.look("some/net", "model.safetensors", timeout=5)
    assert fake.url in caught.value.todo


def test_the_hubs_cache_is_found_where_its_own_tools_keep_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert hub.cached() == ()
    folder = tmp_path / "hub" / "models--timm--resnet18.a1_in1k"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(COMMIT)
    assert hub.snapshot("timm/resnet18.a1_in1k") is None
    (folder / "snapshots" / COMMIT).mkdir(parents=True)
    assert hub.snapshot("timm/resnet18.a1_in1k") == folder / "snapshots" / COMMIT
    assert hub.cached() == ("timm/resnet18.a1_in1k",)
    (folder / "refs" / "main").write_text("../../elsewhere")
    assert hub.snapshot("timm/resnet18.a1_in1k") is None


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("facebook/dinov2-small", True),
        ("gpt2", True),
        ("../x", False),
        ("a/b/c", False),
        ("C:\\net", False),
        ("", False),
    ],
)
def test_names_of_repositories(name: str, fits: bool) -> None:
    assert hub.is_repo(name) is fits
