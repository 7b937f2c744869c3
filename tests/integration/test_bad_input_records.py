"""Records and models that are broken: each gets a dead letter that says why, none is lost, the service lives.

Asserted of every run: the keys of results and dead letters together are the keys sent, each once; a dead
letter has the record's value, key and headers and says where it came from; all offsets are committed.
"""

import json
import random

import pytest

from integration.bad_models import MODELS
from integration.service import ROOT, Service, messages
from integration.test_results_python import MODEL

HEADERS = ["topic", "partition", "offset", "stage", "class.name", "exception.class.name", "exception.message"]
JSON = ["--records.format", "json", "--records.type", "constant:wine", "--serving.no_model", "dead-letter"]
GOOD = b'{"alcohol": 9.5, "citric acid": 0.25}'
BIG = 900_000  # bytes; a message may have 1 MB


def headers_of(message):
    return {name: value.decode() for name, value in message.headers()}


def reason(letter):
    return headers_of(letter)["__connect.errors.exception.message"]


def run(millrace, kafka, values, options, model):
    """Sends model and records; what became of each key: (result, None) or (None, dead letter)."""
    service = Service(millrace, kafka, *options)
    service.send_model(model)
    service.start()
    service.send_records(values)
    results, letters = service.answers(len(values))
    service.stop()
    answers = {int(message.key()): (message, None) for message in results}
    answers.update({int(letter.key()): (None, letter) for letter in letters})
    assert sorted(answers) == list(range(len(values))) and len(results) + len(letters) == len(values)
    for letter in letters:
        headers, number = headers_of(letter), int(letter.key())
        assert letter.value() == values[number] and headers["n"] == str(number)
        assert {f"__connect.errors.{name}" for name in HEADERS} <= headers.keys()
        assert headers["__connect.errors.topic"] == service.records
        assert headers["__connect.errors.offset"] == str(number)
        assert 0 < len(reason(letter)) < 600
    assert kafka.committed(service.records, service.records)[0] == len(values)
    return [answers[number] for number in range(len(values))]


def wire(field, kind):
    return bytes([field << 3 | kind])


def test_protobuf(millrace, kafka):
    good = messages().Wine(alcohol=9.5, citric_acid=0.25, dataType="wine").SerializeToString()
    bad = {
        "truncated": good[:-3],
        "cut in a double": wire(11, 1) + b"\0\0\0",
        "endless varint": b"\xff" * 30,
        "field 0": b"\0\0",
        "reserved wire type": wire(1, 7) + good,
        "length beyond the end": wire(12, 2) + b"\xff\xff\xff\xff\x07wine",
        "random": random.Random(3).randbytes(300),
        "large and random": random.Random(4).randbytes(BIG),
        "no data type": b"",
        "another data type": messages().Wine(alcohol=9.5, dataType="beer").SerializeToString(),
        "data type is not text": good[:-6] + wire(12, 2) + b"\x04\xff\xfe\xfd\xfc",
    }
    values = [good, *[value for each in bad.values() for value in (each, good)]]
    answers = run(millrace, kafka, values, ["--serving.no_model", "dead-letter"], MODEL)
    for number, (result, _) in enumerate(answers):
        assert (result is not None) == (number % 2 == 0), f"{list(bad)[number // 2]}"
    proto = messages().Result
    assert all(proto.FromString(result.value()).output[0].double_value == 1 + 2 * 9.5 + 3 * 0.25
               for result, _ in answers if result)
    beer = answers[1 + 2 * list(bad).index("another data type")][1]
    assert "beer" in reason(beer)


def test_unknown_protobuf_fields_are_passed_over(millrace, kafka):
    good = messages().Wine(alcohol=9.5, citric_acid=0.25, dataType="wine").SerializeToString()
    long_field = b"\xa2\x06" + b"\x80\x80\x30" + b"x" * (0x30 << 14)  # field 100, 786 KB
    answers = run(millrace, kafka, [long_field + good, good + b"\xa0\x06\x01"], [], MODEL)
    assert all(letter is None for _, letter in answers)


