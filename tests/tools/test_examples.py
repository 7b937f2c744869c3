"""examples/ work as a user would run them: against what is installed, found by pkg-config or by name."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
MODEL = ROOT / "data" / "models" / "wine-2-regression.pmml"


def test_the_c_example(built):
    program = built(EXAMPLES / "score.c", "libmillrace-model", ["cc", "-std=c17"])
    assert (EXAMPLES / "score.c").read_text().count("\n") <= 60
    run = subprocess.run(program["args"] + [MODEL], env=program["env"], check=True, capture_output=True, text=True)
    assert run.stdout == "row 0: class_0\nrow 1: class_1\n"
    run = subprocess.run(program["args"] + ["none.pmml"], env=program["env"], check=False, capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr == "none.pmml: cannot be opened: No such file or directory\n"


def test_the_c_plus_plus_example(built):
    program = built(EXAMPLES / "score.cpp", "libmillrace-model", ["clang++", "-std=c++17"])
    run = subprocess.run(program["args"] + [MODEL], env=program["env"], check=True, capture_output=True, text=True)
    assert run.stdout == ("inputs: alcohol, malic_acid, color_intensity\none: class_0\n"
                          "row 0: class_0\nrow 1: class_1\n")
    run = subprocess.run(program["args"] + ["none.pmml"], env=program["env"], check=False, capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr == "none.pmml: cannot be opened: No such file or directory\n"


# What the example leaves out: texts, states, errors, memory; with the sanitizers' eyes where they are built in.
WRAPPER = r"""
#include <cassert>
#include <fstream>
#include <iostream>
#include <sstream>
#include <millrace/model.hpp>
using namespace millrace;

template <typename F> static std::string thrown(F f) {
    try { f(); } catch (const Error &e) { return e.what(); }
    return "nothing";
}

int main(int, char **argv) {
    std::ifstream file(argv[1]);
    std::stringstream text;
    text << file.rdbuf();
    Model model = Model::from_memory(text.str(), "mine"), copy = model;
    model = Model(copy);
    RowScorer scorer(model);
    assert(scorer.score({{"color", "red"}, {"x", 1}}).number("y") == 11);
    assert(scorer.score({{"Color", std::string("blue")}, {"x", 1.5}}).number("y") == 21.5);
    assert(scorer.score({{"color", "red"}, {"x", std::nullopt}}).missing("y"));
    assert(scorer.score({{"color", "red"}, {"x", "2.5"}}).number("y") == 12.5);
    std::cout << thrown([&] { scorer.score({{"color", "red"}, {"x", "many"}}); }) << '\n'
              << thrown([&] { scorer.score({{"colour", "red"}}); }) << '\n'
              << thrown([&] { scorer.score({{"x", 1}}).text("y"); }) << '\n'
              << thrown([&] { scorer.score({{"color", "red"}, {"x", 1}}).number("z"); }) << '\n'
              << thrown([] { Model::from_memory("<PMML/>", "mine"); }) << '\n';
    std::vector<double> x{1, 2, 3, 4};
    std::vector<std::string> color{"red", "blue", "red", "green"};
    const std::vector<std::uint8_t> states{0, 0, 1, 0};
    Batch batch(model, Columns().add("x", x).states(states).add("color", color));
    x[0] = 5;
    color[1] = "red";
    batch.score();
    batch.score();
    assert(batch.rows() == 4 && batch.number("y", 0) == 15 && batch.number("y", 1) == 12 && batch.missing("y", 2));
    std::cout << batch.error(3) << '\n' << thrown([&] { batch.number("y", 2); }) << '\n'
              << thrown([&] { Batch(model, Columns().add("x", x).add("color", {"red"})); }) << '\n';
}
"""

PMML = """<PMML version="4.4"><DataDictionary>
<DataField name="x" optype="continuous" dataType="double"/>
<DataField name="color" optype="categorical" dataType="string"><Value value="red"/><Value value="blue"/></DataField>
<DataField name="y" optype="continuous" dataType="double"/></DataDictionary>
<RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/><MiningField name="color"/>
<MiningField name="y" usageType="target"/></MiningSchema><RegressionTable intercept="0"><NumericPredictor name="x" coefficient="1"/>
<CategoricalPredictor name="color" value="red" coefficient="10"/><CategoricalPredictor name="color" value="blue" coefficient="20"/>
</RegressionTable></RegressionModel></PMML>
"""


@pytest.fixture
def colors(tmp_path):
    path = tmp_path / "colors.pmml"
    path.write_text(PMML)
    return path


def test_the_c_plus_plus_wrapper(built, tmp_path, colors):
    (tmp_path / "wrapper.cpp").write_text(WRAPPER)
    program = built(tmp_path / "wrapper.cpp", "libmillrace-model", ["clang++", "-std=c++17", "-UNDEBUG"])
    run = subprocess.run(program["args"] + [colors], env=program["env"], check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    said = run.stdout.splitlines()
    assert [any(word in line for word in words) for line, words in zip(said, [
        ('field "x"',), ('no input "colour"',), ("no text", "missing"), ('no output "z"',), ("mine:1: ",),
        ('field "color"',), ("y is missing",), ("another number of rows",)])] == [True] * 8, said


# ---- Python ----

@pytest.fixture
def python(installed):
    """What to run Python with, so that it finds the package and the installed library."""
    library = next(installed.rglob("libmillrace-model.so"))
    return os.environ | {"PYTHONPATH": str(ROOT / "python"), "MILLRACE_LIBRARY": str(library)}


def run_python(python, text, *words):
    run = subprocess.run([sys.executable, "-c", text, *map(str, words)], env=python, check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def value(text):
    """A number, or the text itself."""
    try:
        return float(text)
    except ValueError:
        return text


def test_the_python_example(python):
    run = subprocess.run([sys.executable, EXAMPLES / "score.py", MODEL], env=python, check=True, capture_output=True, text=True)
    assert run.stdout == ("inputs: alcohol (double), malic_acid (double), color_intensity (double)\none: class_0\n"
                          "row 0: class_0\nrow 1: class_1\nrow 2: None\n")


def test_python_without_the_library_says_what_to_do(python):
    run = subprocess.run([sys.executable, "-c", "import millrace"], env=python | {"MILLRACE_LIBRARY": "/nowhere.so"},
                         check=False, capture_output=True, text=True)
    assert run.returncode == 1 and "MILLRACE_LIBRARY" in run.stderr


COLUMNS = """
import sys, threading, numpy as np, millrace
m = millrace.Model(sys.argv[1])
def y(x, color):
    r = m.score({"x": x, "Color": color})
    return [None if v != v else float(v) for v in r["y"]], r.errors
