"""The command line, `commerce`: commands and options; `gateway/commands` has a module for each command."""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from gateway.commands import event_commands, job_commands, operation_commands, person_commands
from gateway.commands.invocation import Home, invoke, settings_of
from gateway.commands.settlements import settlement_commands
from gateway.commands.taxes import tax_commands

EXPORTS: Final = ("products", "stock", "orders", "journal", "tax-rates", "coupon-codes", "stock-takes")

app = typer.Typer(
    name="commerce",
    help=(
        "A headless commerce platform: a GraphQL API at /graphql on PostgreSQL.\n\n"
        "Start it with `commerce serve` and open http://127.0.0.1:8000/graphql: GraphiQL documents every type, field "
        "and argument. Without DATABASE_URL an embedded PostgreSQL keeps its data in COMMERCE_HOME (default: "
        ".commerce).\n\n"
        "Settings are environment variables, which the README lists. The start fails with an error that names an "
        "unknown or invalid one. `commerce doctor` checks the installation and says what to do."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(event_commands.app)
app.add_typer(job_commands.app)
app.add_typer(operation_commands.app)
app.add_typer(person_commands.app)
app.add_typer(settlement_commands.app)
app.add_typer(tax_commands.app)

Port = Annotated[int | None, typer.Option(help="Listen on this port (PORT).", min=1, max=65535)]
Host = Annotated[str | None, typer.Option(help="Listen on this address (HOST).")]


def _version(given: bool) -> None:
    if given:
        sys.stdout.write(f"commerce {version('commerce')}\n")
        raise typer.Exit


def _export_kind(given: str) -> str:
    if given not in EXPORTS:
        raise typer.BadParameter(f"{given!r} is not one of {', '.join(EXPORTS)}.")
    return given


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


@app.command()
def serve(
    port: Port = None,
    host: Host = None,
    home: Home = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="Load the demo into an empty company. The passwords of its accounts are public."),
    ] = False,
) -> None:
    """Apply migrations and serve the API until SIGTERM or Ctrl+C. Requests in flight are finished."""
    from gateway.commands import serve as command  # noqa: PLC0415 - each command imports what it needs

    invoke(lambda: command.run(settings_of(port=port, host=host, commerce_home=home), demo=demo))


@app.command()
def worker(home: Home = None) -> None:
    """Deliver events and mail and run jobs, without the API. Exits with 1 when a part of this work ends.

    With RABBITMQ_URL at least one worker is needed: servers then only serve. Without it a server does this work too.
    """
    from gateway.commands import worker as command  # noqa: PLC0415 - each command imports what it needs

    raise typer.Exit(invoke(lambda: command.run(settings_of(commerce_home=home))))


@app.command()
def migrate(home: Home = None) -> None:
    """Apply pending migrations. Safe to run at any time and several times at once; `serve` applies them too."""
    from gateway.commands import migrate as command  # noqa: PLC0415 - each command imports what it needs

    invoke(lambda: command.run(settings_of(commerce_home=home)))


@app.command()
def doctor(
    sku: Annotated[
        str | None, typer.Option(metavar="SKU", help="Only print the timeline of the stock of this SKU.")
    ] = None,
    order: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Only print the timeline of the order with this number."),
    ] = None,
    company: Annotated[
        str | None,
        typer.Option(metavar="SLUG", help="The company (slug) of the SKU or order; by default the default company."),
    ] = None,
    home: Home = None,
) -> None:
    """Check the installation and say what to do. Exits with 1 when a check fails.

    With --sku or --order, print the timeline of one SKU or order instead, and exit with 1 when it is inconsistent.
    """
    from gateway.commands import doctor as command  # noqa: PLC0415 - each command imports what it needs
    from gateway.commands.timelines import orders, skus  # noqa: PLC0415 - same

    if sku is not None and order is not None:
        raise typer.BadParameter("Give either --sku or --order, not both.")
    if company is not None and sku is None and order is None:
        raise typer.BadParameter("Give --company only with --sku or --order; all other checks include all companies.")
    if sku is not None:
        raise typer.Exit(invoke(lambda: skus.run(settings_of(commerce_home=home), sku, company)))
    if order is not None:
        raise typer.Exit(invoke(lambda: orders.run(settings_of(commerce_home=home), order, company)))
    raise typer.Exit(invoke(lambda: command.run(settings_of(commerce_home=home))))


