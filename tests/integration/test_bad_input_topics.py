"""Topics that are missing, unequal or too small for a message: a clear refusal at start, or a dead letter.

Ports and brokers that cannot be had: test_cli.py.
"""

import pytest

from integration.service import Service, messages
from integration.test_results_python import MODEL

WINE = {"alcohol": 9.5, "citric_acid": 0.25, "dataType": "wine"}


def refusal(millrace, kafka, *options, **topics):
    """Runs `millrace serve` with the topics of a service, some replaced; it must end by itself with exit 1."""
    service = Service(millrace, kafka)
    for name, topic in topics.items():
        setattr(service, name, topic)
    run = millrace.run(
        "serve", "--bootstrap", kafka.bootstrap, "--application.id", service.records, "--http.port", "any",
        "--records.topic", service.records, "--results.topic", service.results, "--models.topic", service.models,
        "--errors.topic", service.errors, *options)
    assert run.returncode == 1
    assert len(run.stderr) < 4000
    return run.stderr


@pytest.mark.parametrize("which", ["records", "results", "models", "errors"])
def test_missing_topic(millrace, kafka, which):
    error = refusal(millrace, kafka, **{which: f"none-of-{which}"})
    assert f"none-of-{which}" in error and "create" in error
    assert kafka.partitions(f"none-of-{which}") == 0  # asking did not make it


def test_missing_topics_are_made_when_wanted(millrace, kafka):
    service = Service(millrace, kafka, "--create-topics", "--topics.partitions", "2")
    service.results, service.errors = f"{service.records}-results", f"{service.records}-errors"
    service.send_model(MODEL)
    service.start()
    service.send_records([messages().Wine(**WINE).SerializeToString()])
    service.program.wait_until(lambda: kafka.partitions(service.results) == 2 and kafka.size(service.results), "a result")
    service.stop()


def test_unequal_partitions(millrace, kafka):
    error = refusal(millrace, kafka, results=kafka.create_topic(partitions=3))
    assert "2" in error and "3" in error and "partition" in error


def test_result_too_large(millrace, kafka):
    """The results topic takes 400 bytes; a key of 500 makes a result that is larger."""
    service = Service(millrace, kafka)
    service.results = kafka.create_topic(partitions=2, max_message_bytes=400)
    service.send_model(MODEL)
    service.start()
    good = messages().Wine(**WINE).SerializeToString()
    kafka.produce(service.records, [{"value": good, "key": b"small", "partition": 0},
                                    {"value": good, "key": b"k" * 500, "partition": 0},
                                    {"value": good, "key": b"after", "partition": 0}])
    results, letters = service.answers(3)
    service.stop()
    assert [message.key() for message in results] == [b"small", b"after"]
    letter, = letters
    headers = {name: value.decode() for name, value in letter.headers()}
    assert letter.key() == b"k" * 500 and letter.value() == good
    assert headers["__connect.errors.offset"] == "1"
    assert "max.message.bytes" in headers["__connect.errors.exception.message"]


def test_dead_letter_too_large_goes_without_its_value(millrace, kafka):
    service = Service(millrace, kafka)
    service.errors = kafka.create_topic(partitions=2, max_message_bytes=2000)
    service.send_model(MODEL)
    service.start()
    service.send_records([b"\xff" * 50_000, messages().Wine(**WINE).SerializeToString()])
    results, letters = service.answers(2)
    service.stop()
    assert len(results) == 1
    letter, = letters
    assert not letter.value() and letter.key() == b"0"
    assert any(value == b"50000" for _, value in letter.headers())
