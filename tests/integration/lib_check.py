"""The judge: what must have come out for what went in, record by record.

Delivery is checked by key and source offset over whole topics, which are read as a stream: a run of a minute has a
million messages. Values are compared with an oracle, `millrace score` over the distinct rows, once for each version
of a model; and with the model's own `predict`, where it has one.
"""
import csv
import io
import math
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from integration import lib_messages as messages
from integration import lib_wines as wines

SLACK = 1.0  # seconds: what a killed producer had sent may be appended a little later


def stream(kafka, topic: str) -> Iterator[Message]:
    """Every record that the topic holds now, each partition in offset order, without keeping them."""
    for partition in range(kafka.partitions(topic)):
        consumer = Consumer(kafka.client(group_id="judge", enable_auto_commit=False, enable_partition_eof=True,
                                         fetch_wait_max_ms=10, queued_min_messages=1000000))
        consumer.assign([TopicPartition(topic, partition, 0)])
        try:
            ended, heard = False, time.monotonic()
            while not ended:
                batch = consumer.consume(10000, timeout=0.1)  # waits as long, unless there are so many
                heard = time.monotonic() if batch else heard
                assert time.monotonic() < heard + 60, f"{topic}[{partition}]: nothing for 60 s, not even its end"
                for message in batch:
                    if not message.error():
                        yield message
                    elif message.error().code() == KafkaError._PARTITION_EOF:
                        ended = True
                    elif not message.error().retriable():
                        raise AssertionError(f"{topic}: {message.error()}")
        finally:
            consumer.close()


def headers_of(message: Message) -> dict:
    return dict(message.headers() or [])


class Oracle:
    """What each model says about each distinct row."""

    def __init__(self, millrace, folder: Path, rows: list[list[float]]):
        self.millrace, self.folder, self.rows = millrace, folder, rows
        self.input = wines.write_csv(folder / "oracle-rows.csv", rows)
        self.tables: dict[str, tuple[list[str], list[list[str]]]] = {}

    def table(self, model: wines.Model) -> tuple[list[str], list[list[str]]]:
        """Names of the outputs, and the cells of each row."""
        if model.name not in self.tables:
            path = self.folder / f"oracle-{model.name}.pmml"
            path.write_bytes(model.pmml)
            done = self.millrace.run("score", path, self.input)
            assert done.returncode == 0, done.stderr
            header, *cells = csv.reader(io.StringIO(done.stdout))
            assert len(cells) == len(self.rows)
            self._check_independently(model, cells)
            self.tables[model.name] = header, cells
        return self.tables[model.name]

    def _check_independently(self, model: wines.Model, cells: list[list[str]]) -> None:
        for row, (cell, *_) in zip(self.rows, cells):
            if model.predict is None:
                return
            expected = model.predict(row)
            same = cell == expected if isinstance(expected, str) else math.isclose(float(cell), expected, rel_tol=1e-12)
            assert same, f"{model.name} says {cell} for {row}, expected {expected}"

    def complaint(self, model: wines.Model, row: int, result) -> str | None:
        """What is wrong with a ScoringResult of that row; None: nothing."""
        header, cells = self.table(model)
        names = [messages.name_of(output) for output in result.output]
        if names != header:
            return f"outputs {names}, expected {header}"
        for output, cell in zip(result.output, cells[row]):
            value = messages.value_of(output)
            if isinstance(value, float):
                same = cell != "" and float(cell) == value
            else:
                same = cell == ("" if value is None else str(value))
            if not same:
                return f"{messages.name_of(output)} is {value!r}, `millrace score` says {cell}"
        return None


@dataclass
class Verdict:
    records: int = 0
    results: int = 0
    letters: int = 0
    duplicates: int = 0
    lost: int = 0
    versions: Counter = field(default_factory=Counter)
    complaints: list = field(default_factory=list)
    backward_swaps: int = 0

    def complain(self, text: str) -> None:
        if len(self.complaints) < 20:
            self.complaints.append(text)

    def __str__(self) -> str:
        return (f"{self.records} records, {self.results} results, {self.letters} dead letters: {self.lost} lost, "
                f"{self.duplicates} duplicates, {len(self.versions)} model versions seen")


def judge(serving, oracle: Oracle, row_of: dict[bytes, int], models: dict[str, wines.Model],
          kills: list[float] = ()) -> Verdict:
    """row_of: row of each record's value; models: by version; kills: times (time.time()) at which a process was killed.

    Every record must have its result, in its partition, with its key, of the model version that it names. A second
    result is allowed only when a kill lies between the first one and it: the results topic must have append times.
    """
    verdict = Verdict()
    sent: dict[tuple, tuple] = {}
    for message in stream(serving.kafka, serving.records):
        sent[message.partition(), message.offset()] = message.key(), row_of[message.value()]
    verdict.records = len(sent)
    verdict.letters = serving.kafka.size(serving.errors)

    appended: dict[tuple, float] = {}
    order = {version: number for number, version in enumerate(models)}
    newest: dict[int, int] = {}
    for message in stream(serving.kafka, serving.results):
        verdict.results += 1
        result = messages.ScoringResult.FromString(message.value())
        source = result.source.partition, result.source.offset
        at = f"result {message.partition()}@{message.offset()} of record {source[0]}@{source[1]}"
        if source not in sent or result.source.topic != serving.records:
            verdict.complain(f"{at}: no such record")
            continue
        key, row = sent[source]
        if message.key() != key or message.partition() != source[0]:
            verdict.complain(f"{at}: key {message.key()}, partition {message.partition()}; the record has {key}")
        version = result.model.version
        if version not in models:
            verdict.complain(f"{at}: version {version} was never published")
            continue
        verdict.versions[version] += 1
        complaint = oracle.complaint(models[version], row, result)
        if complaint:
            verdict.complain(f"{at}, model {result.model.name} {version}: {complaint}")
        verdict.backward_swaps += order[version] < newest.get(source[0], -1)
        newest[source[0]] = max(order[version], newest.get(source[0], -1))
        when = message.timestamp()[1] / 1000
        if source in appended:
            verdict.duplicates += 1
            if not any(appended[source] - SLACK <= kill <= when for kill in kills):
                verdict.complain(f"{at}: a duplicate without a kill between {appended[source]} and {when}")
        appended[source] = when
    missing = sent.keys() - appended.keys()
    verdict.lost = len(missing)
    for source in sorted(missing)[:5]:
        verdict.complain(f"record {source[0]}@{source[1]} has no result")
    return verdict
