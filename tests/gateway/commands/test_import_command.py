"""`commerce import`: its output and its exit code."""

import io
import os
from pathlib import Path

import pytest

from domains.feed.models import BadRow, DuplicateSkus, ImportOptions, ImportReport, RowWarning
from domains.kernel.errors import NotFound
from gateway.commands.import_products import Options, described, import_files, opened, options_of
from gateway.settings import Settings
from tests.domains.feed.files import FIXTURES, csv_bytes, mug

POTTERY, KNITWEAR = str(FIXTURES / "pottery.csv"), str(FIXTURES / "knitwear.csv")


async def test_files_are_imported_in_order_into_an_empty_database(
    empty_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(csv_bytes(mug(), {"Handle": "cup"}))
    cut = tmp_path / "cut.csv"
    cut.write_bytes(csv_bytes(mug())[:-6])
    settings = Settings(commerce_home=tmp_path)
    assert await import_files(settings, empty_database, [POTTERY, KNITWEAR], Options()) == 0
    first = capsys.readouterr().out
    assert f"{POTTERY}: 7 rows in" in first
    assert (
        "4 products new, 0 changed, 0 as they were, 0 failed; 6 variants, 6 quantities, 5 changes of stock." in first
    )
    assert (
        await import_files(settings, empty_database, [POTTERY], Options("default", ImportOptions(strict=True))) == 0
    )
    assert "0 products new, 0 changed, 4 as they were" in capsys.readouterr().out
    names = [str(bad), str(cut), str(tmp_path / "nowhere.csv")]
    assert await import_files(settings, empty_database, names, Options(None, ImportOptions(dry_run=True))) == 1
    shown = capsys.readouterr()
    assert "  line 3: cup: `Title` is missing on the product's first row.\n" in shown.out
    assert "  Nothing was imported: a dry run.\n" in shown.out
    assert f"{cut}: Line 2: The file ends in the middle of the row" in shown.err
    assert "nowhere.csv: No such file or directory.\n" in shown.err
    with pytest.raises(NotFound, match="There is no active company 'nobody'"):
        await import_files(settings, empty_database, [POTTERY], Options(company="nobody"))


def test_a_report_names_the_format_and_the_skipped_products() -> None:
    (first,) = described("a.csv", ImportReport("WooCommerce", applied=True, rows=9, products_skipped=2))
    assert first.startswith("a.csv: 9 rows in 0.0 s (0 rows a second), WooCommerce's product CSV: 0 products new,")
    assert "0 failed, 2 skipped; 0 variants" in first


def test_a_report_names_ignored_values() -> None:
    bad_rows = [BadRow(3, "", "`Handle` is missing.")]
    warnings = [RowWarning(4, "mug", "`Vendor` has 256 characters; at most 255 are allowed. It is ignored.")]
    report = ImportReport(strict=True, rows=9, bad_rows=bad_rows, bad_row_count=5, ignored_columns=("Cost",))
    report.warnings, report.warning_count, report.hints = warnings, 2, ("Do it again.",)
    assert list(described("a.csv", report))[1:] == [
        "  line 3: (no handle): `Handle` is missing.",
        "  and 4 more bad rows",
        "  warning, line 4: mug: `Vendor` has 256 characters; at most 255 are allowed. It is ignored.",
        "  and 1 more warnings",
        "  Hint: Do it again.",
        "  Columns that are not read: Cost",
        "  Nothing was imported, because rows are invalid (--strict).",
    ]


def test_arguments_of_the_command_line_are_the_options_of_an_import() -> None:
    options = options_of("shop", strict=True, dry_run=False, duplicate_skus="suffix", default_stock="untracked")
    wanted = ImportOptions(strict=True, duplicate_skus=DuplicateSkus.SUFFIX, default_untracked=True)
    assert options == Options("shop", wanted)
    assert options_of(None, strict=False, dry_run=False, duplicate_skus="refuse", default_stock="25") == Options(
        None, ImportOptions(default_stock=25)
    )


@pytest.mark.parametrize(
    ("duplicate_skus", "default_stock", "reason"),
    [
        ("perhaps", None, "--duplicate-skus must be one of refuse, suffix."),
        ("refuse", "-1", "--default-stock must be 'untracked' or a whole number from 0 to 1,000,000,000."),
    ],
)
def test_invalid_arguments_are_refused(duplicate_skus: str, default_stock: str | None, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace(".", r"\.")):
        options_of(None, strict=False, dry_run=False, duplicate_skus=duplicate_skus, default_stock=default_stock)


def test_input_from_a_pipe_is_stored_to_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"Handle,Title\n")
    os.close(writing)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(os.fdopen(reading, "rb")))
    with opened("-") as file:
        assert file.seekable()
        assert file.read() == b"Handle,Title\n"
