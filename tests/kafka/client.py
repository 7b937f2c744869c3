"""What tests do with a broker: make topics, write records, read them all.

Kafka is a node with these conveniences; every wait has an end and says what it waited for.
"""
import functools
import itertools
import time
from typing import Callable, Iterable

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from kafka.node import Node

PATIENCE = 60  # seconds: long, for busy machines; a wait ends as soon as it may


def wait_until(condition: Callable, what: str, seconds: float = PATIENCE):
    """The first true answer of condition(), asked 20 times a second; fails with `what` when there is none."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)  # between two looks


class Kafka(Node):
    _numbers = itertools.count(1)

    def client(self, **settings) -> dict:
        """librdkafka's settings for this broker; group_id=... is written group.id."""
        return {"bootstrap.servers": self.bootstrap, "log_level": 2, "reconnect.backoff.max.ms": 500} | {
            name.replace("_", "."): value for name, value in settings.items()}

    @functools.cached_property
    def admin(self) -> AdminClient:
        return AdminClient(self.client())

    def create_topic(self, name: str = "", partitions: int = 1, **config) -> str:
        """Makes the topic and returns its name, a fresh one unless given; config as max_message_bytes=1000."""
        name = name or f"topic-{next(self._numbers)}"
        settings = {key.replace("_", "."): str(value) for key, value in config.items()}
        topic = NewTopic(name, num_partitions=partitions, replication_factor=1, config=settings)
        self.admin.create_topics([topic], operation_timeout=PATIENCE)[name].result(PATIENCE)
        # Created is not yet led: a consumer that asks too early would see no partition.
        wait_until(lambda: self.partitions(name) == partitions, f"{partitions} partitions of {name}")
        return name

    def delete_topic(self, name: str) -> None:
        self.admin.delete_topics([name], operation_timeout=PATIENCE)[name].result(PATIENCE)

    def grow_topic(self, name: str, partitions: int) -> None:
        self.admin.create_partitions([NewPartitions(name, partitions)])[name].result(PATIENCE)
        wait_until(lambda: self.partitions(name) == partitions, f"{partitions} partitions of {name}")

    def partitions(self, name: str) -> int:
        """How many partitions the topic has; 0: there is no such topic."""
        topic = self.admin.list_topics(name, timeout=PATIENCE).topics[name]
        return 0 if topic.error or any(each.leader < 0 for each in topic.partitions.values()) else len(topic.partitions)

    def produce(self, topic: str, records: Iterable, **settings) -> None:
        """Writes records, each bytes (the value) or a dict of Producer.produce (value, key, headers, partition,
        timestamp), in order, and returns when all are acknowledged; any failure fails the test."""
        failures = []
        producer = Producer(self.client(enable_idempotence=True, linger_ms=5, **settings))
        for record in records:
            arguments = record if isinstance(record, dict) else {"value": record}
            while True:
                try:
                    producer.produce(topic, on_delivery=lambda error, _: error and failures.append(error), **arguments)
                    break
                except BufferError:  # librdkafka's queue is full: let it drain
                    producer.poll(0.1)
            producer.poll(0)
        left = producer.flush(PATIENCE)
        assert not left and not failures, f"{topic}: {left} records unacknowledged, failures {failures[:3]}"

    def read(self, topic: str, **settings) -> list[Message]:
        """Every record that the topic holds now, a partition after the other in offset order."""
        consumer = Consumer(self.client(group_id="reader", enable_auto_commit=False, auto_offset_reset="earliest",
                                        enable_partition_eof=True, fetch_wait_max_ms=10, **settings))
        try:
            partitions = range(self.partitions(topic))
            assert partitions, f"there is no topic {topic}"
            consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
            messages, open_partitions = [], set(partitions)
            deadline = time.monotonic() + PATIENCE
            while open_partitions:
                for message in consumer.consume(10000, timeout=0.5):
                    if not message.error():
                        messages.append(message)
                    elif message.error().code() == KafkaError._PARTITION_EOF:
                        open_partitions.discard(message.partition())
                    elif not message.error().retriable():
                        raise AssertionError(f"{topic}: {message.error()}")
                if not open_partitions:
                    break
                assert time.monotonic() < deadline, f"{topic}: no end of partitions {sorted(open_partitions)}"
            return sorted(messages, key=lambda message: (message.partition(), message.offset()))
        finally:
            consumer.close()

    def read_at_least(self, topic: str, count: int, seconds: float = PATIENCE) -> list[Message]:
        """As read(), once the topic holds `count` records."""
        wait_until(lambda: self.size(topic) >= count, f"{count} records in {topic}, which has {self.size(topic)}", seconds)
        return self.read(topic)

    def size(self, topic: str) -> int:
        """Offsets of the topic, summed over its partitions (transactions' marks count)."""
        return sum(high - low for low, high in self.watermarks(topic))

    def watermarks(self, topic: str) -> list[tuple[int, int]]:
        """(first, end) offset of each partition."""
        consumer = Consumer(self.client(group_id="watermarks"))
        try:
            return [consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=PATIENCE)
                    for partition in range(self.partitions(topic))]
        finally:
            consumer.close()

    def committed(self, group: str, topic: str) -> list[int]:
        """The group's committed offset of each partition; -1001: none."""
        consumer = Consumer(self.client(group_id=group))
        try:
            wanted = [TopicPartition(topic, partition) for partition in range(self.partitions(topic))]
            return [each.offset for each in consumer.committed(wanted, timeout=PATIENCE)]
        finally:
            consumer.close()
