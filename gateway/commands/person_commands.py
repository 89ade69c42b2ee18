"""The command group `commerce person`."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.invocation import Home, invoke, settings_of

app = typer.Typer(
    name="person",
    help="Export, erase or merge what is stored about a person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Email = Annotated[str, typer.Argument(help="The e-mail address of the account or of the guest.")]
OneCompany = Annotated[
    str | None, typer.Option(metavar="SLUG", help="Only the data of this company; the account stays.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


@app.command(name="export")
def export_person(
    email: Email,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write; - is standard output.")] = Path(
        "-"
    ),
    company: OneCompany = None,
    home: Home = None,
) -> None:
    """Export what is stored about a person as JSON, without secrets. Send it to this address only."""
    from gateway.commands import person as command  # noqa: PLC0415 - each command imports what it needs

    invoke(lambda: command.export(settings_of(commerce_home=home), email, output, company))


@app.command(name="erase")
def erase_person(email: Email, company: OneCompany = None, yes: Yes = False, home: Home = None) -> None:
    """Erase what is stored about a person.

    The account, addresses, carts and activities are deleted, orders and reviews anonymized.
    Refused while orders are open, and for the last super administrator. It cannot be undone.
    """
    from gateway.commands import person as command  # noqa: PLC0415 - each command imports what it needs

    where = f"the company {company}" if company else "all companies, with the account"
    if not yes:
        typer.confirm(f"Erase the data of {email} in {where}? This cannot be undone.", abort=True)
    invoke(lambda: command.erase(settings_of(commerce_home=home), email, company))


@app.command(name="merge")
def merge_person(
    email: Email,
    into: Annotated[str, typer.Argument(help="The e-mail address of the account that gets the data.")],
    yes: Yes = False,
    home: Home = None,
) -> None:
    """Merge a duplicate account or a guest into an account.

    Orders, addresses, reviews and all else move to the account, which keeps its name, address, password and roles.
    The duplicate account is erased.
    """
    from gateway.commands import person as command  # noqa: PLC0415 - each command imports what it needs

    if not yes:
        typer.confirm(f"Move the data of {email} to {into}, and erase {email}? This cannot be undone.", abort=True)
    invoke(lambda: command.merge(settings_of(commerce_home=home), email, into))
