"""Topics that are made and grow; a broker that is away, restarts or freezes; settings that cannot work.

Topics that are missing or unequal at the start: test_bad_input_topics.py; ports and configuration: test_cli.py.
"""
import time

import pytest

from integration import lib_wines as wines
from kafka.client import Kafka, wait_until

MODEL = wines.regression(1)
ROWS = wines.make_rows(50)


def records_of(count: int, partitions: int, start: int = 0) -> list[dict]:
    return [{"value": wines.record(ROWS[i % len(ROWS)]), "key": b"%d" % i, "partition": i % partitions}
            for i in range(start, start + count)]


def refused(serving, *flags, seconds: float = 60) -> str:
    """Runs serve, which must end with exit code 1; its output."""
    instance = serving.launch(*flags)
    assert instance.process.process.wait(seconds) == 1, instance.output
    print(instance.output)
    return instance.output


def keys_of(serving) -> list[bytes]:
    return [message.key() for message in serving.kafka.read(serving.results)]


# ---- At the start

def test_create_topics_makes_what_is_missing(serve):
    serving = serve({"topics.partitions": 3})
    for kind in "records", "results", "models", "errors":
        name = f"made-{kind}-{serving.application}"
        serving.settings[f"{kind}.topic"] = name
        setattr(serving, kind, name)
    instance = serving.start("--create-topics")
    partitions = {kind: serving.kafka.partitions(getattr(serving, kind)) for kind in ("records", "results", "models")}
    assert partitions == {"records": 3, "results": 3, "models": 1}
    assert serving.kafka.partitions(serving.errors) >= 1
    serving.publish(MODEL)
    instance.wait_for_model(MODEL.name)
    serving.kafka.produce(serving.records, records_of(30, 3))
    serving.wait_until_done()
    assert len(keys_of(serving)) == 30
    assert instance.stop() == 0
    assert serving.start("--create-topics").stop() == 0  # they are there already


def test_results_follow_the_partitions_that_records_have(serve):
    """--create-topics beside an existing records topic."""
    serving = serve({"topics.partitions": 2}, partitions=5)
    serving.settings["results.topic"] = serving.results = f"made-results-{serving.application}"
    instance = serving.start("--create-topics")
    assert serving.kafka.partitions(serving.results) == 5
    assert instance.stop() == 0


def test_unreadable_configuration(serve, millrace, tmp_path):
    missing = millrace.run("serve", "--config", tmp_path / "nowhere.yaml")
    assert missing.returncode == 1 and "nowhere.yaml" in missing.stderr
    for text, line in ("records:\n  topic: [\n", None), ("lanes: 2\nrecords.topik: x\n", 2), ("\n\nlanes: many\n", 3):
        path = tmp_path / "bad.yaml"
        path.write_text(text)
        done = millrace.run("serve", "--config", path)
        assert done.returncode == 1, done.stderr
        assert f"bad.yaml:{line or ''}" in done.stderr
    assert "lanes" in done.stderr


def test_wrong_librdkafka_settings(serve):
    serving = serve()
    good = dict(serving.settings["kafka"])
    for name, value in ("no.such.setting", "1"), ("session.timeout.ms", "soon"), ("compression.codec", "zip"):
        serving.settings["kafka"] = good | {name: value}
        output = refused(serving)
        assert name in output and ".yaml:" in output  # the line that it stands in
    serving.settings["kafka"] = good
    assert "group.id" in refused(serving, "-X", "group.id=other")  # what Millrace itself decides


def test_a_wrong_password_setting_is_not_shown(serve):
    serving = serve()
    serving.settings["kafka"] |= {"ssl.key.password": "hunter2", "no.such.setting": "x"}
    output = refused(serving)
    assert "no.such.setting" in output and "hunter2" not in output


# ---- While it runs

def test_growth_of_both_topics_is_noticed(serve):
    serving = serve(partitions=2)
    serving.settings["kafka"] |= {"topic.metadata.refresh.interval.ms": 500}
    serving.publish(MODEL)
    instance = serving.start()
    serving.kafka.grow_topic(serving.results, 4)
    serving.kafka.grow_topic(serving.records, 4)
    serving.kafka.produce(serving.records, records_of(40, 4))
    serving.wait_until_done()
    assert sorted(keys_of(serving)) == sorted(each["key"] for each in records_of(40, 4))
    assert instance.stop() == 0


