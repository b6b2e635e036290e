"""A hub on this computer: repositories as tables of bytes, with the answers that the real one gives."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class FakeHub:
    """`files`: REPOSITORY/FILE to content. `gated`: repositories that want an account. `wrong`: whose bytes are changed."""

    files: dict[str, bytes] = field(default_factory=dict)
    gated: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    def gets(self) -> list[str]:
        """The files that were fetched, not only asked for."""
        return [path.rpartition("/")[2] for method, path in self.asked if method == "GET" and "/store/" in path]


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None: ...

        def do_HEAD(self) -> None:
            self._answer(False)

        def do_GET(self) -> None:
            self._answer(True)

        def _answer(self, with_body: bool) -> None:
            hub.asked.append((self.command, self.path))
            if self.path.startswith("/store/"):
                self._send(self.path.removeprefix("/store/"), with_body)
                return
            repo, _, rest = self.path.removeprefix("/").partition("/resolve/")
            revision, _, file = rest.partition("/")
            if repo in hub.gated or not any(name.startswith(f"{repo}/") for name in hub.files):
                self._error(401, "GatedRepo" if repo in hub.gated else "RepoNotFound")
            elif f"{repo}/{file}" not in hub.files or revision not in ("main", COMMIT):
                self._error(404, "EntryNotFound")
            else:
                self._redirect(f"{repo}/{file}")

        def _redirect(self, name: str) -> None:
            """As for large files: the bytes are elsewhere, the checksum is said here."""
            self.send_response(302)
            self.send_header("Location", f"/store/{name}")
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(hub.files[name]).hexdigest()}"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, name: str, with_body: bool) -> None:
            body = hub.files[name]
            body = bytes([body[0] ^ 1]) + body[1:] if name in hub.wrong else body
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def _error(self, code: int, word: str) -> None:
            self.send_response(code)
            self.send_header("X-Error-Code", word)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that cancels goes away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving() -> Iterator[FakeHub]:
    hub = FakeHub()
    with _Quiet(("127.0.0.1", 0), _handler(hub)) as http:
        hub.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield hub
        finally:
            http.shutdown()
            thread.join()
