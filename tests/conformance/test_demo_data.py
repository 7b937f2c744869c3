"""The demo's three models, scored by Millrace, are as good as data/README.md says (scikit-learn's own count)."""

import csv

import pytest

from conformance import judge

DATA = judge.ROOT / "data"


@pytest.mark.parametrize("model,right", [("wine-1-stump", 112), ("wine-2-regression", 155), ("wine-3-forest", 174)])
def test_accuracy(model, right, tmp_path, millrace):
    output = tmp_path / "out.csv"
    run = judge.score(millrace.path, DATA / "models" / f"{model}.pmml", DATA / "wine.csv", output)
    assert run.returncode == 0, run.stderr
    with open(output, newline="", encoding="utf-8") as scored, open(DATA / "wine.csv", encoding="utf-8") as known:
        pairs = list(zip(csv.DictReader(scored), csv.DictReader(known), strict=True))
    assert len(pairs) == 178
    assert sum(row["cultivar"] == wine["cultivar"] for row, wine in pairs) == right
