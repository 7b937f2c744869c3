"""Counts the verdicts of all cases and says them at the end."""

import collections

import pytest

from conformance import judge

VERDICTS = collections.defaultdict(collections.Counter)  # set of cases -> outcome -> count


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
            f"{counts[outcome]} {outcome}" for outcome in (judge.PASSED, judge.REFUSED, judge.WRONG)))
