"""The command group `commerce operations`."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.invocation import invoke

app = typer.Typer(
    name="operations",
    help="Check operations of applications before allowing them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def check(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Manifests (JSON) of Apollo, GraphQL Code Generator or Relay, or files of operations and fragments "
            "(.graphql, .gql).",
            metavar="FILE",
        ),
    ],
) -> None:
    """Check operations against the schema and the limits. Exits with 1 when one would be refused.

    Prints type, name and cost of each operation, with its problems: syntax, validation, depth, cost and other limits,
    ids that are repeated or do not match. Deprecated fields are warnings. Needs no database.

    A server with OPERATIONS_FILES executes only the operations of the manifests that it names.
    """
    from gateway.commands import operations as command  # noqa: PLC0415 - each command imports what it needs
    from gateway.settings import load  # noqa: PLC0415 - same

    raise typer.Exit(invoke(lambda: command.run_check(load(), files)))
