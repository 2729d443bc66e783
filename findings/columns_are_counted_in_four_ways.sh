#!/usr/bin/env bash
# One name behind an accent and an emoji, four columns: `ast` counts UTF-8 bytes from 0, libcst characters from 0, ruff
# characters from 1, and editors (LSP) UTF-16 units. SARIF has `columnKind` to say which; ruff's SARIF does not say it.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" libcst==1.9.0 ruff==0.17.6
printf 'print("é🙂", missing)\n' > a.py
python - <<'P'
import ast, json, subprocess
import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

text = open("a.py", encoding="utf-8").read()
(name,) = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and n.id == "missing")
wrapper = MetadataWrapper(cst.parse_module(text))
places = wrapper.resolve(PositionProvider)
(place,) = (places[n] for n in places if isinstance(n, cst.Name) and n.value == "missing")

def ruff(form):
    command = ["ruff", "check", "--isolated", "--no-cache", "--select", "F821", "--output-format", form, "a.py"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, encoding="utf-8").stdout)

sarif = ruff("sarif")["runs"][0]
columns = {
    "ast": name.col_offset,
    "libcst": place.start.column,
    "ruff": ruff("json")[0]["location"]["column"],
    "ruff's SARIF": sarif["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"],
}
units = len(text[: place.start.column].encode("utf-16-le")) // 2 + 1
print(columns, "columnKind:", sarif.get("columnKind"), "| UTF-16 units from 1:", units)
assert columns == {"ast": 16, "libcst": 12, "ruff": 13, "ruff's SARIF": 13} and units == 14
assert "columnKind" not in sarif
P
