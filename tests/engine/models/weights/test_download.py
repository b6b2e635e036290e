"""Against a server on this computer."""

from __future__ import annotations

import errno
import hashlib
import json
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

from explorer.core.errors import ExplorerError
from explorer.engine.models.open_errors import Cancelled
from explorer.engine.models.weights import download as module
from explorer.engine.models.weights.download import download

CONTENT = bytes(range(256)) * 8192  # 2 MiB
NAME = f"net-{hashlib.sha256(CONTENT).hexdigest()[:8]}.pth"


@dataclass
class Server:
    """What the server does, and what it was asked."""

    content: bytes = CONTENT
    etag: str = '"one"'
    ranges: bool = True
    cut_after: int | None = None
    status: int = 200
    said_length: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None: ...

        def do_GET(self) -> None:
            server.asked.append(dict(self.headers))
            if server.status != 200:
                self.send_error(server.status)
                return
            start = self._start()
            if start is not None and start >= len(server.content):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._send(server.content[start or 0 :], start)

        def _start(self) -> int | None:
            asked = self.headers.get("Range")
            if not server.ranges or asked is None or self.headers.get("If-Range") != server.etag:
                return None
            return int(asked.removeprefix("bytes=").removesuffix("-"))

        def _send(self, body: bytes, start: int | None) -> None:
            self.send_response(200 if start is None else 206)
            self.send_header("ETag", server.etag)
            if start is not None:
                self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
            if server.said_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: server.cut_after])

    return Handler


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what these tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture
def server() -> Iterator[Server]:
    behaviour = Server()
    with _Quiet(("127.0.0.1", 0), _handler(behaviour)) as http:
        behaviour.url = f"http://127.0.0.1:{http.server_port}/models/{NAME}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield behaviour
        finally:
            http.shutdown()
            thread.join()


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def cut(server: Server, folder: Path, after: int = 500_000) -> None:
    """Leave a part file behind."""
    server.cut_after = after
    with pytest.raises(ExplorerError):
        download(server.url, folder)
    server.cut_after = None
    assert (folder / (NAME + ".part")).stat().st_size == after


