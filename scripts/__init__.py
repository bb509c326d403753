"""Commands: one thin file each, reached as `radsieve COMMAND`."""

import ast
import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

_STEPS = {
    "Prepare": ("index", "rules", "seed-reports", "reports", "probe", "train", "sweep"),
    "Review": ("up", "push", "pull", "connect", "serve", "work", "review-folder", "rank"),
    "Finish": ("audit", "bias", "export", "paths"),
    "Judge films that arrive later": ("gate",),
    "Look inside": ("status", "why", "browse", "predictions", "models", "ledger", "doctor"),
    "Go back, keep safe, try out": ("rollback", "backup", "restore", "demo"),
}
"""Commands by the step of the loop that they belong to, in the order of their use."""


class CommandFolder(click.Group):
    """Finds commands in this folder and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command: `seed_reports.py` is `seed-reports`."""
        modules = (module.name for module in pkgutil.iter_modules(__path__))
        return sorted(name.replace("_", "-") for name in modules if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's file and return its `COMMAND`."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.COMMAND
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called; fail for an unknown one, and name similar commands."""
        names = self.list_commands(ctx)
        similar = difflib.get_close_matches(args[0], names, n=2) if args[0] not in names else []
        if similar:
            meant = " or ".join(f"`radsieve {name}`" for name in similar)
            ctx.fail(f"No such command {args[0]!r}; did you mean {meant}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by step, without importing them: some import torch, which is slow."""
        with formatter.section("Commands"):
            for step, names in _by_step(self.list_commands(ctx)):
                with formatter.section(step):
                    formatter.write_dl([(name, _summary(name)) for name in names])


def _by_step(commands: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each step of the loop with its commands; commands without a step come last."""
    for step, names in _STEPS.items():
        yield step, [name for name in names if name in commands]
    known = {name for names in _STEPS.values() for name in names}
    if others := [name for name in commands if name not in known]:
        yield "More", others


def _summary(command: str) -> str:
    """Return the summary of a command: its file begins with "`radsieve NAME`: SUMMARY"."""
    path = Path(__file__).with_name(f"{command.replace('-', '_')}.py")
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.splitlines()[0].partition(": ")[2]


@click.command(
    cls=CommandFolder,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.version_option(package_name="radsieve")
@click.option(
    "--workspace",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the workspace, for every command; without a command, its state is shown.",
)
@click.pass_context
def main(context: click.Context, folder: Path | None) -> None:
    """Clean a radiograph archive: learn each problem, show a person only the films that matter."""
    if folder:
        names = main.list_commands(context)
        context.default_map = {name: {"folder": folder} for name in names}
    if context.invoked_subcommand is None:
        # Imported here, because no command needs it.
        from scripts._start import start_text  # noqa: PLC0415

        click.echo(start_text(folder))
