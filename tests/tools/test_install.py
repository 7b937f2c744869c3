"""What `meson install` leaves is enough to build on: headers, libraries, pkg-config files."""
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEADERS = sorted((ROOT / "include" / "millrace").glob("*.h*"))

PROGRAM = r"""
#include <millrace/status.h>
#include <stdio.h>
int main(void) { return puts(mr_status_name(MR_INVALID_VALUE)) < 0; }
"""


# libmillrace.a is not tried: what librdkafka.a needs in its turn is installed by no package of Debian's.
@pytest.mark.parametrize("library, static", [("libmillrace-model", False), ("libmillrace-model", True), ("libmillrace", False)])
def test_a_program_builds_with_pkg_config(installed, tmp_path, library, static):
    folder = next(installed.rglob("pkgconfig"))
    environment = os.environ | {"PKG_CONFIG_PATH": str(folder), "PKG_CONFIG_SYSROOT_DIR": str(installed)}
    asked = ["pkg-config", "--cflags", "--libs", *(["--static"] if static else []), library]
    flags = subprocess.run(asked, env=environment, check=True, capture_output=True, text=True).stdout.split()
    if static:  # our archive; the libraries of the system as they come
        flags = [f"-l:{library}.a" if flag == "-l" + library[3:] else flag for flag in flags]
    (tmp_path / "program.c").write_text(PROGRAM)
    subprocess.run(["cc", "program.c", "-o", "program", *flags], cwd=tmp_path, check=True)
    run = subprocess.run([tmp_path / "program"], env=os.environ | {"LD_LIBRARY_PATH": str(folder.parent)}, check=True,
                         capture_output=True, text=True)
    assert run.stdout == "invalid_value\n"
    linked = subprocess.run(["readelf", "-d", tmp_path / "program"], capture_output=True, text=True).stdout
    assert (library + ".so" in linked) == (not static)


def documented(built, tmp_path, name, library):
    """Builds the program NAME of docs/library.md against the installed library; how to run it."""
    programs = re.findall(r"```c\n(.*?)```", (ROOT / "docs" / "library.md").read_text(), re.DOTALL)
    text = next(program for program in programs if program.startswith(f"/* {name}.c:"))
    source = tmp_path / f"{name}.c"
    source.write_text(text)
    return built(source, library, ["cc", "-std=c17"])


def test_the_documented_program_scores(built, tmp_path):
    program = documented(built, tmp_path, "score_row", "libmillrace-model")
    program["args"].append(ROOT / "data" / "models" / "wine-1-stump.pmml")
    assert subprocess.run(**program, check=True, capture_output=True, text=True).stdout == "cultivar: missing\n"
    program["args"][1] = tmp_path / "alcohol.pmml"
    program["args"][1].write_text(
        '<PMML version="4.4"><DataDictionary><DataField name="Alcohol" optype="continuous" dataType="double"/>'
        '<DataField name="y" optype="continuous" dataType="double"/></DataDictionary>'
        '<RegressionModel functionName="regression"><MiningSchema><MiningField name="Alcohol"/>'
        '<MiningField name="y" usageType="target"/></MiningSchema><RegressionTable intercept="1">'
        '<NumericPredictor name="Alcohol" coefficient="2"/></RegressionTable></RegressionModel></PMML>')
    assert subprocess.run(**program, check=True, capture_output=True, text=True).stdout == "y: 28.8\n"
    program["args"][1] = "none.pmml"
    run = subprocess.run(**program, check=False, capture_output=True, text=True)
    assert run.returncode == 1 and run.stderr == "none.pmml: cannot be opened: No such file or directory\n"


def test_the_documented_program_serves_until_it_is_stopped(built, tmp_path):
    program = documented(built, tmp_path, "serve", "libmillrace")
    config = tmp_path / "millrace.yaml"
    config.write_text("lanes: 0\n")
    run = subprocess.run(program["args"] + [config], env=program["env"], check=False, capture_output=True, text=True)
    assert run.returncode == 1 and f"{config}:1:8: lanes must be" in run.stderr
    config.write_text("bootstrap: 127.0.0.1:1\n")
    with subprocess.Popen(program["args"] + [config], env=program["env"], stderr=subprocess.PIPE, text=True) as server:
        assert "Connection refused" in server.stderr.readline()  # it runs, and waits for a broker
        server.terminate()
        assert server.wait(30) == 0


def test_the_demo_finds_its_data_where_it_was_installed(installed, tmp_path):
    run = subprocess.run([next(installed.rglob("bin/millrace")), "demo", "--for", "1s"], cwd=tmp_path, check=False,
                         capture_output=True, text=True)
    assert run.returncode == 0 and "nothing lost" in run.stdout, run.stdout + run.stderr


@pytest.mark.parametrize("language, standard", [("c", "c17"), ("c++", "c++17")])
@pytest.mark.parametrize("header", HEADERS, ids=lambda path: path.name)
def test_a_header_stands_alone(header, language, standard):
    if header.suffix == ".hpp" and language == "c":
        pytest.skip("is for C++")
    subprocess.run(["clang", "-x", language, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
                    "-I", ROOT / "include", "-"], input=f"#include <millrace/{header.name}>\n", text=True, check=True)
