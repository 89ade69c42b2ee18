"""The text of a failure names every error of a group and what it concerns."""

from gateway.messaging.failures import failure_text


def noted(error: Exception, note: str) -> Exception:
    error.add_note(note)
    return error


def test_the_text_of_an_error_has_its_class_and_message() -> None:
    assert failure_text(ValueError("cold")) == "ValueError: cold"


def test_the_text_of_a_group_names_each_error_with_the_notes_around_it() -> None:
    orders = ExceptionGroup("orders", [noted(ValueError("cold"), "order 1"), noted(KeyError("tea"), "order 2")])
    group = ExceptionGroup("companies", [noted(orders, "company main"), noted(OSError("away"), "company other")])
    assert failure_text(group) == (
        "company main, order 1: ValueError: cold; company main, order 2: KeyError: 'tea'; "
        "company other: OSError: away"
    )


def test_a_text_has_at_most_a_thousand_characters() -> None:
    assert len(failure_text(ExceptionGroup("many", [ValueError("x" * 99)] * 99))) == 1000
