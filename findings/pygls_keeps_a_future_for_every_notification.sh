#!/usr/bin/env bash
# pygls keeps the finished future of every notification, and what it refers to, as long as the server lives: of its table of
# requests under way only requests are removed. A server that has long dealt with `textDocument/didChange` still grows by more
# than a kilobyte for every letter that is typed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pygls==2.1.1 lsprotocol==2025.0.0
cat > typed.py <<'PYTHON'
import asyncio
import json
import sys
from importlib.metadata import version

from lsprotocol import types
from pygls.lsp.server import LanguageServer

LETTERS = 1000
URI = "file:///module.py"
server = LanguageServer("editor", "1")


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: types.DidChangeTextDocumentParams) -> None:
    pass


@server.command("kept")
def kept(*_: object) -> int:
    return len(server.protocol._request_futures)


async def client() -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "serve", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )

    def send(method: str, params: dict, number: int | None = None) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params} | ({"id": number} if number else {})
        body = json.dumps(message).encode()
        process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def answer(number: int) -> dict:
        while True:
            header = (await process.stdout.readuntil(b"\r\n\r\n")).lower()
            size = int(header.split(b"content-length:")[1].split()[0])
            message = json.loads(await process.stdout.readexactly(size))
            if message.get("id") == number:
                return message["result"]

    send("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, 1)
    await answer(1)
    send("initialized", {})
    send("textDocument/didOpen", {"textDocument": {"uri": URI, "languageId": "python", "version": 0, "text": ""}})
    for version_ in range(1, LETTERS + 1):
        send("textDocument/didChange", {"textDocument": {"uri": URI, "version": version_},
                                        "contentChanges": [{"text": "x" * version_}]})
        if version_ % 100 == 0:
            await process.stdin.drain()
    send("workspace/executeCommand", {"command": "kept", "arguments": []}, 2)
    count = await answer(2)
    process.kill()
    await process.wait()
    return count


if "serve" in sys.argv:
    server.start_io()
else:
    count = asyncio.run(client())
    print(f"pygls {version('pygls')}: after {LETTERS} letters the server keeps {count} futures")
    sys.exit(count < LETTERS)
PYTHON
venv/bin/python typed.py
