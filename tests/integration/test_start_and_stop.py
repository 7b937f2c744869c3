"""Starts, stops, holds and growth when something is slow or away: nothing is lost, and a stop ends in time."""
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


AWAY = {"shutdown.timeout": "3s", "lanes": 2}


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_a_stop_ends_in_time_while_the_broker_is_away(new_kafka, serve, how):
    """Results are under way and will not be acknowledged, offsets cannot be committed, nobody answers."""
    broker = new_kafka()
    serving = serve(AWAY, broker=broker, partitions=8)
    serving.publish(wines.regression(1))
    instance = serving.start()
    rows = wines.make_rows(2000)
    serving.kafka.produce(serving.records, [wines.record(row) for row in rows])
    serving.wait_until_done()
    serving.kafka.produce(serving.records, [wines.record(row) for row in rows])
    getattr(broker, how)()
    time.sleep(1)
    begin = time.monotonic()
    assert instance.stop() == 0
    assert time.monotonic() - begin < 6  # shutdown.timeout, and a busy machine


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_a_stop_ends_in_time_before_the_first_assignment(new_kafka, serve, how):
    broker = new_kafka()
    serving = serve(AWAY, broker=broker, partitions=8)
    instance = serving.launch()
    instance.wait_until(lambda: "state, metrics and health" in instance.output, "started")
    getattr(broker, how)()
    begin = time.monotonic()
    assert instance.stop() == 0
    assert time.monotonic() - begin < 6  # shutdown.timeout, and a busy machine


def test_records_that_are_held_do_not_cost_the_membership(serve):
    """Held for more than max.poll.interval.ms: the lane is still in its group, and nothing is doubled."""
    serving = serve({"serving.no_model": "hold", "lanes": 2}, partitions=4)
    instance = serving.start("-X", "max.poll.interval.ms=2000")
    rows = wines.make_rows(400)
    serving.kafka.produce(serving.records, [wines.record(row) for row in rows])
    instance.wait_until(lambda: "waits: held" in instance.output, "records are held")
    time.sleep(6)  # three times what a lane without polls would be allowed
    serving.publish(wines.regression(1))
    serving.wait_until_done()
    assert instance.stop() == 0
    assert serving.kafka.size(serving.results) == 400
    assert "lost " not in instance.output


def test_lag_is_known_for_partitions_without_records(serve):
    serving = serve(partitions=2)
    serving.publish(wines.regression(1))
    serving.kafka.produce(serving.records, [{"value": wines.record(row), "partition": 0} for row in wines.make_rows(9)])
    instance = serving.start()
    serving.wait_until_done()
    assert instance.stop() == 0
    instance = serving.start()

    def lags():
        series = [f'millrace_consumer_lag_records{{topic="{serving.records}",partition="{p}"}}' for p in range(2)]
        return [instance.metrics().get(name) for name in series] == [0, 0]
    instance.wait_until(lags, "lag of both is 0, though nothing was read")
    assert instance.stop() == 0


def test_partitions_that_the_models_topic_gets_later_are_read(serve):
    serving = serve(model_partitions=1)
    serving.publish(wines.regression(1))
    instance = serving.start()
    instance.wait_for_model("regression-1")
    serving.kafka.grow_topic(serving.models, 3)
    serving.publish(wines.regression(2), partition=2)
    instance.wait_for_model("regression-2", seconds=90)
    instance.kill()
    instance = serving.start()
    assert instance.ask("/state/wine")["name"] == "regression-2"
    assert instance.stop() == 0
