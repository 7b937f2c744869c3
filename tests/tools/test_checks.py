"""The checks find what they look for: each planted fault is named with its file and line."""
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def check_includes(root: Path, files: dict) -> list[str]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    done = subprocess.run([sys.executable, TOOLS / "check-includes", root], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert (done.returncode == 1) == bool(lines), done.stderr
    return lines


@pytest.mark.parametrize("name, line", [
    ("src/pmml/tree/tree.c", '#include "pmml/tree/tree.h"'),
    ("src/pmml/tree/tree.c", '#include "core/model.h"'),
    ("src/pmml/tree/tree.c", '#include "base/arena.h"'),
    ("src/pmml/tree/tree.c", '#include "millrace/model.h"'),
    ("src/pmml/tree/tree.c", "#include <expat.h>"),
    ("src/base/status.c", '#include "millrace/status.h"'),
    ("src/app/wire.c", '#include "kafka/kafka.h"'),
    ("src/cli/main.c", '#include "app/server.h"'),
    ("src/kafka/client.c", "#include <librdkafka/rdkafka.h>"),
    ("include/millrace/model.h", '#include "millrace/frame.h"'),
])
def test_allowed(tmp_path, name, line):
    assert check_includes(tmp_path, {name: line + "\n"}) == []


@pytest.mark.parametrize("name, line, why", [
    ("src/pmml/tree/tree.c", '#include "codec/json.h"', "must not see codec/"),
    ("src/stream/lane.c", '#include "kafka/kafka.h"', "must not see kafka/"),
    ("src/core/model.c", '#include "pmml/tree/tree.h"', "must not see pmml/"),
    ("src/base/arena.c", '#include "core/batch.h"', "must not see core/"),
    ("src/base/arena.c", '#include "millrace/model.h"', "status.h alone"),
    ("src/app/wire.c", '#include "cli/command.h"', "must not see cli/"),
    ("src/cli/main.c", '#include "stream/lane.h"', "must not see stream/"),
    ("src/stream/lane.c", "#include <librdkafka/rdkafka.h>", "only kafka/"),
    ("src/app/wire.c", "#include <microhttpd.h>", "only http/"),
    ("src/codec/json.c", "#include <expat.h>", "only pmml/"),
    ("src/codec/json.c", "  #  include <zlib.h>", "does not know"),
    ("src/codec/json.c", '#include "json.h"', "say where it lies"),
    ("src/surprise/a.c", '#include "base/arena.h"', "no folder surprise/"),
    ("include/millrace/model.h", '#include "core/model.h"', "public headers alone"),
])
def test_refused(tmp_path, name, line, why):
    found = check_includes(tmp_path, {name: "/* Idea. */\n" + line + "\n"})
    assert len(found) == 1 and why in found[0]
    assert found[0].startswith(name + (":1:" if "surprise" in name else ":2:"))


def test_long_files_are_refused(tmp_path):
    assert check_includes(tmp_path, {"src/base/a.c": "\n" * 500}) == []
    found = check_includes(tmp_path, {"tests/unit/test_b.c": "\n" * 501})
    assert len(found) == 1 and "501 lines" in found[0]


def build_libraries(folder: Path, source: str, *link: str) -> None:
    (folder / "a.c").write_text(source)
    for command in (["cc", "-fPIC", "-c", "a.c"], ["cc", "-shared", "-Wl,--no-as-needed", "-o", "libmillrace-model.so", "a.o", *link],
                    ["cp", "libmillrace-model.so", "libmillrace.so"],
                    ["ar", "rc", "libmillrace-model.a", "a.o"], ["ar", "rc", "libmillrace.a", "a.o"]):
        subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)


def check_symbols(folder: Path) -> str:
    return subprocess.run([TOOLS / "check-symbols", folder], capture_output=True, text=True).stdout


def test_exported_symbols_are_ours(tmp_path):
    build_libraries(tmp_path, "int mr_good(void){return 1;} int stray(void){return 2;}\n")
    found = check_symbols(tmp_path)
    assert "exports stray" in found and "defines stray" in found and "exports mr_good" not in found


def test_declared_functions_are_defined(tmp_path):
    build_libraries(tmp_path, "int mr_good(void){return 1;}\n")
    assert "declares mr_fail, which libmillrace.so does not define" in check_symbols(tmp_path)


def test_the_model_library_links_little(tmp_path):
    build_libraries(tmp_path, "int mr_good(void){return 1;}\n", "-lrdkafka")
    assert "links librdkafka" in check_symbols(tmp_path)
