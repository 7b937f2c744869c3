"""What cannot be scored becomes a dead letter that keeps all of the record and says why; nothing else is disturbed.

Many more bad records and models: test_bad_input_records.py.
"""
import random
import time

import pytest

from integration import lib_messages as messages
from integration import lib_wines as wines
from integration.lib_check import headers_of

MODEL = wines.regression(1)
GOOD_ROWS = wines.make_rows(6)
HOUR = 3_600_000
DAY = 24 * HOUR


def fail_of(letter) -> tuple[str, str]:
    """Stage and message."""
    headers = headers_of(letter)
    return headers["__connect.errors.stage"].decode(), headers["__connect.errors.exception.message"].decode()


def run_records(serving, records: list[dict], instance=None) -> dict[bytes, object]:
    """Writes the records with good ones around each, waits; the dead letters by key, after checking the good ones."""
    mixed = []
    for number, each in enumerate(records):
        mixed.append({"value": wines.record(GOOD_ROWS[number % len(GOOD_ROWS)]), "key": b"good-%d" % number})
        mixed.append(each)
    mixed.append({"value": wines.record(GOOD_ROWS[0]), "key": b"good-last"})
    serving.kafka.produce(serving.records, mixed, message_max_bytes=100_000_000)
    instance = instance or serving.start()
    serving.wait_until_done()
    results = serving.read_results()
    good = {message.key() for message, _ in results if message.key().startswith(b"good-")}
    assert len(good) == len(records) + 1
    letters = {letter.key(): letter for letter in serving.kafka.read(serving.errors)}
    assert all(instance.get(path)[0] == 200 for path in ("/livez", "/readyz", "/state/wine"))
    counts = instance.records()
    refused = sum(fail_of(letter)[0] == "send" for letter in letters.values())
    assert counts["scored"] == len(results) + refused  # handed to the sink
    assert counts["dead_lettered"] == len(letters)
    assert instance.stop() == 0
    return letters


def check_kept(letter, record: dict, topic: str, offset: int) -> None:
    headers = headers_of(letter)
    assert letter.value() == record["value"]
    assert letter.key() == record["key"]
    for name, value in record.get("headers") or []:
        assert headers[name] == value
    if "timestamp" in record:
        assert letter.timestamp()[1] == record["timestamp"]
    assert headers["__connect.errors.topic"].decode() == topic
    assert headers["__connect.errors.partition"] == b"0"
    assert headers["__connect.errors.offset"] == b"%d" % offset
    for name in "stage", "class.name", "exception.class.name", "exception.message":
        assert headers[f"__connect.errors.{name}"], name


def bad_protobuf() -> dict[bytes, bytes]:
    good = wines.record(GOOD_ROWS[0])
    return {
        b"truncated": good[:len(good) - 3],
        b"cut-in-a-double": good[:5],
        b"field-number-0": b"\x00" + good,
        b"group-never-ends": good + b"\x73",
        b"length-beyond-the-end": good + b"\x62\xff\xff\xff\xff\x0f",
        b"varint-too-long": good + b"\x08" + b"\xff" * 11,
        b"double-as-text": b"\x0a\x03abc" + good,
    }


def test_bad_protobuf(serve):
    serving = serve()
    serving.publish(MODEL)
    timestamp = int(time.time() * 1000) - 5000
    records = [{"value": value, "key": key, "timestamp": timestamp, "headers": [("trace", b"\x00\xff"), ("empty", b"")]}
               for key, value in bad_protobuf().items()]
    letters = run_records(serving, records)
    assert set(letters) == set(bad_protobuf())
    for number, record in enumerate(records):
        letter = letters[record["key"]]
        check_kept(letter, record, serving.records, 2 * number + 1)
        assert fail_of(letter)[0] == "decode"


def test_random_bytes_are_results_or_letters(serve):
    """Random bytes may be a message by chance; each gives exactly one answer."""
    choose = random.Random(5)
    serving = serve({"records.type": "constant:wine"})
    serving.publish(MODEL)
    records = [{"value": choose.randbytes(choose.randrange(1, 400)), "key": b"random-%d" % i} for i in range(300)]
    letters = run_records(serving, records)
    answered = {message.key() for message, _ in serving.read_results()} | set(letters)
    assert {record["key"] for record in records} <= answered
    assert len(letters) > 200


