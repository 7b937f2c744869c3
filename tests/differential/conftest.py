"""Counts what was compared and says it at the end."""

import collections

import pytest

COUNTS = collections.defaultdict(collections.Counter)  # family -> what -> count


@pytest.fixture
def counts():
    return COUNTS


def pytest_terminal_summary(terminalreporter):
    for family, count in COUNTS.items():
        terminalreporter.write_line(f"differential, {family}: {count['models']} models, {count['refused']} refused by name, "
                                    f"{count['rows']} rows compared, {count['different']} models with differences")
