"""Names and addresses of people are found as whole words and whole addresses."""

import pytest

from domains.kernel.personal_data import _replace_email, contains_any


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann was here", True),
        ("thanks, ANN!", True),
        ("(Ann)", True),
        ("Anna was here", False),
        ("the cannon", False),
        ("", False),
        (None, False),
    ],
)
def test_a_name_is_found_as_a_whole_word(text: str | None, expected: bool) -> None:
    assert contains_any(text, ["Ann"]) is expected


def test_an_empty_name_is_found_nowhere() -> None:
    assert not contains_any("any text", ["", " "])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n@x.de", "E"),
        ("N@X.DE", "E"),
        ("write to n@x.de.", "write to E."),
        ("<n@x.de>, please", "<E>, please"),
        ("ann@x.de", "ann@x.de"),
        ("a.n@x.de", "a.n@x.de"),
        ("n@x.design", "n@x.design"),
        ("n@x.de.example", "n@x.de.example"),
        ("n@x.de-mail.example", "n@x.de-mail.example"),
        ("nox@x.de", "nox@x.de"),
    ],
)
def test_an_address_is_replaced_as_a_whole(text: str, expected: str) -> None:
    assert _replace_email({"a": [text, 1, None], "b": {"c": text}}, "n@x.de", "E") == {
        "a": [expected, 1, None],
        "b": {"c": expected},
    }
