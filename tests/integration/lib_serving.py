"""An application of Millrace on a broker: its topics, its configuration file, its instances.

    serving = Serving(kafka, millrace, tmp_path, partitions=4, lanes=2)
    serving.publish(model)                       # onto the models topic
    instance = serving.start()                   # returns when /readyz says so
    kafka.produce(serving.records, [...])
    serving.wait_until_done()                    # every record's offset is committed
    assert instance.stop() == 0
"""
import json
import time
import urllib.error
import urllib.request
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from integration import lib_messages as messages
from kafka.client import Kafka, wait_until
from kafka.node import free_ports
from program import Millrace, Running

# A killed member of the group is missed after this; librdkafka's default is 45 s.
SESSION = {"session.timeout.ms": 2000, "heartbeat.interval.ms": 300}


class Instance:
    """A started `millrace serve` and its HTTP port."""

    def __init__(self, process: Running, port: int):
        self.process = process
        self.port = port

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body; (0, b"") when nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def ask(self, path: str) -> dict:
        status, body = self.get(path)
        assert status == 200, f"{path}: {status} {body[:500]}"
        return json.loads(body)

    def metrics(self) -> dict[str, float]:
        """Series by its text: 'millrace_records_total{data_type="wine",outcome="scored"}'."""
        status, body = self.get("/metrics")
        assert status == 200
        lines = [line for line in body.decode().splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def records(self) -> dict[str, float]:
        """Records by outcome, over all data types."""
        counts: dict[str, float] = {}
        for name, value in self.metrics().items():
            if name.startswith("millrace_records_total{"):
                outcome = name.split('outcome="')[1].split('"')[0]
                counts[outcome] = counts.get(outcome, 0) + value
        return counts

    def wait_until(self, condition, what: str, seconds: float = 60):
        return self.process.wait_until(condition, what, seconds)

    def wait_until_ready(self, seconds: float = 60) -> "Instance":
        self.wait_until(lambda: self.get("/readyz")[0] == 200, "ready", seconds)
        return self

    def wait_for_model(self, name: str, data_type: str = "wine", field: str = "name", seconds: float = 60) -> dict:
        """The state, once the model of that name (or version) is in service."""
        def look():
            status, body = self.get(f"/state/{data_type}")
            state = json.loads(body) if status == 200 else {}
            return state if state.get(field) == name else None
        return self.wait_until(look, f"model of {field} {name} in service for {data_type}", seconds)

    def stop(self, seconds: float = 30) -> int:
        return self.process.stop(seconds)

    def kill(self) -> None:
        self.process.kill()

    @property
    def output(self) -> str:
        return self.process.output


class Serving:
    def __init__(self, kafka: Kafka, millrace: Millrace, folder: Path, settings: dict | None = None,
                 partitions: int = 1, model_partitions: int = 1, results_config: dict | None = None,
                 errors_config: dict | None = None):
        """settings: keys of the configuration, {"lanes": 2}; configs: of the topics, {"max_message_bytes": 1000}."""
        self.kafka, self.millrace, self.folder = kafka, millrace, folder
        self.instances: list[Instance] = []
        self.records = kafka.create_topic(partitions=partitions)
        self.results = kafka.create_topic(partitions=partitions, **(results_config or {}))
        self.models = kafka.create_topic(partitions=model_partitions)
        self.errors = kafka.create_topic(**(errors_config or {}))
        self.application = f"application-{self.records}"
        self.settings = {
            "application.id": self.application,
            "records.topic": self.records,
            "results.topic": self.results,
            "models.topic": self.models,
            "errors.topic": self.errors,
            "kafka": {"bootstrap.servers": kafka.bootstrap} | SESSION,
        } | (settings or {})

    def configuration(self) -> Path:
        """Writes the configuration file. JSON is YAML, too."""
        path = self.folder / f"{self.application}.yaml"
        path.write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in self.settings.items()))
        return path

    def launch(self, *flags) -> Instance:
        """Starts an instance and does not wait."""
        port = free_ports(1)[0]
        path = self.configuration()
        process = self.millrace.start("serve", "--config", path, "--http.port", port, *flags, name=self.application)
        self.instances.append(Instance(process, port))
        return self.instances[-1]

    def start(self, *flags) -> Instance:
        """Starts an instance and returns when it is ready."""
        return self.launch(*flags).wait_until_ready()

    def publish(self, model, data_type: str = "wine", key: bytes | None = b"", partition: int | None = None,
                timestamp: int | None = None, **fields) -> None:
        """Writes a model (of lib_wines) as a descriptor; the key is "dataType/name" unless given."""
        message = {"value": messages.descriptor(model.pmml, model.name, data_type, **fields),
                   "key": f"{data_type}/{model.name}".encode() if key == b"" else key}
        if partition is not None:
            message["partition"] = partition
        if timestamp is not None:
            message["timestamp"] = timestamp
        self.kafka.produce(self.models, [message], message_max_bytes=100_000_000)

    def publish_all(self, models_and_versions, data_type: str = "wine") -> None:
        """Writes many at once: pairs of a model and its version."""
        self.kafka.produce(self.models, [
            {"value": messages.descriptor(model.pmml, model.name, data_type, version=version),
             "key": f"{data_type}/{model.name}".encode()} for model, version in models_and_versions])

    def set_topic(self, topic: str, name: str, value) -> None:
        """Changes a setting of a topic."""
        entry = ConfigEntry(name, str(value), incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
        for future in self.kafka.admin.incremental_alter_configs([resource]).values():
            future.result(30)

    def committed(self) -> list[int]:
        """Of each partition; -1001: none. A broker that is just starting is asked again."""
        for _ in range(50):
            try:
                return self.kafka.committed(self.application, self.records)
            except KafkaException as error:
                if error.args[0].code() not in (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS):
                    raise
                time.sleep(0.1)
        raise AssertionError("no coordinator of the group after 5 s")

    def wait_until_done(self, seconds: float = 60) -> None:
        """Until the offset of every record that is there now is committed."""
        ends = [end for _, end in self.kafka.watermarks(self.records)]

        def done():
            return all(end == 0 or at >= end for at, end in zip(self.committed(), ends))
        try:
            wait_until(done, f"offsets {ends} of {self.records} committed", seconds)
        except AssertionError as error:
            logs = ["\n".join(each.output.splitlines()[-40:]) for each in self.instances]
            raise AssertionError("\n".join([f"{error}; there are {self.committed()}, and results of "
                                            f"{self.kafka.watermarks(self.results)}", *logs])) from None

    def read_results(self) -> list:
        """(message, ScoringResult) of each result."""
        return [(each, messages.ScoringResult.FromString(each.value())) for each in self.kafka.read(self.results)]
