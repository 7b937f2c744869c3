"""millrace inspect: what a file holds, for people and for programs, also when it is refused or no model at all."""
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOREST = ROOT / "data" / "models" / "wine-3-forest.pmml"
CASES = sorted((ROOT / "tests" / "conformance" / "cases").glob("*/model.pmml"))


def inspect_json(millrace, path, code=0):
    run = millrace.run("inspect", "--json", path)
    assert run.returncode == code, run.stderr
    return json.loads(run.stdout)


def test_the_forest_for_people(millrace):
    run = millrace.run("inspect", FOREST)
    assert run.returncode == 0 and run.stderr == ""
    lines = [re.sub(" +", " ", line).strip() for line in run.stdout.splitlines()]
    for line in ("MiningModel, classification, average of 25", "25 x TreeModel, classification: 235 nodes",
                 "Inputs (13)", "alcohol double continuous any", "cultivar string categorical class_0, class_1, class_2",
                 "probability(class_1) double probability probability of class_1",
                 "SHA-256 " + hashlib.sha256(FOREST.read_bytes()).hexdigest()):
        assert line in lines
    assert any(line.startswith("line 3 Header ") for line in lines)


def test_the_forest_for_programs(millrace):
    said = inspect_json(millrace, FOREST)
    assert said["sha256"] == hashlib.sha256(FOREST.read_bytes()).hexdigest()
    assert said["bytes"] == FOREST.stat().st_size and said["pmml_version"] == "4.4"
    assert said["scored"] is True and said["refusal"] is None and said["memory"] > 1000
    (trees,) = said["models"][0]["models"]
    assert (trees["element"], trees["count"], trees["parts"]) == ("TreeModel", 25, {"Node": 235})
    assert [each["name"] for each in said["targets"]] == ["cultivar"]
    assert said["targets"][0]["values"] == ["class_0", "class_1", "class_2"]
    assert {each["name"]: each["role"] for each in said["outputs"]}["probability(class_2)"] == "probability"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_every_model_of_ours(millrace, path):
    text = path.read_text()
    said = inspect_json(millrace, path)
    trees = text.count("<TreeModel ")
    def count(models, element):
        return sum(each["count"] * (each["element"] == element) + count(each.get("models", []), element) for each in models)
    def parts(models, part):
        return sum(each["parts"].get(part, 0) + parts(each.get("models", []), part) for each in models)
    assert count(said["models"], "TreeModel") == trees
    assert parts(said["models"], "Node") == len(re.findall("<Node[ >/]", text))
    assert said["models"] and said["outputs"] and said["derived_fields"] == text.count("<DerivedField ")
    shown = millrace.run("inspect", path).stdout
    assert all(line == line.rstrip() and len(line) < 200 for line in shown.splitlines())


def test_a_refused_model_is_shown_all_the_same(millrace, tmp_path):
    path = tmp_path / "model.pmml"
    path.write_text('<PMML version="4.4"><Header><Application name="Maker"/></Header>\n<DataDictionary>'
                    '<DataField name="x" optype="continuous" dataType="double"/></DataDictionary>\n'
                    '<TextModel functionName="regression"><MiningSchema><MiningField name="x" '
                    'missingValueReplacement="3" missingValueTreatment="asMean" invalidValueTreatment="asMissing" '
                    'outliers="asMissingValues" lowValue="1" highValue="9"/></MiningSchema>'
                    '<Output><OutputField name="o" feature="predictedValue"/></Output></TextModel></PMML>')
    run = millrace.run("inspect", path)
    assert run.returncode == 1
    assert f"{path}:3: " in run.stderr and "<TextModel>" in run.stderr
    assert "NO, it is refused: line 3: " in run.stdout and "TextModel, regression" in run.stdout
    assert "missing becomes 3 (asMean); invalid is missing; below 1 or above 9 is missing" in run.stdout
    said = inspect_json(millrace, path, code=1)
    assert said["scored"] is False and said["refusal"]["where"] == f"{path}:3"
    assert said["producer"]["application"] == "Maker" and said["outputs"][0]["feature"] == "predictedValue"


def test_statistics_and_explanation_are_carried_through(millrace, tmp_path):
    path = tmp_path / "model.pmml"
    text = FOREST.read_text()
    stats = ('<ModelStats><UnivariateStats field="alcohol"><Counts totalFreq="178" missingFreq="2"/>'
             '<NumericInfo minimum="11.03" maximum="14.83" mean="13.000617977528"/></UnivariateStats></ModelStats>'
             '<ModelExplanation><PredictiveModelQuality targetField="cultivar" dataUsage="training" r-squared="0.75"/>'
             '</ModelExplanation>')
    path.write_text(text.replace("</Output>", "</Output>" + stats, 1))
    said = inspect_json(millrace, path)
    counts = said["model_stats"]["children"][0]["children"][0]
    assert counts == {"element": "Counts", "attributes": {"totalFreq": "178", "missingFreq": "2"}}
    assert said["model_explanation"]["children"][0]["attributes"]["r-squared"] == "0.75"
    shown = millrace.run("inspect", path).stdout
    assert "least 11.03, most 14.83, mean 13.0006, records 178, missing 2" in shown and "r-squared" in shown


@pytest.mark.parametrize("content, said", [
    (b"", "no known model format"), (b"hello", "no known model format"),
    (b"<PMML version='4.4'><Header", "not well-formed"), (b"<html/>", "not a PMML document"),
    (b"<PMML version='4.4'/>", "no model"), (b"<!DOCTYPE a><PMML/>", "document type"),
    (b"<PMML version='4.4'><DataDictionary><DataField name='\x1b[31mred'/>", "not well-formed"),
])
def test_no_model(millrace, tmp_path, content, said):
    path = tmp_path / "file"
    path.write_bytes(content)
    for words in ([], ["--json"]):
        run = millrace.run("inspect", path, *words)
        assert run.returncode == 1 and said in run.stderr and "\x1b" not in run.stdout + run.stderr
        if words:
            assert json.loads(run.stdout)["scored"] is False


def test_no_file(millrace):
    run = millrace.run("inspect", "/nowhere.pmml")
    assert run.returncode == 1 and "/nowhere.pmml: cannot be opened" in run.stderr and run.stdout == ""
