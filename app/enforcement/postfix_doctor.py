"""What is wrong with a Postfix that is to do what we decide: each finding a sentence with its cure (pure).

A mail server that is set up wrongly takes every order and refuses nobody, so each service of master.cf that takes
logins is judged for itself, by what it overrides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field

from app.enforcement.delegation import held_class
from app.enforcement.postfix_reading import Policy, Rule, policy_of, rules, seconds, words
from app.settings import Address
from app.values import dataclass

AT_RCPT = (
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions",
)
AT_DATA = ("smtpd_data_restrictions", "smtpd_end_of_data_restrictions")
LISTS = (*AT_RCPT, *AT_DATA)
DEFAULTS = {
    "smtpd_policy_service_timeout": "100s",
    "smtpd_policy_service_try_limit": "2",
    "smtpd_policy_service_default_action": "451 4.3.5 Server configuration problem",
}
OTHERS = (
    "mynetworks",
    "sender_dependent_default_transport_maps",
    "smtpd_restriction_classes",
    "smtpd_sasl_auth_enable",
    *DEFAULTS,
)
PERMITS = ("permit", "permit_sasl_authenticated", "permit_mynetworks")
PATIENCE_SECONDS = 10
SIGNED = ("message-id", "feedback-id")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its name, whether it is well, and a sentence on it."""

    name: str
    ok: bool
    said: str


@dataclass(frozen=True)
class Setup:
    """What was found on the machine.

    main: settings of main.cf, expanded. services: each smtpd of master.cf with what it overrides; none: main.cf
    alone. policy: where our service listens. maps: the folder of our tables, empty for none. files: what is wrong
    with the file of a table, by its name; empty where nothing is. queue: whether its queue is looked into. probes:
    whether a probe account is set. opendkim: the text of its configuration, None where it cannot be read.
    """

    main: Mapping[str, str]
    services: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    policy: Address = Address("127.0.0.1", 8025)
    maps: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    queue: bool = True
    probes: bool = False
    opendkim: str | None = None


@dataclass(frozen=True)
class Smtpd:
    """One service as Postfix runs it: its settings, and its lists in their order."""

    name: str
    settings: Mapping[str, str]
    lists: Mapping[str, tuple[Rule, ...]]


def examine(setup: Setup) -> list[Finding]:
    """All findings, service by service, then tables, queue and signer. Never raises."""
    found = [finding for each in _smtpds(setup) for finding in _of_service(each, setup)]
    return [*found, *_of_tables(setup), *_of_queue(setup), *_of_signer(setup.opendkim)]


def _smtpds(setup: Setup) -> list[Smtpd]:
    """The services that take logins; all where none says so."""
    whole = {name: {**DEFAULTS, **setup.main, **more} for name, more in setup.services.items()}
    whole = whole or {"main.cf": {**DEFAULTS, **setup.main}}
    signed_in = {name: each for name, each in whole.items() if each.get("smtpd_sasl_auth_enable") == "yes"}
    return [_smtpd(name, each) for name, each in (signed_in or whole).items()]


def _smtpd(name: str, settings: Mapping[str, str]) -> Smtpd:
    classes = {each: settings.get(each, "") for each in words(settings.get("smtpd_restriction_classes", ""))}
    return Smtpd(name, settings, {each: rules(settings.get(each, ""), classes) for each in LISTS})


def _of_service(smtpd: Smtpd, setup: Setup) -> Iterator[Finding]:
    yield from _asked(smtpd, setup)
    yield from _impatient(smtpd, setup)
    if setup.maps:
        yield from _floored(smtpd, setup)
    else:
        yield Finding(
            smtpd.name,
            False,
            "No table refuses suspended senders while the policy service is away: set ABUSEDESK_POSTFIX_MAPS, and "
            "see `abusedesk postfix config`.",
        )
    yield from _open_doors(smtpd, setup)


