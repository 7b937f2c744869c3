"""The judge of delivery finds what it is there to find."""
import time

import pytest

from integration import lib_messages as messages
from integration import lib_wines as wines
from integration.lib_check import judge
from integration.lib_serving import Serving

ROWS = wines.make_rows(20)
MODELS = {"v0": wines.regression(0), "v1": wines.regression(1)}


class PythonOracle:
    def complaint(self, model, row, result):
        value = messages.value_of(result.output[0])
        return None if value == model.predict(ROWS[row]) else f"{value} is wrong"


@pytest.fixture
def judged(kafka, tmp_path):
    """judged(change, kills): the verdict on results of 20 records after change(results)."""
    def go(change=lambda results: None, kills=()):
        serving = Serving(kafka, None, tmp_path, partitions=2, results_config={"message_timestamp_type": "LogAppendTime"})
        values = [wines.record(row) for row in ROWS]
        kafka.produce(serving.records, [{"value": value, "key": b"%d" % i, "partition": i % 2} for i, value in enumerate(values)])
        results = []
        for i, row in enumerate(ROWS):
            version = "v0" if i < 10 else "v1"
            result = messages.ScoringResult(data_type="wine")
            result.model.name, result.model.version = MODELS[version].name, version
            result.source.topic, result.source.partition, result.source.offset = serving.records, i % 2, i // 2
            result.output.add(name="quality", double_value=MODELS[version].predict(row))
            results.append({"key": b"%d" % i, "partition": i % 2, "value": result})
        change(results)
        kafka.produce(serving.results, [each | {"value": each["value"].SerializeToString()} for each in results])
        return judge(serving, PythonOracle(), {value: i for i, value in enumerate(values)}, MODELS, kills)
    return go


def test_all_is_well(judged):
    verdict = judged()
    assert not verdict.complaints
    assert (verdict.records, verdict.results, verdict.lost, verdict.duplicates, verdict.backward_swaps) == (20, 20, 0, 0, 0)
    assert verdict.versions == {"v0": 10, "v1": 10}


def test_a_lost_record(judged):
    verdict = judged(lambda results: results.pop(7))
    assert verdict.lost == 1 and "1@3" in verdict.complaints[0]


def test_a_duplicate(judged):
    verdict = judged(lambda results: results.append(results[3]))
    assert verdict.duplicates == 1 and "without a kill" in verdict.complaints[0]


def test_a_duplicate_after_a_kill(judged):
    kills = []

    def change(results):
        kills.append(time.time())
        results.append(results[3])
    verdict = judged(change, kills)
    assert verdict.duplicates == 1 and not verdict.complaints


def test_a_duplicate_long_after_a_kill(judged):
    assert judged(lambda results: results.append(results[3]), kills=[time.time() - 60]).complaints


@pytest.mark.parametrize("what", ["value", "key", "partition", "version", "source", "other_version"])
def test_a_wrong_result(judged, what):
    def change(results):
        result = results[3]["value"]
        if what == "value":
            result.output[0].double_value += 1e-9
        elif what == "version":
            result.model.version = "v7"
        elif what == "other_version":
            result.model.version = "v1"
        elif what == "source":
            result.source.offset = 1000
        else:
            results[3][what] = {"key": b"x", "partition": 0}[what]
    assert judged(change).complaints


def test_an_older_model_after_a_newer(judged):
    verdict = judged(lambda results: results.append(results.pop(2)), kills=[])
    assert verdict.backward_swaps == 1 and not verdict.complaints
