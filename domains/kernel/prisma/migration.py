"""`make migration NAME=add_wishlist`: drafts a migration from the changes of schema.prisma since the last commit."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from domains.kernel.clock import SystemClock
from domains.kernel.prisma.build import ROOT, PrismaUnavailable, prisma_environment

PACKAGES = ("prisma@6.19.0", "@prisma/adapter-pg@6.19.0")
# The WebAssembly engine needs no download, but a connection to PostgreSQL; it changes nothing there.
CREATED = re.compile(r'^create table "(\w+)"', re.IGNORECASE | re.MULTILINE)
CONFIG = """
import { PrismaPg } from '@prisma/adapter-pg'
export default {
  engine: 'js',
  experimental: { adapter: true },
  adapter: async () => new PrismaPg({ connectionString: process.env.DATABASE_URL }),
}
"""


def _run(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    program = shutil.which(words[0])
    if program is None:
        raise PrismaUnavailable(f"drafting a migration needs {words[0]}")
    completed = subprocess.run(  # noqa: S603 - fixed arguments, no shell
        [program, *words[1:]], cwd=folder, env=dict(environment), capture_output=True, text=True, check=False
    )
    if completed.returncode:
        raise PrismaUnavailable(f"{' '.join(words[:3])} failed:\n{completed.stdout}{completed.stderr}")
    return completed.stdout


def schema_changes(old: str, new: str) -> str:
    """The SQL that migrates one schema (empty: an empty database) to another, as Prisma drafts it.

    Needs Node, npm and a reachable PostgreSQL in DATABASE_URL. Raises PrismaUnavailable.
    """
    if "DATABASE_URL" not in os.environ:
        raise PrismaUnavailable("set DATABASE_URL to a running PostgreSQL; Prisma only connects to it")
    environment = prisma_environment()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "package.json").write_text(json.dumps({"private": True}))
        (folder / "prisma.config.mjs").write_text(CONFIG)
        (folder / "old.prisma").write_text(old)
        (folder / "new.prisma").write_text(new)
        _run(["npm", "install", "--no-audit", "--no-fund", "--silent", *PACKAGES], folder, environment)
        start = ["--from-schema-datamodel", "old.prisma"] if old else ["--from-empty"]
        end = ["--to-schema-datamodel", "new.prisma", "--script"]
        words = ["node", "node_modules/prisma/build/index.js", "migrate", "diff", "--config", "prisma.config.mjs"]
        return _run([*words, *start, *end], folder, environment)


def draft(name: str, now: datetime) -> Path:
    """Write the migration with the timestamp `now` and return its file, to be reviewed and completed by hand.

    Constraints, row security and data changes must be added. New tables are granted to requests.
    Raises PrismaUnavailable, and ValueError when the name is not snake_case or the schema has not changed.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,50}", name):
        raise ValueError("give the migration a name in snake_case: make migration NAME=add_wishlist")
    new = (ROOT / "schema.prisma").read_text()
    listed = _run(["git", "ls-tree", "--name-only", "HEAD", "schema.prisma"], ROOT, os.environ)
    old = _run(["git", "show", "HEAD:schema.prisma"], ROOT, os.environ) if listed.strip() else ""
    sql = schema_changes(old, new)
    if "empty migration" in sql:
        raise ValueError("schema.prisma has no change since the last commit")
    path = ROOT / "migrations" / f"{now:%Y%m%d%H%M%S}_{name}" / "migration.sql"
    path.parent.mkdir(parents=True)
    path.write_text(sql + grants(sql))
    return path


def grants(sql: str) -> str:
    """The privileges of requests on the tables that a migration creates: all, until they are restricted by hand."""
    if not (tables := CREATED.findall(sql)):
        return ""
    return f"\ngrant select, insert, update, delete on {', '.join(tables)} to commerce_gateway;\n"


def main() -> int:
    """The command; its argument is the name of the migration."""
    try:
        path = draft(sys.argv[1] if len(sys.argv) > 1 else "", SystemClock().now())
    except (PrismaUnavailable, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{path.relative_to(ROOT)}: review it, complete it, then run make generate\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
