"""Counts the verdicts of all cases and says them at the end."""

import collections
import os

import pytest

import cases

VERDICTS = collections.defaultdict(collections.Counter)  # set of cases -> outcome -> count


@pytest.fixture(scope="session")
def millrace():
    if not os.access(cases.MILLRACE, os.X_OK):
        pytest.fail(f"no program {cases.MILLRACE}: run ./dev build, or set MILLRACE", pytrace=False)
    return cases.MILLRACE


@pytest.fixture
def count():
    """Counts a verdict for the summary."""
    def add(name, verdict):
        VERDICTS[name][verdict.outcome] += 1
        return verdict
    return add


def pytest_terminal_summary(terminalreporter):
    for name, counts in sorted(VERDICTS.items()):
        terminalreporter.write_line(f"conformance, {name}: {sum(counts.values())} cases: " + ", ".join(
            f"{counts[outcome]} {outcome}" for outcome in (cases.PASSED, cases.REFUSED, cases.WRONG)))
