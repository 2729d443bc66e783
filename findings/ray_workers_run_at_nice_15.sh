#!/usr/bin/env bash
# Ray's workers run at nice 15 unless RAY_worker_niceness says otherwise: on a machine that does something else as well, a
# task gets a small part of the processor time that the same program gets when it is started by hand (Linux: a weight of 36
# beside 1024), and a comparison of the two measures that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ray==2.60.0
cat > niceness.py <<'PYTHON'
import os, sys
import ray

ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
here = os.nice(0)
worker = ray.get(ray.remote(lambda: os.nice(0)).remote())
print(f"ray {ray.__version__}: niceness of the program {here}, of its tasks {worker}")
sys.exit(worker != 15)
PYTHON
unset RAY_worker_niceness
RAY_USAGE_STATS_ENABLED=0 venv/bin/python niceness.py 2>/dev/null
