"""The command group `commerce taxes`."""

from typing import Annotated

import typer

from gateway.commands.invocation import Home, invoke, settings_of

app = typer.Typer(
    name="taxes",
    help="Import tax rates, and install starter rates.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Company = Annotated[str | None, typer.Option(help="The company's slug; the default one when left out.")]


@app.command(name="import")
def import_rates(
    files: Annotated[list[str], typer.Argument(help="Tax rates as CSV; - is standard input.")],
    company: Company = None,
    home: Home = None,
) -> None:
    """Import tax rates from CSV.

    The columns are those of `commerce export tax-rates`. A file is imported as a whole or not at all, and the same
    file again changes nothing. Exits with 1 when one is refused; the errors name its lines.
    """
    from gateway.commands.taxes import rates as command  # noqa: PLC0415 - imports what it needs

    raise typer.Exit(invoke(lambda: command.run_import(settings_of(commerce_home=home), files, company)))


@app.command()
def install(
    countries: Annotated[list[str], typer.Argument(help="Countries by their codes of ISO 3166-1, such as DE.")],
    company: Company = None,
    home: Home = None,
) -> None:
    """Install the starter rates of countries.

    They are standard rates, to be checked before they are used, and go into the default tax class, which is created
    if there is none. Rates that the company has stay. Exits with 1, without a change, when one of them differs.
    """
    from gateway.commands.taxes import rates as command  # noqa: PLC0415 - imports what it needs

    raise typer.Exit(invoke(lambda: command.run_installation(settings_of(commerce_home=home), countries, company)))