def test_a_very_large_record_is_answered(serve):
    """8 MB of an unknown field are passed over; 8 MB that are cut off are a dead letter, which its topic refuses."""
    serving = serve()
    big = 8_000_000
    serving.set_topic(serving.records, "max.message.bytes", 10_000_000)
    serving.publish(MODEL)
    unknown = b"\xa2\x06" + varint(big) + b"x" * big  # field 100
    good = wines.record(GOOD_ROWS[0])
    letters = run_records(serving, [{"value": unknown + good, "key": b"large"}, {"value": good + unknown[:-1], "key": b"cut"}])
    assert b"large" in {message.key() for message, _ in serving.read_results()}
    assert set(letters) == {b"cut"}
    # The errors topic takes 1 MB: the letter is there without its value, and says how large that was.
    assert letters[b"cut"].value() is None
    assert headers_of(letters[b"cut"])["millrace.value.size"] == b"%d" % (len(good) + len(unknown) - 1)


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def test_a_tombstone_among_records_is_answered(serve):
    serving = serve()
    serving.publish(MODEL)
    letters = run_records(serving, [{"value": None, "key": b"tombstone"}])
    assert set(letters) == {b"tombstone"}
    assert letters[b"tombstone"].value() is None


def test_all_protobuf_fields_absent(serve):
    """Fields of proto3 without presence are 0 when they are not on the wire: an empty message has a result."""
    serving = serve({"records.type": "constant:wine"})
    serving.publish(MODEL)
    serving.kafka.produce(serving.records, [{"value": b"", "key": b"empty"}])
    instance = serving.start()
    serving.wait_until_done()
    (message, result), = serving.read_results()
    assert message.key() == b"empty"
    assert messages.value_of(result.output[0]) == MODEL.predict([0.0] * 11)
    assert instance.stop() == 0


# ---- No model for a data type

def unserved(serving) -> list[dict]:
    records = [{"value": wines.record(row, "beer"), "key": b"beer-%d" % i} for i, row in enumerate(GOOD_ROWS)]
    records += [{"value": wines.record(row), "key": b"wine-%d" % i} for i, row in enumerate(GOOD_ROWS)]
    serving.kafka.produce(serving.records, records)
    return records


def test_records_without_a_model_are_dropped_and_counted(serve):
    serving = serve()
    serving.publish(MODEL)
    unserved(serving)
    instance = serving.start()
    serving.wait_until_done()
    counts = instance.records()
    assert (counts["scored"], counts["dropped"], counts["dead_lettered"]) == (6, 6, 0)
    assert serving.kafka.size(serving.results) == 6 and serving.kafka.size(serving.errors) == 0
    assert instance.stop() == 0


def test_records_without_a_model_become_dead_letters_where_asked(serve):
    serving = serve({"serving.no_model": "dead-letter"})
    serving.publish(MODEL)
    unserved(serving)
    instance = serving.start()
    serving.wait_until_done()
    letters = serving.kafka.read(serving.errors)
    assert sorted(letter.key() for letter in letters) == [b"beer-%d" % i for i in range(6)]
    assert "beer" in fail_of(letters[0])[1]
    assert serving.kafka.size(serving.results) == 6
    assert instance.stop() == 0


def test_records_without_a_model_wait_for_it_where_asked(serve):
    serving = serve({"serving.no_model": "hold"}, partitions=2)
    serving.publish(MODEL)
    serving.kafka.produce(serving.records, [
        *({"value": wines.record(row, "beer"), "key": b"beer", "partition": 0} for row in GOOD_ROWS),
        *({"value": wines.record(row), "key": b"wine", "partition": 1} for row in GOOD_ROWS)])
    instance = serving.start()
    serving.kafka.read_at_least(serving.results, 6)  # the other partition goes on
    assert {message.key() for message, _ in serving.read_results()} == {b"wine"}
    assert serving.committed()[0] <= 0  # nothing passes
    assert instance.stop() == 0  # holding does not hold up a stop
    instance = serving.start()
    serving.publish(wines.tree(3), "beer")
    serving.wait_until_done()
    results = serving.read_results()
    assert len(results) == 12 and {result.data_type for _, result in results} == {"wine", "beer"}
    assert instance.stop() == 0


# ---- Timestamps

