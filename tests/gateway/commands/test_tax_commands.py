"""`commerce taxes`: what it prints, its exit codes, and what is stored."""

from pathlib import Path

import pytest

from domains.kernel.errors import NotFound
from gateway.commands.export_files import export
from gateway.commands.taxes.rates import import_files, install
from gateway.infra.postgres import connected
from gateway.settings import Settings
from tests.domains.tax.rate_files.rate_csv import HEADING, rate_file


async def test_starter_rates_are_installed_exported_changed_and_imported(
    empty_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, exported, wrong = Settings(commerce_home=tmp_path), tmp_path / "rates.csv", tmp_path / "wrong.csv"
    assert await install(settings, empty_database, ["at", "DE"]) == 0
    assert await install(settings, empty_database, ["DE", "HK"], "default") == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "at, DE: 2 rates new, 0 as they were, in the tax class 'standard'. Check them before you sell."
    ]
    assert shown.err.splitlines() == [
        "DE, HK: There are no starter rates of HK. Create its rates by hand.",
        "DE, HK: Nothing was changed.",
    ]
    await export(settings, empty_database, "tax-rates", exported)
    austria, germany = exported.read_text().splitlines()[1:3]
    assert (austria.startswith("standard,VAT,AT,,,0.2,"), germany) == (True, "standard,VAT,DE,,,0.19,2021-01-01,")
    exported.write_bytes(rate_file(germany + "2026-12-31", "standard,VAT,DE,,,0.2,2027-01-01,").getvalue())
    wrong.write_text(f"{HEADING}\nfood,VAT,FR,,,0.07,2026-01-01,\nfood,VAT,DE,,,0.05,2028-01-01,\n")
    files = [str(wrong), str(exported), str(exported), str(tmp_path / "nowhere.csv")]
    assert await import_files(settings, empty_database, files) == 1
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        f"{exported}: 1 rates new, 1 changed, 0 as they were.",
        f"{exported}: 0 rates new, 0 changed, 2 as they were.",
    ]
    assert shown.err.splitlines() == [
        f"{wrong}: Line 2: There is no tax class with the code 'food'. Create it first.",
        f"{wrong}: Line 3: There is no tax class with the code 'food'. Create it first.",
        f"{wrong}: Nothing was changed.",
        f"{tmp_path / 'nowhere.csv'}: No such file or directory.",
    ]
    assert await import_files(settings, empty_database, [str(exported)], "default") == 0
    async with connected(empty_database) as connection:
        rates = await connection.fetch("select country, rate::text, valid_from::text from tax_rates order by 1, 3")
    assert [tuple(rate)[:2] for rate in rates] == [("AT", "0.200000"), ("DE", "0.190000"), ("DE", "0.200000")]
    with pytest.raises(NotFound, match="There is no active company 'nobody'"):
        await import_files(settings, empty_database, [str(exported)], "nobody")
