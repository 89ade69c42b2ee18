"""`python -m domains.tax.starter.build`: writes the starter rates from the figures of npm's `sales-tax`.

The package's licence is MIT. Only its figures are taken: the rate of each country and province, and since when it
applies. Needs Node's npm and its registry; nothing else does, because the file is committed.
"""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from domains.tax.starter.rates import COLUMNS, FILE, STANDARD

PACKAGE: Final = "sales-tax"
VERSION: Final = "2.23.0"
_NAMES: Final = {"gst": "GST", "hst": "HST", "igic": "IGIC", "pst": "PST", "qst": "QST", "vat": "VAT"}
# Provinces and states that the source leaves out, because they have no tax of their own.
_CANADA: Final = ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT")
_WITHOUT_SALES_TAX: Final = ("AK", "DE", "MT", "NH", "OR")
_SALES_TAX: Final = "Sales tax"
# A rate ends at midnight of the country, which the source states in UTC, some of them an hour off in winter.
_TO_LOCAL_DAY: Final = timedelta(hours=4)


class SourceUnavailable(Exception):
    """npm cannot install the source; the message says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """The figures of the package by country, and the day of its release."""

    countries: Mapping[str, Any]
    released: date


def main() -> int:
    """Write the file; 1 when the source cannot be installed."""
    try:
        source = installed()
    except SourceUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 1
    FILE.write_text(content_of(source), encoding="utf-8")
    return 0


def installed() -> Source:
    """The source, installed into a temporary folder. Raises SourceUnavailable."""
    npm = shutil.which("npm")
    if npm is None:
        raise SourceUnavailable("The starter rates are read by npm, which is not installed.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "package.json").write_text(json.dumps({"private": True}))
        words = [npm, "install", "--no-audit", "--no-fund", "--silent", "--ignore-scripts", f"{PACKAGE}@{VERSION}"]
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            words, cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SourceUnavailable(f"npm install failed:\n{done.stdout}{done.stderr}")
        package = folder / "node_modules" / PACKAGE
        heading = re.search(
            rf"^## {re.escape(VERSION)} \((.+)\)$", (package / "CHANGELOG.md").read_text(), re.MULTILINE
        )
        if heading is None:
            raise SourceUnavailable(f"The changelog of {PACKAGE} does not say when {VERSION} was released.")
        figures = (package / "res" / "sales_tax_rates.json").read_text()
    return Source(json.loads(figures, parse_float=Decimal), date.fromisoformat(heading[1]))


def content_of(source: Source) -> str:
    """The CSV of all rates that apply on the day of the release, by country and province."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    origin = f"npm {PACKAGE} {VERSION} ({source.released})"
    for country, figures in sorted(source.countries.items()):
        rows = _of_country(country, figures, source.released)
        writer.writerows(
            [STANDARD, tax, country, province, "", rate, since, "", origin] for province, tax, rate, since in rows
        )
    return text.getvalue()


Row = tuple[str, str, str, date]
"""A province or "", the tax, its rate, and since when."""


def _of_country(country: str, figures: Mapping[str, Any], released: date) -> Sequence[Row]:
    if country == "CA":
        return list(_of_canada(figures, released))
    if country == "US":
        return list(_of_united_states(figures, released))
    if figures["type"] == "none":
        return []
    return [*_one("", figures, released), *_of_parts(figures, released)]


def _of_canada(figures: Mapping[str, Any], released: date) -> Iterator[Row]:
    """GST and PST or QST are two taxes, HST is one, of which the source states the part of the province."""
    for province in _CANADA:
        own = figures["states"].get(province)
        if own is None or own["type"] != "hst":
            yield from _one(province, figures, released)
        if own is not None:
            federal = figures["rate"] if own["type"] == "hst" else Decimal(0)
            yield from _one(province, own, released, added=federal)


def _of_united_states(figures: Mapping[str, Any], released: date) -> Iterator[Row]:
    """The tax of each state, 0 where it has none; counties and cities add their own, which the source leaves out."""
    states = figures["states"] | {state: {"rate": Decimal(0)} for state in _WITHOUT_SALES_TAX}
    yield "", _SALES_TAX, _written(figures["rate"]), released
    for state, own in sorted(states.items()):
        yield state, _SALES_TAX, _written(own["rate"]), _since(own, released)


def _of_parts(figures: Mapping[str, Any], released: date) -> Iterator[Row]:
    """Parts of a country whose tax differs, of which the source states the difference to the country's rate."""
    for part, own in sorted(figures.get("states", {}).items()):
        if own["type"] != figures["type"]:
            yield part, _NAMES[figures["type"]], _written(Decimal(0)), released
        yield from _one(part, own, released, added=figures["rate"])


def _one(province: str, figures: Mapping[str, Any], released: date, *, added: Decimal | int = 0) -> Iterator[Row]:
    yield province, _NAMES[figures["type"]], _written(figures["rate"] + added), _since(figures, released)


def _since(figures: Mapping[str, Any], released: date) -> date:
    """The first day of a rate; the day of the release where the source does not state it."""
    ends = [_local_day(end) for end in figures.get("before", {})]
    return max(ends, default=released)


def _local_day(end: str) -> date:
    return (datetime.fromisoformat(end) + _TO_LOCAL_DAY).date()


def _written(rate: Decimal) -> str:
    return f"{Decimal(rate).normalize():f}"


if __name__ == "__main__":
    sys.exit(main())
