"""The judge itself must be able to say "wrong": it judges a program that answers what a test tells it to."""

import json
import stat
import sys

import pytest

from conformance import judge

CASE = {"tolerance": 1e-9, "tolerance_kind": "relative, and both values within +-tolerance count as zero",
        "missing_tokens": ["NA"]}
EXPECTED = "y,p\na,0.25\nNA,1e-12\nb,4\n"
MODEL = '<PMML>\n <NaiveBayesModel threshold="1">\n </NaiveBayesModel>\n</PMML>\n'


@pytest.fixture
def outcome_of(tmp_path):
    """Judges a case with a program that writes `output`, says `stderr` and exits with `code`."""
    def run(output, stderr="", code=0, expected=EXPECTED, **fields):
        folder = tmp_path / "case"
        folder.mkdir()
        (folder / "case.json").write_text(json.dumps({**CASE, **fields}))
        (folder / "model.pmml").write_text(MODEL)
        (folder / "input.csv").write_text("x\n1\n2\n3\n")
        (folder / "expected.csv").write_text(expected)
        program = tmp_path / "program"
        program.write_text(f"#!{sys.executable}\nimport sys\nout = {output!r}\n"
                           "open(sys.argv[sys.argv.index('-o') + 1], 'w').write(out) if out is not None else None\n"
                           f"sys.stderr.write({stderr!r})\nsys.exit({code})\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return judge.run_case(program, folder, tmp_path / "out.csv").outcome
    return run


@pytest.mark.parametrize("output", [
    "y,p\na,0.25\n,1e-12\nb,4\n",
    "y,p\na,0.25000000001\n,0\nb,4.0\n",
    "z,p,y\n0,0.25,a\n0,-1e-10,\n0,4,b\n",
])
def test_right(outcome_of, output):
    assert outcome_of(output) == judge.PASSED


@pytest.mark.parametrize("output", [
    "y,p\na,0.2500001\n,1e-12\nb,4\n",  # a number
    "y,p\na,0.25\n,1e-8\nb,4\n",  # a number near zero
    "y,p\nb,0.25\n,1e-12\nb,4\n",  # a category
    "y,p\na,0.25\na,1e-12\nb,4\n",  # a value where none is expected
    "y,p\na,0.25\n,1e-12\n,4\n",  # none where a value is expected
    "y,p\na,0.25\n,1e-12\nb,nan\n",
    "y,p\na,0.25\n,1e-12\n",  # a row less
    "y,p\na,0.25\n,1e-12\nb,4\nb,4\n",  # a row more
    "y\na\n\nb\n",  # a column less
    "y,p\na,0.25\n,1e-12\nb\n",  # a cell less
    "", None,
])
def test_wrong(outcome_of, output):
    assert outcome_of(output) == judge.WRONG


def test_wrong_expected_value(outcome_of):
    right = EXPECTED.replace("NA", "")
    assert outcome_of(right, expected=EXPECTED.replace("0.25", "0.26")) == judge.WRONG


def test_absolute_tolerance(outcome_of):
    assert outcome_of("y,p\na,0.2509\n,0\nb,4\n", tolerance=1e-3, tolerance_kind="absolute") == judge.PASSED


def test_columns_of_the_case(outcome_of):
    assert outcome_of("z\na\n\nb\n", column_map={"y": "z"}, ignored_columns=["p"]) == judge.PASSED


def test_no_column_left_is_no_pass(outcome_of):
    assert outcome_of("y\na\n\nb\n", ignored_columns=["p"], disputed_columns=["y"]) == judge.WRONG


@pytest.mark.parametrize("got,outcome", [('"[1.0, 2]"', judge.PASSED), ('"[2, 1]"', judge.WRONG), ("", judge.WRONG)])
def test_lists(outcome_of, got, outcome):
    assert outcome_of(f"y\n{got}\n", expected='y\n"[1, 2]"\n', json_list_columns=["y"]) == outcome


@pytest.mark.parametrize("stderr,code,output,outcome", [
    ("millrace: model.pmml:2: NaiveBayesModel is not supported\n", 1, None, judge.REFUSED),
    ("millrace: model.pmml:2: NaiveBayesModel is not supported\n", 1, "y,p\n", judge.REFUSED),
    ("millrace: model.pmml:2: NaiveBayesModel is not supported\n", 1, "y,p\na,1\n", judge.WRONG),
    ("millrace: model.pmml:2: NaiveBayesModel is not supported\n", -11, None, judge.WRONG),
    ("millrace: model.pmml:9: NaiveBayesModel is not supported\n", 1, None, judge.WRONG),
    ("millrace: model.pmml:2: it is not supported\n", 1, None, judge.WRONG),
    ("millrace: the model is not supported\n", 1, None, judge.WRONG),
    ("", 1, None, judge.WRONG),
    ("", 2, EXPECTED.replace("NA", ""), judge.WRONG),
])
def test_refusals(outcome_of, stderr, code, output, outcome):
    assert outcome_of(output, stderr, code) == outcome
