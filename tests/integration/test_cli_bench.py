"""millrace bench score: figures that add up, yardsticks, and what it refuses."""
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WINES = ROOT / "data" / "wine.csv"
MODELS = ROOT / "data" / "models"


def bench(millrace, model, *words, rows=WINES):
    run = millrace.run("bench", "score", model, rows, "--json", *words)
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_one_object_for_each_batch_size(millrace):
    model = MODELS / "wine-3-forest.pmml"
    found = bench(millrace, model, "--batch", "1,64,5000")
    assert [each["batch"] for each in found] == [1, 64, 5000]
    for each in found:
        assert {"model", "rows", "batch", "ns_per_record", "yardstick_ns"} <= each.keys()
        assert each["model"] == str(model) and each["rows"] == 178 and each["failed_rows"] == 0
        assert each["rounds"] >= 10
        ns = each["ns_per_record"]
        assert set(ns) == {"median", "min", "max"}
        assert 1 < ns["min"] <= ns["median"] <= ns["max"]
        assert 10 < each["yardstick_ns"] < 10000, "32 dependent multiplications"
        assert each["pointer_walk_ns"] > 1
    assert len({each["yardstick_ns"] for each in found}) == 1


def test_a_larger_forest_takes_longer_by_both_measures(millrace):
    stump, forest = (bench(millrace, MODELS / name)[0] for name in ("wine-1-stump.pmml", "wine-3-forest.pmml"))
    assert forest["pointer_walk_ns"] > 3 * stump["pointer_walk_ns"]
    assert forest["ns_per_record"]["min"] > stump["ns_per_record"]["min"]


def test_no_trees_no_pointer_walk(millrace):
    assert [each["pointer_walk_ns"] for each in bench(millrace, MODELS / "wine-2-regression.pmml")] == [None, None]
    run = millrace.run("bench", "score", MODELS / "wine-2-regression.pmml", WINES)
    assert run.returncode == 0 and "the model holds no trees" in run.stdout


def test_options_of_the_rows(millrace, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("13.2;NA;4.4\n12.1;1.1;NA\n")
    found = bench(millrace, MODELS / "wine-1-stump.pmml", "--fields", "alcohol,malic_acid,color_intensity",
                  "--delimiter", ";", "--missing", "NA", rows=path)
    assert found[0]["rows"] == 2


def test_nothing_to_measure_is_a_failure(millrace, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("alcohol,color_intensity\n")
    run = millrace.run("bench", "score", MODELS / "wine-1-stump.pmml", path)
    assert run.returncode == 1 and "has no row to score" in run.stderr and run.stdout == ""
    path.write_text("color_intensity\nmuch\n")
    run = millrace.run("bench", "score", MODELS / "wine-1-stump.pmml", path)
    assert run.returncode == 1 and "no row can be scored" in run.stderr and "color_intensity" in run.stderr
