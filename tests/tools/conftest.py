"""What the tests of an installed Millrace share: the installation, and programs that are built against it."""
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MILLRACE_BUILD") or ROOT / "build")


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """The folder that stands for / after an install."""
    root = tmp_path_factory.mktemp("installed")
    subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root], check=True)
    return root


@pytest.fixture
def built(installed, tmp_path):
    """Builds a program as a user would, with pkg-config, every warning an error; what to give to subprocess.run."""
    def build(source, library, compiler):
        folder = next(installed.rglob("pkgconfig"))
        environment = os.environ | {"PKG_CONFIG_PATH": str(folder), "PKG_CONFIG_SYSROOT_DIR": str(installed)}
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", library], env=environment, check=True,
                               capture_output=True, text=True).stdout.split()
        program = tmp_path / Path(source).stem
        subprocess.run([*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", source, "-o", program, *flags], check=True)
        return {"args": [program], "env": os.environ | {"LD_LIBRARY_PATH": str(folder.parent)}}
    return build