def _asked(smtpd: Smtpd, setup: Setup) -> Iterator[Finding]:
    ours = _policies(smtpd, setup)
    yield from _placed(
        smtpd, lambda rule: policy_of(rule) in ours, "The policy service", "smtpd_recipient_restrictions"
    )
    classes = {*words(smtpd.settings.get("smtpd_restriction_classes", ""))}
    named = {held_class(policy.options.get("policy_context", "")) for policy in ours}
    for name in sorted(named - classes - {""}):
        said = f"Mail that is to be kept back is put off (451): smtpd_restriction_classes has no {name}; add it."
        yield Finding(smtpd.name, False, said)


def _floored(smtpd: Smtpd, setup: Setup) -> Iterator[Finding]:
    table = f"lmdb:{setup.maps}/suspended"
    yield from _placed(
        smtpd,
        lambda rule: rule == Rule("check_sasl_access", table),
        "The table of suspended logins",
        "smtpd_data_restrictions",
    )
    frozen = f"lmdb:{setup.maps}/frozen" in words(smtpd.settings.get("sender_dependent_default_transport_maps", ""))
    if not frozen:
        cure = f"set sender_dependent_default_transport_maps = lmdb:{setup.maps}/frozen"
        yield Finding(smtpd.name, False, f"Queued mail of suspended senders is not frozen: {cure}.")
    elif not any(rule.argument == table for name in AT_RCPT for rule in _reached(smtpd.lists[name])):
        yield Finding(
            smtpd.name,
            False,
            "A suspended client may be told 450 for its frozen mail instead of 554: put the table of suspended "
            "logins first in smtpd_recipient_restrictions, too.",
        )


def _placed(smtpd: Smtpd, is_it: Callable[[Rule], bool], what: str, place: str) -> Iterator[Finding]:
    """Whether a check is reached wherever it stands. place: where it belongs; at DATA it is well in any case."""
    there = [name for name in LISTS if any(map(is_it, smtpd.lists[name]))]
    late = [name for name in there if not any(map(is_it, _reached(smtpd.lists[name])))]
    for name in late:
        permit = next(rule.name for rule in smtpd.lists[name] if rule.name in PERMITS)
        said = f"{what} is never asked in {name}: it stands after {permit}; put it first."
        yield Finding(smtpd.name, False, said)
    if not there:
        yield Finding(smtpd.name, False, f"{what} is not asked at all: put it first in {place}.")
    elif not {place, *AT_DATA} & {*there}:
        yield Finding(smtpd.name, False, f"{what} stands in {', '.join(there)} only: put it first in {place}, too.")
    elif not late:
        yield Finding(smtpd.name, True, f"{what} is asked before any permit.")


def _reached(some: Iterable[Rule]) -> Iterator[Rule]:
    """The restrictions up to the first that lets customers through."""
    for rule in some:
        if rule.name in PERMITS:
            return
        yield rule


def _impatient(smtpd: Smtpd, setup: Setup) -> Iterator[Finding]:
    """Whether a policy service that hangs or is away harms the mail of everybody."""
    for policy in _policies(smtpd, setup):
        option = _options(policy, smtpd.settings)
        waits = seconds(option("timeout"))
        if waits is None or waits > PATIENCE_SECONDS:
            said = f"While the policy service hangs, each mail waits {option('timeout')}: set timeout=2s for it."
            yield Finding(smtpd.name, False, said)
        if option("try_limit") != "1":
            said = "A policy service that is away is tried more than once for each mail: set try_limit=1 for it."
            yield Finding(smtpd.name, False, said)
        if "default_action" not in policy.options and option("default_action").startswith("451 4.3.5"):
            said = (
                "While the policy service is away, nobody's mail is taken (451): say default_action=DUNNO, or "
                "default_action=DEFER if that is meant."
            )
            yield Finding(smtpd.name, False, said)


