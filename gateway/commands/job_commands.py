"""The command group `commerce jobs`."""

from typing import Annotated

import typer

from gateway.commands.invocation import Home, invoke, settings_of

app = typer.Typer(name="jobs", help="List and run periodic jobs.", no_args_is_help=True, rich_markup_mode=None)


@app.command(name="list")
def list_jobs(home: Home = None) -> None:
    """List all jobs. Each has its interval, and the time, duration and result of its last run."""
    from gateway.commands import jobs as command  # noqa: PLC0415 - each command imports what it needs

    invoke(lambda: command.run_list(settings_of(commerce_home=home)))


@app.command()
def run(
    name: Annotated[str, typer.Argument(help='The name of the job, such as "reindex products"; `list` prints all.')],
    home: Home = None,
) -> None:
    """Run one job now. Exits with 1 when it fails, or when another process runs it."""
    from gateway.commands import jobs as command  # noqa: PLC0415 - each command imports what it needs

    raise typer.Exit(invoke(lambda: command.run_job(settings_of(commerce_home=home), name)))
