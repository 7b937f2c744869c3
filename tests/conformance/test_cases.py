"""The judge itself must be able to say "wrong": it judges a program that answers what a test tells it to."""

import json
import stat
import sys

import pytest

import cases

CASE = {"tolerance": 1e-9, "tolerance_kind": "relative, and both values within +-tolerance count as zero",
        "missing_tokens": ["NA"]}
EXPECTED = "y,p\na,0.25\nNA,1e-12\nb,4\n"
MODEL = '<PMML>\n <NaiveBayesModel threshold="1">\n </NaiveBayesModel>\n</PMML>\n'


@pytest.fixture
def judge(tmp_path):
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
        return cases.judge(folder, tmp_path / "out.csv", millrace=str(program)).outcome
    return run


@pytest.mark.parametrize("output", [
    "y,p\na,0.25\n,1e-12\nb,4\n",
    "y,p\na,0.25000000001\n,0\nb,4.0\n",
    "z,p,y\n0,0.25,a\n0,-1e-10,\n0,4,b\n",
])
def test_right(judge, output):
    assert judge(output) == cases.PASSED


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
def test_wrong(judge, output):
    assert judge(output) == cases.WRONG


def test_wrong_expected_value(judge):
    right = EXPECTED.replace("NA", "")
    assert judge(right, expected=EXPECTED.replace("0.25", "0.26")) == cases.WRONG


def test_absolute_tolerance(judge):
    assert judge("y,p\na,0.2509\n,0\nb,4\n", tolerance=1e-3, tolerance_kind="absolute") == cases.PASSED


def test_columns_of_the_case(judge):
    assert judge("z\na\n\nb\n", column_map={"y": "z"}, ignored_columns=["p"]) == cases.PASSED


def test_no_column_left_is_no_pass(judge):
    assert judge("y\na\n\nb\n", ignored_columns=["p"], disputed_columns=["y"]) == cases.WRONG


@pytest.mark.parametrize("got,outcome", [('"[1.0, 2]"', cases.PASSED), ('"[2, 1]"', cases.WRONG), ("", cases.WRONG)])
def test_lists(judge, got, outcome):
    assert judge(f"y\n{got}\n", expected='y\n"[1, 2]"\n', json_list_columns=["y"]) == outcome


@pytest.mark.parametrize("stderr,code,output,outcome", [
    ("millrace: model.pmml:2: NaiveBayesModel is not supported\n", 1, None, cases.REFUSED),
    ("millrace: model.pmml:2: NaiveBayesModel is not supported\n", 1, "y,p\n", cases.REFUSED),
    ("millrace: model.pmml:2: NaiveBayesModel is not supported\n", 1, "y,p\na,1\n", cases.WRONG),
    ("millrace: model.pmml:2: NaiveBayesModel is not supported\n", -11, None, cases.WRONG),
    ("millrace: model.pmml:9: NaiveBayesModel is not supported\n", 1, None, cases.WRONG),
    ("millrace: model.pmml:2: it is not supported\n", 1, None, cases.WRONG),
    ("millrace: the model is not supported\n", 1, None, cases.WRONG),
    ("", 1, None, cases.WRONG),
    ("", 2, EXPECTED.replace("NA", ""), cases.WRONG),
])
def test_refusals(judge, stderr, code, output, outcome):
    assert judge(output, stderr, code) == outcome
