"""`millrace score` against known results: the project's own cases, and the corpus where there is one.

The own cases (tools/make-conformance-data) must all pass. A case of the corpus may be refused by name;
one that gives a wrong value fails. The corpus is MILLRACE_CORPUS, else ../shared/pmml-corpus.
"""

import pytest

from conformance import judge

OWN = judge.case_folders(judge.OWN)
CORPUS = judge.case_folders(judge.CORPUS)


def name_of(folder):
    return folder.name


def test_there_are_own_cases():
    assert len(OWN) >= 30


@pytest.mark.parametrize("folder", OWN, ids=name_of)
def test_own(folder, tmp_path, millrace, count):
    verdict = count("own", judge.run_case(millrace.path, folder, tmp_path / "out.csv"))
    assert verdict.outcome == judge.PASSED, verdict.reason


@pytest.mark.parametrize("folder", OWN, ids=name_of)
def test_batches_change_nothing(folder, tmp_path, millrace):
    results = []
    for batch in ("1", "7", "256"):
        output = tmp_path / f"out-{batch}.csv"
        run = judge.score(millrace.path, folder / "model.pmml", folder / "input.csv", output, ["--batch", batch])
        assert run.returncode == 0, run.stderr
        results.append(output.read_bytes())
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("folder", CORPUS, ids=name_of)
def test_corpus(folder, tmp_path, millrace, count):
    verdict = count("corpus", judge.run_case(millrace.path, folder, tmp_path / "out.csv"))
    must_pass = folder.name.startswith("wine_")  # the tutorial's seven models
    if verdict.outcome == judge.REFUSED and not must_pass:
        pytest.skip(verdict.reason)
    assert verdict.outcome == judge.PASSED, verdict.reason
