"""Reads bytes as physical lines of UTF-8 text, one line in memory at a time."""

from collections.abc import Iterable, Iterator

from domains.kernel.csv.errors import UnreadableFile

MAX_LINE = 1_048_576
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF8_REMEDY = "Save it as CSV in UTF-8 (in a spreadsheet: 'CSV UTF-8') and import it again."
OTHER_FORMATS = (
    (b"\x1f\x8b", "The file is compressed with gzip. Unpack it and import the CSV."),
    (b"PK\x03\x04", "The file is a spreadsheet or a ZIP archive, not CSV. Export it as 'CSV UTF-8'."),
    (b"\xff\xfe", f"The file is encoded in UTF-16. {UTF8_REMEDY}"),
    (b"\xfe\xff", f"The file is encoded in UTF-16. {UTF8_REMEDY}"),
)


def read_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    r"""The physical lines of a file, each with its line end (LF, CR LF or CR), without a byte-order mark.

    Raises UnreadableFile with the line's number for other encodings, NUL bytes and a line beyond MAX_LINE bytes.
    """
    for number, line in enumerate(_split(chunks), start=1):
        content = _without_byte_order_mark(line) if number == 1 else line
        if b"\x00" in content:
            raise UnreadableFile(f"The text contains a NUL byte. {UTF8_REMEDY}", line=number)
        try:
            yield content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise UnreadableFile(_not_utf8(error), line=number) from error


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    number, rest = 1, b""
    for chunk in chunks:
        lines = (rest + chunk).splitlines(keepends=True)
        # The last line may go on in the next chunk, and a CR at its end may be half of a CR LF.
        rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        if len(rest) > MAX_LINE or any(len(line) > MAX_LINE for line in lines):
            long_line = next((index for index, line in enumerate(lines) if len(line) > MAX_LINE), len(lines))
            raise UnreadableFile(f"The line is longer than {MAX_LINE:,} bytes.", line=number + long_line)
        number += len(lines)
        yield from lines
    yield from rest.splitlines(keepends=True)


def _without_byte_order_mark(line: bytes) -> bytes:
    for start, message in OTHER_FORMATS:
        if line.startswith(start):
            raise UnreadableFile(message, line=1)
    return line.removeprefix(BYTE_ORDER_MARK)


def _not_utf8(error: UnicodeDecodeError) -> str:
    byte = error.object[error.start]
    return f"The byte 0x{byte:02X} is not UTF-8; the file looks like Latin-1 or Windows-1252. {UTF8_REMEDY}"
