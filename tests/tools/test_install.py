"""What `meson install` leaves is enough to build on: headers, libraries, pkg-config files."""
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MILLRACE_BUILD") or ROOT / "build")
HEADERS = sorted((ROOT / "include" / "millrace").glob("*.h"))

PROGRAM = r"""
#include <millrace/status.h>
#include <stdio.h>
int main(void) { return puts(mr_status_name(MR_INVALID_VALUE)) < 0; }
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that stands for / after an install."""
    root = tmp_path_factory.mktemp("installed")
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root], check=True)
    return root


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


@pytest.mark.parametrize("language, standard", [("c", "c17"), ("c++", "c++17")])
@pytest.mark.parametrize("header", HEADERS, ids=lambda path: path.name)
def test_a_header_stands_alone(header, language, standard):
    subprocess.run(["clang", "-x", language, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
                    "-I", ROOT / "include", "-"], input=f"#include <millrace/{header.name}>\n", text=True, check=True)