def _policies(smtpd: Smtpd, setup: Setup) -> list[Policy]:
    """The different ways in which our service is asked."""
    found = [policy for rule in _all(smtpd) if (policy := policy_of(rule)) is not None]
    ours = [each for each in found if each.port == str(setup.policy.port)]
    return [each for n, each in enumerate(ours) if each not in ours[:n]]


def _options(policy: Policy, settings: Mapping[str, str]) -> Callable[[str], str]:
    return lambda name: policy.options.get(name, settings.get(f"smtpd_policy_service_{name}", ""))


def _all(smtpd: Smtpd) -> Iterator[Rule]:
    return (rule for name in LISTS for rule in smtpd.lists[name])


def _open_doors(smtpd: Smtpd, setup: Setup) -> Iterator[Finding]:
    names = {rule.name for rule in _all(smtpd)}
    networks = [*words(smtpd.settings.get("mynetworks", ""))]
    ours = any(each.startswith(("127.", "[::1]", "::1")) for each in networks)
    if ours and all(_lets_networks_through(smtpd.lists[name]) for name in AT_RCPT[-2:]):
        said = "everything on this machine sends without a login, so no suspension stops it"
        yield Finding(smtpd.name, False, f"mynetworks has the loopback: {said}; take 127.0.0.0/8 and [::1] out.")
    tables = {rule.argument.partition(":")[0] for rule in _all(smtpd) if rule.name.endswith("_access")}
    tables |= {each.partition(":")[0] for each in words(smtpd.settings.get(OTHERS[1], ""))}
    for kind, harm in (("sqlite", "ends smtpd when it is locked or gone"), ("tcp", "keeps clients waiting for ever")):
        if kind in tables:
            cure = f"use proxy:{kind}: or an lmdb table" if kind == "sqlite" else "use an lmdb table"
            yield Finding(smtpd.name, False, f"A {kind}: table {harm}: {cure}.")
    if setup.probes and any(each.endswith("sender_login_mismatch") for each in names):
        said = "let the probe account use senders that begin with adp. in smtpd_sender_login_maps"
        yield Finding(smtpd.name, True, f"Logins may only use senders of their own: {said}.")


def _lets_networks_through(some: Iterable[Rule]) -> bool:
    """Whether a client of mynetworks that did not sign in passes the list."""
    for rule in some:
        if rule.name in ("permit", "permit_mynetworks"):
            return True
        if rule.name in ("reject", "defer", "reject_unauth_destination", "defer_unauth_destination"):
            return False
    return True


def _of_tables(setup: Setup) -> Iterator[Finding]:
    for name, trouble in setup.files.items():
        yield Finding(name, not trouble, trouble or "The table is there, and Postfix can read it.")


def _of_queue(setup: Setup) -> Iterator[Finding]:
    if not setup.queue:
        said = (
            "Mail that was taken before a suspension is not put on hold, and held mail is neither let go nor thrown "
            "away: set ABUSEDESK_POSTFIX_CONFIG to Postfix's configuration folder."
        )
        yield Finding("queue", False, said)


def _of_signer(text: str | None) -> Iterator[Finding]:
    """Whether what proves whose mail it was is signed. OpenDKIM's own choice leaves Message-ID out."""
    if text is None:
        return
    options = (line.split(None, 1) for line in text.splitlines() if not line.lstrip().startswith("#"))
    said = next((each[1] for each in options if len(each) == 2 and each[0].lower() == "signheaders"), "")
    signed = {each.strip().lstrip("+").lower() for each in said.split(",")}
    missing = [name for name in SIGNED if name not in signed]
    if missing:
        cure = "set SignHeaders *,+Message-ID,+Feedback-ID,+CFBL-Address"
        said = f"OpenDKIM does not sign {' and '.join(missing)}, so they prove nothing in a complaint: {cure}."
        yield Finding("opendkim", False, said)
    else:
        yield Finding("opendkim", True, "OpenDKIM signs Message-ID and Feedback-ID.")
