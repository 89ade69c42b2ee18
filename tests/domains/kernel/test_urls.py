"""Input URLs: accepted, normalized and refused ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.errors import InvalidInput
from domains.kernel.text.validation import TooLong
from domains.kernel.values.urls import LENGTH, optional_url

PATH = ("image_url",)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.net/men's.jpg",
        "http://cdn.example.net:8080/a?b=c&d=[e]#f",
        "https://cdn.example.net",
        "https://10.0.0.7/x.png",
        "http://localhost:9000/x.png",
        "http://[::1]/x.png",
        "https://under_score.example.net/x.png",
        "/media/a%20b.jpg",
        "/",
    ],
)
def test_a_valid_url_is_unchanged(url: str) -> None:
    assert optional_url(url, field=PATH) == url


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        (" https://cdn.example.net/x.jpg\u200b", "https://cdn.example.net/x.jpg"),
        ("HTTPS://Cdn.example.net/X.jpg", "https://Cdn.example.net/X.jpg"),
        ("https://cdn.example.net/größe.jpg", "https://cdn.example.net/gr%C3%B6%C3%9Fe.jpg"),
        ("https://bücher.example/x.jpg", "https://xn--bcher-kva.example/x.jpg"),
        ("/a|b^c`{d}.jpg", "/a%7Cb%5Ec%60%7Bd%7D.jpg"),
        ("/100%.jpg", "/100%25.jpg"),
    ],
)
def test_characters_of_a_url_are_percent_encoded(given_: str, kept: str) -> None:
    assert optional_url(given_, field=PATH) == kept


@pytest.mark.parametrize(
    "url",
    [
        'http://a"onerror=alert(1)',
        'https://cdn.example.net/a"b.jpg',
        "https://cdn.example.net/a<b>.jpg",
        "//host/x.png",
        "/\\host/x.png",
        "https:\\\\host\\x.png",
        "https:///x.png",
        "https://",
        "x.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "ftp://cdn.example.net/x.png",
        "https://user:password@cdn.example.net/x.png",
        "https://user@cdn.example.net/x.png",
        "https://cdn.example.net/a b.jpg",
        "https://cdn.example.net/a\tb.jpg",
        "https://cdn.example.net:0/x.png",
        "https://cdn.example.net:65536/x.png",
        "https://cdn.example.net:/x.png",
        "https://-a.example.net/x.png",
        "https://a..b/x.png",
        "http://[::1/x.png",
        "http://[x]/x.png",
    ],
)
def test_an_invalid_or_unsafe_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="`image_url` must be a URL") as caught:
        optional_url(url, field=PATH)
    assert caught.value.field == PATH


@pytest.mark.parametrize("nothing", [None, "", " ", "\u200b"])
def test_an_empty_url_is_none(nothing: str | None) -> None:
    assert optional_url(nothing, field=PATH) is None


def test_the_maximum_length_applies_to_the_stored_url() -> None:
    assert optional_url("/" + "a" * (LENGTH - 1), field=PATH) == "/" + "a" * (LENGTH - 1)
    for long in ("/" + "a" * LENGTH, "/" + "é" * (LENGTH // 6 + 1)):
        with pytest.raises(TooLong):
            optional_url(long, field=PATH)


@given(st.text(max_size=30), st.sampled_from(["", "/", "https://a.example/", "https://"]))
def test_an_accepted_url_is_accepted_again_unchanged(rest: str, start: str) -> None:
    try:
        kept = optional_url(start + rest, field=PATH)
    except InvalidInput:
        return
    assert optional_url(kept, field=PATH) == kept
