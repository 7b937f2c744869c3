"""A thread that writes records at a rate while a test does other things, and can also publish models."""
import threading
import time

from confluent_kafka import Producer


class Feed:
    """Writes rows of `values`, in turn, over all partitions; the key is the record's number.

    with Feed(kafka, topic, values, rate=10000) as feed:
        ...
    assert feed.sent == ...             # all acknowledged, else leaving the block fails
    """

    def __init__(self, kafka, topic: str, values: list[bytes], rate: int, partitions: int):
        self.topic, self.values, self.rate, self.partitions = topic, values, rate, partitions
        self.producer = Producer(kafka.client(enable_idempotence=True, linger_ms=5, queue_buffering_max_messages=1000000))
        self.sent = 0
        self.failures: list = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _delivered(self, error, _message) -> None:
        if error:
            self.failures.append(error)

    def _run(self) -> None:
        begin = time.monotonic()
        while not self._stop.is_set():
            due = int((time.monotonic() - begin) * self.rate)
            for number in range(self.sent, due):
                self.producer.produce(self.topic, self.values[number % len(self.values)], b"%d" % number,
                                      number % self.partitions, on_delivery=self._delivered)
            self.sent = max(due, self.sent)
            self.producer.poll(0)
            self._stop.wait(0.01)

    def __enter__(self) -> "Feed":
        self._thread.start()
        return self

    def __exit__(self, kind, *_) -> None:
        self._stop.set()
        self._thread.join()
        left = self.producer.flush(60)
        if kind is None:
            assert not left and not self.failures, f"{left} records unacknowledged, failures {self.failures[:3]}"
