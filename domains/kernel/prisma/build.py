"""`make generate` and its check: runs Prisma, which runs the generator (`build` and `build --check`)."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from domains.kernel.prisma.staleness import stale_modules

ROOT = Path(__file__).resolve().parents[3]
# Prisma looks for engines that generation does not use; any executable file prevents their download.
ENGINES = ("PRISMA_SCHEMA_ENGINE_BINARY", "PRISMA_QUERY_ENGINE_LIBRARY", "PRISMA_QUERY_ENGINE_BINARY")


class PrismaUnavailable(Exception):
    """Prisma cannot be run; the message says why and what to do."""


def prisma_environment() -> dict[str, str]:
    """The environment variables with which Prisma downloads no engine and runs this Python as generator."""
    search_path = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    return {
        **os.environ,
        **dict.fromkeys(ENGINES, sys.executable),
        "PATH": os.pathsep.join(search_path),
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": os.environ.get("DATABASE_URL", "postgresql://unused"),
        "PRISMA_HIDE_UPDATE_MESSAGE": "1",
        "CHECKPOINT_DISABLE": "1",
        "npm_config_ignore_scripts": "true",
    }


def run_prisma(*arguments: str) -> str:
    """Run Prisma's command line and return its output. Raises PrismaUnavailable without Node and when it fails."""
    if shutil.which("node") is None:
        raise PrismaUnavailable("Prisma needs Node: install Node, or run make generate on a machine that has it")
    command = [sys.executable, "-m", "prisma", *arguments]
    completed = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        command, cwd=ROOT, env=prisma_environment(), capture_output=True, text=True, check=False
    )
    if completed.returncode:
        raise PrismaUnavailable(f"prisma {arguments[0]} failed:\n{completed.stdout}{completed.stderr}")
    return completed.stdout


def generate(folder: Path) -> None:
    """Write `domains/*/data.py` next to the schema.prisma of a folder. Raises PrismaUnavailable."""
    run_prisma("generate", f"--schema={folder / 'schema.prisma'}")


def differences(root: Path) -> Iterator[str]:
    """Generated modules that differ from what the generator writes for the present schema, one line each."""
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name)
        shutil.copy(root / "schema.prisma", fresh)
        generate(fresh)
        present = {path.relative_to(root): path.read_text() for path in root.glob("domains/*/data.py")}
        expected = {path.relative_to(fresh): path.read_text() for path in fresh.glob("domains/*/data.py")}
    for path in sorted(present.keys() | expected.keys()):
        if present.get(path) != expected.get(path):
            yield f"{path} does not match schema.prisma: run make generate"


def check(root: Path) -> list[str]:
    """The stale generated modules: by their digests, and by generating them again where Prisma runs."""
    stale = stale_modules(root)
    if stale:
        return stale
    try:
        run_prisma("--help")
    except PrismaUnavailable as missing:
        sys.stderr.write(f"Only digests were compared. {str(missing).splitlines()[0]}\n")
        return []
    return list(differences(root))


def main() -> int:
    """The command: generate, or with --check list stale modules and fail."""
    try:
        if "--check" not in sys.argv[1:]:
            generate(ROOT)
            return 0
        stale = check(ROOT)
    except PrismaUnavailable as error:
        stale = [str(error)]
    sys.stderr.writelines(f"{line}\n" for line in stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
