"""What of a Postfix's configuration would let a suspended sender through, over texts and by a real postconf."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import run
from app.enforcement.postfix_config import main_cf
from app.enforcement.postfix_doctor import Finding, Setup, examine
from app.enforcement.postfix_reading import (
    Rule,
    expanded,
    policy_of,
    read_main,
    read_overrides,
    read_services,
    rules,
    seconds,
)
from app.settings import Address
from tests.services.programs import demand

POLICY = Address("127.0.0.1", 8025)
GOOD = main_cf(POLICY, Path("/maps"))
ASK = "check_policy_service { inet:127.0.0.1:8025, timeout=2s, try_limit=1, default_action=DUNNO }"
FLOOR = "check_sasl_access lmdb:/maps/suspended"
FROZEN = "sender_dependent_default_transport_maps = lmdb:/maps/frozen\n"


def wrong(text: str, **more: object) -> list[str]:
    """What is wrong with a main.cf, in sentences."""
    setup = Setup(expanded(read_main(text)), policy=POLICY, maps="/maps", **more)  # type: ignore[arg-type]
    return [finding.said for finding in examine(setup) if not finding.ok]


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("at_data", [False, True])
def test_what_we_print_ourselves_has_nothing_wrong(closed: bool, at_data: bool) -> None:
    printed = main_cf(Address("0.0.0.0", 8025), Path("/maps"), closed=closed, at_data=at_data)

    assert wrong(printed) == []
    lists = read_main(printed)
    at_rcpt, after = (lists[name] for name in ("smtpd_recipient_restrictions", "smtpd_data_restrictions"))
    assert [each.count("check_policy_service {") for each in (at_rcpt, after)] == ([0, 1] if at_data else [1, 0])


def test_without_tables_it_says_so() -> None:
    printed = main_cf(POLICY, None)
    assert "lmdb" not in printed
    [said] = [each.said for each in examine(Setup(read_main(printed), policy=POLICY)) if not each.ok]
    assert said.startswith("No table refuses suspended senders while the policy service is away")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The policy service is not asked at all: put it first in smtpd_recipient_restrictions."),
        ("", "The table of suspended logins is not asked at all: put it first in smtpd_data_restrictions."),
        (
            f"smtpd_recipient_restrictions = permit_sasl_authenticated, {ASK}, {FLOOR}",
            "The policy service is never asked in smtpd_recipient_restrictions: it stands after "
            "permit_sasl_authenticated; put it first.",
        ),
        (
            f"smtpd_recipient_restrictions = permit_sasl_authenticated, {ASK}, {FLOOR}",
            "The table of suspended logins stands in smtpd_recipient_restrictions only: put it first in "
            "smtpd_data_restrictions, too.",
        ),
        (
            f"smtpd_sender_restrictions = {ASK}",
            "The policy service stands in smtpd_sender_restrictions only: put it first in "
            "smtpd_recipient_restrictions, too.",
        ),
        (
            f"smtpd_restriction_classes = one, two\nsmtpd_data_restrictions = {FLOOR}, "
            + ASK.replace(" }", ", policy_context=stream=news;held=three }"),
            "Mail that is to be kept back is put off (451): smtpd_restriction_classes has no three; add it.",
        ),
        (
            f"smtpd_data_restrictions = permit_mynetworks {FLOOR} {ASK}",
            "The table of suspended logins is never asked in smtpd_data_restrictions: it stands after "
            "permit_mynetworks; put it first.",
        ),
        (
            f"smtpd_data_restrictions = {FLOOR}, check_policy_service inet:127.0.0.1:8025",
            "While the policy service hangs, each mail waits 100s: set timeout=2s for it.",
        ),
        (
            f"smtpd_data_restrictions = {FLOOR}, check_policy_service inet:127.0.0.1:8025",
            "A policy service that is away is tried more than once for each mail: set try_limit=1 for it.",
        ),
        (
            f"smtpd_data_restrictions = {FLOOR}, check_policy_service inet:127.0.0.1:8025",
            "While the policy service is away, nobody's mail is taken (451): say default_action=DUNNO, or "
            "default_action=DEFER if that is meant.",
        ),
        (
            f"smtpd_data_restrictions = {FLOOR}, {ASK}",
            "Queued mail of suspended senders is not frozen: set sender_dependent_default_transport_maps = "
            "lmdb:/maps/frozen.",
        ),
        (
            f"smtpd_data_restrictions = {FLOOR}, {ASK}\n{FROZEN}",
            "A suspended client may be told 450 for its frozen mail instead of 554: put the table of suspended "
            "logins first in smtpd_recipient_restrictions, too.",
        ),
        (
            "smtpd_sender_restrictions = check_sender_access sqlite:/x",
            "A sqlite: table ends smtpd when it is locked or gone: use proxy:sqlite: or an lmdb table.",
        ),
        (
            "sender_dependent_default_transport_maps = tcp:127.0.0.1:99, lmdb:/maps/frozen",
            "A tcp: table keeps clients waiting for ever: use an lmdb table.",
        ),
        (
            "mynetworks = 127.0.0.0/8 [::1]/128\nsmtpd_relay_restrictions = permit_mynetworks, reject",
            "mynetworks has the loopback: everything on this machine sends without a login, so no suspension stops "
            "it; take 127.0.0.0/8 and [::1] out.",
        ),
    ],
)
def test_each_fault_is_a_sentence_with_its_cure(text: str, said: str) -> None:
    assert said in wrong(text)


@pytest.mark.parametrize(
    "text",
    [
        "smtpd_policy_service_timeout = 3s\nsmtpd_policy_service_try_limit = 1\n"
        "smtpd_policy_service_default_action = DUNNO\n"
        + GOOD.replace(ASK, "check_policy_service inet:127.0.0.1:8025"),
        f"ask = {ASK}\nmine = lmdb:/maps\n" + GOOD.replace(ASK, "$ask").replace("lmdb:/maps", "${mine}"),
        f"smtpd_restriction_classes = desk\ndesk = {FLOOR} {ASK}\n{FROZEN}smtpd_data_restrictions = desk\n"
        "smtpd_recipient_restrictions = desk, permit_sasl_authenticated",
        "mynetworks = 127.0.0.0/8\nsmtpd_relay_restrictions = permit_sasl_authenticated, reject\n" + GOOD,
        GOOD + "smtpd_sender_restrictions = check_sender_access proxy:sqlite:/x\n",
    ],
)
def test_other_ways_to_say_the_same_are_well(text: str) -> None:
    assert wrong(text) == []


def test_a_service_that_overrides_the_list_is_named_and_one_without_logins_is_not_judged() -> None:
    main = {**read_main(GOOD), "smtpd_sasl_auth_enable": "yes"}
    services = {
        "smtp/inet": {"smtpd_sasl_auth_enable": "no", "smtpd_data_restrictions": ""},
        "submission/inet": {"smtpd_data_restrictions": "permit_sasl_authenticated, " + ASK},
    }
    found = [each for each in examine(Setup(main, services, POLICY, "/maps")) if not each.ok]
    assert {each.name for each in found} == {"submission/inet"}
    assert [each.said.split(":")[0] for each in found] == [
        "The policy service is never asked in smtpd_data_restrictions",
        "The table of suspended logins stands in smtpd_recipient_restrictions only",
    ]


def test_logins_that_own_their_senders_are_a_hint_for_the_probe() -> None:
    text = GOOD + "smtpd_sender_restrictions = reject_sender_login_mismatch\n"
    found = examine(Setup(read_main(text), policy=POLICY, maps="/maps", probes=True))
    assert "let the probe account use senders that begin with adp." in str(found)


@pytest.mark.parametrize("queue", [True, False])
def test_a_queue_that_nobody_looks_into_is_said(queue: bool) -> None:
    found = [each for each in examine(Setup({}, queue=queue)) if each.name == "queue"]
    assert [each.ok for each in found] == ([] if queue else [False])


@pytest.mark.parametrize(
    ("text", "well"),
    [
        ("SignHeaders *,+Message-ID,+Feedback-ID,+CFBL-Address", True),
        ("signheaders  from,message-id,feedback-id", True),
        ("# SignHeaders *,+Message-ID,+Feedback-ID\nMode s", False),
        ("SignHeaders *,+Message-ID", False),
    ],
)
def test_what_the_signer_leaves_out_is_said(text: str, well: bool) -> None:
    [found] = [each for each in examine(Setup({}, opendkim=text)) if each.name == "opendkim"]
    assert (found.ok, "feedback-id" in found.said) == (well, not well)


def test_lists_are_read_as_postfix_reads_them() -> None:
    text = "a = b,\n  # a comment\n\n  check_sasl_access { lmdb:/x, y }  permit\nb=c\na = d $b\n"
    assert read_main(text) == {"a": "d $b", "b": "c"}
    assert expanded(read_main(text + "e = $e ${a}"))["e"].endswith("d c")
    assert rules("check_a inline:{b=c, d=e},permit lmdb:/x") == (
        Rule("check_a", "inline:{b=c, d=e}"),
        Rule("permit"),
        Rule("", "lmdb:/x"),
    )
    [rule] = rules("check_policy_service { inet:h:1, timeout = 2s , {default_action=451 4.3.0 Later} }")
    policy = policy_of(rule)
    assert policy is not None
    assert (policy.endpoint, policy.options["default_action"]) == ("inet:h:1", "451 4.3.0 Later")
    assert (seconds("2"), seconds("100s"), seconds("2m"), seconds("soon")) == (2, 100, 120, None)


def test_a_class_that_names_itself_ends() -> None:
    assert rules("desk", {"desk": "desk, permit"})


def test_services_are_read_as_postconf_prints_them() -> None:
    printed = "smtp       inet  n  -  n  -  -  smtpd -o x=y\npickup unix n - n 60 1 pickup\nshort\n"
    assert read_services(printed) == ("smtp/inet",)
    assert read_overrides("127.0.0.1:587/inet/smtpd_x = a = b\n") == {"127.0.0.1:587/inet": {"smtpd_x": "a = b"}}


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A configuration that real postconf reads, and tables that are there."""
    demand("postconf")
    # Not tmp_path: every run of pytest closes the folder above it to others, and Postfix is somebody else.
    with tempfile.TemporaryDirectory(prefix="postfix-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        _fill(folder, monkeypatch)
        yield folder


def _fill(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps = folder / "maps"
    maps.mkdir()
    (maps / "suspended.lmdb").touch()
    (maps / "frozen.lmdb").touch()
    monkeypatch.setenv("ABUSEDESK_POSTFIX_MAPS", str(maps))
    monkeypatch.setenv("ABUSEDESK_POSTFIX_CONFIG", str(folder))
    (folder / "opendkim.conf").write_text("SignHeaders *,+Message-ID,+Feedback-ID\n")
    (folder / "main.cf").write_text(
        "compatibility_level = 3.6\nmeta_directory = /etc/postfix\nmynetworks = 192.0.2.0/24\n"
        "smtpd_sasl_auth_enable = yes\n" + main_cf(POLICY, maps)
    )
    (folder / "master.cf").write_text("587 inet n - n - - smtpd\n")


def examined(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Finding]]:
    """The command's exit code and what it found wrong."""
    argv = ["postfix", "doctor", "--opendkim", str(folder / "opendkim.conf"), "--json"]
    code = run(argv)
    found = [Finding(**each) for each in json.loads(capsys.readouterr().out)]
    return code, [each for each in found if not each.ok]


@pytest.mark.services
class TestRealPostconf:
    def test_a_good_one_is_well(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert examined(folder, capsys) == (0, [])

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("smtpd_data_restrictions", "", "suspended logins stands in smtpd_recipient_restrictions only"),
            ("smtpd_recipient_restrictions", "permit_sasl_authenticated", "The policy service is not asked at all"),
            ("smtpd_data_restrictions", "permit_sasl_authenticated, {ask}", "it stands after permit_sasl_authenti"),
            ("smtpd_recipient_restrictions", "permit_sasl_authenticated, {ask}", "it stands after permit_sasl_authe"),
            ("smtpd_data_restrictions", "check_policy_service inet:127.0.0.1:8025", "each mail waits 100s"),
            ("smtpd_data_restrictions", "check_policy_service inet:127.0.0.1:8025", "say default_action=DUNNO"),
            ("smtpd_sender_restrictions", "check_sasl_access tcp:127.0.0.1:99", "A tcp: table keeps"),
            ("smtpd_sender_restrictions", "check_sasl_access sqlite:/x", "A sqlite: table ends smtpd"),
        ],
    )
    def test_what_a_service_overrides_is_found(
        self, folder: Path, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
    ) -> None:
        override = f"  -o {{ {name} = {value.format(ask=ASK)} }}\n"
        (folder / "master.cf").write_text("587 inet n - n - - smtpd\n" + override)

        code, found = examined(folder, capsys)

        assert code == 1
        assert any(said in each.said and each.name == "587/inet" for each in found), found

    def test_a_table_that_is_missing_or_closed_is_found(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "maps" / "frozen.lmdb").unlink()
        (folder / "maps" / "suspended.lmdb").chmod(0o600)

        code, found = examined(folder, capsys)

        assert code == 1
        assert [each.said.rpartition(": ")[2] for each in found] == [
            f"chmod o+r {folder}/maps/suspended.lmdb.",
            "start `abusedesk enforcer`.",
        ]

    def test_a_queue_that_is_not_looked_into_is_found(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ABUSEDESK_POSTFIX_CONFIG")
        assert run(["postfix", "doctor", "--config", str(folder)]) == 1
        assert "set ABUSEDESK_POSTFIX_CONFIG" in capsys.readouterr().out

    def test_the_loopback_is_found_where_it_may_send(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main = folder / "main.cf"
        main.write_text(main.read_text().replace("192.0.2.0/24", "127.0.0.0/8").replace("reject_unauth_dest", "x"))
        main.write_text(main.read_text().replace("    xination\n", "    permit_mynetworks\n"))

        assert "mynetworks has the loopback" in str(examined(folder, capsys))

    def test_config_prints_what_doctor_asks_for(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["postfix", "config", "--closed"]) == 0
        printed = capsys.readouterr().out
        assert "default_action=DEFER }" in printed
        (folder / "main.cf").write_text("meta_directory = /etc/postfix\nmynetworks = 192.0.2.0/24\n" + printed)
        assert examined(folder, capsys) == (0, [])


def test_without_postconf_main_cf_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.infra.connectors.postfix_programs.PLACES", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "main.cf").write_text("smtpd_data_restrictions = permit\n")
    assert run(["postfix", "doctor", "--config", str(tmp_path)]) == 1
    assert "main.cf          The policy service is not asked at all" in capsys.readouterr().out


def test_no_configuration_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["postfix", "doctor", "--config", str(tmp_path)]) == 1
    assert "main.cf cannot be read: name Postfix's configuration folder" in capsys.readouterr().err