def test_growth_of_the_records_alone_is_reported_and_loses_nothing(serve):
    """Records of partitions that the results topic lacks wait, with the fix in the log; the others go on."""
    serving = serve(partitions=2)
    serving.settings["kafka"] |= {"topic.metadata.refresh.interval.ms": 500}
    serving.publish(MODEL)
    instance = serving.start()
    serving.kafka.grow_topic(serving.records, 4)
    serving.kafka.produce(serving.records, records_of(40, 4))
    serving.kafka.read_at_least(serving.results, 20)
    instance.process.wait_for_line("--alter")
    serving.kafka.grow_topic(serving.results, 4)  # what the line says
    serving.wait_until_done()
    assert sorted(keys_of(serving)) == sorted(each["key"] for each in records_of(40, 4))
    assert instance.stop() == 0


# ---- A broker that goes

@pytest.fixture(scope="module")
def breakable(tmp_path_factory):
    """A broker that these tests stop, kill and freeze, one after the other."""
    with Kafka(tmp_path_factory.mktemp("breakable")) as broker:
        yield broker


@pytest.fixture
def broker(breakable):
    return breakable.start()  # where it does not run


def wait_until_assigned(instance, partitions: int) -> None:
    instance.wait_until(lambda: len(instance.ask("/state/instance")["partitions"]) == partitions, "all partitions")


def test_a_broker_that_is_away_at_the_start(broker, serve):
    """It waits and says so; then it begins by itself."""
    serving = serve(broker=broker, partitions=2)
    serving.publish(MODEL)
    broker.produce(serving.records, records_of(20, 2))
    broker.stop()
    instance = serving.launch()
    instance.wait_until(lambda: broker.bootstrap in instance.output, "a line that names the broker")
    assert instance.get("/readyz")[0] != 200
    broker.start()
    instance.wait_until_ready()
    serving.wait_until_done()
    assert sorted(keys_of(serving)) == sorted(each["key"] for each in records_of(20, 2))
    assert instance.stop() == 0


def test_a_start_without_broker_can_be_stopped(serve):
    serving = serve()
    serving.settings["kafka"]["bootstrap.servers"] = "127.0.0.1:9"
    instance = serving.launch()
    instance.wait_until(lambda: "127.0.0.1:9" in instance.output, "a line that names the broker")
    begin = time.monotonic()
    assert instance.stop() in (0, 1)
    print(f"ended {time.monotonic() - begin:.1f} s after SIGTERM")


def test_a_broker_that_restarts_while_records_flow(broker, serve):
    """The outage is shorter than the session, so the lanes keep their partitions; what was sent is sent again by the
    idempotent producer: no result is lost and none is doubled."""
    serving = serve({"lanes": 2}, broker=broker, partitions=2)
    serving.settings["kafka"]["session.timeout.ms"] = 45_000
    serving.publish(MODEL)
    instance = serving.start()
    wait_until_assigned(instance, 2)
    broker.produce(serving.records, records_of(20_000, 2))
    wait_until(lambda: broker.size(serving.results) > 0, "first results")
    broker.kill()
    assert instance.process.running
    broker.start()
    broker.produce(serving.records, records_of(2000, 2, start=20_000))
    serving.wait_until_done(100)
    keys = keys_of(serving)
    assert set(keys) == {b"%d" % i for i in range(22_000)}
    assert len(keys) == 22_000
    assert instance.get("/readyz")[0] == 200
    serving.publish(wines.tree(5))  # models are read on as well
    instance.wait_for_model("regression-tree-5")
    assert instance.stop() == 0


def test_a_broker_that_is_away_longer_than_the_session(broker, serve):
    """The partitions are lost and taken again: results may be doubled, none is lost."""
    serving = serve(broker=broker, partitions=2)
    serving.publish(MODEL)
    instance = serving.start()
    wait_until_assigned(instance, 2)
    broker.produce(serving.records, records_of(2000, 2))
    wait_until(lambda: broker.size(serving.results) > 0, "first results")
    broker.stop()
    instance.process.wait_for_line("lost ")
    broker.start()
    broker.produce(serving.records, records_of(2000, 2, start=2000))
    serving.wait_until_done()
    assert set(keys_of(serving)) == {b"%d" % i for i in range(4000)}
    assert instance.stop() == 0


def test_a_broker_that_freezes_while_stopping(broker, serve):
    """A stop ends after shutdown.timeout, whatever the broker does; what is not acknowledged is not committed."""
    serving = serve({"shutdown.timeout": "1s"}, broker=broker)
    serving.publish(MODEL)
    instance = serving.start()
    broker.produce(serving.records, records_of(20_000, 1))
    wait_until(lambda: broker.size(serving.results) > 0, "first results")
    broker.pause()
    try:
        instance.process.process.terminate()
        print("exit code", instance.process.process.wait(60))
    finally:
        broker.resume()
    instance = serving.start()
    serving.wait_until_done()
    assert set(keys_of(serving)) == {b"%d" % i for i in range(20_000)}
    assert instance.stop() == 0
