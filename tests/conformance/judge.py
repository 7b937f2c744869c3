"""Runs a conformance case and judges it: passed, refused by name, or wrong.

A case is a folder: model.pmml, input.csv, expected.csv and case.json (README.md says what is in that).
`millrace score` must give expected.csv, or say at loading which element, on which line, it does not
take, exit 1 and write no result. Anything else is wrong: another value, a row more or less, a crash,
a refusal that names nothing.
"""

import csv
import json
import os
import pathlib
import re
import subprocess
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OWN = ROOT / "tests" / "conformance" / "cases"
CORPUS = pathlib.Path(os.environ.get("MILLRACE_CORPUS") or ROOT.parent / "shared" / "pmml-corpus")
SECONDS = 300  # a run that takes longer hangs

PASSED, REFUSED, WRONG = "passed", "refused by name", "wrong"


@dataclass
class Verdict:
    outcome: str
    reason: str = ""


def case_folders(root):
    return sorted(path.parent for path in root.glob("*/case.json"))


# --- Tables ---------------------------------------------------------------------------------------------

def read_table(path):
    """Header and rows. A row of a single empty cell is an empty line."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = [row or [""] for row in csv.reader(file)]
    return (rows[0], rows[1:]) if rows else ([], [])


def as_number(text):
    try:
        return float(text)
    except ValueError:
        return None


def close(expected, got, tolerance, relative):
    if expected == got:
        return True
    if relative and abs(expected) <= tolerance and abs(got) <= tolerance:
        return True
    return abs(expected - got) <= (tolerance * abs(expected) if relative else tolerance)


def same(expected, got, tolerance, relative):
    """Cells as text. Numbers by the tolerance, all else letter by letter."""
    if expected == got:
        return True
    numbers = as_number(expected), as_number(got)
    return None not in numbers and close(*numbers, tolerance, relative)


def same_list(expected, got, tolerance, relative):
    """Cells that hold a JSON list; a missing list is an empty one."""
    left, right = json.loads(expected or "[]"), json.loads(got or "[]")
    return len(left) == len(right) and all(same(str(a), str(b), tolerance, relative) for a, b in zip(left, right))


def differences(case, expected, got):
    """What `got` has wrong, at most a few lines. Both are (header, rows)."""
    (names, rows), (out_names, out_rows) = expected, got
    if len(rows) != len(out_rows):
        return [f"{len(out_rows)} rows, expected {len(rows)}"]
    missing = set(case.get("missing_tokens") or [""])
    lists = set(case.get("json_list_columns", []))
    nested = set(case.get("nested_output_columns", []))
    skipped = {*case.get("ignored_columns", []), *case.get("disputed_columns", [])}
    tolerance, relative = case["tolerance"], not case["tolerance_kind"].startswith("absolute")
    problems, compared = [], 0
    for column, name in enumerate(names):
        if name in skipped:
            continue
        out_name = case.get("column_map", {}).get(name, name)
        if out_name not in out_names:
            if name not in nested:  # outputs of a segment's own model, which the result need not show
                problems.append(f"no column {out_name!r} among {out_names}")
            continue
        compared += 1
        at = out_names.index(out_name)
        for number, (row, out_row) in enumerate(zip(rows, out_rows), 1):
            want, have = "" if row[column] in missing else row[column], out_row[at] if at < len(out_row) else None
            if have is None or not (same_list if name in lists else same)(want, have, tolerance, relative):
                problems.append(f"row {number}, {out_name}: {have!r}, expected {want!r}")
                if len(problems) >= 5:
                    return problems
    if not compared and not problems:
        problems.append("no column to compare")
    return problems


# --- Runs -------------------------------------------------------------------------------------------------

def refusal(model, stderr):
    """The message of a refusal that names the line and something that stands there, else None."""
    for message in stderr.splitlines():
        found = re.search(re.escape(model.name) + r":(\d+)", message)
        if not found:
            continue
        lines = model.read_text(encoding="utf-8", errors="replace").splitlines()
        number = int(found.group(1))
        if not 1 <= number <= len(lines):
            continue
        # An element's tag may go on over some lines; its attributes are named by the first.
        there = set(re.findall(r"[A-Za-z][\w.-]*", " ".join(lines[number - 1:number + 12])))
        said = set(re.findall(r"[A-Za-z][\w.-]*", message[found.end():]))
        if {word for word in there & said if len(word) > 2}:
            return message
    return None


def score(millrace, model, inputs, output, options=()):
    return subprocess.run([str(millrace), "score", str(model), str(inputs), "-o", str(output), *options],
                          capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)


def run_case(millrace, folder, output, options=()):
    """Runs one case with the program `millrace`; `output` is the file that the results go to."""
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    model = folder / "model.pmml"
    tokens = [word for token in case.get("missing_tokens", []) for word in ("--missing", token)]
    run = score(millrace, model, folder / "input.csv", output, [*tokens, *options])
    told = "; ".join(run.stderr.strip().splitlines()[:3]) or "nothing on stderr"
    got = read_table(output) if output.exists() else ([], [])
    if run.returncode == 1 and not got[1]:
        message = refusal(model, run.stderr)
        return Verdict(REFUSED, message) if message else Verdict(WRONG, f"refused without a name and line: {told}")
    if run.returncode != 0:
        return Verdict(WRONG, f"exit {run.returncode}: {told}")
    problems = differences(case, read_table(folder / "expected.csv"), got)
    return Verdict(WRONG, "\n".join(problems)) if problems else Verdict(PASSED)
