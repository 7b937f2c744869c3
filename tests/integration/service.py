"""A running `millrace serve` on topics of its own, and protoc's Python code to talk with it."""

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@functools.cache
def messages():
    """The messages of proto/, compiled by protoc: Result, Wine, Descriptor."""
    files = sorted((ROOT / "proto").rglob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["protoc", f"--proto_path={ROOT / 'proto'}", f"--python_out={folder}", *map(str, files)],
                       check=True)
        sys.path.insert(0, folder)
        try:
            from millrace.v1 import descriptor_pb2, result_pb2, wine_pb2
        finally:
            sys.path.remove(folder)

    class Messages:
        Result = result_pb2.ScoringResult
        Wine = wine_pb2.WineRecord
        Descriptor = descriptor_pb2.ModelDescriptor
    return Messages


class Service:
    """Topics of two partitions (models: one), and the program that serves them once start() is called."""

    def __init__(self, millrace, kafka, *options):
        self.millrace, self.kafka, self.program = millrace, kafka, None
        self.records, self.results, self.errors = (kafka.create_topic(partitions=2) for _ in range(3))
        self.models = kafka.create_topic()
        self.options = options

    def start(self):
        self.program = self.millrace.start(
            "serve", "--bootstrap", self.kafka.bootstrap, "--application.id", self.records, "--http.port", "any",
            "--records.topic", self.records, "--results.topic", self.results, "--models.topic", self.models,
            "--errors.topic", self.errors, *self.options)
        return self

    def send_model(self, data, name="model", data_type="wine", **fields):
        descriptor = messages().Descriptor(name=name, dataType=data_type, modeltype=messages().Descriptor.PMML,
                                           data=data, **fields)
        self.kafka.produce(self.models, [descriptor.SerializeToString()])

    def send_records(self, values, partition=lambda number: 0):
        """Record n has the key n."""
        self.kafka.produce(self.records, [
            {"value": value, "partition": partition(number), "key": str(number).encode(), "headers": {"n": str(number)}}
            for number, value in enumerate(values)])

    def answers(self, count):
        """Results and dead letters, once there are so many of both: two lists of Kafka's messages."""
        size = self.kafka.size
        self.program.wait_until(lambda: size(self.results) + size(self.errors) >= count, f"{count} answers")
        return self.kafka.read(self.results), self.kafka.read(self.errors)

    def stop(self):
        assert self.program.stop() == 0
