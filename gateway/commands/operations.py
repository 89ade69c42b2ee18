"""`commerce operations check`: files of operations against the schema and the limits, without a database."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.commands.output import write_line, write_lines
from gateway.graphql.core.schema import build_schema
from gateway.operations.checks import CheckedOperation, OperationsCheck
from gateway.settings import Settings


def run_check(settings: Settings, files: Sequence[Path]) -> int:
    """Print a line for each operation; 0 when the server would execute all of them, otherwise 1."""
    check = OperationsCheck(build_schema(suggestions=settings.introspection), settings.limits)
    checked = asyncio.run(check.files(files))
    write_lines(_table(checked))
    with_problems = sum(bool(each.problems) for each in checked)
    with_warnings = sum(bool(each.warnings) for each in checked)
    write_line(f"Checked: {len(checked)}, with problems: {with_problems}, with warnings: {with_warnings}.")
    return 1 if with_problems else 0


def _table(checked: Sequence[CheckedOperation]) -> Iterator[str]:
    name_width = max((len(each.name) for each in checked), default=0)
    for each in checked:
        state = "problem" if each.problems else "warning" if each.warnings else "ok"
        remarks = [*_cost(each), *each.problems, *each.warnings]
        yield f"{each.file}  {state:7}  {each.type:8}  {each.name:{name_width}}  {'  '.join(remarks)}".rstrip()


def _cost(checked: CheckedOperation) -> Iterator[str]:
    """The cost, and the highest one where variables set the size of pages."""
    if checked.cost is not None:
        usual, highest = checked.cost
        yield f"cost {usual}" if usual == highest else f"cost {usual} to {highest}"
