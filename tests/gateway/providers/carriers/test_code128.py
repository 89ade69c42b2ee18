"""Code 128 barcodes, read back by a reader of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.providers.carriers.code128 import PATTERNS, STOP, bars

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)


def read(widths: str) -> str:
    """The text of a barcode, whose checksum is right."""
    assert widths.endswith(STOP)
    symbols = widths.removesuffix(STOP)
    values = [PATTERNS.index(symbols[at : at + 6]) for at in range(0, len(symbols), 6)]
    start, *content, checksum = values
    assert checksum == (start + sum(place * value for place, value in enumerate(content, 1))) % 103
    return "".join(f"{value:02}" if start == 105 else chr(value + 32) for value in content)


@given(PRINTABLE | st.from_regex(r"\A([0-9]{2}){1,20}\Z"))
def test_a_barcode_reads_as_its_text(text: str) -> None:
    assert read("".join(map(str, bars(text)))) == text


def test_every_symbol_is_eleven_modules_wide_and_distinct() -> None:
    assert len(set(PATTERNS)) == len(PATTERNS) == 106
    assert {sum(map(int, pattern)) for pattern in PATTERNS} == {11}
    # The standard's own check: the bars of a symbol have an even number of modules.
    assert {sum(map(int, pattern[::2])) % 2 for pattern in PATTERNS} == {0}


def test_a_known_barcode_has_the_widths_of_the_standard() -> None:
    # Start B, `P`, checksum: 104 + 48 * 1 = 152, modulo 103 = 49.
    assert bars("P") == [int(width) for width in "2112143131212113312331112"]


@pytest.mark.parametrize("text", ["", "é", "a\n"])
def test_other_characters_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        bars(text)
