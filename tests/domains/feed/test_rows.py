"""Reading of files: encodings, line ends, quotes, and truncated files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.feed.csv.columns import Column
from domains.feed.csv.rows import RowReader
from domains.feed.errors import MissingColumns, UnreadableFile
from domains.feed.models import BadRow, Row
from tests.domains.feed.files import read_one

HEADING = b"Handle,Title,Variant Price\n"


def rows(content: bytes, size: int = 65_536) -> list[Row | BadRow]:
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    return list(RowReader(chunks))


def refusal(content: bytes) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        rows(content)
    return caught.value


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_kind_of_line_end_is_read_and_lines_are_counted(end: bytes) -> None:
    content = (HEADING + b'mug,"Two\nlines",9.90\ncup,Cup,4\n').replace(b"\n", end)
    first, second = rows(content)
    assert (first.line, second.line) == (2, 4)
    assert isinstance(first, Row)
    assert first.cells[Column.TITLE] == f"Two{end.decode()}lines"


def test_a_file_without_final_newline_is_complete() -> None:
    assert rows(HEADING + b"mug,Mug,9.90") == [
        Row(2, {Column.HANDLE: "mug", Column.TITLE: "Mug", Column.PRICE: "9.90"})
    ]


def test_a_byte_order_mark_is_accepted() -> None:
    assert rows(b"\xef\xbb\xbf" + HEADING + b"mug,Mug,9.90\n")[0].line == 2


@given(size=st.integers(1, 40))
def test_the_size_of_chunks_does_not_affect_the_result(size: int) -> None:
    content = b"\xef\xbb\xbf" + 'Handle,Title,Variant Price\r\nmüsli,"a\r\nb""c",1\r\n€,ß,2'.encode()
    assert rows(content, size) == rows(content)


def test_latin_1_is_refused_with_line_and_advice() -> None:
    error = refusal(HEADING + b"mug,Mug,1\n" + "cafe,Café,2\n".encode("latin-1"))
    assert error.line == 3
    assert error.message == (
        "Line 3: The byte 0xE9 is not UTF-8; the file looks like Latin-1 or Windows-1252. "
        "Save it as CSV in UTF-8 (in a spreadsheet: 'CSV UTF-8') and import it again."
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Handle,Title\n".encode("utf-16"), "UTF-16"),
        (b"\x1f\x8b\x08\x00abc", "gzip"),
        (b"PK\x03\x04abc", "spreadsheet"),
        (b"", "empty"),
        (b"\n\r\n", "empty"),
        (HEADING + b"mug,M\x00ug,1\n", "NUL"),
        (HEADING + b"mug,\xed\xa0\x80,1\n", "0xED is not UTF-8"),
        (HEADING + b"mug," + b"x" * 2_000_000, "longer than 1,048,576 bytes"),
    ],
)
def test_a_file_that_is_not_utf8_text_is_refused_with_the_reason(content: bytes, words: str) -> None:
    assert words in refusal(content).message


def test_missing_columns_are_named() -> None:
    with pytest.raises(MissingColumns) as caught:
        rows(b"Title,Vendor\nMug,Clay\n")
    assert caught.value.columns == ("Handle", "Variant Price")
    assert "`Handle`, `Variant Price`" in caught.value.message


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("declared", ["", "sep={}\n", '"sep={}"\r\n'])
def test_the_separator_is_detected_from_the_heading_or_declared(mark: str, declared: str) -> None:
    lines = (("Handle", "Title", "Variant Price"), ("mug", '"Clay,;\t| mug"', "1"))
    content = declared.format(mark) + "\n".join(mark.join(line) for line in lines)
    (row,) = rows(content.encode())
    cells: dict[str, str] = {Column.HANDLE: "mug", Column.TITLE: "Clay,;\t| mug", Column.PRICE: "1"}
    assert row == Row(3 if declared else 2, cells)


def test_a_duplicate_column_is_refused() -> None:
    assert "`Title` occurs twice" in refusal(b"Handle,Title,Variant Price,title\n").message


def test_unknown_columns_are_ignored_and_reported() -> None:
    reader = RowReader([b"Handle,Cost per item,Title,,Variant Price\nmug,5,Mug,,9\n"])
    assert reader.heading.ignored == ("Cost per item",)
    assert list(reader) == [Row(2, {Column.HANDLE: "mug", Column.TITLE: "Mug", Column.PRICE: "9"})]


def test_the_newer_column_names_of_shopify_are_read() -> None:
    product = read_one(b"Title,URL handle,Price,SKU,Inventory quantity\nMug,mug,9.90,M-1,3\n")
    assert (product.handle, product.variants[0].sku, product.variants[0].quantity) == ("mug", "M-1", 3)


def test_an_unclosed_quote_is_reported_with_the_first_line_of_its_row() -> None:
    error = refusal(HEADING + b'mug,Mug,1\ncup,"Cup\nand so on\nuntil the end,4\n')
    assert error.line == 3
    assert "incomplete" in error.message


def test_a_file_truncated_within_a_row_is_refused() -> None:
    error = refusal(HEADING + b"mug,Mug,1\ncup,Cu")
    assert error.line == 3
    assert "ends in the middle of the row" in error.message
    assert "2 of 3 fields" in error.message


def test_a_quote_that_is_not_doubled_is_refused() -> None:
    error = refusal(HEADING + b'mug,"A 10" mug",1\n')
    assert error.line == 2
    assert "not doubled" in error.message


def test_a_quote_inside_an_unquoted_field_is_text() -> None:
    assert rows(HEADING + b'mug,A 10" mug,1\n')[0] == Row(
        2, {Column.HANDLE: "mug", Column.TITLE: 'A 10" mug', Column.PRICE: "1"}
    )


def test_an_unclosed_quote_does_not_read_the_rest_of_the_file_into_memory() -> None:
    content = HEADING + b'mug,"Mug,1\n' + b"cup,Cup,1\n" * 400_000
    error = refusal(content)
    assert error.line == 2
    assert "too long" in error.message


def test_trailing_empty_fields_may_be_missing_or_extra() -> None:
    assert rows(HEADING + b"mug,Mug\ncup,Cup,1,2\npot,Pot,3,,\n") == [
        Row(2, {Column.HANDLE: "mug", Column.TITLE: "Mug"}),
        BadRow(3, "cup", "The row has 4 fields, the heading 3."),
        Row(4, {Column.HANDLE: "pot", Column.TITLE: "Pot", Column.PRICE: "3"}),
    ]


def test_a_last_row_as_short_as_others_is_complete() -> None:
    assert [row.line for row in rows(HEADING + b"mug,Mug\ncup,Cup")] == [2, 3]


def test_text_after_a_closing_quote_is_refused_with_its_line() -> None:
    error = refusal(HEADING + b'mug,"Mug"   ,1\n')
    assert error.message.startswith("Line 2: Text after a closing quote (detected on line 2).")


def test_blank_rows_are_skipped() -> None:
    reader = RowReader([HEADING + b"\n,,\n\nmug,Mug,1\n"])
    assert [row.line for row in reader] == [5]
    assert reader.count == 1
