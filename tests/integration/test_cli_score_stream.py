"""millrace score over long files: memory that does not grow, and a line of progress on a terminal alone."""
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / "data" / "models" / "wine-3-forest.pmml"
WINES = (ROOT / "data" / "wine.csv").read_text().splitlines(keepends=True)


def write_wines(path, rows):
    block = "".join(WINES[1:])
    times, rest = divmod(rows, len(WINES) - 1)
    path.write_text(WINES[0] + block * times + "".join(WINES[1:rest + 1]))
    return path


# In a small process of its own: a child's peak memory counts what its parent held when it began.
MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_kilobytes(millrace, *words):
    command = [sys.executable, "-c", MEASURE, str(millrace.path), *map(str, words)]
    code, peak = map(int, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert code == 0
    return peak


def run_on_a_terminal(millrace, *words):
    """What appears on the terminal, and the exit code."""
    try:
        ours, theirs = pty.openpty()
    except OSError as error:  # a bare chroot has no devpts
        pytest.skip(f"no terminal can be opened here: {error}")
    process = subprocess.Popen([millrace.path, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    return seen.decode(), process.wait(60)


def test_memory_does_not_grow_with_the_file(millrace, tmp_path):
    few = peak_kilobytes(millrace, "score", MODEL, write_wines(tmp_path / "few.csv", 1000))
    many = peak_kilobytes(millrace, "score", MODEL, write_wines(tmp_path / "many.csv", 300000))
    assert many < few + 1024, f"{few} KB with 1,000 rows, {many} KB with 300,000"


def test_progress_on_a_terminal(millrace, tmp_path):
    path = write_wines(tmp_path / "wines.csv", 1000000)
    seen, code = run_on_a_terminal(millrace, "score", MODEL, path, "-o", tmp_path / "out.csv")
    assert code == 0
    assert " % of 68.5 MB" in seen and " rows/s" in seen
    assert seen.rstrip().splitlines()[-1].rpartition("\x1b[K")[2].startswith("1000000 rows in ")


def test_messages_stand_on_lines_of_their_own(millrace, tmp_path):
    path = tmp_path / "wines.csv"
    column = WINES[0].rstrip("\n").split(",").index("alcohol")
    bad = WINES[1].split(",")
    bad[column] = "strong"
    block = "".join(WINES[1:])
    path.write_text(WINES[0] + block * 3000 + ",".join(bad) + block)
    seen, code = run_on_a_terminal(millrace, "score", MODEL, path)
    assert code == 1
    lines = [line.rpartition("\x1b[K")[2].strip() for line in seen.splitlines()]
    assert f"millrace score: {path}: row {3000 * 178 + 1}: field \"alcohol\": the value is invalid for the model" in lines


@pytest.mark.parametrize("words", [[], ["-o", "out.csv"]])
def test_no_progress_elsewhere(millrace, tmp_path, words):
    path = write_wines(tmp_path / "wines.csv", 500000)
    run = millrace.run("score", MODEL, path, *words, cwd=tmp_path)
    assert run.returncode == 0 and run.stderr == ""
