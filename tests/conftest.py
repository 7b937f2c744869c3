"""Fixtures for every Python test: the program (tests/program.py) and a real Kafka (tests/kafka/README.md)."""
import os
from pathlib import Path

import pytest

from program import Millrace

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def millrace(tmp_path):
    """The program of the build under test: $MILLRACE, else build/millrace."""
    path = Path(os.environ.get("MILLRACE") or ROOT / "build" / "millrace")
    assert path.is_file(), f"{path} is not there: run ./dev build"
    program = Millrace(path, tmp_path)
    yield program
    program.close()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory):
    """One broker for all tests that do not stop it; each makes topics of its own (kafka.create_topic())."""
    from kafka.client import Kafka
    with Kafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture
def new_kafka(tmp_path_factory):
    """Starts brokers of the test's own, to stop, kill, restart: new_kafka({"message.max.bytes": 1000})."""
    from kafka.client import Kafka
    brokers = []

    def start(properties: dict | None = None) -> Kafka:
        brokers.append(Kafka(tmp_path_factory.mktemp("kafka"), properties=properties))
        return brokers[-1].start()

    yield start
    for broker in brokers:
        broker.kill()
