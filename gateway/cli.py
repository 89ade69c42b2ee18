"""The command line, `commerce`: commands and options; `gateway/commands` has a module for each command."""

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, cast

import typer

from gateway.settings import BadSettings, Settings, load

T = TypeVar("T")
EXPORTS: Final = ("products", "stock", "orders")

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
person = typer.Typer(help="Export, erase or merge what is stored about a person.", no_args_is_help=True)
app.add_typer(person, name="person")

Port = Annotated[int | None, typer.Option(help="Listen on this port (PORT).", min=1, max=65535)]
Host = Annotated[str | None, typer.Option(help="Listen on this address (HOST).")]
Home = Annotated[
    Path | None, typer.Option(help="The folder of the embedded database and local files (COMMERCE_HOME).")
]
Email = Annotated[str, typer.Argument(help="The e-mail address of the account or of the guest.")]
OneCompany = Annotated[
    str | None, typer.Option(metavar="SLUG", help="Only the data of this company; the account stays.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]


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
    """Apply migrations and serve the API until SIGTERM or Ctrl+C; requests in flight are finished."""
    from gateway.commands import serve as command  # noqa: PLC0415 - each command imports what it needs

    _carefully(lambda: command.run(_settings(port=port, host=host, commerce_home=home), demo=demo))


@app.command()
def worker(home: Home = None) -> None:
    """Deliver events and run jobs without serving the API. A server does both too; workers share the load."""
    from gateway.commands import worker as command  # noqa: PLC0415 - each command imports what it needs

    _carefully(lambda: command.run(_settings(commerce_home=home)))


@app.command()
def migrate(home: Home = None) -> None:
    """Apply pending migrations. Safe to run at any time and several times at once; `serve` applies them too."""
    from gateway.commands import migrate as command  # noqa: PLC0415 - each command imports what it needs

    _carefully(lambda: command.run(_settings(commerce_home=home)))


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
    """Check settings, database, migrations and invariants, and say what to do; exits with 1 when a check fails.

    With --sku or --order, print the timeline of one SKU or order instead, and exit with 1 when it is inconsistent.
    """
    from gateway.commands import doctor as command  # noqa: PLC0415 - each command imports what it needs
    from gateway.commands import order_timeline, sku_timeline  # noqa: PLC0415 - each command imports what it needs

    if sku is not None and order is not None:
        raise typer.BadParameter("Give either --sku or --order, not both.")
    if company is not None and sku is None and order is None:
        raise typer.BadParameter("Give --company only with --sku or --order; all other checks include all companies.")
    if sku is not None:
        raise typer.Exit(_carefully(lambda: sku_timeline.run(_settings(commerce_home=home), sku, company)))
    if order is not None:
        raise typer.Exit(_carefully(lambda: order_timeline.run(_settings(commerce_home=home), order, company)))
    raise typer.Exit(_carefully(lambda: command.run(_settings(commerce_home=home))))


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

    _carefully(lambda: command.run(_settings(commerce_home=home), email, ask, company, promote=promote))


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
    raise typer.Exit(_carefully(lambda: command.run(_settings(commerce_home=home), files, options)))


@app.command(name="export")
def export_files(
    what: Annotated[
        str, typer.Argument(metavar="products|stock|orders", help="What to export.", callback=_export_kind)
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write; - is standard output.")] = Path(
        "-"
    ),
    company: Annotated[str | None, typer.Option(help="The company's slug; the default one when left out.")] = None,
    home: Home = None,
) -> None:
    """Export products (the CSV format of Shopify, which `commerce import` reads), stock or orders as CSV (UTF-8)."""
    from gateway.commands import export_files as command  # noqa: PLC0415 - each command imports what it needs

    kind = cast("command.ExportKind", what)
    _carefully(lambda: command.run(_settings(commerce_home=home), kind, output, company))


@app.command()
def demo(home: Home = None) -> None:
    """Load the demo into the default company, once.

    The demo is a catalogue with stock and reviews, promotions, carts, six weeks of orders, and two accounts with
    public passwords.
    """
    from gateway.commands import demo as command  # noqa: PLC0415 - each command imports what it needs

    _carefully(lambda: command.run(_settings(commerce_home=home)))


@app.command(name="dead-letters")
def dead_letters(
    replay: Annotated[bool, typer.Option("--replay", help="Retry the events with new attempts.")] = False,
    home: Home = None,
) -> None:
    """List the events whose handlers failed at every attempt, or replay them."""
    from gateway.commands import dead_letters as command  # noqa: PLC0415 - each command imports what it needs

    _carefully(lambda: command.run(_settings(commerce_home=home), replay=replay))


@person.command(name="export")
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

    _carefully(lambda: command.export(_settings(commerce_home=home), email, output, company))


@person.command(name="erase")
def erase_person(email: Email, company: OneCompany = None, yes: Yes = False, home: Home = None) -> None:
    """Erase a person: delete the account, addresses, carts and activities, and anonymize orders and reviews.

    Refused while orders are open, and for the last super administrator. It cannot be undone.
    """
    from gateway.commands import person as command  # noqa: PLC0415 - each command imports what it needs

    where = f"the company {company}" if company else "all companies, with the account"
    if not yes:
        typer.confirm(f"Erase the data of {email} in {where}? This cannot be undone.", abort=True)
    _carefully(lambda: command.erase(_settings(commerce_home=home), email, company))


@person.command(name="merge")
def merge_person(
    email: Email,
    into: Annotated[str, typer.Argument(help="The e-mail address of the account that gets the data.")],
    yes: Yes = False,
    home: Home = None,
) -> None:
    """Move orders, addresses, reviews and all else of a duplicate account or a guest to an account.

    The duplicate account is erased. The other one keeps its name, address, password and roles.
    """
    from gateway.commands import person as command  # noqa: PLC0415 - each command imports what it needs

    if not yes:
        typer.confirm(f"Move the data of {email} to {into}, and erase {email}? This cannot be undone.", abort=True)
    _carefully(lambda: command.merge(_settings(commerce_home=home), email, into))


@app.command()
def schema() -> None:
    """Print the GraphQL schema (SDL) with all descriptions and permissions."""
    from gateway.graphql.core.schema import build_schema  # noqa: PLC0415 - each command imports what it needs

    sys.stdout.write(build_schema().sdl())


def main() -> None:
    """The program `commerce`."""
    app()


def _settings(**given: Any) -> Settings:
    settings = load(**given)
    settings.require_home()
    return settings


def _carefully(work: Callable[[], T]) -> T:
    """Run a command; an error that the user can fix is printed as one message without a traceback."""
    from domains.kernel.errors import DomainError  # noqa: PLC0415 - not for `--help`
    from gateway.commands.export_files import ExportFailed  # noqa: PLC0415 - same
    from gateway.infra.embedded_postgres import EmbeddedPostgresFailed  # noqa: PLC0415 - same
    from gateway.infra.migrations import MigrationFailed, SchemaMismatch  # noqa: PLC0415 - same
    from gateway.infra.postgres import DatabaseUnavailable  # noqa: PLC0415 - same
    from gateway.server import PortTaken  # noqa: PLC0415 - same

    try:
        return work()
    except (
        BadSettings,
        DomainError,
        DatabaseUnavailable,
        EmbeddedPostgresFailed,
        ExportFailed,
        MigrationFailed,
        SchemaMismatch,
        PortTaken,
    ) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


if __name__ == "__main__":
    main()
