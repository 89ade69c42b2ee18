"""Counts of statements: all are counted, the texts of the first ones kept."""

from domains.kernel.monitoring.statement_counts import MAX_TEXTS, count_data, counting


def test_texts_do_not_grow_without_end() -> None:
    with counting() as whole:
        for part in range(3):
            with counting():
                for number in range(MAX_TEXTS - 50):
                    count_data(f"select {part}.{number}")
    assert whole.data == 3 * (MAX_TEXTS - 50)
    assert (len(whole.texts), whole.texts[0], whole.texts[-1]) == (MAX_TEXTS, "select 0.0", "select 1.49")
