"""serve, provide and read together, with the embedded broker: the way of a newcomer."""
import json
import os
import re
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parent.parent.parent / "data"
JSON = ["--records.format", "json", "--results.format", "json"]


class Server:
    """A started `millrace serve` with a broker inside."""

    def __init__(self, millrace, *options):
        self.millrace = millrace
        self.run = millrace.start("serve", "--embedded", "any", "--http.port", "any", *JSON, *options, start_new_session=True)
        self.run.wait_for_line("ready:")
        self.bootstrap = re.search(r"embedded broker listens on (\S+);", self.run.output).group(1)
        self.http = re.search(r"health at (http://\S+)/", self.run.output).group(1)

    def get(self, path):
        with urllib.request.urlopen(self.http + path) as answer:
            return json.load(answer)

    def provide(self, *options):
        return self.millrace.run("provide", "-b", self.bootstrap, *JSON, "--log.level", "error", "--json", *options)

    def read(self, *options):
        run = self.millrace.run("read", "-b", self.bootstrap, *JSON, "--log.level", "error", "--json", *options)
        assert run.returncode == 0, run.stderr
        return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture
def server(millrace):
    return lambda *options: Server(millrace, *options)


def test_records_and_models_go_in_and_results_come_out(server):
    serving = server()
    sent = serving.provide("--type", "wine", "--model", DATA / "models" / "wine-3-forest.pmml", "--description", "trees")
    assert sent.returncode == 0 and json.loads(sent.stdout)["models"] == 1
    serving.run.wait_until(lambda: serving.get("/models")["models"] == ["wine"], "the model in service")
    sent = serving.provide("--type", "wine", "--records", DATA / "wine.csv", "--key", "row")
    assert sent.returncode == 0, sent.stderr
    assert json.loads(sent.stdout)["delivered"] == 178

    results = serving.read("-n", 178)
    assert {int(each["key"]) for each in results} == set(range(1, 179))
    value = results[0]["value"]
    assert value["data_type"] == "wine" and value["model"]["name"] == "wine-3-forest"
    assert value["source"]["topic"] == "models_data"
    assert value["output"][0]["name"] == "cultivar" and value["output"][0]["string_value"].startswith("class_")
    state = serving.get("/state")
    assert (state["name"], state["description"], state["usage"]) == ("wine-3-forest", "trees", 178)
    assert 0 < state["min"] <= state["max"] <= state["duration"]
    assert serving.run.stop() == 0


def test_mapping_is_applied_once(server):
    """The model asks for color_intensity and is given hue, which is below its threshold in every wine; the reverse
    entry must not turn that around."""
    serving = server("--records.mapping", "color_intensity=hue", "--records.mapping", "hue=color_intensity")
    serving.provide("--type", "wine", "--model", DATA / "models" / "wine-1-stump.pmml")
    serving.run.wait_until(lambda: serving.get("/models")["models"] == ["wine"], "the model in service")
    serving.provide("--type", "wine", "--records", DATA / "wine.csv")
    results = serving.read("-n", 178)
    assert {each["value"]["output"][0]["string_value"] for each in results} == {"class_1"}


def test_read_shows_every_kind_of_topic(server):
    serving = server()
    serving.provide("--type", "wine", "--model", DATA / "models" / "wine-1-stump.pmml", "--model-version", "7")
    serving.provide("--type", "wine", "--records", DATA / "wine.csv", "-n", 3)
    model = serving.read("-e", "models_models")[0]
    assert model["key"] == "wine/wine-1-stump"
    assert (model["value"]["name"], model["value"]["version"]) == ("wine-1-stump", "7")
    records = serving.read("-e", "models_data")
    assert len(records) == 3 and all(each["value"]["dataType"] == "wine" for each in records)
    raw = serving.read("-e", "models_data", "--as", "raw")
    assert raw[0]["value"].startswith('{"alcohol":')


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 here")
def test_state_over_ipv6(server):
    serving = server("--http.address", "::1")
    assert serving.http.startswith("http://[::1]:") and serving.get("/readyz") == {"status": "ready"}


def test_log_tells_of_records_without_result(server, tmp_path):
    serving = server()
    rows = tmp_path / "rows.csv"
    rows.write_text("color_intensity\nred\n")
    serving.provide("--type", "wine", "--records", rows)
    line = serving.run.wait_for_line("dropped: no model serves their data type")
    assert " warn records: 1 dropped" in line and "serving.no_model" in line


