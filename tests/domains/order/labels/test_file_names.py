"""The file names of labels, whatever tracking number a carrier gives."""

import pytest

from domains.order.labels.label_purchases import file_name


@pytest.mark.parametrize(
    ("tracking_number", "name"),
    [
        ("JD014600006.GB", "label-JD014600006.GB.pdf"),
        ('1"\r\nset-cookie: a=b', "label-1-set-cookie-a-b.pdf"),
        ("\u0141\u00f3d\u017a 1", "label--d-1.pdf"),
        ("9" * 10_000, f"label-{'9' * 64}.pdf"),
    ],
)
def test_a_file_name_is_a_header(tracking_number: str, name: str) -> None:
    assert file_name(tracking_number) == name
