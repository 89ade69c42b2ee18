"""`commerce export`: the same bytes as the HTTP routes, complete or not at all."""

import os
from pathlib import Path
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import NotFound
from gateway.bootstrap import wired
from gateway.commands.export_files import ExportFailed, chunks, export, opened
from gateway.commands.import_products import Options, import_files
from gateway.settings import Settings
from tests.domains.feed.files import FIXTURES


async def test_products_stock_orders_and_journal_are_written_to_files(empty_database: str, tmp_path: Path) -> None:
    settings = Settings(commerce_home=tmp_path)
    await import_files(settings, empty_database, [str(FIXTURES / "pottery.csv")], Options())
    for kind, heading in (
        ("products", b"Handle,Title,"),
        ("stock", b"SKU,"),
        ("stock-takes", b"Stock Take,"),
        ("orders", b"Number,"),
        ("journal", b"Entry,"),
    ):
        file = tmp_path / f"{kind}.csv"
        await export(settings, empty_database, kind, file)  # type: ignore[arg-type] # a kind by its name
        assert file.read_bytes().startswith(heading), kind
    async with wired(settings, empty_database) as platform:
        company = await platform.services.company.default_company(platform.database.reader(None))
        sent = platform.services.inventory.export.read(platform.database.reader(company.id), Actor.system(company.id))
        assert b"".join([chunk async for chunk in sent]) == (tmp_path / "stock.csv").read_bytes()
        assert await anext(chunks(platform, "stock", company.id)) != b""


async def test_an_unknown_company_is_named(empty_database: str, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    with pytest.raises(NotFound, match="There is no active company 'nobody'"):
        await export(Settings(commerce_home=tmp_path), empty_database, "products", file, "nobody")
    assert not file.exists()


def test_a_file_keeps_its_content_until_the_new_one_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_bytes(b"before")

    def break_off() -> None:
        with opened(file) as writing:
            writing.write(b"half")
            raise InterruptedError

    with pytest.raises(ExportFailed):
        break_off()
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (b"before", [file])


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "products.csv"
    with pytest.raises(ExportFailed) as refused, opened(missing):
        pass
    assert str(refused.value) == f"{missing}: No such file or directory."


def test_a_closed_output_ends_the_export_quietly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    class Output:
        buffer: Any = os.fdopen(writing, "wb", buffering=0)
        fileno = buffer.fileno

    monkeypatch.setattr("sys.stdout", Output())
    with opened(Path("-")) as file:
        file.write(b"Handle")
    assert Output.buffer.write(b"goes nowhere") == 12
    Output.buffer.close()
