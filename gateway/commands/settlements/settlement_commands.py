"""The command group `commerce settlements`."""

from typing import Annotated

import typer

from gateway.commands.invocation import Home, invoke, settings_of

app = typer.Typer(
    name="settlements",
    help="Import settlement reports of payment providers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def group() -> None:
    """A group, although it has one command."""


@app.command(name="import")
def import_reports(
    files: Annotated[list[str], typer.Argument(help="Reports as CSV; - is standard input.")],
    provider: Annotated[
        str, typer.Option(metavar="STRIPE|PAYPAL", help="The payment provider whose reports they are.")
    ],
    company: Annotated[str | None, typer.Option(help="The company's slug; the default one when left out.")] = None,
    home: Home = None,
) -> None:
    """Import settlement reports, and compare them with payments.

    A file is imported as a whole or not at all, and the same file again changes nothing. Exits with 1 when one is
    refused; the error names its line.
    """
    from gateway.commands.settlements import import_reports as command  # noqa: PLC0415 - imports what it needs

    raise typer.Exit(invoke(lambda: command.run(settings_of(commerce_home=home), files, provider, company)))
