"""Earlier sets of migrations, for tests that fill a database before later migrations run."""

import shutil
from pathlib import Path

from gateway.infra.migrations import FOLDER


def migrations_before(name: str, folder: Path) -> Path:
    """Copy the migrations that sort before a name into a folder, and return the folder."""
    for migration in FOLDER.iterdir():
        if migration.is_dir() and migration.name < name:
            shutil.copytree(migration, folder / migration.name)
    return folder