@pytest.mark.parametrize("broker_default", [True, False])
def test_timestamps_that_the_results_topic_would_refuse_or_delete(serve, broker_default):
    """Older than its retention, or further in the future than it takes: now, and the original in a header."""
    config = {} if broker_default else {"retention_ms": 3 * DAY}
    serving = serve(results_config=config, errors_config=config)
    serving.publish(MODEL)
    now = int(time.time() * 1000)
    ages = {b"now": 0, b"hour": HOUR, b"soon": -HOUR // 2, b"five-days": 5 * DAY, b"old": 30 * DAY}
    records = [{"value": wines.record(GOOD_ROWS[0]), "key": key, "timestamp": now - age} for key, age in ages.items()]
    bad = [{"value": b"\xff", "key": b"bad-" + key, "timestamp": now - age} for key, age in ages.items()]
    serving.kafka.produce(serving.records, records + bad)
    instance = serving.start()
    serving.wait_until_done()
    keep = (7 if broker_default else 3) * DAY
    found = {message.key(): message for message, _ in serving.read_results()}
    found |= {letter.key(): letter for letter in serving.kafka.read(serving.errors)}
    assert found.keys() == {each["key"] for each in records + bad}
    for each in records + bad:
        got, headers = found[each["key"]].timestamp()[1], headers_of(found[each["key"]])
        if now - each["timestamp"] < keep:
            assert got == each["timestamp"] and "millrace.timestamp" not in headers, each["key"]
        else:
            assert got >= now, each["key"]
            assert headers["millrace.timestamp"] == b"%d" % each["timestamp"]
    assert instance.records()["retimed"] == sum(now - each["timestamp"] >= keep for each in records + bad)
    assert instance.stop() == 0


def test_a_timestamp_in_the_future(serve):
    """The records topic takes any time, the results topic none more than an hour ahead (Kafka's default)."""
    serving = serve()
    serving.set_topic(serving.records, "message.timestamp.after.max.ms", 10 * DAY)
    serving.publish(MODEL)
    ahead = int(time.time() * 1000) + 2 * HOUR
    records = [{"value": wines.record(GOOD_ROWS[0]), "key": b"good", "timestamp": ahead},
               {"value": b"\xff", "key": b"bad", "timestamp": ahead}]
    serving.kafka.produce(serving.records, records)
    instance = serving.start()
    serving.wait_until_done()
    (result, _), = serving.read_results()
    letter, = serving.kafka.read(serving.errors)
    for message in result, letter:
        assert message.timestamp()[1] < ahead - HOUR
        assert headers_of(message)["millrace.timestamp"] == b"%d" % ahead
    assert instance.stop() == 0


# ---- Messages of the models topic

BAD_MODELS = {
    "not protobuf": b"\xff\xff\xff not a descriptor",
    "cut": messages.descriptor(MODEL.pmml, "cut")[:-100],
    "empty": b"",
    "no model": messages.ModelDescriptor(name="none", dataType="wine", modeltype=2).SerializeToString(),
    "location": messages.ModelDescriptor(name="far", dataType="wine", modeltype=2, location="s3://models/far.pmml").SerializeToString(),
    "not XML": messages.descriptor(b"13.2,1.78", "csv"),
    "not PMML": messages.descriptor(wines.NOT_A_MODEL, "html"),
    "no data type": messages.descriptor(MODEL.pmml, "untyped", ""),
    "wrong digest": messages.descriptor(MODEL.pmml, "digest", sha256="0" * 64),
    "tensorflow": messages.descriptor(b"\x08\x01\x12\x00", "graph", modeltype=0, format="tensorflow-graph"),
}


def test_bad_messages_of_the_models_topic(serve):
    serving = serve()
    serving.publish(MODEL)
    instance = serving.start()
    serving.kafka.produce(serving.models, list(BAD_MODELS.values()))
    letters = {headers_of(letter)["__connect.errors.offset"]: letter
               for letter in serving.kafka.read_at_least(serving.errors, len(BAD_MODELS))}
    assert len(letters) == len(BAD_MODELS)
    for number, (what, value) in enumerate(BAD_MODELS.items(), 1):
        letter = letters[b"%d" % number]
        assert letter.value() == value, what
        assert letter.key() == f"{serving.models}-0-{number}".encode()
        print(f"{what}: {fail_of(letter)}")
    assert "location" in fail_of(letters[b"5"])[1]
    assert "SHA-256" in fail_of(letters[b"9"])[1]
    assert instance.ask("/state/wine")["name"] == MODEL.name
    updates = instance.metrics()
    assert updates['millrace_model_updates_total{outcome="rejected"}'] == len(BAD_MODELS)
    assert instance.stop() == 0
