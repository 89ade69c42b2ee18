"""Normalization of e-mail addresses and names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.auth.emails.addresses import email_lookup_key, normalize_email
from domains.kernel.errors import InvalidInput
from domains.kernel.text.names import normalize_for_search, search_text_of


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  ada@example.com\n", "ada@example.com"),
        ("ada+shop@example.com", "ada+shop@example.com"),
        ("o'neill@example.com", "o'neill@example.com"),
        ("ada@shop.test", "ada@shop.test"),
        ("ADA@BÜCHER.example", "ada@bücher.example"),
        ("ada@xn--bcher-kva.example", "ada@bücher.example"),
        ("e\N{COMBINING ACUTE ACCENT}lise@example.com", "\N{LATIN SMALL LETTER E WITH ACUTE}lise@example.com"),
    ],
)
def test_an_email_address_is_normalized(given: str, stored: str) -> None:
    assert normalize_email(given) == stored
    assert email_lookup_key(given) == stored


@pytest.mark.parametrize(
    "given",
    ["", " ", "ada", "@example.com", "ada@", "ada@example", "a b@example.com", "ada@exa\0mple.com",
     "ada@example.com\r\nBcc: eve@example.com", "ada@example.com,eve@example.com", "<ada@example.com>",
     "=?utf-8?q?r=65albox?=@example.com", "a.=?utf-8?q?x?=@example.com", "=?@example.com", "a=?b?=@example.com",
     '"a b"@example.com', "(c)a@example.com", "a(c)@example.com", '"=?utf-8?q?a?="@example.com',
     "a@=?utf-8?q?x?=.com", "Ada <ada@example.com>", "ada@" + "x" * 250 + ".com", "\ud800@example.com",
     "ada@[127.0.0.1]"],
)  # fmt: skip
def test_an_invalid_email_address_is_refused_with_its_path(given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        normalize_email(given, field=("new_email",))
    assert refused.value.field == ("new_email",)
    assert refused.value.message.startswith("This is not an e-mail address: ")
    assert email_lookup_key(given) == ""


@given(st.text(max_size=300))
def test_any_text_is_a_normalized_address_or_refused(text: str) -> None:
    found = email_lookup_key(text)
    assert found == "" or (found == normalize_email(found) and found == found.lower() and len(found) <= 254)


def test_search_finds_names_without_accents_and_case() -> None:
    assert search_text_of("Élise", "", "ELISE@Example.com") == "elise elise@example.com"
    assert normalize_for_search("ŁÓDŹ Straße") == "lodz strasse"
