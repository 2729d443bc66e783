#!/usr/bin/env bash
# nbformat: a notebook of version 4.4 has no ids for its cells. Upgrading it to 4.5 makes random ones, so that two upgrades
# of the same file differ and each is a change in version control.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" nbformat==5.11.1
python -W ignore - <<'P'
import nbformat

cell = {"cell_type": "code", "source": ["x = 1\n", "x"], "metadata": {}, "outputs": [], "execution_count": None}
old = nbformat.from_dict({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]})
nbformat.validate(old)

def upgraded():
    return nbformat.v4.upgrade(nbformat.from_dict(old.copy() | {"cells": [dict(cell)]}), from_version=4, from_minor=4)

one, two = upgraded(), upgraded()
print("ids:", one.cells[0].get("id"), two.cells[0].get("id"))
print("reading as version 4 keeps the minor version:", nbformat.reads(nbformat.writes(old), as_version=4).nbformat_minor)
assert one.cells[0].id != two.cells[0].id
assert "id" not in nbformat.reads(nbformat.writes(old), as_version=4).cells[0]
P
