"""Records at 10,000 a second while models change, processes are killed and are asked to stop.

Afterwards every record is looked up by key and source offset, and every result is computed again with the model
version that it names. MILLRACE_CHAOS_SECONDS=60 makes it the long run: 10 kills and 20 models and more.
"""
import contextlib
import os
import random
import time

import pytest
from confluent_kafka import Consumer, TopicPartition

from integration import lib_wines as wines
from integration.lib_check import Oracle, judge
from integration.lib_feed import Feed

SECONDS = float(os.environ.get("MILLRACE_CHAOS_SECONDS") or 15)
RATE = int(os.environ.get("MILLRACE_CHAOS_RATE") or 10_000)
PARTITIONS = 4
ROWS = 2000


class Run:
    """Feeds an application; `disturb` is called `disturbances` times in between, `models` are published in turn."""

    def __init__(self, serve, millrace, tmp_path, model_count: int):
        self.rows = wines.make_rows(ROWS)
        self.values = [wines.record(row) for row in self.rows]
        self.oracle = Oracle(millrace, tmp_path, self.rows)
        self.models = {f"v{number}": model for number, model in enumerate(wines.make_models(model_count))}
        # Append times say on which side of a kill a result was written. Commits are frequent, so that kills hit
        # what stands between a commit and its results.
        self.serving = serve({"lanes": 2, "commit.interval": "5ms"}, partitions=PARTITIONS,
                             results_config={"message_timestamp_type": "LogAppendTime"})
        self.published = 0

    def publish_next(self) -> None:
        version, model = list(self.models.items())[self.published]
        self.serving.publish(model, version=version)
        self.published += 1

    def wait_until_used(self, instance) -> None:
        """However slow the machine is, the model published last has scored a record."""
        version = f"v{self.published - 1}"

        def used():
            state = instance.ask("/state/wine")
            return state["version"] == version and state["usage"] > 0

        instance.wait_until(used, f"records scored by {version}")

    def go(self, seconds: float, disturb, disturbances: int, each_used_by=None) -> None:
        """Leaves an instance running, all records done. each_used_by: an instance that must have scored with each
        model before the next one comes."""
        choose = random.Random(7)
        begin = time.monotonic()
        model_times = [seconds * (i + 0.5) / (len(self.models) - 1) for i in range(len(self.models) - 1)]
        times = [seconds * (i + choose.uniform(0.6, 1.1)) / (disturbances + 0.5) for i in range(disturbances)]
        events = sorted([(at, "model") for at in model_times] + [(at, "disturb") for at in times])
        with Feed(self.serving.kafka, self.serving.records, self.values, RATE, PARTITIONS) as feed:
            for at, what in events:
                time.sleep(max(0, begin + at - time.monotonic()))
                if what == "disturb":
                    disturb()
                    continue
                if each_used_by:
                    self.wait_until_used(each_used_by)
                self.publish_next()
            time.sleep(max(0, begin + seconds - time.monotonic()))
            if each_used_by:
                self.wait_until_used(each_used_by)
        self.seconds = time.monotonic() - begin
        self.sent = feed.sent
        self.serving.wait_until_done(seconds=120)

    @contextlib.contextmanager
    def results_end(self):
        """A function that says quickly how many results there are."""
        consumer = Consumer(self.serving.kafka.client(group_id="end"))
        partitions = [TopicPartition(self.serving.results, partition) for partition in range(PARTITIONS)]
        yield lambda: sum(consumer.get_watermark_offsets(each, timeout=10)[1] for each in partitions)
        consumer.close()

    def judge(self, kills=()):
        row_of = {value: number for number, value in enumerate(self.values)}
        verdict = judge(self.serving, self.oracle, row_of, self.models, kills)
        print(f"{self.seconds:.0f} s: {verdict}; {len(self.models)} models published, {len(kills)} kills")
        assert not verdict.complaints, "\n".join(verdict.complaints)
        assert verdict.records == self.sent
        assert verdict.lost == 0 and verdict.letters == 0
        assert verdict.results == verdict.records + verdict.duplicates
        return verdict


@pytest.mark.timeout(300 + 10 * SECONDS)
def test_kills_lose_nothing_and_double_only_what_they_interrupt(serve, millrace, tmp_path):
    run = Run(serve, millrace, tmp_path, model_count=max(7, int(SECONDS / 60 * 24) + 1))
    run.publish_next()
    instance = run.serving.start()
    kills = []

    def kill_and_launch():
        nonlocal instance
        kills.append(time.time())
        instance.kill()
        instance = run.serving.launch()

    def kill():
        """Twice: the second time while the new process reads what has gathered and much is in flight, where an offset
        that was committed too early shows."""
        kill_and_launch()
        with run.results_end() as end:
            before = end()
            instance.wait_until(lambda: end() > before, "results go on")
        time.sleep(random.uniform(0, 0.04))  # anywhere in it
        kill_and_launch()

    run.go(SECONDS, kill, disturbances=max(2, round(SECONDS / 12)))
    assert instance.stop() == 0
    verdict = run.judge(kills)
    assert len(verdict.versions) > len(run.models) / 2  # swaps happened while records came


@pytest.mark.timeout(240 + 10 * SECONDS)
def test_stops_and_swaps_double_nothing(serve, millrace, tmp_path):
    run = Run(serve, millrace, tmp_path, model_count=8)
    run.publish_next()
    instance = run.serving.start()

    def restart():
        nonlocal instance
        assert instance.stop() == 0
        instance = run.serving.launch()

    run.go(SECONDS / 2, restart, disturbances=2)
    assert instance.stop() == 0
    verdict = run.judge()
    assert verdict.duplicates == 0
    assert verdict.backward_swaps == 0  # in a partition, no result of an older model after one of a newer


@pytest.mark.timeout(240)
def test_swaps_alone_make_one_result_a_record(serve, millrace, tmp_path):
    run = Run(serve, millrace, tmp_path, model_count=8)
    run.publish_next()
    instance = run.serving.start()
    run.go(min(SECONDS / 2, 10), lambda: None, disturbances=0, each_used_by=instance)
    counts = instance.records()
    assert counts["scored"] == run.sent
    assert counts["dropped"] == counts["dead_lettered"] == 0
    assert instance.stop() == 0
    verdict = run.judge()
    assert verdict.duplicates == 0
    assert verdict.backward_swaps == 0
    assert verdict.results == run.sent
    assert len(verdict.versions) == len(run.models)
