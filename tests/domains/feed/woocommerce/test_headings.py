"""The heading of WooCommerce's export: required columns, ignored columns, and other languages."""

import pytest

from domains.feed.csv.rows import RowReader
from domains.feed.errors import MissingColumns, UnreadableFile
from tests.domains.feed.woocommerce.exports import HEADING, export, simple


def test_missing_columns_are_named_as_in_the_file() -> None:
    with pytest.raises(MissingColumns, match=r"`ID`, `Regular price`\. The first line .* of WooCommerce"):
        RowReader([b"Name,Is featured?,Sale price\n"])


GERMAN = (
    'ID,Typ,Artikelnummer,Name,Veröffentlicht,"Ist hervorgehoben?","Sichtbarkeit im Katalog",Kurzbeschreibung,'
    '"Vorrätig?",Lager,"Lieferrückstand erlaubt?","Einzeln verkaufen?","Kundenrezensionen erlauben?"\n'
)


def test_headings_in_another_language_are_refused_with_advice() -> None:
    with pytest.raises(UnreadableFile, match=r"WooCommerce.*language.*English and export again") as caught:
        RowReader([GERMAN.encode()])
    assert not isinstance(caught.value, MissingColumns)


def test_ignored_columns_are_reported() -> None:
    ignored = RowReader([export(simple(1, "Mug"))]).heading.ignored
    assert {"Meta: _wp_page_template", "Download 1 URL", "Weight (kg)", "Tax class"} <= set(ignored)
    assert not {"Name", "Attribute 1 name", "Stock"} & set(ignored)
    assert set(ignored) < set(HEADING)