nan = float("nan")
assert y([1, 2], ["red", "blue"]) == ([11, 22], {})
assert y(np.array([1, 2], np.float32), np.array(["red", "blue"])) == ([11, 22], {})
assert y(np.arange(10.0)[8::-4], ["red"] * 3) == ([18, 14, 10], {})
assert y(np.arange(10.0)[::4], ["red"] * 3) == ([10, 14, 18], {})
assert y([nan, 1.0], ["red", "red"]) == ([None, 11], {})
assert y([None, 1], ["red", "red"]) == ([None, 11], {})
assert y(np.ma.masked_array([1.0, 2.0], [True, False]), ["red", "red"]) == ([None, 12], {})
assert y([True, False], np.array([b"red", b"blue"])) == ([11, 20], {})
values, errors = y([1, 2], ["red", "green"])
assert values == [11, None] and list(errors) == [1] and "color" in errors[1] and "green" in errors[1]
assert y(np.array([], float), np.array([], str)) == ([], {})
assert y([1.0, 2.0], [None, None]) == ([1, 2], {})  # without a category a table adds nothing
for wrong, said in (({}, "no columns"), ({"x": [1], "color": ["red", "red"]}, "lengths"), ({"x": [[1]]}, "dimensions")):
    try: m.score(wrong); raise SystemExit("accepted " + said)
    except ValueError as error: assert said in str(error), error
assert m.score_row(x=3, color="blue") == {"y": 23.0}
assert m.score_row(color="blue") == {"y": None}
for call, said in ((lambda: m.score_row(color="green", x=1), "green"), (lambda: m.score_row(colour="red"), "'colour'"),
                   (lambda: m.score({"x": ["many"]}), "string"), (lambda: millrace.Model(b"<PMML/>"), "model:1"),
                   (lambda: millrace.Model("/nowhere"), "cannot be opened")):
    try: call(); raise SystemExit("accepted " + said)
    except (ValueError, millrace.MillraceError) as error: assert said in str(error), error
assert [tuple(each) for each in m.inputs] == [("x", "double", "continuous"), ("color", "string", "categorical")]
assert [each.name for each in m.outputs] == ["y"] and m.group is None and m.memory > 100
wanted = np.arange(100000.0) + 10
def work(found):
    for _ in range(5): found.append(bool((m.score({"x": np.arange(100000.0), "color": ["red"] * 100000})["y"] == wanted).all()))
found = []
threads = [threading.Thread(target=work, args=(found,)) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
assert found == [True] * 20
print("done")
"""


def test_the_python_package(python, colors):
    assert run_python(python, COLUMNS, colors) == "done\n"


def test_python_agrees_with_the_program(python, tmp_path, millrace):
    case = ROOT / "tests" / "conformance" / "cases" / "cancer_forest_missing"
    out = tmp_path / "out.csv"
    run = millrace.run("score", case / "model.pmml", case / "input.csv", "-o", out)
    assert run.returncode == 0, run.stderr
    said = run_python(python, """
import csv, sys, numpy as np, millrace
rows = list(csv.DictReader(open(sys.argv[2])))
columns = {name: np.array([float(row[name] or "nan") for row in rows]) for name in rows[0]}
results = millrace.Model(sys.argv[1]).score(columns)
for row in range(len(rows)): print(",".join(str(results[name][row]) for name in results))
""", case / "model.pmml", case / "input.csv")
    expected = out.read_text().splitlines()[1:]
    found = said.splitlines()
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected):
        assert list(map(value, ours.split(","))) == list(map(value, theirs.split(",")))
