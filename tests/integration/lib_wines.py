"""Wines and models of them, made up from seeds: as many as a test wants, the same in every run.

Each model can also say in Python what it predicts, so that results are judged by more than Millrace itself.
"""
import csv
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from integration.lib_messages import WineRecord

FIELDS = ["fixed_acidity", "volatile_acidity", "citric_acid", "residual_sugar", "chlorides", "free_sulfur_dioxide",
          "total_sulfur_dioxide", "density", "pH", "sulphates", "alcohol"]
HIGHEST = [16, 1.6, 1, 15, 0.6, 70, 290, 1.1, 4, 2, 15]
NAMES = [name.replace("_", " ") for name in FIELDS]  # as the tutorial's models call them


def make_rows(count: int, seed: int = 1) -> list[list[float]]:
    """Distinct wines; some measurements are exactly 0, which protobuf leaves off the wire."""
    choose = random.Random(seed)
    rows = [[0.0 if choose.random() < 0.05 else round(choose.uniform(0, high), 4) for high in HIGHEST]
            for _ in range(count)]
    for number, row in enumerate(rows):
        row[-1] = 8 + number * 0.001  # all differ
    return rows


def record(row: list[float], data_type: str = "wine") -> bytes:
    return WineRecord(**dict(zip(FIELDS, row)), dataType=data_type).SerializeToString()


def as_json(row: list[float], data_type: str = "wine") -> dict:
    return dict(zip(FIELDS, row)) | {"dataType": data_type}


def write_csv(path: Path, rows: list[list[float]]) -> Path:
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        writer.writerows(rows)
    return path


@dataclass
class Model:
    name: str
    pmml: bytes
    predict: Callable | None = field(default=None, repr=False)  # row -> value of the target


def _document(model: str, target: str = '<DataField name="quality" optype="continuous" dataType="double"/>') -> bytes:
    fields = "".join(f'<DataField name="{name}" optype="continuous" dataType="double"/>\n' for name in NAMES)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_3" version="4.3">\n'
            f"<Header/>\n<DataDictionary>\n{fields}{target}\n</DataDictionary>\n{model}\n</PMML>\n").encode()


def _schema() -> str:
    inputs = "".join(f'<MiningField name="{name}"/>' for name in NAMES)
    return f'<MiningSchema>{inputs}<MiningField name="quality" usageType="target"/></MiningSchema>\n'


def regression(seed: int) -> Model:
    choose = random.Random(seed)
    intercept, coefficients = 1000.0 + seed, [round(choose.uniform(-2, 2), 6) for _ in NAMES]
    terms = "".join(f'<NumericPredictor name="{name}" coefficient="{c!r}"/>\n' for name, c in zip(NAMES, coefficients))
    pmml = _document(f'<RegressionModel functionName="regression">\n{_schema()}'
                     f'<RegressionTable intercept="{intercept!r}">\n{terms}</RegressionTable>\n</RegressionModel>')
    return Model(f"regression-{seed}", pmml, lambda row: intercept + sum(c * x for c, x in zip(coefficients, row)))


def tree(seed: int, depth: int = 5, target: str = "regression") -> Model:
    """A full binary tree; with target="classification" leaves are classes "low", "middle", "high"."""
    choose = random.Random(seed)
    classes = ["low", "middle", "high"]

    def grow(level: int):
        if level == 0:
            return choose.choice(classes) if target == "classification" else round(choose.uniform(0, 10), 3)
        index = choose.randrange(len(FIELDS))
        return index, round(choose.uniform(0, HIGHEST[index]), 4), grow(level - 1), grow(level - 1)

    def write(node, predicate: str) -> str:
        if not isinstance(node, tuple):
            counts = "".join(f'<ScoreDistribution value="{each}" recordCount="{90 if each == node else 5}"/>'
                             for each in classes) if target == "classification" else ""
            return f'<Node score="{node}">{predicate}{counts}</Node>\n'
        index, limit, left, right = node
        test = f'<SimplePredicate field="{NAMES[index]}" operator="%s" value="{limit!r}"/>'
        return (f"<Node>{predicate}\n" + write(left, test % "lessOrEqual") + write(right, test % "greaterThan")
                + "</Node>\n")

    def predict(row):
        node = root
        while isinstance(node, tuple):
            index, limit, left, right = node
            node = left if row[index] <= limit else right
        return node

    root = grow(depth)
    data_field = '<DataField name="quality" optype="continuous" dataType="double"/>'
    outputs = ""
    if target == "classification":
        values = "".join(f'<Value value="{each}"/>' for each in classes)
        data_field = f'<DataField name="quality" optype="categorical" dataType="string">{values}</DataField>'
        outputs = "<Output>" + "".join(
            f'<OutputField name="probability({each})" feature="probability" value="{each}" optype="continuous" '
            'dataType="double"/>' for each in classes) + "</Output>\n"
    pmml = _document(f'<TreeModel functionName="{target}" splitCharacteristic="binarySplit">\n{_schema()}{outputs}'
                     + write(root, "<True/>") + "</TreeModel>", data_field)
    return Model(f"{target}-tree-{seed}", pmml, predict)


def make_models(count: int) -> list[Model]:
    """Different kinds, taking turns."""
    kinds = [regression, tree, lambda seed: tree(seed, target="classification")]
    return [kinds[seed % len(kinds)](seed) for seed in range(count)]


NOT_A_MODEL = b"<html>\n<body>Not found</body>\n</html>\n"
