"""Which model serves follows from the models topic alone: after a kill, after every restart, on every instance."""
import os
import time

import pytest

from integration import lib_wines as wines
from integration.lib_check import headers_of
from kafka.client import wait_until

RESTARTS = int(os.environ.get("MILLRACE_RESTARTS") or 20)
GOOD, OTHER = wines.regression(1), wines.tree(2)
BAD = wines.Model("bad", wines.NOT_A_MODEL)


def letters_of(serving, count: int = 1) -> list:
    return serving.kafka.read_at_least(serving.errors, count)


def test_the_good_model_serves_after_a_bad_one_and_a_kill(serve):
    serving = serve({"instance.id": "first"})
    instance = serving.start()
    serving.publish(GOOD, description="the good one")
    assert instance.wait_for_model(GOOD.name)["description"] == "the good one"
    serving.publish(BAD)
    letter, = letters_of(serving)
    headers = headers_of(letter)
    assert letter.key() == f"{serving.models}-0-1".encode()
    assert letter.value() == serving.kafka.read(serving.models)[1].value()
    assert headers["__connect.errors.topic"] == serving.models.encode()
    assert (headers["__connect.errors.partition"], headers["__connect.errors.offset"]) == (b"0", b"1")
    assert b"PMML" in headers["__connect.errors.exception.message"], headers
    assert headers["millrace.instance"] == b"first"
    assert instance.ask("/state/wine")["name"] == GOOD.name  # nothing changed

    instance.kill()
    instance = serving.start()
    state = instance.ask("/state/wine")
    assert (state["name"], state["source"]) == (GOOD.name, {"partition": 0, "offset": 0})
    serving.kafka.produce(serving.records, [wines.record(row) for row in wines.make_rows(10)])
    serving.wait_until_done()
    assert {result.model.name for _, result in serving.read_results()} == {GOOD.name}
    assert instance.stop() == 0
    assert serving.kafka.size(serving.errors) == 1  # the restart dead-lettered nothing again
    assert "PMML" in instance.output  # but says why it passes over that model


def test_only_bad_models_leave_an_instance_ready_without_a_model(serve):
    serving = serve()
    serving.publish(BAD)
    instance = serving.start()
    assert instance.get("/state/wine")[0] == 404
    serving.kafka.produce(serving.records, [wines.record(row) for row in wines.make_rows(10)])
    serving.wait_until_done()
    assert instance.records()["dropped"] == 10
    serving.publish(GOOD)
    instance.wait_for_model(GOOD.name)
    assert instance.stop() == 0


@pytest.mark.timeout(60 + 12 * RESTARTS)
def test_models_without_keys_in_four_partitions_give_the_same_after_each_restart(serve):
    serving = serve(model_partitions=4)
    now = int(time.time() * 1000)
    for number in range(8):
        # Equal times in all partitions: the higher partition wins, and in it the higher offset.
        serving.publish(wines.regression(number), key=None, partition=(number * 3) % 4, timestamp=now)
    serving.publish(BAD, key=None, partition=3, timestamp=now)
    answers = set()
    for _ in range(RESTARTS):
        instance = serving.start()
        state = instance.ask("/state/wine")
        answers.add((state["name"], state["version"], state["source"]["partition"], state["source"]["offset"]))
        instance.kill()
    assert answers == {("regression-5", "3:1", 3, 1)}

    # The same while they come: on an instance that was there first, and on one that comes later.
    first = serving.start()
    serving.publish(OTHER, key=None, partition=1, timestamp=now + 1)
    first.wait_for_model(OTHER.name)
    serving.publish(wines.regression(9), key=None, partition=2, timestamp=now)  # older: does not serve
    second = serving.start()
    assert second.ask("/state/wine")["name"] == OTHER.name
    serving.publish(wines.regression(10), key=None, partition=0, timestamp=now + 2)
    for instance in first, second:
        instance.wait_for_model("regression-10")
    second.kill()
    assert first.stop() == 0


def test_a_tombstone_retires_what_was_published_under_its_key(serve):
    serving = serve({"serving.no_model": "drop"})
    instance = serving.start()
    serving.publish(GOOD)
    instance.wait_for_model(GOOD.name)
    serving.publish(OTHER)
    instance.wait_for_model(OTHER.name)
    serving.kafka.produce(serving.models, [{"key": f"wine/{OTHER.name}".encode(), "value": None}])
    instance.wait_for_model(GOOD.name)  # the one before serves again
    serving.kafka.produce(serving.models, [{"key": f"wine/{GOOD.name}".encode(), "value": None}])
    instance.wait_until(lambda: instance.get("/state/wine")[0] == 404, "no model")
    assert instance.stop() == 0
    instance = serving.start()
    assert instance.get("/state/wine")[0] == 404
    assert instance.stop() == 0


def test_a_second_instance_takes_its_share_and_gives_it_back(serve):
    """Two instances own all partitions between them; when one stops the other goes on, and no record is doubled."""
    serving = serve(partitions=4)
    serving.publish(GOOD)
    first = serving.start()
    values = [{"value": wines.record(row), "key": b"%d" % i, "partition": i % 4}
              for i, row in enumerate(wines.make_rows(400))]
    serving.kafka.produce(serving.records, values[:200])
    second = serving.start()

    def owned(*instances):
        return sorted(each["partition"] for instance in instances for each in instance.ask("/state/instance")["partitions"])
    first.wait_until(lambda: len(owned(first)) == len(owned(second)) == 2, "two partitions each")
    assert owned(first, second) == [0, 1, 2, 3]
    serving.kafka.produce(serving.records, values[200:])
    serving.wait_until_done()
    assert second.stop() == 0
    wait_until(lambda: owned(first) == [0, 1, 2, 3], "all partitions back")
    assert first.stop() == 0
    sources = [(result.source.partition, result.source.offset) for _, result in serving.read_results()]
    assert len(sources) == len(set(sources)) == 400