def test_json(millrace, kafka):
    bad = {
        "empty": b"",
        "no JSON": b"alcohol=9.5",
        "truncated": GOOD[:-5],
        "array": b"[1, 2]",
        "number": b"7",
        "two values": GOOD + GOOD,
        "text for a number": b'{"alcohol": "strong", "citric acid": 0.25}',
        "object for a number": b'{"alcohol": {"percent": 9.5}, "citric acid": 0.25}',
        "boolean for a number": b'{"alcohol": true, "citric acid": 0.25}',
        "deep": b'{"x": ' + b"[" * 400_000,
        "not UTF-8": b'{"\xff\xfe": 1, "alcohol": 9.5, "citric acid": 0.25}',
        "random": random.Random(5).randbytes(300),
        "large": b'{"x": "' + b"y" * BIG,
    }
    values = [GOOD, *[value for each in bad.values() for value in (each, GOOD)]]
    answers = run(millrace, kafka, values, JSON, MODEL)
    for number, (result, _) in enumerate(answers):
        assert (result is not None) == (number % 2 == 0), f"{list(bad)[number // 2]}"
    assert "alcohol" in reason(answers[1 + 2 * list(bad).index("text for a number")][1])


@pytest.mark.parametrize("value", [b"{}", b'{"alcohol": null, "citric acid": 1}', b'{"alcohol": 9.5}'])
def test_missing_is_no_error(millrace, kafka, value):
    (result, letter), = run(millrace, kafka, [value], JSON, MODEL)
    assert letter is None
    target = messages().Result.FromString(result.value()).output[0]
    assert target.name == "quality" and target.WhichOneof("value") == "missing"


def test_unknown_category(millrace, kafka):
    case = ROOT / "tests" / "conformance" / "cases" / "diabetes_ridge_categorical"
    header, row = [line.split(",") for line in (case / "input.csv").read_text().splitlines()[:2]]
    good = {name: text if name == "sex" else float(text) for name, text in zip(header, row)}
    values = [json.dumps(record).encode() for record in (good, {**good, "sex": "other"}, {**good, "sex": 7}, good)]
    answers = run(millrace, kafka, values, JSON, (case / "model.pmml").read_bytes())
    assert [letter is None for _, letter in answers] == [True, False, False, True]
    assert "sex" in reason(answers[1][1])


SMALL = ["empty", "not_xml", "random_bytes", "not_pmml", "truncated", "cyclic_derived_fields", "entity_bomb",
         "no_such_field_in_a_tree", "a_level_too_many"]


def test_models(millrace, kafka, tmp_path):
    """Each bad model is dead-lettered with its reason; the good one goes on serving."""
    service = Service(millrace, kafka, *JSON)
    service.send_model(MODEL, name="good", version="1")
    service.start()
    service.send_records([GOOD])
    service.answers(1)
    for name in SMALL:
        path = tmp_path / name
        with open(path, "wb") as file:
            MODELS[name].write(file)
        service.send_model(path.read_bytes(), name=name)
    kafka.produce(service.models, [b"\xff\xff not a descriptor", b""])
    service.program.wait_until(lambda: kafka.size(service.errors) >= len(SMALL) + 2, "the models' dead letters")
    service.send_records([GOOD] * 3)
    results, letters = service.answers(4 + len(SMALL) + 2)
    service.stop()
    assert len(results) == 4 and len(letters) == len(SMALL) + 2
    assert {messages().Result.FromString(message.value()).model.name for message in results} == {"good"}
    offsets = {int(headers_of(letter)["__connect.errors.offset"]): letter for letter in letters}
    assert sorted(offsets) == list(range(1, len(SMALL) + 3))
    for offset, name in enumerate(SMALL, 1):
        assert offsets[offset].key() == f"{service.models}-0-{offset}".encode()
        assert 0 < len(reason(offsets[offset])) < 600