def test_whole_file_with_progress(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    target = download(server.url, tmp_path / "new" / "folder", progress=lambda done, total: seen.append((done, total)))
    assert target == tmp_path / "new" / "folder" / NAME
    assert target.read_bytes() == CONTENT
    assert files(target.parent) == {NAME}
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_valid_file_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(CONTENT)
    download(server.url, tmp_path)
    assert server.asked == []
    (tmp_path / NAME).write_bytes(CONTENT[:-1])
    assert download(server.url, tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 1


def test_a_cut_connection_keeps_what_is_there_and_goes_on(server: Server, tmp_path: Path) -> None:
    cut(server, tmp_path)
    assert download(server.url, tmp_path).read_bytes() == CONTENT
    assert server.asked[-1]["Range"] == "bytes=500000-"
    assert server.asked[-1]["If-Range"] == '"one"'
    assert files(tmp_path) == {NAME}


def test_a_cut_connection_says_so(server: Server, tmp_path: Path) -> None:
    server.cut_after = 1000
    with pytest.raises(ExplorerError, match=r"could not be downloaded.*1000 of 2097152 bytes.*kept.*copy") as caught:
        download(server.url, tmp_path)
    assert str(tmp_path) in caught.value.todo


def test_a_server_that_ignores_ranges(server: Server, tmp_path: Path) -> None:
    cut(server, tmp_path)
    server.ranges = False
    assert download(server.url, tmp_path).read_bytes() == CONTENT


def test_a_file_that_changed_on_the_server_is_begun_anew(server: Server, tmp_path: Path) -> None:
    cut(server, tmp_path)
    (tmp_path / (NAME + ".part")).write_bytes(b"\0" * 500_000)  # of the older version
    server.etag = '"two"'
    assert download(server.url, tmp_path).read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_a_part_that_turns_out_wrong_is_begun_anew(server: Server, tmp_path: Path) -> None:
    cut(server, tmp_path)
    (tmp_path / (NAME + ".part")).write_bytes(b"\0" * 500_000)  # the server says nothing of it
    assert download(server.url, tmp_path).read_bytes() == CONTENT
    assert [("Range" in headers) for headers in server.asked] == [False, True, False]


@pytest.mark.parametrize("etag", ['W/"weak"', ""])
def test_without_a_strong_validator_it_begins_anew(server: Server, tmp_path: Path, etag: str) -> None:
    server.etag = etag
    cut(server, tmp_path)
    assert download(server.url, tmp_path).read_bytes() == CONTENT
    assert "Range" not in server.asked[-1]


def test_a_part_that_is_already_whole(server: Server, tmp_path: Path) -> None:
    (tmp_path / (NAME + ".part")).write_bytes(CONTENT)
    (tmp_path / (NAME + ".part.json")).write_text(json.dumps({"url": server.url, "validator": server.etag}))
    assert download(server.url, tmp_path).read_bytes() == CONTENT
    assert files(tmp_path) == {NAME}


def test_a_wrong_checksum_keeps_nothing(server: Server, tmp_path: Path) -> None:
    server.content = b"<html>Please sign in</html>"
    with pytest.raises(ExplorerError, match="checksum is wrong"):
        download(server.url, tmp_path)
    assert files(tmp_path) == set()


def test_a_given_checksum_counts(server: Server, tmp_path: Path) -> None:
    whole = hashlib.sha256(CONTENT).hexdigest()
    assert download(server.url, tmp_path, sha256=whole.upper()).read_bytes() == CONTENT
    (tmp_path / NAME).unlink()
    with pytest.raises(ExplorerError, match="checksum"):
        download(server.url, tmp_path, sha256="0" * 64)


def test_cancel_midway_keeps_the_part(server: Server, tmp_path: Path) -> None:
    done: list[int] = []
    with pytest.raises(Cancelled):
        download(
            server.url,
            tmp_path,
            progress=lambda so_far, _: done.append(so_far),
            cancelled=lambda: bool(done and done[-1]),
        )
    assert files(tmp_path) == {NAME + ".part", NAME + ".part.json"}
    assert 0 < (tmp_path / (NAME + ".part")).stat().st_size < len(CONTENT)
    assert download(server.url, tmp_path).read_bytes() == CONTENT


def test_a_length_that_is_not_told(server: Server, tmp_path: Path) -> None:
    server.said_length = False
    totals: set[int | None] = set()
    download(server.url, tmp_path, progress=lambda _, total: totals.add(total))
    assert totals == {None}


@pytest.mark.parametrize(("status", "words"), [(404, "no such file"), (403, "refuses access"), (500, "error 500")])
def test_http_errors(server: Server, tmp_path: Path, status: int, words: str) -> None:
    server.status = status
    with pytest.raises(ExplorerError, match=words) as caught:
        download(server.url, tmp_path)
    assert NAME in caught.value.todo
    assert files(tmp_path) == set()


def test_refused(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ExplorerError, match="refuses the connection"):
        download(f"http://127.0.0.1:{port}/{NAME}", tmp_path)


def test_offline_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*args: Any, **kwargs: Any) -> Any:
        raise URLError(socket.gaierror(-2, "Name or service not known"))

    monkeypatch.setattr(module, "urlopen", offline)
    with pytest.raises(ExplorerError, match=r"no connection to the internet \(files.example is not found\)"):
        download(f"https://files.example/{NAME}", tmp_path)


def test_silence_ends(tmp_path: Path) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        with pytest.raises(ExplorerError, match="does not answer"):
            download(f"http://127.0.0.1:{mute.getsockname()[1]}/{NAME}", tmp_path, timeout=0.05)


def test_a_full_disk_is_said_before_the_first_byte(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = module.too_little_space.__globals__["shutil"].disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(ExplorerError, match=r"no space for .*2 MiB are needed and 1,000 bytes are free"):
        download(server.url, tmp_path)


def test_a_disk_that_fills_up_keeps_the_part(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(ExplorerError, match=r"disk is full.*FME_WEIGHTS"):
        download(server.url, tmp_path)
    assert NAME + ".part" in files(tmp_path)


def test_a_folder_that_cannot_be_made(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExplorerError, match="cannot be written"):
        download(server.url, tmp_path / "file" / "weights")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x.pth", "https://host/", "nonsense"])
def test_only_web_addresses_of_files(url: str, tmp_path: Path) -> None:
    with pytest.raises(ExplorerError, match="not a file address"):
        download(url, tmp_path)
