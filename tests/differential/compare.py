"""Scores one random model with the program and with the interpreter, and says where they differ.

The two answers of a row must both be there or both not (an invalid value). Of trees, all numbers are the same bits;
elsewhere they differ by 1e-12 of their size at most, or of the size of what was summed up to them.
"""

import csv
import json
import math
import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from differential.reference import association
from differential.reference.model import Interpreter
from differential.reference.values import Invalid, NotCovered

SECONDS = 60


@dataclass
class Outcome:
    refused: str = ""  # what the program says it does not take
    rows: int = 0
    differences: list = field(default_factory=list)
    seconds: float = 0.0  # of the first run of the program


def write_rows(path, names, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            # A row of one empty cell would be an empty line; csv writes "" for it, which is an empty string.
            writer.writerow(["" if cell is None else cell for cell in row])


def run(program, folder, *options):
    """(header, {row number: cells}, errors by row number, whole stderr)"""
    out = folder / "out.csv"
    out.unlink(missing_ok=True)
    done = subprocess.run([str(program), "score", str(folder / "model.pmml"), str(folder / "input.csv"), "-o", str(out), *options],
                          capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)
    errors = {int(number): message for number, message in re.findall(r"input\.csv: row (\d+): (.*)", done.stderr)}
    if done.returncode not in (0, 1):
        return None, [], errors, f"exit {done.returncode}: {done.stderr[-2000:]}"
    if not out.exists():
        return None, [], errors, done.stderr
    with open(out, newline="", encoding="utf-8") as file:
        rows = [row or [""] for row in csv.reader(file)]
    return (rows[0] if rows else []), rows[1:], errors, done.stderr


def close(expected, got, exact, scale):
    if expected == got or (math.isnan(expected) and math.isnan(got)):
        return True
    if exact or not (math.isfinite(expected) and math.isfinite(got)):
        return False
    return abs(expected - got) <= 1e-12 * abs(expected) + 1e-13 * scale


def same(expected, cell, exact, scale):
    """A value of the interpreter against a cell of the program."""
    if expected is None:
        return cell == ""
    if isinstance(expected, list):
        return (json.loads(cell) if cell else []) == expected
    if isinstance(expected, bool):
        return cell == ("true" if expected else "false")
    if isinstance(expected, str):
        return cell == expected
    try:
        return close(float(expected), float(cell), exact, scale)
    except ValueError:
        return False


def reference_answers(text, names, rows):
    """Of each row {column: value}, or None where it has no result."""
    interpreter = Interpreter(text)
    if interpreter.document.model.tag == "AssociationModel":  # one answer a group
        return association.score(interpreter.document, [dict(zip(names, row)) for row in rows])
    answers = []
    for row in rows:
        try:
            answers.append(interpreter.score(dict(zip(names, row))))
        except Invalid:
            answers.append(None)
    return answers


def scale_of(row):
    """The size of what may have been summed up: the largest number of the row."""
    sizes = [1.0]
    for cell in row:
        try:
            size = abs(float(cell))
        except (TypeError, ValueError):
            continue
        if math.isfinite(size):
            sizes.append(size)
    return max(sizes)


def refusal(stderr):
    """The message that names a line of the model, else nothing."""
    found = re.search(r"model\.pmml:\d+: .*", stderr)
    return found.group(0) if found else ""


def compare(program, folder, text, fields, rows, exact, batches=("1", "7", "256"), reference=None):
    """Scores `rows` both ways, in batches of all sizes. `reference`: another text for the interpreter."""
    folder = Path(folder)
    names = [each.name for each in fields]
    (folder / "model.pmml").write_text(text, encoding="utf-8")
    write_rows(folder / "input.csv", names, rows)
    outcome = Outcome(rows=len(rows))
    began = time.perf_counter()
    header, results, errors, stderr = run(program, folder)
    outcome.seconds = time.perf_counter() - began
    if header is None or (not results and refusal(stderr)):
        outcome.refused = refusal(stderr)
        if not outcome.refused:
            outcome.differences.append(f"the program failed: {stderr[-1000:]}")
        return outcome
    first = (folder / "out.csv").read_bytes()
    for batch in batches:
        if run(program, folder, "--batch", batch)[1] is None or (folder / "out.csv").read_bytes() != first:
            outcome.differences.append(f"--batch {batch} gives other results")
    try:
        expected = reference_answers(reference or text, names, rows)
    except NotCovered as what:
        outcome.refused = f"the interpreter does not cover {what}"
        return outcome
    if len(results) + len(errors) != len(expected):
        outcome.differences.append(f"{len(results)} results and {len(errors)} errors, expected {len(expected)}")
    following = iter(results)
    for number, (row, answer) in enumerate(zip(rows, expected), 1):  # of groups, `row` is only one of the first
        got = None if number in errors else dict(zip(header, next(following, [])))
        if answer is None or got is None:
            if answer is not None or got is not None:
                outcome.differences.append(f"row {number} {dict(zip(names, row))}: {errors.get(number) or got}, expected {answer or 'no result'}")
            continue
        scale = scale_of(row)
        for column, value in answer.items():
            if column not in got:
                outcome.differences.append(f"no column {column} among {header}")
            elif not same(value, got[column], exact, scale):
                outcome.differences.append(f"row {number} {dict(zip(names, row))}: {column} = {got[column]!r}, expected {value!r}")
    return outcome


def program_path():
    root = Path(__file__).resolve().parent.parent.parent
    return Path(os.environ.get("MILLRACE") or root / "build" / "millrace")
