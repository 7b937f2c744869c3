"""`millrace score` with every bad or very large model: a clear error or the right result, in little memory.

Asserted: the exit code, what the error names, peak memory <= 3 x the size of the model (and a floor).
Printed (pytest -s, or when a test fails): the time, which is to be at most 10 s on a quiet machine.
"""

import csv
import json
import subprocess
import sys

import pytest

from conformance import judge
from integration import bad_models

FLOOR = 48 << 20  # what the program takes for the smallest model, with room
SECONDS = 120  # a hang

# In a small process of its own: a child's peak memory counts what its parent held when it forked.
MEASURE = """
import json, resource, subprocess, sys, time
begin = time.monotonic()
run = subprocess.run(sys.argv[1:], capture_output=True, text=True, errors="replace")
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps([run.returncode, run.stderr, peak, time.monotonic() - begin]))
"""


def measure(*command):
    run = subprocess.run([sys.executable, "-S", "-c", MEASURE, *map(str, command)], capture_output=True, text=True,
                         timeout=SECONDS, check=True)
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", bad_models.MODELS)
def test_model(name, tmp_path, millrace):
    entry = bad_models.MODELS[name]
    path, inputs, output = tmp_path / f"{name}.pmml", tmp_path / "input.csv", tmp_path / "output.csv"
    with open(path, "wb") as file:
        entry.write(file)
    inputs.write_text(bad_models.INPUT)
    size = path.stat().st_size
    code, error, peak, seconds = measure(millrace.path, "score", path, inputs, "-o", output)
    shown, _, shown_peak, shown_seconds = measure(millrace.path, "inspect", path)
    path.unlink()  # pytest keeps the folders of three runs
    print(f"{name}: {size / 1e6:.1f} MB, exit {code}, {seconds:.2f} s, peak {peak / 1e6:.0f} MB"
          f" ({peak / max(size, 1):.1f} x)\n{error.strip()[:500]}")
    if entry.result is None or (entry.refused and code != 0):
        assert code == 1
        assert bad_models.error_matches(name, error), error
        assert len(error) < 2000
    else:
        assert code == 0, error
        with open(output, newline="", encoding="utf-8") as file:
            row, = csv.DictReader(file)
        assert judge.same(entry.result, row["y"], 0, True)
    assert peak <= 3 * size + FLOOR
    assert shown == code or not entry.refused
    assert shown_peak <= 3 * size + FLOOR and shown_seconds < SECONDS
