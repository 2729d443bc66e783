#!/usr/bin/env bash
# `ruff format` in a folder rewrites the Python blocks of its Markdown files as well, although `ruff check` reads none of
# them: generated pages and documents that show code as somebody wrote it change unless they are excluded.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ruff==0.17.6
mkdir docs
printf '# A page\n\n```python\nimport os\nx = {  "a":1 }\n```\n' > docs/page.md
cp docs/page.md before.md
venv/bin/ruff --version
echo "ruff check: $(venv/bin/ruff check --isolated docs 2>&1 | tr '\n' ' ')"
echo "ruff format: $(venv/bin/ruff format --isolated docs)"
if diff before.md docs/page.md; then
    echo "the page is as it was: the behaviour has changed"
    exit 1
fi
