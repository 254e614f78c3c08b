"""Groups of commands that say, where there is no command of a name, which there are."""

import click

from sim.scenario.nearest import nearest
from sim.scenario.problems import shortened


class CommandGroup(click.Group):
    """A group of commands. The error of a name that is none of them lists them all, and the one probably meant."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; UsageError where there is none."""
        given = str(args[0])
        if self.get_command(ctx, given) is None and not given.startswith("-") and not ctx.resilient_parsing:
            names = self.list_commands(ctx)
            hint = nearest(given, names)
            ctx.fail(
                f"No such command {shortened(given)!r}; the commands are {', '.join(names)}{hint and f' ({hint})'}."
            )
        return super().resolve_command(ctx, args)
