"""`millrace score` with rows and files that are wrong: each is named with its number, the others are scored."""

import csv
import random
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
WINE = ROOT / "data" / "models" / "wine-2-regression.pmml"  # of alcohol, malic_acid and color_intensity
SEX = ROOT / "tests" / "conformance" / "cases" / "diabetes_ridge_categorical"  # sex is woman or man
HEADER = "alcohol,malic_acid,color_intensity"
GOOD = "13.9,1.7,5"


@pytest.fixture
def score(millrace, tmp_path):
    """Scores a text; the run, and the rows written."""
    def run(text, *options, model=WINE):
        inputs, output = tmp_path / "input.csv", tmp_path / "output.csv"
        inputs.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = millrace.run("score", model, inputs, "-o", output, *options)
        if not output.exists():
            return done, []
        with open(output, newline="", encoding="utf-8") as file:
            return done, list(csv.DictReader(file))
    return run


def test_good_rows(score):
    run, rows = score(f"{HEADER}\n{GOOD}\n12.3,1.1,2.3\n")
    assert run.returncode == 0 and run.stderr == ""
    assert [row["cultivar"] for row in rows] == ["class_0", "class_1"]
    assert sum(float(rows[0][f"probability(class_{i})"]) for i in range(3)) == pytest.approx(1)


@pytest.mark.parametrize("bad", [
    "strong,1.7,5",  # text for a number
    "13.9x,1.7,8.9",
    "13.9,1.7",  # a cell less
    "13.9,1.7,5,1",  # a cell more
    '13.9,"1.7,8.9' + "x" * (2 << 20) + '"',  # longer than a row may be
], ids=["text", "number and text", "cell less", "cell more", "too long"])
def test_bad_row_between_good_ones(score, bad):
    expected = score(f"{HEADER}\n{GOOD}\n{GOOD}\n")[1]
    run, rows = score(f"{HEADER}\n{GOOD}\n{bad}\n{GOOD}\n")
    assert run.returncode == 1
    assert "row 2" in run.stderr and len(run.stderr) < 4000
    assert rows == expected


def test_error_names_the_field(score):
    run, _ = score(f"{HEADER}\n13.9,sour,8.9\n")
    assert "malic_acid" in run.stderr


def test_unclosed_quote(score):
    run, rows = score(f'{HEADER}\n{GOOD}\n13.9,"1.7,8.9\n{GOOD}\n')
    assert run.returncode == 1 and "row 2" in run.stderr
    assert rows[0]["cultivar"] == "class_0"


def test_unknown_category(score):
    lines = (SEX / "input.csv").read_text().splitlines()
    unknown = lines[1].replace(",man,", ",other,")
    assert unknown != lines[1]
    run, rows = score("\n".join([lines[0], lines[1], unknown, lines[2]]) + "\n", model=SEX / "model.pmml")
    assert run.returncode == 1
    assert "row 2" in run.stderr and "sex" in run.stderr
    assert len(rows) == 2


def test_all_missing(score):
    run, rows = score(f"{HEADER}\n{GOOD}\n,,\n{GOOD}\n")
    assert run.returncode == 0
    assert len(rows) == 3 and rows[0] == rows[2]
    assert set(rows[1].values()) == {""}


def test_missing_token(score):
    run, rows = score(f"{HEADER}\n?,1.7,5\n{GOOD}\n", "--missing", "?", "--missing", "NA")
    assert run.returncode == 0 and rows[0]["cultivar"] == "" and rows[1]["cultivar"] == "class_0"
    # The empty cell is missing only by default.
    run, rows = score(f"{HEADER}\n,1.7,5\n{GOOD}\n", "--missing", "?")
    assert run.returncode == 1 and "row 1" in run.stderr and len(rows) == 1


def test_fields_and_delimiter(score):
    run, rows = score("1.7;13.9;5\n", "--delimiter", ";", "--fields", "malic_acid,alcohol,color_intensity")
    assert run.returncode == 0, run.stderr
    (names, values), = rows[0].items()  # the output is delimited as the input
    assert names.startswith("cultivar;") and values.startswith("class_0;")


def test_all_keeps_the_columns(score):
    run, rows = score(f"id,{HEADER}\n7,{GOOD}\n", "--all")
    assert run.returncode == 0
    assert list(rows[0])[:5] == ["id", "alcohol", "malic_acid", "color_intensity", "cultivar"]
    assert rows[0]["id"] == "7" and rows[0]["alcohol"] == "13.9"


@pytest.mark.parametrize("text", [b"", b"\n\n", b"a,a\n1,2\n"],
                         ids=["empty", "no header", "two columns of one name"])
def test_bad_file(score, text):
    run, rows = score(text)
    assert run.returncode == 1
    assert "input.csv" in run.stderr and len(run.stderr) < 4000
    assert not rows


def test_random_bytes(score):
    run, _ = score(random.Random(2).randbytes(50_000))
    assert run.returncode == 1
    assert all("input.csv" in line or "rows" in line for line in run.stderr.splitlines())


def test_no_such_files(millrace, tmp_path):
    inputs = tmp_path / "input.csv"
    inputs.write_text(f"{HEADER}\n{GOOD}\n")
    for arguments in ([tmp_path / "none.pmml", inputs], [WINE, tmp_path / "none.csv"],
                      [WINE, inputs, "-o", tmp_path / "none" / "out.csv"], [tmp_path, inputs]):
        run = millrace.run("score", *arguments)
        assert run.returncode == 1
        assert "none" in run.stderr or str(tmp_path) in run.stderr


@pytest.mark.parametrize("arguments", [["--batch", "0"], ["--batch", "many"], ["--delimiter", "ab"], ["--outptu", "x"]])
def test_wrong_options(millrace, arguments):
    run = millrace.run("score", WINE, "input.csv", *arguments)
    assert run.returncode == 2
    assert arguments[0] in run.stderr


def test_wrong_count_of_arguments(millrace):
    assert millrace.run("score").returncode == 2
    assert millrace.run("score", WINE).returncode == 2


@pytest.mark.parametrize("mapping, said", [("alcohol=nope", 'has no column "nope"'), ("nope=alcohol", 'no input "nope"')])
def test_mapping_of_what_is_not_there(score, mapping, said):
    run, rows = score(f"{HEADER}\n{GOOD}\n", "--mapping", mapping)
    assert run.returncode == 1 and said in run.stderr and rows == []


def test_output_does_not_overwrite_the_input(millrace, tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text(f"{HEADER}\n{GOOD}\n")
    run = millrace.run("score", WINE, rows, "-o", rows)
    assert run.returncode == 1 and "is the input too" in run.stderr
    assert rows.read_text() == f"{HEADER}\n{GOOD}\n"


def test_limits_of_a_row_are_named_with_its_line(score):
    columns = ",".join(f"c{i}" for i in range(5000))
    run, _ = score(f"{columns}\n{columns}\n")
    assert run.returncode == 1 and "input.csv:1: the row has more than 4096 cells" in run.stderr


def test_reader_that_goes_away_is_no_news(millrace, tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text(f"{HEADER}\n" + f"{GOOD}\n" * 50_000)
    run = subprocess.run(f"'{millrace.path}' score '{WINE}' '{rows}' | head -1", shell=True, capture_output=True,
                         text=True, check=False)
    assert run.stdout.startswith("cultivar") and run.stderr == ""


def test_closed_standard_input_is_named(millrace):
    run = subprocess.run(f"'{millrace.path}' score '{WINE}' - <&-", shell=True, capture_output=True, text=True,
                         check=False)
    assert run.returncode == 1 and "standard input: cannot be read: " in run.stderr
