"""No file causes a fault: it is read, refused, or reported row by row."""

import csv
import io
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domains.feed.csv.columns import Column
from domains.feed.errors import UnreadableFile
from domains.feed.models import DuplicateSkus
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from tests.conftest import make_company
from tests.domains.feed.conftest import make_feed
from tests.domains.feed.shops import Shop

UNUSUAL_TEXTS = st.sampled_from(
    [
        *("", " ", "mug!", "Title", "size", "Default Title", "Default", "0", "-3", "1,5", "1,500", "9" * 20, "1e3"),
        *("true", "FAUX", "inactive", "no sku", "unlisted", "[]", "[1]", '[{"name": "Size"}]', "{", "null"),
        *('[{"name": "Size", "value": "S"}]', '[{"name":1,"value":2}]', "https://a/b c", "/x.png", "//host/x"),
        *("a,b, ,c", "x" * 300, "\x01", "\u2028", "A > B > C", ">", "<p>", "\ud7ff", "=1+1", "\r", "\n", "\x1f"),
        *("🎁", "İ", "ß", "\u200b"),
    ]
)
VALID_CELLS = {
    Column.HANDLE: ["mug", "MUG", "cup", "pot"],
    Column.TITLE: ["Mug", "Cup"],
    Column.PRICE: ["9.90", "5", "0"],
    Column.SKU: ["", "M-1", "M-2", "M-3"],
    Column.OPTION1_NAME: ["Size", "Title", ""],
    Column.OPTION1_VALUE: ["S", "M", "Default Title", ""],
    Column.QUANTITY: ["3", ""],
    Column.COMPARE_AT_PRICE: ["", "20", "0"],
}
REQUIRED_COLUMNS = (Column.HANDLE, Column.SKU, Column.TITLE, Column.PRICE)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Files with mostly valid cells in columns of any order; some lack columns that new products require."""
    more = draw(st.lists(st.sampled_from(list(Column)), unique=True, max_size=12))
    columns = draw(
        st.permutations(list(dict.fromkeys([*REQUIRED_COLUMNS[: draw(st.sampled_from([2, 4, 4]))], *more])))
    )
    cells = [st.sampled_from(VALID_CELLS.get(column, [""])) for column in columns]
    rows = [
        [draw(UNUSUAL_TEXTS if draw(st.integers(0, 19)) == 0 else cell) for cell in cells]
        for _ in range(draw(st.integers(1, 7)))
    ]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=draw(st.sampled_from(",;\t|")))
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


@settings(max_examples=200, deadline=None)
@given(
    content=files() | st.binary(max_size=80),
    duplicates=st.sampled_from(DuplicateSkus),
    strict=st.booleans(),
    untracked=st.booleans(),
)
async def test_no_file_causes_a_fault_and_a_second_import_reports_the_same(
    database: Database, owner: Any, content: bytes, duplicates: DuplicateSkus, strict: bool, untracked: bool
) -> None:
    shop = Shop(make_feed(SystemClock()), database, owner, await make_company(owner))
    options = {"duplicate_skus": duplicates, "strict": strict, "default_untracked": untracked}
    try:
        first = await shop.import_file(content, **options)
    except UnreadableFile:
        return
    assert not any("could not be saved" in bad.reason for bad in first.bad_rows), first.bad_rows
    again = await shop.import_file(content, **options)
    changes = (again.products_created, again.products_updated, again.stock_changes)
    assert changes == (0, 0, 0) or not first.applied, (first, again)
    assert {bad.handle for bad in again.bad_rows} == {bad.handle for bad in first.bad_rows}
    exported = await shop.export_file()
    assert (await shop.import_file(exported)).products_unchanged == len(await shop.products())
