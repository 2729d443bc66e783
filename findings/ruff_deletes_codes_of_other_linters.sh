#!/usr/bin/env bash
# ruff: RUF100 (`--fix`) leaves a `noqa` alone that has only codes of another linter, and one whose own code is in use. Where its
# own code is unused it deletes the whole comment, the other linter's code with it. `lint.external` keeps that.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" ruff==0.17.6
fixed() {
    printf '%s\n' "$1" > a.py
    ruff check --isolated --no-cache --select F401,RUF100 --config "lint.external = [$2]" --fix --quiet a.py
    printf '%-38s external [%s]: %s\n' "$1" "$2" "$(cat a.py)"
}
fixed 'print(1)  # noqa: WPS100' ''
test "$(cat a.py)" = 'print(1)  # noqa: WPS100'
fixed 'import os  # noqa: F401, WPS100' ''
test "$(cat a.py)" = 'import os  # noqa: F401, WPS100'
fixed 'print(1)  # noqa: F401, WPS100' ''
test "$(cat a.py)" = 'print(1)'
fixed 'print(1)  # noqa: F401, WPS100' '"WPS"'
test "$(cat a.py)" = 'print(1)  # noqa: WPS100'
