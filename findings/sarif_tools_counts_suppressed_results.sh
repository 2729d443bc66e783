#!/usr/bin/env bash
# sarif-tools: a result that is suppressed (`suppressions`), one that is gone since the baseline (`baselineState: absent`) and one
# that passed (`kind: pass`) are counted like any other. A report that lists them, as SARIF suggests, says more mistakes than there are, and
# `--check` fails by them.
set -euo pipefail
. "$(dirname "$0")/_venv.sh" sarif-tools==3.0.5
cat > report.sarif <<'S'
{"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [{
  "tool": {"driver": {"name": "sample", "rules": [{"id": "A1"}]}},
  "results": [
    {"ruleId": "A1", "level": "error", "message": {"text": "suppressed"}, "suppressions": [{"kind": "inSource", "status": "accepted"}]},
    {"ruleId": "A1", "level": "error", "message": {"text": "gone"}, "baselineState": "absent"},
    {"ruleId": "A1", "level": "none", "kind": "pass", "message": {"text": "passed"}}
  ]}]}
S
sarif summary report.sarif | tee summary
grep -q '^error: 2$' summary && grep -q '^none: 1$' summary
status=0
sarif --check error summary report.sarif > checked || status=$?
echo "exit status of --check error: $status"
test "$status" -ne 0
