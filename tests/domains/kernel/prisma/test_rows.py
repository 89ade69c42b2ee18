"""Changed copies of rows are those of `dataclasses.replace`."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.domains.kernel.prisma.sample import data
from tests.domains.kernel.prisma.sample.data import WidgetRow

CHANGES: Any = {"name": "lamp", "price": Decimal(3), "created_at": datetime(2026, 1, 2, tzinfo=UTC)}


@pytest.fixture
def row() -> WidgetRow:
    values: dict[str, Any] = {field.name: f"any {field.name}" for field in fields(WidgetRow)}
    return WidgetRow(**values | {"id": UUID(int=1)})


@pytest.mark.parametrize("names", [[], ["name"], ["price", "created_at"], list(CHANGES)])
def test_a_changed_row_is_a_copy_with_other_values(row: WidgetRow, names: list[str]) -> None:
    before, changes = replace(row), {name: CHANGES[name] for name in names}
    changed = data.widget.from_record.changed(row, changes)
    assert (changed, type(changed)) == (replace(row, **changes), WidgetRow)
    assert row == before
    with pytest.raises(FrozenInstanceError):
        setattr(changed, "name", "other")  # noqa: B010 - as a caller might


def test_a_column_that_a_row_does_not_have_is_refused(row: WidgetRow) -> None:
    with pytest.raises(TypeError, match="colour"):
        data.widget.from_record.changed(row, {"colour": "red"})
