"""abusedesk postfix: what main.cf needs, and what is wrong with the Postfix on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from app.enforcement.postfix_config import main_cf
from app.enforcement.postfix_doctor import LISTS, OTHERS, Setup, examine
from app.enforcement.postfix_reading import expanded, read_main, read_overrides, read_services
from app.errors import Rejected, Unavailable
from app.infra.connectors.postfix_programs import Programs
from app.settings import Settings

OPENDKIM = Path("/etc/opendkim.conf")
PLACE = Path("/etc/postfix")


@click.group(help="Postfix: what its configuration needs, and what is wrong with it.")
def postfix() -> None:
    pass


@postfix.command(help="Print the lines for main.cf that fit the present settings.")
@click.option("--closed", is_flag=True, help="Put everybody's mail off while the policy service is away.")
@click.option("--at-data", is_flag=True, help="Ask once a mail: for relays whose mails have one recipient each.")
def config(closed: bool, at_data: bool) -> None:
    given = Settings.from_environment()
    click.echo(main_cf(given.policy, given.postfix_maps, closed=closed, at_data=at_data), nl=False)


@postfix.command(help="Say what of Postfix's configuration would let a suspended sender through. Exit code 1 if any.")
@click.option("--config", "folder", type=click.Path(path_type=Path), help="The folder of its configuration.")
@click.option("--opendkim", type=click.Path(path_type=Path), default=OPENDKIM, help="OpenDKIM's configuration.")
@click.option("--json", "as_json", is_flag=True, help="For machines: a list of {name, ok, said}.")
@click.pass_context
def doctor(ctx: click.Context, folder: Path | None, opendkim: Path, as_json: bool) -> None:
    findings = examine(_setup(Settings.from_environment(), folder, opendkim))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    for finding in () if as_json else findings:
        click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.name:<16} {finding.said}")
    ctx.exit(0 if all(finding.ok for finding in findings) else 1)


def _setup(given: Settings, folder: Path | None, opendkim: Path) -> Setup:
    where = folder or given.postfix_config or PLACE
    main, services = _read(where)
    maps = given.postfix_maps
    return Setup(
        main,
        services,
        policy=given.policy,
        maps=str(maps or ""),
        files={name: _trouble(maps / f"{name}.lmdb") for name in ("suspended", "frozen")} if maps else {},
        queue=given.postfix_config is not None,
        probes=bool(given.probe_url),
        opendkim=_text(opendkim),
    )


def _read(folder: Path) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """main.cf and each smtpd of master.cf; main.cf alone where postconf is not installed. Raises Rejected."""
    text = _text(folder / "main.cf")
    if text is None:
        raise Rejected(f"{folder}/main.cf cannot be read: name Postfix's configuration folder with --config.")
    raw = read_main(text)
    programs = Programs(folder)
    try:
        # Its restriction classes are settings of names that only main.cf knows.
        classes = raw.get("smtpd_restriction_classes", "").replace(",", " ").split()
        main = read_main(programs.run("postconf", "-x", *LISTS, *OTHERS, *(each for each in classes if each in raw)))
        overrides = read_overrides(programs.run("postconf", "-xP"))
        services = read_services(programs.run("postconf", "-M"))
    except Unavailable:
        return expanded(raw), {}
    return main, {name: overrides.get(name, {}) for name in services}


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return None


def _trouble(table: Path) -> str:
    """What is wrong with the file of a table, with its cure; empty where nothing is."""
    if not table.exists():
        return f"{table} is missing, and Postfix answers 451 until it is there: start `abusedesk enforcer`."
    closed = next(
        (each for each in _way(table) if not each.stat().st_mode & (0o001 if each.is_dir() else 0o004)), None
    )
    if closed is not None:
        return f"Postfix cannot read {table}: {'chmod o+x' if closed.is_dir() else 'chmod o+r'} {closed}."
    return ""


def _way(path: Path) -> Iterator[Path]:
    yield from reversed(path.parents)
    yield path
