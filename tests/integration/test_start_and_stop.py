"""Starts and stops when something is slow or away: nothing is lost, and a stop ends in time."""
import time

import pytest

from integration import lib_wines as wines

LARGE = {"message.max.bytes": 100_000_000, "replica.fetch.max.bytes": 100_000_000}


@pytest.fixture(scope="module")
def slow_model():
    """Takes seconds to load: 2^18 nodes."""
    return wines.tree(7, depth=17)


def test_records_wait_for_the_models_of_a_start(new_kafka, serve, slow_model):
    """Records are there, and so is their model: none is dropped because the model is still being loaded."""
    serving = serve(broker=new_kafka(LARGE), partitions=2)
    serving.publish(slow_model)
    rows = wines.make_rows(1000)
    serving.kafka.produce(serving.records, [wines.record(row) for row in rows])
    instance = serving.start()
    serving.wait_until_done()
    assert instance.records()["dropped"] == 0
    assert serving.kafka.size(serving.results) == 1000
    assert instance.stop() == 0
