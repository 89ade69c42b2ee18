"""Protection against formulas in CSV files."""

import pytest

from domains.kernel.text.csv_injection import neutralize_formulas

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u2212"
INVISIBLE = ["", " ", "\ufeff", "\u200b", "\u00a0", "\u2060\u00ad", "\u3164", "\u0301", "\x1f"]


@pytest.mark.parametrize("sign", list(SIGNS))
@pytest.mark.parametrize("before", INVISIBLE)
def test_text_that_begins_like_a_formula_is_marked(before: str, sign: str) -> None:
    assert neutralize_formulas(f"{before}{sign}cmd") == f"'{before}{sign}cmd"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=\u0338cmd", "'=\u0338cmd"),
        ("Ring;=cmd", "Ring;'=cmd"),
        ("Ring\t=cmd", "Ring\t'=cmd"),
        ("Ring\r\n\uff1dcmd", "Ring\r\n'\uff1dcmd"),
        ("\t=cmd", "\t'=cmd"),
        (";;+1;@x", ";;'+1;'@x"),
    ],
)
def test_text_with_a_formula_after_a_separator_is_marked(text: str, shown: str) -> None:
    assert neutralize_formulas(text) == shown


@pytest.mark.parametrize("text", ["", " ", "Ada", "1 = 1", "Ring; then = wait", "'=1", "≠", "—", "A\n\nB", "\u200b"])
def test_other_text_is_unchanged(text: str) -> None:
    assert neutralize_formulas(text) == text
