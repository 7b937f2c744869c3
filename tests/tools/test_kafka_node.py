"""The broker fixture: what is written is read, and it outlives a kill."""
import pytest


def test_written_records_are_read_in_order(kafka):
    topic = kafka.create_topic(partitions=2)
    kafka.produce(topic, [{"value": b"%d" % i, "key": b"k", "partition": i % 2, "headers": [("h", b"v")]} for i in range(100)])
    messages = kafka.read(topic)
    assert [int(each.value()) for each in messages] == [*range(0, 100, 2), *range(1, 100, 2)]
    assert messages[0].key() == b"k" and messages[0].headers() == [("h", b"v")]
    assert kafka.size(topic) == 100
    assert kafka.watermarks(topic) == [(0, 50), (0, 50)]


def test_topics_are_not_made_by_themselves(kafka):
    assert kafka.partitions("nobody-made-this") == 0


def test_topics_grow_and_go(kafka):
    topic = kafka.create_topic(partitions=1)
    kafka.grow_topic(topic, 3)
    assert kafka.partitions(topic) == 3


def test_topic_settings_hold(kafka):
    topic = kafka.create_topic(max_message_bytes=1000)
    with pytest.raises(AssertionError, match="too large"):
        kafka.produce(topic, [b"x" * 2000])


def test_restart_keeps_port_topics_and_takes_properties(new_kafka):
    kafka = new_kafka({"num.io.threads": 3})
    address, topic = kafka.bootstrap, kafka.create_topic()
    kafka.produce(topic, [b"before"])
    kafka.kill()
    assert not kafka.running
    kafka.restart({"message.max.bytes": 1000})
    assert kafka.bootstrap == address
    kafka.produce(topic, [b"after"])
    assert [each.value() for each in kafka.read(topic)] == [b"before", b"after"]
    with pytest.raises(AssertionError, match="too large"):
        kafka.produce(topic, [b"x" * 2000])


def test_a_broker_that_cannot_start_says_why(new_kafka):
    with pytest.raises(RuntimeError, match="process.roles"):
        new_kafka({"process.roles": "nonsense"})
