"""Singular and plural in messages."""

from domains.kernel.text.plurals import counted


def test_one_thing_is_singular_and_all_others_are_plural() -> None:
    assert [counted(number, "set") for number in (0, 1, 2)] == ["0 sets", "1 set", "2 sets"]
    assert [counted(number, "unit is", "units are") for number in (1, 2)] == ["1 unit is", "2 units are"]
