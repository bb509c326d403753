"""Commands: one thin file each, reached as `radsieve COMMAND`."""

import ast
import importlib
import pkgutil
from pathlib import Path

import click


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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them: some bring torch, which takes seconds."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(name)) for name in self.list_commands(ctx)])


def _summary(command: str) -> str:
    """Return what a command's file says of itself: `radsieve NAME`: this."""
    path = Path(__file__).with_name(f"{command.replace('-', '_')}.py")
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    return docstring.splitlines()[0].partition(": ")[2]


@click.command(cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="radsieve")
def main() -> None:
    """Clean a radiograph archive: learn each problem, show a person only the films that matter."""
