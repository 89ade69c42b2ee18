"""Documents as PDF: pages, letters, languages, and texts that are data."""

import asyncio
import io
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from domains.kernel.errors import Busy, TooMany
from gateway.documents import typesetter
from gateway.documents.formats import formats_of
from gateway.documents.letters import printable
from gateway.documents.texts import CATALOGUE, FALLBACK
from gateway.documents.typesetter import Column, Document, File, Labelled, Place, Table, Typesetter, pdf_of


def file_of(rows: list[list[str]], **given: Any) -> File:
    table = Table([Column("SKU", share=1), Column("Item", share=2), Column("Amount", "right")], rows)
    document = Document(title="Invoice 1", tables=[table], footer=["Shop"], **given)
    return File(title="Invoice 1", language="en", page="Page", documents=[document])


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_a_file_is_the_same_bytes_each_time() -> None:
    file = file_of([["A", "Thing", "1.00"]])
    assert pdf_of(file) == pdf_of(file)
    assert pdf_of(file).startswith(b"%PDF-")


def test_long_tables_have_numbered_pages_and_repeat_their_head() -> None:
    pages = pages_of(pdf_of(file_of([[f"SKU-{row}", f"Thing {row}", "1.00"] for row in range(120)])))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Page {number} / {len(pages)}" in page
        assert "Item" in page
    assert all(f"SKU-{row}" in "".join(pages) for row in range(120))


def test_each_document_of_a_file_counts_its_own_pages() -> None:
    one = file_of([["A", "Thing", "1.00"]]).documents[0]
    long = file_of([["A", "Thing", "1.00"]] * 80).documents[0]
    pages = pages_of(pdf_of(File(title="T", language="de", page="Seite", documents=[one, long, one])))
    assert "Seite 1 / 1" in pages[0]
    assert f"Seite 1 / {len(pages) - 2}" in pages[1]
    assert "Seite 1 / 1" in pages[-1]


def test_letters_of_other_scripts_are_shown_or_transliterated() -> None:
    names = ["Łódź", "Ελλάδα", "Москва", "Győr", "Çağdaş", "Smørrebrød", "5 €"]
    (page,) = pages_of(pdf_of(file_of([], places=[Place(None, [*names, "東京", "שלום"])])))
    assert [name for name in names if name not in page] == []
    assert "Dong Jing" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [("東京", "Dong Jing"), ("a\u0301", "á"), ("x\u200by\x07", "xy"), ("\U0001f600", "?"), ("a\u2003b", "a b")],
)
def test_what_the_fonts_do_not_have_is_written_in_letters_they_have(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(max_size=20))
def test_printable_texts_are_stable(text: str) -> None:
    assert printable(printable(text)) == printable(text)


HOSTILE = (
    "#sys.inputs",
    '#read("/etc/passwd")',
    "$x^2$",
    "*bold*",
    '"; panic()',
    "\\u{41}",
    "<label>",
    "@ref",
    "= Head",
    "//",
)


def test_texts_are_never_read_as_markup() -> None:
    page = "".join(pages_of(pdf_of(file_of([["A", text, "1"] for text in HOSTILE]))))
    assert [text for text in HOSTILE if text not in page] == []


def test_a_long_word_stays_within_its_column() -> None:
    content = pdf_of(file_of([["W" * 200, "Thing", "9.99"]], sums=[Labelled("Total", "9.99", strong=True)]))
    (page,) = PdfReader(io.BytesIO(content)).pages
    right: list[float] = []
    page.extract_text(
        visitor_text=lambda text, _cm, tm, *_: right.append(tm[4]) if text.strip("\u200b W") == "" else None
    )
    assert right
    assert max(right) < float(page.mediabox.width) / 2


async def test_a_file_is_bounded_in_size() -> None:
    with pytest.raises(TooMany, match=r"at most 5,000 rows, and this one would have 5,001\. Choose fewer orders\."):
        await Typesetter().pdf(file_of([["A", "Thing", "1"]] * 5_001), advice="Choose fewer orders.")


async def test_files_that_wait_are_bounded_and_each_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    may_end = Event()

    def set_later(file: File) -> bytes:
        may_end.wait(10)
        if file.title == "broken":
            raise ValueError(file.title)
        return b"%PDF-"

    monkeypatch.setattr(typesetter, "pdf_of", set_later)
    setter, file = Typesetter(), file_of([])
    most = typesetter.THREADS + typesetter.MAX_WAITING
    assert most == 18
    files = [asyncio.ensure_future(setter.pdf(replace(file, title="broken"))) for _ in range(most)]
    await asyncio.sleep(0)
    for _ in range(2):
        with pytest.raises(Busy):
            await setter.pdf(file)
    files[-1].cancel()  # one that waits
    await asyncio.wait([files[-1]])
    files[-1] = asyncio.ensure_future(setter.pdf(file))
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await setter.pdf(file)
    files[0].cancel()  # one that is being set goes on in its thread
    await asyncio.wait([files[0]])
    with pytest.raises(Busy):
        await setter.pdf(file)
    may_end.set()
    outcomes = await asyncio.gather(*files, return_exceptions=True)
    assert [type(each).__name__ for each in outcomes] == ["CancelledError", *["ValueError"] * (most - 2), "bytes"]
    assert await asyncio.gather(*(setter.pdf(file) for _ in range(2))) == [b"%PDF-"] * 2


def test_every_language_has_every_text() -> None:
    english = CATALOGUE[FALLBACK].texts
    assert set(CATALOGUE) == {"de", "en", "es", "fr", "it", "nl"}
    for texts in CATALOGUE.values():
        assert set(texts.texts) == set(english)
        assert set(texts.texts["methods"]) == set(english["methods"])
        assert all(texts["tax"].format(name="N", rate="R", net="A").count(part) for part in "NRA")


@pytest.mark.parametrize(
    ("language", "money", "day", "percent", "country"),
    [
        ("en", "€1,234.50", "Nov 3, 2026", "5.5%", "Germany"),
        ("en-GB", "€1,234.50", "3 Nov 2026", "5.5%", "Germany"),
        ("de", "1.234,50\xa0€", "03.11.2026", "5,5\xa0%", "Deutschland"),
        ("de-CH", "EUR\xa01'234.50", "03.11.2026", "5.5%", "Deutschland"),
        ("fr", "1\u202f234,50\xa0€", "3 nov. 2026", "5,5\xa0%", "Allemagne"),
        ("nl-BE", "€\xa01.234,50", "3 nov 2026", "5,5%", "Duitsland"),
        ("pl", "€1,234.50", "Nov 3, 2026", "5.5%", "Germany"),
        ("xx-YY", "€1,234.50", "Nov 3, 2026", "5.5%", "Germany"),
    ],
)
def test_formats_are_those_of_the_language(language: str, money: str, day: str, percent: str, country: str) -> None:
    formats = formats_of(language)
    assert formats.money("1234.5", "EUR") == money
    assert (formats.day("2026-11-03"), formats.percent("0.055"), formats.country("DE")) == (day, percent, country)


def test_money_has_the_decimals_of_its_currency_or_more() -> None:
    formats = formats_of("en")
    assert [formats.money(*each) for each in (("1200", "JPY"), ("0.0125", "EUR"), ("-3", "EUR"))] == [
        *("¥1,200", "€0.0125", "-€3.00")
    ]
