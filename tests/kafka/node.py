#!/usr/bin/env python3
"""One real Kafka broker (KRaft, broker and controller in one JVM) on this machine.

A node is a folder: its properties, its data, its log. It survives stop() and kill(), so restart() finds the topics
and the port again. Ready means that the broker says so in its log *and* its port answers; nothing sleeps and hopes.
The JVM is told to die with the process that started it, so a crashed test run leaves none behind.

As a program, for trying things by hand:  tests/kafka/node.py FOLDER [--port N] [NAME=VALUE...]
starts a broker there, prints its address, and stops it at Ctrl-C. Needs Java 17 and, once, Maven.
"""
import argparse
import base64
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
import zlib
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
READY = "Kafka Server started"
STARTUP = 120  # seconds; 5 on an idle machine, many times that on a busy one

# What one node needs to differ in from Kafka's defaults: nothing can be replicated, and tests should not wait.
PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",  # a missing topic is a missing topic
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    "broker.session.timeout.ms": 3000,  # how long a killed broker's successor waits for it to be given up
    "broker.heartbeat.interval.ms": 500,
    "log.cleaner.dedupe.buffer.size": 16 << 20,  # the default of 128 MB is half of this heap
    "log.cleaner.backoff.ms": 1000,
}
LOGGING = [
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",  # prints READY
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
]
JVM = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError"]


def jars() -> Path:
    """The folder of Kafka's jars, filled by Maven on first use: one folder a version of pom.xml, whole or absent."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "millrace"
    folder = cache / f"kafka-{zlib.crc32(POM.read_bytes()):08x}"
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "kafka.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            print(f"fetching Kafka's jars into {folder} (45 MB, once)", file=sys.stderr, flush=True)
            part = folder.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            subprocess.run(
                ["mvn", "--batch-mode", "--quiet", "--strict-checksums", "--file", POM,
                 "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={part}"],
                check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
            part.rename(folder)
    return folder


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    os.setsid()  # Ctrl-C is for the tests, which then stop the broker in order


class Node:
    """folder: all that the node owns. properties: lines of server.properties, over those above."""

    def __init__(self, folder, port: int = 0, properties: dict | None = None, heap: str = "256m"):
        self.folder = Path(folder).resolve()
        self.properties = dict(properties or {})
        self.heap = heap
        self.fixed_port = port
        self.process = None
        self.ports = None

    @property
    def bootstrap(self) -> str:
        """What a client's bootstrap.servers wants; the same over restarts."""
        return f"127.0.0.1:{self.ports[0]}"

    @property
    def log(self) -> Path:
        return self.folder / "kafka.log"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> "Node":
        """Returns when the broker answers. A node that was started before takes its old port."""
        if self.running:
            return self
        self.folder.mkdir(parents=True, exist_ok=True)
        tries = 1 if self.ports or self.fixed_port else 3  # a free port may be gone a moment later
        for left in reversed(range(tries)):
            ports = self.ports or [self.fixed_port or None, None]
            if None in ports:
                ports = [port or free for port, free in zip(ports, free_ports(2))]
            try:
                self._launch(ports)
                self.ports = ports
                return self
            except RuntimeError as error:
                if left == 0 or "Address already in use" not in str(error):
                    raise
        raise AssertionError("not reached")

    def stop(self) -> None:
        """A clean end, as of SIGTERM."""
        if self.running:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def kill(self) -> None:
        """The end that nobody prepares for, as of SIGKILL."""
        if self.running:
            self.process.kill()
            self.process.wait()
        self.process = None

    def restart(self, properties: dict | None = None) -> "Node":
        """stop() where it runs, then start() on the same port and data, with more properties if given."""
        self.stop()
        self.properties.update(properties or {})
        return self.start()

    def pause(self) -> None:
        """Freezes the broker: it keeps its connections and answers nothing, until resume()."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def __enter__(self) -> "Node":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    def _write_properties(self, ports: list[int]) -> Path:
        broker, controller = (f"127.0.0.1:{port}" for port in ports)
        lines = PROPERTIES | {
            "log.dirs": self.folder / "data",
            "listeners": f"PLAINTEXT://{broker},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{broker}",
            "controller.quorum.voters": f"1@{controller}",
        } | self.properties
        path = self.folder / "server.properties"
        path.write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        return path

    def _launch(self, ports: list[int]) -> None:
        path = self._write_properties(ports)
        java = ["java", *JVM, *LOGGING, f"-Xmx{self.heap}", "-cp", f"{jars()}/*"]
        if not (self.folder / "data" / "meta.properties").exists():
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "x")
            done = subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", path],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([*java, "kafka.Kafka", path], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, preexec_fn=die_with_parent)
        deadline = time.monotonic() + STARTUP
        while not (READY in self.log.read_text(errors="replace") and answers(ports[0])):
            code = self.process.poll()
            if code is not None or time.monotonic() > deadline:
                self.kill()
                why = f"ended with {code}" if code is not None else f"was not ready after {STARTUP} s"
                tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])
                raise RuntimeError(f"Kafka {why}; the end of {self.log}:\n{tail}")
            time.sleep(0.05)  # between two looks


def main() -> int:
    parser = argparse.ArgumentParser(description="A Kafka broker for trying things by hand; Ctrl-C stops it.")
    parser.add_argument("folder")
    parser.add_argument("properties", nargs="*", metavar="NAME=VALUE", help="lines of server.properties")
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    given = parser.parse_args()
    properties = dict(each.split("=", 1) for each in given.properties)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Node(given.folder, given.port, properties) as node:
        print(node.bootstrap, flush=True)
        try:
            return node.process.wait()
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
