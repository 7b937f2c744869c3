"""What Millrace writes is read by protoc's Python code, and what that writes is read by Millrace.

proto/ is compiled at test time. Records, model descriptors and results cross a real Kafka; every field of
every result is compared.
"""

import hashlib
import json

import pytest
from google.protobuf import json_format
from google.protobuf.unknown_fields import UnknownFieldSet

from integration.service import ROOT, Service, messages

FOREST = ROOT / "data" / "models" / "wine-3-forest.pmml"

# quality = 1 + 2 * alcohol + 3 * citric acid, and the class of it: a target and two outputs.
MODEL = b"""<?xml version="1.0"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header/>
<DataDictionary>
<DataField name="quality" optype="continuous" dataType="double"/>
<DataField name="alcohol" optype="continuous" dataType="double"/>
<DataField name="citric acid" optype="continuous" dataType="double"/>
</DataDictionary>
<RegressionModel functionName="regression">
<MiningSchema><MiningField name="quality" usageType="target"/><MiningField name="alcohol"/>
<MiningField name="citric acid"/></MiningSchema>
<Output><OutputField name="again" optype="continuous" dataType="double" feature="predictedValue"/></Output>
<RegressionTable intercept="1"><NumericPredictor name="alcohol" coefficient="2"/>
<NumericPredictor name="citric acid" coefficient="3"/></RegressionTable>
</RegressionModel></PMML>
"""


def scored(millrace, kafka, options, model, values, partition=lambda number: 0):
    """The service and its results; all records must be scored."""
    service = Service(millrace, kafka, *options)
    service.send_model(**model)
    service.start()
    service.send_records(values, partition)
    results, errors = service.answers(len(values))
    service.stop()
    assert not errors and len(results) == len(values)
    return service, results


def test_protobuf_results(millrace, kafka):
    proto = messages()
    # Every third wine has no citric acid: 0 is not on the wire.
    wines = [proto.Wine(alcohol=10 + n / 8, citric_acid=n % 3 / 4, dataType="wine") for n in range(40)]
    model = {"data": MODEL, "name": "straight line", "description": "of alcohol and citric acid", "version": "7"}
    service, results = scored(millrace, kafka, [], model, [wine.SerializeToString() for wine in wines],
                              lambda number: number % 2)
    for message in results:
        n = int(message.key())
        quality = 1 + 2 * wines[n].alcohol + 3 * wines[n].citric_acid
        expected = proto.Result(
            data_type="wine",
            model={"name": "straight line", "version": "7", "sha256_bytes": hashlib.sha256(MODEL).digest()},
            source={"topic": service.records, "partition": n % 2, "offset": n // 2},
            output=[{"name": "quality", "role": proto.Result.Output.target, "double_value": quality},
                    {"name": "again", "role": proto.Result.Output.output, "double_value": quality}])
        result = proto.Result.FromString(message.value())
        assert result == expected
        assert not UnknownFieldSet(result)
        assert message.partition() == n % 2 and message.headers() == [("n", str(n).encode())]


def wine_rows():
    header, *rows = [line.split(",") for line in (ROOT / "data" / "wine.csv").read_text().splitlines()]
    return [dict(zip(header, [*map(float, row[:-1]), row[-1]])) for row in rows[:30]]


def test_categories_probabilities_and_missing(millrace, kafka):
    proto = messages()
    wines = wine_rows()
    wines[5] = {}  # all inputs are missing
    options = ["--records.format", "json", "--records.type", "constant:wine", "--results.lineage", "off"]
    _, results = scored(millrace, kafka, options, {"data": FOREST.read_bytes()},
                        [json.dumps(wine).encode() for wine in wines])
    right = 0
    for message in results:
        result = proto.Result.FromString(message.value())
        assert result.data_type == "wine" and result.model.version == "0:0" and not result.HasField("source")
        assert [output.name or output.category for output in result.output] == [
            "cultivar", *(f"class_{i}" for i in range(3))]
        assert [output.WhichOneof("title") for output in result.output] == ["name", *["category"] * 3]
        if int(message.key()) == 5:
            assert all(output.WhichOneof("value") == "missing" and output.missing for output in result.output)
            continue
        target, *chances = result.output
        assert target.role == proto.Result.Output.target
        assert {chance.role for chance in chances} == {proto.Result.Output.probability}
        assert sum(chance.double_value for chance in chances) == pytest.approx(1)
        best = max(chances, key=lambda chance: chance.double_value)
        assert best.category == target.string_value
        right += target.string_value == wines[int(message.key())]["cultivar"]
    assert right >= 27


def test_json_results_are_the_same_message(millrace, kafka):
    proto = messages()
    wine = proto.Wine(alcohol=9.5, citric_acid=0.3, dataType="wine")
    _, (message,) = scored(millrace, kafka, ["--results.format", "json"], {"data": MODEL},
                           [wine.SerializeToString()], lambda number: 1)
    result = json_format.Parse(message.value(), proto.Result())
    assert result.model.sha256 == hashlib.sha256(MODEL).hexdigest()
    assert result.source.offset == 0 and result.source.partition == 1
    assert [output.double_value for output in result.output] == [1 + 2 * 9.5 + 3 * 0.3] * 2
