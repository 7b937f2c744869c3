"""Nearly a thousand swaps, an idle lane: memory stays flat. The counters of two lanes add up to the records sent."""
import os
import subprocess

import pytest

from integration import lib_wines as wines

SWAPS = int(os.environ.get("MILLRACE_SWAPS") or 1000)
PARTITIONS = 4


def records_of(count: int, start: int = 0) -> list[dict]:
    rows = wines.make_rows(100)
    return [{"value": wines.record(rows[i % len(rows)]), "key": b"%d" % i, "partition": i % PARTITIONS}
            for i in range(start, start + count)]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_memory_is_flat_over_swaps(serve, busy):
    """Idle: no record ever comes, so only the lanes' own look at the clock lets old models go. One lane owns no
    partition at all. Busy: some records between swaps."""
    # Looks at the memory between as many swaps each: multiples of 32, since of 64 model messages that are kept for an
    # older model to come back, half are forgotten for the next one; so as many of them are there at each look.
    rest = max(64, (SWAPS if not busy else SWAPS // 4) // 5 // 32 * 32)
    swaps = 5 * rest
    serving = serve({"lanes": 3 if busy else 2}, partitions=PARTITIONS if busy else 1)
    # Large enough that one model kept in memory for each of 100 swaps would show.
    models = [wines.tree(seed, depth=9) for seed in range(8)]
    instance = serving.start()
    sizes, published = {}, 0
    for end in range(rest, swaps + 1, rest):
        if busy:
            serving.kafka.produce(serving.records, records_of(200, start=published * 200))
        serving.publish_all((models[number % len(models)], f"v{number}") for number in range(published, end))
        published = end
        instance.wait_for_model(f"v{end - 1}", field="version")
        sizes[end] = instance.process.resident_bytes()
    print({swap: f"{size / 2**20:.1f} MiB" for swap, size in sizes.items()},
          f"a model is {len(models[0].pmml) / 2**10:.0f} KiB of XML")
    updates = instance.metrics()
    assert updates['millrace_model_updates_total{outcome="published"}'] == swaps
    growth = sizes[swaps] - sizes[rest]
    assert growth < 4 << 20, f"{growth / 2**20:.1f} MiB in {swaps - rest} swaps"
    assert instance.stop() == 0


def test_counters_of_two_lanes_add_up(serve, millrace, tmp_path):
    serving = serve({"lanes": 2}, partitions=PARTITIONS)
    serving.publish(wines.regression(1))
    instance = serving.start()
    instance.wait_until(lambda: len(instance.ask("/state/instance")["partitions"]) == PARTITIONS, "all partitions")
    partitions = instance.ask("/state/instance")["partitions"]
    assert {each["lane"] for each in partitions} == {0, 1}  # both have work

    count, other, bad = 5000, 300, 40
    serving.kafka.produce(serving.records, records_of(count))
    serving.kafka.produce(serving.records, [{"value": wines.record(wines.make_rows(1)[0], "beer"), "partition": i % PARTITIONS}
                                            for i in range(other)])
    serving.kafka.produce(serving.records, [{"value": b"\xff", "partition": i % PARTITIONS} for i in range(bad)])
    serving.wait_until_done()
    state = instance.ask("/state/wine")
    assert state["usage"] == count
    assert sum(each["count"] for each in state["histogram"]) == count
    assert 0 < state["min"] <= state["duration"] / count <= state["max"]
    counts = instance.records()
    assert (counts["scored"], counts["dropped"], counts["dead_lettered"]) == (count, other, bad)
    positions = {each["partition"]: each["position"] for each in instance.ask("/state/instance")["partitions"]}
    assert [positions[p] for p in range(PARTITIONS)] == [end for _, end in serving.kafka.watermarks(serving.records)]

    # Counting begins anew with each model; the totals of the instance go on.
    serving.publish(wines.tree(2))
    instance.wait_for_model("regression-tree-2")
    assert instance.ask("/state/wine")["usage"] == 0
    serving.kafka.produce(serving.records, records_of(70))
    serving.wait_until_done()
    assert instance.ask("/state/wine")["usage"] == 70
    assert instance.records()["scored"] == count + 70

    status, text = instance.get("/metrics")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
    assert status == 200 and done.returncode == 0 and not done.stderr.strip(), done.stderr.decode() + done.stdout.decode()
    metrics = instance.metrics()
    assert metrics['millrace_score_duration_seconds_count{data_type="wine"}'] == 70
    assert metrics['millrace_record_latency_seconds_count{data_type="wine"}'] == count + 70
    assert [name for name in metrics if name.startswith("millrace_model_info")] == [
        name for name in metrics if name.startswith("millrace_model_info") and "regression-tree-2" in name]
    for partition in range(PARTITIONS):
        assert metrics[f'millrace_consumer_lag_records{{topic="{serving.records}",partition="{partition}"}}'] == 0
    assert instance.stop() == 0
