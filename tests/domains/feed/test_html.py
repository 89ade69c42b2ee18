"""Sanitizing of HTML descriptions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.text.html import SUMMARY_LENGTH, safe_html, summary


@pytest.mark.parametrize(
    ("body", "safe"),
    [
        ("<p>Clay &amp; <b>glaze</b></p>", "<p>Clay &amp; <b>glaze</b></p>"),
        ("<script>alert(1)</script>Mug", "Mug"),
        ('<p onclick="alert(1)" style="position:fixed">Mug</p>', "<p>Mug</p>"),
        (
            '<img src="https://example.com/a.jpg" onerror="x" alt="A">',
            '<img src="https://example.com/a.jpg" alt="A">',
        ),
        ('<iframe src="https://example.com"></iframe>Mug', "Mug"),
        ("<p>never closed", "<p>never closed</p>"),
        ("5 < 6", "5 &lt; 6"),
    ],
)
def test_only_allowed_markup_is_kept(body: str, safe: str) -> None:
    assert safe_html(body) == safe


def test_links_that_run_code_lose_their_target() -> None:
    assert "javascript" not in safe_html('<a href="javascript:alert(1)">x</a>')
    assert 'href="https://example.com"' in safe_html('<a href="https://example.com">x</a>')


PIECES = ["<p>", "</p>", "<b>", "<table>", "<tr>", "<td>", "&amp;", "&", "<", "a", "<svg>", "<style>", "<pre>\n", "é"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_sanitizing_is_idempotent(body: str) -> None:
    sanitized = safe_html(body).strip()
    assert safe_html(sanitized).strip() == sanitized


def test_a_summary_is_plain_text_cut_at_a_word() -> None:
    assert summary("<ul><li>Clay</li><li>Blue &amp; green</li></ul>") == "Clay Blue & green"
    long = summary(f"<p>{'mug ' * 200}</p>")
    assert long.endswith("mug…")
    assert len(long) <= SUMMARY_LENGTH
