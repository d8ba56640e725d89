"""Building from source: what is missing is said in one line; the locks name no host."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def fake(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine that has everything: programs of which a test takes some away."""
    for name in ("sh", "sed", "echo"):
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    fake(tmp_path, "python3", 'case "$2" in *print*) echo 3.12.1;; esac')
    fake(tmp_path, "node", "echo v22.1.0")
    fake(tmp_path, "npm", "")
    return tmp_path


def missing(machine: Path) -> tuple[int, str]:
    done = subprocess.run(
        [machine / "sh", ROOT / "tools" / "prerequisites.sh", "python3"],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_machine_with_everything_is_not_spoken_of(machine: Path) -> None:
    assert missing(machine) == (0, "")


def test_everything_that_is_missing_is_said_in_one_line(machine: Path) -> None:
    (machine / "python3").unlink()
    (machine / "node").unlink()

    assert missing(machine) == (
        1,
        "Guanxi needs: Python 3.11 or newer (python3 not found); Node.js 20 or newer (node not found)\n",
    )


def test_what_is_too_old_is_named_with_its_version(machine: Path) -> None:
    fake(machine, "python3", 'case "$2" in *print*) echo 3.9.2;; *) exit 1;; esac')
    fake(machine, "node", "echo v18.19.0")

    assert missing(machine) == (
        1,
        "Guanxi needs: Python 3.11 or newer (python3 is 3.9.2; make PYTHON=/path/to/another takes another); "
        "Node.js 20 or newer (node is v18.19.0)\n",
    )


def test_a_python_without_venv_is_told_what_to_install(machine: Path) -> None:
    fake(machine, "python3", 'case "$2" in *print*) echo 3.11.2;; *ensurepip*) exit 1;; esac')

    assert missing(machine) == (1, "Guanxi needs: Python's venv (on Debian and Ubuntu: apt install python3-venv)\n")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "package-lock.json"])
def test_a_lock_says_what_and_not_from_where(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert re.findall(r'"resolved"|--(?:index-url|extra-index-url|find-links|trusted-host)|file://', text) == []


def test_every_locked_package_has_a_hash_and_the_two_locks_agree() -> None:
    runtime, development = (
        dict(re.findall(r"^([\w.-]+)==(\S+) \\\n    --hash=sha256:", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    )

    assert len(runtime) == len(re.findall(r"^[\w.-]+==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert {name: development.get(name) for name in runtime} == runtime


@pytest.mark.skipif(shutil.which("make") is None, reason="make is what this is about")
def test_make_lists_what_one_can_do() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ, "MAKEFLAGS": ""})

    named = [line.split()[1] for line in done.stdout.splitlines()]
    assert {"demo", "test", "check", "bench", "feel", "serve", "messages", "clean"} <= set(named)


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {
        "requirements.lock": project["dependencies"],
        "requirements-dev.lock": [*project["dependencies"], *project["optional-dependencies"]["dev"]],
    }

    for lock, requirements in wanted.items():
        locked = set(re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text(), re.MULTILINE))
        names = {re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-") for requirement in requirements}
        assert names - locked == set(), f"make lock: {lock} is older than pyproject.toml"
