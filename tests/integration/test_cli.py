"""The command line: help, exit codes, messages that say what to do, lint, version."""
import json
import re
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOREST = ROOT / "data" / "models" / "wine-3-forest.pmml"
STUMP = ROOT / "data" / "models" / "wine-1-stump.pmml"
COMMANDS = ["serve", "demo", "provide", "read", "score", "inspect", "bench", "lint", "version"]


@pytest.fixture
def config(tmp_path):
    """Writes a configuration; its path."""
    def write(text):
        path = tmp_path / "millrace.yaml"
        path.write_text(text)
        return path
    return write


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(millrace, command):
    for words in ([command, "--help"], [command, "-h"], ["help", command]):
        run = millrace.run(*words)
        assert run.returncode == 0 and run.stderr == ""
        assert f"usage: millrace {command}" in run.stdout
        assert f"Example\n  millrace {command}" in run.stdout
        assert max(map(len, run.stdout.splitlines())) <= 120


def test_program_help_lists_the_commands(millrace):
    for word in ("--help", "-h", "help"):
        run = millrace.run(word)
        assert run.returncode == 0
        assert all(f"  {command} " in run.stdout for command in COMMANDS)


def test_version(millrace):
    assert millrace.run("-V").stdout == millrace.run("--version").stdout == millrace.run("version").stdout
    said = json.loads(millrace.run("version", "--json").stdout)
    assert f"millrace {said['millrace']}" in millrace.run("-V").stdout
    for command in COMMANDS:
        for flag in ("-V", "--version"):
            run = millrace.run(command, flag)
            assert (run.returncode, run.stdout) == (0, millrace.run("-V").stdout)


@pytest.mark.parametrize("words, said", [
    ([], "usage: millrace COMMAND"),
    (["serv"], "no command \"serv\"; did you mean serve?"),
    (["frobnicate"], "`millrace --help` lists them"),
    (["--config", "x", "serve"], "the command comes first"),
    (["serve", "--lane", "2"], "did you mean --lanes?"),
    (["serve", "--lanes"], "a value must follow"),
    (["serve", "--lanes", "many"], "from 1 to 256"),
    (["serve", "--records.start", "now"], "earliest|latest|error"),
    (["serve", "extra"], "one argument too many"),
    (["serve", "-X", "acks"], "NAME=VALUE"),
    (["serve", "-Z"], "unknown flag"),
    (["score", "model.pmml"], "an argument is missing"),
    (["inspect"], "an argument is missing"),
    (["inspect", "--support", "model.pmml"], "takes no MODEL"),
    (["bench", "serve", "m", "i"], "\"serve\" cannot be measured"),
    (["bench", "score", "m", "i", "--batch", "1,none"], "no number from 1"),
    (["bench", "score", "m", "i", "--batch", "0"], "no number from 1"),
    (["provide"], "nothing to send"),
    (["lint", "--print", "--json"], "exclude each other"),
])
def test_wrong_command_lines_exit_2(millrace, words, said):
    run = millrace.run(*words)
    assert run.returncode == 2
    assert said in run.stderr and run.stdout == ""


def test_value_of_an_unknown_flag_is_no_argument(millrace):
    assert "argument" not in millrace.run("serve", "--recrods.topic", "wines").stderr


@pytest.mark.parametrize("words", [["--help"], ["score", "--help"], ["version"], ["lint"],
                                   ["demo", "--for", "1s"]])
