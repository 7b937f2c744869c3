"""The tutorial's own data, messages and models, unchanged, through `millrace provide`, `serve` and `read`.

The wines and models of "Model Serving with Akka Streams and Kafka Streams" are not part of the project. When
../shared/seed-data holds them they are used; a clone without them does the same with the project's data/.
"""
import csv
import io
import json
import math
import os
import subprocess
from pathlib import Path

import pytest

from integration import lib_messages as messages
from integration import lib_wines as wines
from integration.lib_check import headers_of
from kafka.client import wait_until

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("MILLRACE_SHARED") or ROOT.parent / "shared")
SEED, CORPUS = SHARED / "seed-data", SHARED / "pmml-corpus"
needs_seed = pytest.mark.skipif(not SEED.is_dir(), reason=f"the tutorial's data are not in {SEED}")
WINES = SEED / "winequality_red.csv"
ROWS = 1599
PREFIX = "winequality"


def provide(serving, millrace, *arguments) -> dict:
    done = millrace.run("provide", "--config", serving.configuration(), "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def score(millrace, model: Path, *arguments) -> list[dict]:
    done = millrace.run("score", model, *arguments)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def outputs_of(result) -> dict:
    return {messages.name_of(output): messages.value_of(output) for output in result.output}


def same(value, cell: str, tolerance: float = 0.0) -> bool:
    if isinstance(value, float):
        return cell != "" and math.isclose(value, float(cell), rel_tol=tolerance, abs_tol=tolerance)
    return cell == ("" if value is None else str(value))


def compare(results: dict[int, dict], expected: list[dict], tolerance: float = 0.0) -> None:
    assert sorted(results) == list(range(1, len(expected) + 1))
    for number, cells in enumerate(expected, 1):
        assert list(results[number]) == list(cells)
        wrong = {name: (value, cells[name]) for name, value in results[number].items()
                 if not same(value, cells[name], tolerance)}
        assert not wrong, f"row {number}: {wrong}"


@needs_seed
@pytest.mark.parametrize("numbering", ["tutorial", "successor"])
def test_each_of_the_seven_models_serves_all_wines(serve, millrace, tmp_path, numbering):
    models = sorted(SEED.glob("*.pmml"))
    assert len(models) == 7
    serving = serve({"models.descriptor": numbering}, partitions=2)
    instance = serving.start()
    columns = ",".join([*wines.NAMES, "quality"])
    with open(WINES) as file:
        named = tmp_path / "named.csv"
        named.write_text(columns + "\n" + file.read().replace(";", ","))

    done = 0
    for number, model in enumerate(models):
        sent = provide(serving, millrace, "--type", "wine", "--model", model, "--description", f"number {number}")
        assert (sent["models"], sent["delivered"], sent["failed"]) == (1, 1, 0)
        state = instance.wait_for_model(model.stem)
        assert (state["description"], state["usage"]) == (f"number {number}", 0)
        sent = provide(serving, millrace, "--type", "wine", "--key", "row", "--records", WINES, "--delimiter", ";",
                       "--fields", columns)
        assert (sent["records"], sent["delivered"], sent["failed"], sent["skipped"]) == (ROWS, ROWS, 0, 0)
        done += ROWS
        results = [(message, result) for message, result in read_new(serving, done) if result.model.name == model.stem]
        assert len(results) == ROWS
        values = {int(message.key()): outputs_of(result) for message, result in results}
        compare(values, score(millrace, model, named))
        case = CORPUS / f"wine_{model.stem.removeprefix(PREFIX)}"
        if case.is_dir():
            with open(case / "expected.csv", newline="") as file:
                compare(values, list(csv.DictReader(file)), tolerance=1e-9)
        state = instance.ask("/state")
        assert state["usage"] == ROWS and state["name"] == model.stem and state["description"] == f"number {number}"
    assert serving.kafka.size(serving.errors) == 0
    types = {messages.ModelDescriptor.FromString(each.value()).modeltype for each in serving.kafka.read(serving.models)}
    assert types == {messages.TUTORIAL_PMML if numbering == "tutorial" else messages.ModelDescriptor.PMML}
    assert instance.stop() == 0


def read_new(serving, count: int) -> list:
    wait_until(lambda: serving.kafka.size(serving.results) >= count, f"{count} results")
    return serving.read_results()


@needs_seed
def test_records_are_the_tutorials_bytes(serve, millrace):
    """What provide writes is what the tutorial's DataProvider writes: WineRecord, zeros left off the wire."""
    serving = serve()
    provide(serving, millrace, "--type", "wine", "--records", WINES, "--delimiter", ";", "--fields",
            ",".join([*wines.FIELDS, "quality"]))
    with open(WINES) as file:
        rows = [[float(cell) for cell in line.split(";")[:-1]] for line in file]
    assert [each.value() for each in serving.kafka.read(serving.records)] == [wines.record(row) for row in rows]
    assert all(each.key() is None for each in serving.kafka.read(serving.records))


@pytest.mark.parametrize("setting,modeltype", [("auto", messages.TUTORIAL_PMML), ("auto", messages.ModelDescriptor.PMML),
                                               ("tutorial", messages.TUTORIAL_PMML),
                                               ("successor", messages.ModelDescriptor.PMML)])
def test_both_numberings_of_model_types(serve, setting, modeltype):
    serving = serve({"models.descriptor": setting})
    model = wines.regression(4)
    serving.publish(model, description="by number", modeltype=modeltype)
    instance = serving.start()
    assert instance.ask("/state/wine")["description"] == "by number"
    assert instance.stop() == 0


def test_a_model_type_of_the_other_numbering_is_refused(serve):
    serving = serve({"models.descriptor": "successor"})
    instance = serving.start()
    serving.publish(wines.regression(4), modeltype=messages.TUTORIAL_PMML)  # there: a TensorFlow saved model
    letter, = serving.kafka.read_at_least(serving.errors, 1)
    assert b"ensor" in headers_of(letter)["__connect.errors.exception.message"]
    assert instance.stop() == 0


def test_the_projects_own_wines_as_json(serve, millrace):
    """data/: three models take turns; results as JSON and through `millrace read`."""
    data, models = ROOT / "data", sorted((ROOT / "data" / "models").glob("*.pmml"))
    count = len((data / "wine.csv").read_text().splitlines()) - 1
    serving = serve({"records.format": "json", "results.format": "json", "lanes": 2}, partitions=2)
    instance = serving.start()
    for number, model in enumerate(models, 1):
        provide(serving, millrace, "--type", "wine", "--model", model, "--name", f"turn {number}")
        instance.wait_for_model(f"turn {number}")
        provide(serving, millrace, "--type", "wine", "--key", "row", "--records", data / "wine.csv")
        serving.wait_until_done()
        lines = read_json(serving, millrace, serving.results)
        mine = [line for line in lines if line["value"]["model"]["name"] == f"turn {number}"]
        assert len(mine) == count and len(lines) == number * count
        values = {int(line["key"]): {each["name"]: json_value(each) for each in line["value"]["output"]} for line in mine}
        compare(values, score(millrace, model, data / "wine.csv"))
    assert instance.stop() == 0


def json_value(output: dict):
    value, = (value for name, value in output.items() if name.endswith("_value") or name == "missing")
    return None if "missing" in output else value


def read_json(serving, millrace, topic: str) -> list[dict]:
    done = millrace.run("read", "--config", serving.configuration(), "--to-end", "--json", topic)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_kcat_curl_and_read_see_it(serve, millrace):
    serving = serve()
    model = wines.regression(1)
    serving.publish(model, version="one")
    row = wines.make_rows(1)[0]
    serving.kafka.produce(serving.records, [{"value": wines.record(row), "key": b"good", "headers": [("trace", b"7")]},
                                            {"value": b"\xff\xff", "key": b"bad"}])
    instance = serving.start()
    serving.wait_until_done()

    def kcat(topic: str, form: str) -> str:
        command = ["kcat", "-C", "-q", "-e", "-b", serving.kafka.bootstrap, "-t", topic, "-o", "beginning", "-f", form]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert kcat(serving.results, "%k %h\n") == "good trace=7\n"
    key, headers = kcat(serving.errors, "%k %h\n").strip().split(" ", 1)
    assert key == "bad" and "__connect.errors.stage=decode" in headers and f"topic={serving.records}" in headers

    def curl(path: str) -> dict:
        command = ["curl", "-sf", f"http://127.0.0.1:{instance.port}{path}"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    for path in "/state", "/state/value", "/state/wine":
        state = curl(path)
        assert (state["name"], state["version"], state["usage"]) == (model.name, "one", 1)
        assert 0 < state["min"] == state["max"] == state["duration"]  # of the one record; never stuck at 0
    models = curl("/models")
    assert models["models"] == ["wine"] and models["details"][0]["name"] == model.name
    assert curl("/state/instances")[0]["data_types"] == ["wine"]

    result, = read_json(serving, millrace, serving.results)
    assert (result["key"], result["headers"], result["partition"]) == ("good", {"trace": "7"}, 0)
    assert result["value"]["model"] == {"name": model.name, "version": "one", "sha256": result["value"]["model"]["sha256"]}
    assert math.isclose(result["value"]["output"][0]["double_value"], model.predict(row), rel_tol=1e-12)
    letter, = read_json(serving, millrace, serving.errors)
    assert letter["key"] == "bad" and letter["headers"]["__connect.errors.stage"] == "decode"
    record, *_ = read_json(serving, millrace, serving.records)
    assert math.isclose(record["value"]["alcohol"], row[-1])
    described, = read_json(serving, millrace, serving.models)
    assert described["key"] == f"wine/{model.name}" and described["value"]["name"] == model.name
    assert instance.stop() == 0