def test_bad_model_is_a_dead_letter_and_changes_nothing(server, tmp_path):
    serving = server()
    bad = tmp_path / "bad.pmml"
    bad.write_text("<PMML version='4.4'><Header/></PMML>")
    serving.provide("--type", "wine", "--model", DATA / "models" / "wine-1-stump.pmml", "--model", bad)
    letter = serving.read("-n", 1, "models_errors")[0]
    assert letter["key"] == "models_models-0-1"
    assert letter["headers"]["__connect.errors.topic"] == "models_models"
    assert serving.get("/state")["name"] == "wine-1-stump"


def test_ctrl_c_drains_and_ends(server):
    serving = server("--lanes", "2")
    # A terminal sends it to the whole group, the broker's process too.
    os.killpg(serving.run.process.pid, signal.SIGINT)
    assert serving.run.process.wait(30) == 0, serving.run.output
    assert "stopping" in serving.run.output and " error " not in serving.run.output


def test_second_signal_ends_at_once(server):
    serving = server()
    process = serving.run.process
    broker = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])
    serving.run.wait_until(lambda: serving.get("/models")["partitions"], "partitions")
    os.kill(broker, signal.SIGSTOP)  # so that leaving the group takes long
    try:
        process.send_signal(signal.SIGTERM)
        serving.run.wait_for_line("stopping")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 128 + signal.SIGTERM
    finally:
        os.kill(broker, signal.SIGKILL)


def test_provide_says_what_is_wrong(server, tmp_path):
    serving = server()
    run = serving.provide("--records", DATA / "wine.csv")
    assert run.returncode == 1 and "--type" in run.stderr
    run = serving.provide("--type", "wine", "--records", DATA / "wine.csv", "--key", "none")
    assert run.returncode == 1 and "--key" in run.stderr
    run = serving.provide("--type", "wine", "--records", tmp_path / "none.csv")
    assert run.returncode == 1 and "none.csv" in run.stderr
    run = serving.provide("--type", "", "--model", DATA / "models" / "wine-1-stump.pmml")
    assert run.returncode == 1 and "give --type" in run.stderr
    run = serving.provide("--type", "wine", "--model", DATA / "models" / "wine-3-forest.pmml", "-X", "message.max.bytes=1000")
    assert run.returncode == 1 and "sends up to 1000: raise kafka.message.max.bytes" in run.stderr
    run = serving.provide("--type", "wine", "--model", tmp_path / "none.pmml")
    assert run.returncode == 1 and "none.pmml" in run.stderr


def test_log_holds_no_secret_at_any_level(millrace, tmp_path):
    (tmp_path / "secret").write_text("hunter2")
    config = tmp_path / "millrace.yaml"
    config.write_text(f"bootstrap: 127.0.0.1:1\nhttp.port: any\nlog.level: debug\nkafka:\n  debug: all\n"
                      f"  client.rack: ${{file:{tmp_path}/secret}}\n  sasl.username: hunter2\n  sasl.password: hunter2\n")
    run = millrace.start("serve", "--config", config)
    run.wait_for_line("Connection refused")
    assert run.stop() == 0
    assert " debug kafka: " in run.output and "hunter2" not in run.output


def test_provide_sends_no_empty_records(millrace, tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("fixed acidity;alcohol\n7.4;9.4\n")
    run = millrace.run("provide", "-b", "127.0.0.1:1", "--type", "wine", "--records", rows, "--log.level", "error")
    assert run.returncode == 1 and "no column is a field of WineRecord" in run.stderr and "--delimiter" in run.stderr


def test_provide_names_row_and_file(server, tmp_path):
    serving = server()
    rows = tmp_path / "rows.csv"
    rows.write_text("alcohol\n9.4\n9.4,1\n" + "9" * 2_000_000 + "\n")
    run = serving.provide("--type", "wine", "--records", rows)
    assert run.returncode == 1
    assert f"{rows}: row 2: the row has 2 cells" in run.stderr
    assert f"{rows}: row 3: the row is longer than 1048576 bytes" in run.stderr
    run = serving.provide("--type", "wine", "--model", rows)
    assert run.returncode == 1 and f"{rows}: the content is of no known model format" in run.stderr


def test_provide_keeps_the_rate(server):
    serving = server()
    run = serving.provide("--type", "wine", "--records", DATA / "wine.csv", "--rate", "500", "--for", "2s")
    said = json.loads(run.stdout)
    assert said["delivered"] == said["records"]
    assert 0 < said["records"] <= 500 * said["seconds"] + 1
