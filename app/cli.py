"""The command line: gathers the commands of all features, and translates failures to a sentence and an exit code.

    0   done
    1   refused or failed; the sentence on stderr says why
    2   the command line itself is wrong
    75  something outside does not answer now; trying later may work (EX_TEMPFAIL)
    130 interrupted

A command's module is imported only when the command runs: `abusedesk read` starts without Flask or a database.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from app.errors import AbuseDeskError, Unavailable

UNAVAILABLE = 75
INTERRUPTED = 130


class Entry(NamedTuple):
    """A command: where it is (`module:attribute`, or `workers.name` for a process) and its line of help."""

    place: str
    help: str


GROUPS: dict[str, dict[str, Entry]] = {
    "Reports": {
        "read": Entry("app.mail.cli:read", "Say what a message is: format, reported mail, signatures."),
        "worksheet": Entry("app.compliance.cli:worksheet", "Hold a message against the law, line by line."),
        "ingest": Entry("app.commands:ingest", "Store reports from files or folders."),
        "reports": Entry("app.commands:reports", "List reports, show one, read it again."),
        "explain": Entry("app.attribution.cli:explain", "Show the evidence behind a report's verdict."),
        "token": Entry("app.senders.token_cli:token", "Make and check trace tokens."),
        "loops": Entry("app.attribution.loops_cli:loops", "List and change the feedback loops that are known."),
        "keys": Entry("app.attribution.keys_cli:keys", "List the DKIM keys that were seen, and look for them again."),
    },
    "Desk": {
        "cases": Entry("app.triage.cli:cases", "List, show and decide cases."),
        "senders": Entry("app.senders.cli:senders", "Load the list of senders, and list them."),
        "sent": Entry("app.senders.sent_cli:sent", "Take in what was sent, and how much was delivered."),
        "suppressions": Entry(
            "app.enforcement.suppressions_cli:suppressions", "Who is not to be written to any more by whom."
        ),
        "act": Entry("app.triage.actions_cli:act", "Warn, throttle, hold, suspend or close a sender."),
        "actions": Entry("app.triage.actions_cli:actions", "What was done to senders: list, end, agree, proof."),
        "suspend": Entry("app.triage.decision_cli:suspend", "Stop a sender."),
        "reinstate": Entry("app.triage.decision_cli:reinstate", "Lift a suspension."),
        "rules": Entry("app.triage.rules_cli:rules", "Let the machine hold or throttle; try rules on the past."),
        "staff": Entry("app.staff.cli:staff", "Invite staff, give roles, end access."),
    },
    "Record and privacy": {
        "audit": Entry("app.audit.cli:audit", "Show the record of who did what, and check it."),
        "retention": Entry("app.privacy.cli:retention", "Forget what was kept long enough."),
        "erase": Entry("app.privacy.cli:erase", "Forget a person for good."),
    },
    "Machine": {
        "up": Entry("workers.up", "Run everything on this machine until Ctrl-C."),
        "demo": Entry("workers.demo", "The same with made-up senders and complaints."),
        "doctor": Entry("app.infra.cli:doctor", "Check database, Redis, mailbox, DNS, clock and secrets."),
        "postfix": Entry("app.enforcement.postfix_cli:postfix", "Say what Postfix needs, and what is wrong with it."),
        "servers": Entry("app.enforcement.servers_cli:servers", "List the mail servers that are served; forget one."),
        "settings": Entry("app.infra.cli:settings", "List every setting, its meaning and its value."),
        "migrate": Entry("app.infra.cli:migrate", "Bring the database to this version."),
    },
    "Processes": {
        "public": Entry("workers.web public", "The public site."),
        "desk": Entry("workers.web desk", "The staff desk."),
        "worker": Entry("workers.worker", "Works off stored reports and other jobs."),
        "mailbox": Entry("workers.mailbox", "Fetches reports from the IMAP mailbox."),
        "lmtp": Entry("workers.lmtp", "Takes reports by LMTP."),
        "policy": Entry("workers.policy", "Answers Postfix whether a sender may send."),
        "enforcer": Entry("workers.enforcer", "Brings decisions to the mail servers, and sees that they hold."),
        "cron": Entry("workers.schedule", "Does what is due by the clock; run one."),
    },
}
COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()}


class Gathered(click.Group):
    """A group that knows its commands by name and imports the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        return _process(cmd_name, entry) if entry.place.startswith("workers.") else _feature(cmd_name, entry)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # click would give the function's name, which may differ from the command's.
        _, command, rest = super().resolve_command(ctx, args)
        return args[0], command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, group in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, entry.help) for name, entry in group.items()], col_max=12)


def _feature(name: str, entry: Entry) -> click.Command:
    module, _, attribute = entry.place.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as fault:
        if not fault.name or not module.startswith(fault.name):
            raise
        raise _missing(name, module) from fault
    if not isinstance(found, click.Command):
        raise TypeError(f"{entry.place} is not a command")
    return found


def _process(name: str, entry: Entry) -> click.Command:
    """A command that becomes the process: the same pid, so that signals reach it."""
    module, *given = entry.place.split()

    @click.command(name, help=entry.help, context_settings={"ignore_unknown_options": True}, add_help_option=False)
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def run(arguments: tuple[str, ...]) -> None:
        # `app` does not import `workers`; that the file is there is all it needs to know.
        if not (Path(__file__).parents[1] / module.replace(".", "/")).with_suffix(".py").exists():
            raise _missing(name, module)
        # -P: a folder `app` or `workers` where the caller stands must not be taken for ours.
        os.execv(sys.executable, [sys.executable, "-P", "-m", module, *given, *arguments])  # noqa: S606 - no shell is the point

    return run


def _missing(name: str, module: str) -> AbuseDeskError:
    return AbuseDeskError(f"The command {name!r} is not in this build ({module} is missing).")


@click.group(cls=Gathered, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="abusedesk", message="abusedesk %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """The abuse desk of an e-mail sending provider. `abusedesk COMMAND --help` says more about one.

    Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 75 try again later.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (default: this process's) and gives its exit code; failures are said on stderr."""
    try:
        code = cli.main(args=arguments, prog_name="abusedesk", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except click.Abort:
        return INTERRUPTED
    except AbuseDeskError as fault:
        click.echo(f"abusedesk: {fault}", err=True)
        return UNAVAILABLE if isinstance(fault, Unavailable) else 1
    except BrokenPipeError:
        # `abusedesk … | head`: whoever read has enough. Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code if isinstance(code, int) else 0


def main() -> None:
    """The entry point of `abusedesk`."""
    sys.exit(run())


if __name__ == "__main__":
    main()