def test_full_disk_is_a_failure(millrace, words):
    with open("/dev/full", "w", encoding="utf-8") as full:
        run = millrace.run(*words, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert run.returncode == 1 and "standard output cannot be written" in run.stderr


def test_closed_output_is_a_failure_and_no_socket(millrace):
    run = subprocess.run(f"'{millrace.path}' demo --for 1s >&-", shell=True, capture_output=True, text=True, check=False)
    assert run.returncode == 1 and "standard output cannot be written" in run.stderr


def test_serve_without_a_broker_fails_with_the_reason(millrace):
    run = millrace.run("serve", "--config", "/nowhere/millrace.yaml")
    assert run.returncode == 1
    assert "/nowhere/millrace.yaml: cannot read the configuration: No such file" in run.stderr


def test_port_in_use(millrace):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = millrace.run("serve", "--embedded", "any", "--http.port", port)
        assert run.returncode == 1 and f": 127.0.0.1:{port}: cannot listen: another program uses this port" in run.stderr
        run = millrace.run("serve", "--embedded", port, "--http.port", "off")
        assert run.returncode == 1 and f"{port}" in run.stderr and "in use" in run.stderr


# ---- lint ----

def test_lint_finds_nothing_wrong(millrace, config):
    path = config("records.topic: wines\nlanes: 4\n")
    run = millrace.run("lint", "--config", path)
    assert run.returncode == 0 and "no problem found" in run.stdout


def test_lint_shows_every_error_with_its_place(millrace, config):
    path = config("records:\n  topik: wines\nlanes: 0\ncommit.interval: 10\nkafka:\n  lingr.ms: 5\n")
    run = millrace.run("lint", "--config", path)
    assert run.returncode == 1
    for place, said in (("2:3", 'did you mean "records.topic"?'), ("3:8", "from 1 to 256"), ("4:18", "duration"),
                        ("6:13", "lingr.ms")):
        assert any(f"{path}:{place}: " in line and said in line for line in run.stderr.splitlines()), run.stderr


@pytest.mark.parametrize("text, said", [
    ("kafka:\n  sasl.pasword: ${file:SECRET}\n", "2:17: kafka.sasl.pasword: there is no such setting; did you mean kafka.sasl.password?"),
    ("kafka:\n  group.id: x\n", "2:13: kafka.group.id cannot be set: set application.id"),
    ("kafka:\n  linger.ms: ${file:SECRET}\n", "2:14: kafka.linger.ms: librdkafka refuses this value"),
    ("sasl.mechanism: PLAIN\n", '1:1: unknown key "sasl.mechanism"; did you mean "kafka.sasl.mechanism"?'),
    ("http.address: ''\n", "1:16: http.address must not be empty"),
    ("records.message: Foo\n", '1:18: records.message: unknown message "Foo"'),
    ("records.type: field:nope\n", '1:15: records.type: message WineRecord has no field "nope"'),
    ("records.type: wine\n", "1:15: records.type: must be field:NAME"),
    ("---\nlanes: 2\n---\nlanes: 3\n", "several YAML documents"),
    ("lanes: 2\n---\n- :\n  - : }\n", "not valid YAML"),
])
def test_lint_finds(millrace, config, tmp_path, text, said):
    (tmp_path / "secret").write_text("hunter2")
    run = millrace.run("lint", "--config", config(text.replace("SECRET", str(tmp_path / "secret"))))
    assert run.returncode == 1 and said in run.stderr and "hunter2" not in run.stderr
    assert "kafka.kafka" not in run.stderr and len(run.stderr.splitlines()) == 1, run.stderr


def test_lint_json(millrace, config):
    path = config("lanse: 3\n")
    run = millrace.run("lint", "--config", path, "--json")
    assert run.returncode == 1
    said = json.loads(run.stdout)
    assert said["problems"][0]["where"] == f"{path}:1:1" and "lanes" in said["problems"][0]["message"]


def test_lint_print_hides_secrets(millrace, config, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    path = config(f"kafka:\n  sasl.password: ${{file:{secret}}}\n  ssl.key.password: hunter2\n"
                  f"  client.rack: ${{file:{secret}}}\nrecords.topic: ${{TOPIC:none}}\n")
    run = millrace.run("lint", "--config", path, "--print", env={"TOPIC": "wines"})
    assert run.returncode == 0, run.stderr
    assert "hunter2" not in run.stdout + run.stderr
    assert run.stdout.count('"***"') == 3
    assert f'records.topic: "wines"  # {path}:5:16' in run.stdout
    assert f'"ssl.key.password": "***"  # {path}:3:21' in run.stdout


def test_lint_shows_what_feeds_a_model(millrace, config):
    path = config("records:\n  format: json\n")
    run = millrace.run("lint", "--config", path, "--model", STUMP, "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["inputs"] == [
        {"input": "color_intensity", "type": "double", "found_by": "same name", "field": "color_intensity"}]


def test_lint_says_what_nothing_feeds(millrace, config):
    run = millrace.run("lint", "--model", FOREST)  # the tutorial's WineRecord knows other wines
    assert run.returncode == 1
    assert "flavanoids" in run.stdout
    assert "nothing" in run.stderr and 'records.mapping: {"alcohol' not in run.stderr
    assert re.search(r'records\.mapping: {"(\w+)": FIELD}', run.stderr)[1] in run.stdout
    path = config("records.mapping:\n  color_intensity: sulphates\n")
    run = millrace.run("lint", "--config", path, "--model", STUMP, "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["inputs"][0]["found_by"] == "mapping"
    assert json.loads(run.stdout)["inputs"][0]["field"] == "sulphates"


def test_lint_maps_json_records(millrace, config):
    path = config("records:\n  format: json\n  mapping: {color_intensity: colour}\n")
    run = millrace.run("lint", "--config", path, "--model", STUMP, "--json")
    assert json.loads(run.stdout)["inputs"] == [
        {"input": "color_intensity", "type": "double", "found_by": "mapping", "field": "colour"}]


def test_documented_configurations_are_right(millrace, config, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    for document in ("README.md", "docs/configuration.md"):
        blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
        assert blocks, document
        for block in blocks:
            path = config(re.sub(r"\$\{file:[^}]*\}", f"${{file:{secret}}}", block))
            run = millrace.run("lint", "--config", path)
            assert run.returncode == 0, run.stderr


def test_lint_names_what_a_model_has_wrong(millrace, tmp_path):
    model = tmp_path / "model.pmml"
    model.write_text("<PMML version='4.4'>\n<Nonsense/></PMML>\n")
    run = millrace.run("lint", "--model", model)
    assert run.returncode == 1 and f"{model}:" in run.stderr


def test_documents_are_fresh(millrace):
    run = subprocess.run([ROOT / "tools" / "check-docs", millrace.path.parent], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_errors_of_a_closed_pipe_are_quiet(millrace):
    run = subprocess.run(f"'{millrace.path}' serve --help | head -1", shell=True, capture_output=True, text=True,
                         check=False)
    assert run.returncode == 0 and "usage" in run.stdout and run.stderr == ""
