#!/usr/bin/env bash
# pygls counts the lines of a document by `str.splitlines`, which also ends them at form feeds (legal between definitions in
# Python, and common in GNU code), U+0085, U+2028 and others. The Language Server Protocol ends a line at \n, \r\n and \r
# only. Below such a character every incremental change lands a line too high, and the text that the server holds is no
# longer the one in the editor.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pygls==2.1.1 lsprotocol==2025.0.0
cat > lines.py <<'PYTHON'
import sys
from importlib.metadata import version

from lsprotocol.types import Position, Range, TextDocumentContentChangePartial
from pygls.workspace import TextDocument

document = TextDocument("file:///module.py", "first = 1\n\f\nsecond = 2\nthird = 3\n")
# The protocol's line 2 is `second = 2`; an editor replaces its digit.
document.apply_change(TextDocumentContentChangePartial(Range(Position(2, 9), Position(2, 10)), "9"))
print(f"pygls {version('pygls')}: after replacing the digit of line 2: {document.source!r}")
sys.exit(document.source == "first = 1\n\f\nsecond = 9\nthird = 3\n")
PYTHON
venv/bin/python lines.py
