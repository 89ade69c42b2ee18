"""Shops to measure: a catalogue of some size in an embedded database of its own, with servers and floors above it."""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvloop

from gateway.infra.embedded_postgres import EmbeddedPostgres
from tests.bench import catalogue
from tests.bench.cpu import postmaster_of
from tests.bench.load import Request
from tests.bench.servers import ROOT, Server, running
from tests.bench.turns import Progress, Side
from tests.rate_limits import HIGHEST

SERVE: Final = (["-m", "gateway.cli", "serve"], "/graphql?query={shop{name}}")
FLOOR: Final = (["-m", "tests.bench.floors.reads"], "/constant")
FILLED: Final = "filled"  # a file that says of which migrations a kept database is
MIGRATIONS: Final = ROOT / "migrations"


@dataclass(frozen=True, slots=True)
class Shop:
    """A running database with so many products, and the settings of its servers."""

    products: int
    home: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a server, which answers nothing from the cache of answers."""
        return {
            "COMMERCE_HOME": str(self.home),
            "ACCESS_LOG": "false",
            "ANSWER_CACHE": "0",
            "REQUIRE_CONFIRMED_EMAIL": "false",
            "TRUSTED_PROXIES": "127.0.0.1/32",
            **HIGHEST,
        }

    @contextlib.contextmanager
    def serving(self, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
        """A gateway above it."""
        with running(*SERVE, {**self.environment, **(settings or {})}) as server:
            yield server

    @contextlib.contextmanager
    def floor(self) -> Iterator[Server]:
        """The floors above it."""
        with running(*FLOOR, {"DATABASE_URL": self.url}) as server:
            yield server

    def side(self, server: Server, request: Request) -> Side:
        """A side of a comparison."""
        return Side(request, server.port, server.pid, postmaster_of(self.home / "postgres"))


@contextlib.contextmanager
def opened(folder: Path, products: int, report: Progress) -> Iterator[Shop]:
    """A shop with so many products in a folder, which is filled when it is not yet."""
    home, newest = folder / str(products), max(each.name for each in MIGRATIONS.iterdir() if each.is_dir())
    if home.exists() and not _is_filled(home, newest):
        shutil.rmtree(home)  # to migrate so many products takes as long, and leaves work to jobs
    home.mkdir(parents=True, exist_ok=True)
    database = EmbeddedPostgres(home)
    url = database.start()
    try:
        if not _is_filled(home, newest):
            report(f"writing {products:,} products of {catalogue.VARIANTS} variants")
            uvloop.run(catalogue.fill(home, url, products, report))
            (home / FILLED).write_text(newest)
        yield Shop(products, home, url)
    finally:
        database.stop()


def _is_filled(home: Path, newest: str) -> bool:
    """Whether the database in a folder is complete and of the newest migration."""
    file = home / FILLED
    return file.exists() and file.read_text() == newest