@app.command()
def reindex(
    company: Annotated[str | None, typer.Option(help="The company's slug; all companies when left out.")] = None,
    home: Home = None,
) -> None:
    """Build the search entries and documents of products again.

    They are made from the rows of the products, at any time and as often as you like. Each 500 products are committed
    by themselves, and the progress is written to the standard error stream.
    """
    from gateway.commands.indexes import products as command  # noqa: PLC0415 - each command imports what it needs

    invoke(lambda: command.run(settings_of(commerce_home=home), company))


@app.command(name="create-admin")
def create_admin(
    email: Annotated[str, typer.Argument(help="The e-mail address to log in with.")],
    company: Annotated[
        str | None,
        typer.Option(
            help="The company (slug) of the administrator; by default the account becomes a super administrator."
        ),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input without a prompt.")
    ] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Give the role to an existing account; its password does not change.")
    ] = False,
    home: Home = None,
) -> None:
    """Create a confirmed account of an administrator. Prompts for the password, which the shell does not record."""
    from gateway.commands import create_admin as command  # noqa: PLC0415 - each command imports what it needs

    def ask() -> str:
        if password_stdin:
            return sys.stdin.readline().rstrip("\n")
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))

    invoke(lambda: command.run(settings_of(commerce_home=home), email, ask, company, promote=promote))


@app.command(name="import")
def import_products(
    files: Annotated[
        list[str],
        typer.Argument(help="Product files in the CSV format of Shopify or WooCommerce; - is standard input."),
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Import nothing from a file with an invalid row.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Import nothing; report what an import would do.")
    ] = False,
    duplicate_skus: Annotated[
        str,
        typer.Option(
            metavar="refuse|suffix",
            help="Refuse a SKU that several variants share, or append their options to it (`M.large`).",
        ),
    ] = "refuse",
    default_stock: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER|untracked",
            help="The stock of SKUs that were never stocked and have no quantity in the file; `untracked` makes new "
            "SKUs untracked.",
        ),
    ] = None,
    company: Annotated[str | None, typer.Option(help="The company's slug; the default one when left out.")] = None,
    home: Home = None,
) -> None:
    """Import products, variants and stock from CSV (UTF-8). Safe to repeat; exits with 1 when rows are invalid.

    Products are matched by handle and variants by SKU; missing SKUs are generated from handle and options. Fields
    without a column in the file do not change: a file with only handle, SKU and quantity sets stock. Fields may be
    separated by commas, semicolons or tabs.

    An invalid row fails its product; an invalid cell of an optional field is ignored. Both are reported with their
    line, and the rest is imported. A damaged file changes nothing.
    """
    from gateway.commands import import_products as command  # noqa: PLC0415 - each command imports what it needs

    try:
        options = command.options_of(
            company, strict=strict, dry_run=dry_run, duplicate_skus=duplicate_skus, default_stock=default_stock
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(invoke(lambda: command.run(settings_of(commerce_home=home), files, options)))


@app.command(name="export")
def export_files(
    what: Annotated[
        str,
        typer.Argument(
            metavar="products|stock|stock-takes|orders|journal|tax-rates|coupon-codes",
            help="What to export.",
            callback=_export_kind,
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write; - is standard output.")] = Path(
        "-"
    ),
    company: Annotated[str | None, typer.Option(help="The company's slug; the default one when left out.")] = None,
    home: Home = None,
) -> None:
    """Export products, stock, orders, coupons and more as CSV.

    Products have the format of Shopify, which `commerce import` reads; `commerce taxes import` reads tax rates.
    """
    from gateway.commands import export_files as command  # noqa: PLC0415 - each command imports what it needs

    kind = cast("command.ExportKind", what)
    invoke(lambda: command.run(settings_of(commerce_home=home), kind, output, company))


@app.command()
def demo(home: Home = None) -> None:
    """Load the demo into the default company, once.

    The demo is a catalogue with stock and reviews, promotions, carts, six weeks of orders, and two accounts with
    public passwords.
    """
    from gateway.commands import demo as command  # noqa: PLC0415 - each command imports what it needs

    invoke(lambda: command.run(settings_of(commerce_home=home)))


@app.command()
def schema() -> None:
    """Print the GraphQL schema (SDL). It has all descriptions and permissions."""
    from gateway.graphql.core.schema import build_schema  # noqa: PLC0415 - each command imports what it needs

    sys.stdout.write(build_schema().sdl())


def main() -> None:
    """The program `commerce`."""
    app()


if __name__ == "__main__":
    main()
