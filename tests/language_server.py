"""A client for the YAML language server, without an editor: what it marks, offers and tells at a place of a file."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

VARIABLE = "YAML_LANGUAGE_SERVER"
_PATIENCE = 30.0
"""Seconds that an answer may take, on a busy machine too, before the server counts as stuck."""


def find_server() -> str | None:
    """The program that YAML_LANGUAGE_SERVER names, or `yaml-language-server` on the PATH."""
    return os.environ.get(VARIABLE) or shutil.which("yaml-language-server")


class LanguageServer:
    """A running server that speaks over its standard input and output.

    `settings` are those of the section `yaml`, as an editor's settings file has them.
    """

    def __init__(self, program: str, root: Path, settings: Mapping[str, Any] | None = None) -> None:
        self._settings = {
            "yaml": {
                "validate": True,
                "completion": True,
                "hover": True,
                "schemaStore": {"enable": False},
                "kubernetesCRDStore": {"enable": False},
                **(settings or {}),
            }
        }
        self._root = root
        self._process = subprocess.Popen([program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._marked: dict[str, list[dict[str, Any]]] = {}
        self._asked = 0
        self._opened = 0

    def __enter__(self) -> Self:
        folder = {"uri": self._root.as_uri(), "name": self._root.name}
        able = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {
                "hover": {"contentFormat": ["markdown"]},
                "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
            },
        }
        self._ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": able,
            },
        )
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": self._settings})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._reader.join()
        self._process.communicate()

    # --- what an editor asks

    def open(self, path: Path, text: str | None = None) -> str:
        """Opens a file, with another text than it has if one is given; its address names it from then on."""
        self._opened += 1
        uri = path.absolute().as_uri()
        self._marked.pop(uri, None)
        shown = path.read_text(encoding="utf-8") if text is None else text
        document = {"uri": uri, "languageId": "yaml", "version": self._opened, "text": shown}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def marks(self, uri: str) -> list[tuple[int, int, str]]:
        """The red lines of an open file: line and column from 1, and what is said there."""
        while uri not in self._marked:
            self._take()
        return [
            (each["range"]["start"]["line"] + 1, each["range"]["start"]["character"] + 1, each["message"])
            for each in self._marked[uri]
        ]

    def offers(self, uri: str, line: int, column: int) -> dict[str, str]:
        """What can be completed at a place (both from 1), and what is told of it."""
        answer = self._ask("textDocument/completion", _place(uri, line, column))
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return {each["label"]: _words(each.get("documentation")) for each in items}

    def tells(self, uri: str, line: int, column: int) -> str:
        """What is shown when the pointer rests at a place (both from 1)."""
        answer = self._ask("textDocument/hover", _place(uri, line, column))
        return _words(answer["contents"]) if answer else ""

    # --- JSON-RPC

    def _ask(self, method: str, params: Mapping[str, Any]) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == self._asked and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _tell(self, method: str, params: Mapping[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _take(self) -> dict[str, Any]:
        """The next message; what the server wants to know from the editor is answered on the way."""
        message = self._inbox.get(timeout=_PATIENCE)
        assert message is not None, "the language server has ended"
        if message.get("method") == "textDocument/publishDiagnostics":
            self._marked[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: Mapping[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        return [self._settings.get(each["section"]) for each in message["params"]["items"]]

    def _read(self) -> None:
        """Puts every message into the inbox, and None when there are no more."""
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.partition(b":")[2])
            while stream.readline().strip():
                pass  # other headers
            self._inbox.put(json.loads(stream.read(length)))
        self._inbox.put(None)


def _place(uri: str, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line - 1, "character": column - 1}}


def _words(told: str | Mapping[str, str] | Sequence[str] | None) -> str:
    """A documentation or a hover, whichever of its forms it has."""
    if told is None or isinstance(told, str):
        return told or ""
    if isinstance(told, Mapping):
        return told["value"]
    return "\n".join(map(_words, told))
