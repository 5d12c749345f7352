"""Grouping, priority and the showing of hostile text, without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attribution.domain import Verdict
from app.intake.domain import Category
from app.mail.domain import FeedbackType, Kind
from app.senders.domain import SenderStatus
from app.triage.domain import CaseKind
from app.triage.grouping import BEST_FIRST, group_of, is_counted, kind_of
from app.triage.priority import Band, Signals, band, priority
from app.triage.showing import SHOWN_BYTES, concealer, line, source_text, visible
from tests.triage.arriving import CLICK, PERSON, STRANGER

signals = st.builds(
    Signals,
    kind=st.sampled_from(CaseKind),
    verdict=st.sampled_from(Verdict),
    reports=st.integers(1, 10**6),
    clicks=st.integers(0, 10**6),
    raised=st.booleans(),
    sender_days=st.none() | st.integers(0, 5_000),
    sender_status=st.none() | st.sampled_from(SenderStatus),
)


@pytest.mark.parametrize(
    ("category", "feedback_type", "kind"),
    [
        (Category.SPAM, None, CaseKind.SPAM),
        (Category.SPAM, FeedbackType.VIRUS, CaseKind.MALWARE),
        (Category.PHISHING, FeedbackType.ABUSE, CaseKind.PHISHING),
        (Category.UNSUBSCRIBE_IGNORED, None, CaseKind.UNSUBSCRIBE_IGNORED),
        (None, FeedbackType.FRAUD, CaseKind.FRAUD),
        (None, None, CaseKind.SPAM),
        (None, FeedbackType.OTHER, CaseKind.SPAM),
    ],
)
def test_the_kind_is_the_most_severe_that_was_said(
    category: Category | None, feedback_type: FeedbackType | None, kind: CaseKind
) -> None:
    assert kind_of(replace(PERSON, category=category, feedback_type=feedback_type)) is kind


@pytest.mark.parametrize("kind", [Kind.PERSON, Kind.NOTICE])
def test_words_without_a_message_are_of_another_kind(kind: Kind) -> None:
    assert kind_of(replace(PERSON, kind=kind, category=None)) is CaseKind.OTHER


def test_a_click_is_counted_and_a_person_is_not() -> None:
    assert is_counted(CLICK)
    assert not is_counted(PERSON)


def test_every_person_gets_a_case() -> None:
    for verdict in Verdict:
        assert group_of(replace(PERSON, verdict=verdict))
        assert group_of(replace(STRANGER, verdict=verdict, origin=""))


@given(signals)
def test_a_priority_is_within_bounds_and_explained(given: Signals) -> None:
    points, reasons = priority(given)
    assert 0 <= points <= 100
    assert reasons
    assert len(reasons) == len(set(reasons))


@given(signals, st.integers(0, 10**6))
def test_more_reports_never_lower_a_priority(given: Signals, more: int) -> None:
    assert priority(replace(given, reports=given.reports + more))[0] >= priority(given)[0]


@given(signals)
def test_a_better_verdict_never_lowers_a_priority(given: Signals) -> None:
    points = [priority(replace(given, verdict=verdict))[0] for verdict in BEST_FIRST]
    assert points == sorted(points, reverse=True)


@given(signals)
def test_a_raised_case_is_never_behind_itself_before(given: Signals) -> None:
    assert priority(replace(given, raised=True))[0] >= priority(replace(given, raised=False))[0]


def test_priorities_have_words() -> None:
    assert [band(points) for points in (0, 29, 30, 54, 55, 79, 80, 100)] == [
        *(Band.LOW, Band.LOW, Band.MEDIUM, Band.MEDIUM),
        *(Band.HIGH, Band.HIGH, Band.CRITICAL, Band.CRITICAL),
    ]


def test_proven_phishing_is_high_and_foreign_phishing_is_low() -> None:
    assert band(priority(Signals(CaseKind.PHISHING, Verdict.PROVEN, 1))[0]) is Band.HIGH
    assert band(priority(Signals(CaseKind.PHISHING, Verdict.CONTRADICTED, 500))[0]) is Band.LOW


@given(st.text())
def test_shown_text_has_nothing_unseen_in_it(text: str) -> None:
    shown = visible(text)
    assert all(each in "\n\t" or (ord(each) >= 32 and each != "\x7f") for each in shown)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff") & set(shown)


def test_what_is_not_seen_is_written_out() -> None:
    assert visible("a\x00b\x1b[31m\u202egnp.exe\r\n\tend") == "a␀b␛[31m⟨U+202E⟩gnp.exe\n\tend"


def test_a_line_stays_a_line_and_has_an_end() -> None:
    assert line("a\n b\tc") == "a b c"
    assert line("x" * 400) == "x" * 299 + "…"
    assert line(None) == ""


def test_a_long_source_is_cut() -> None:
    text, whole = source_text(b"\xff" + b"a" * SHOWN_BYTES)
    assert text.startswith("\\xffaaa")
    assert not whole
    assert source_text(b"abc") == ("abc", True)


def test_addresses_are_masked_wherever_they_stand() -> None:
    conceal = concealer(["Jane@home.example", "jane@home", None, ""], lambda address: f"[{address[0]}]")
    text = "To: JANE@HOME.EXAMPLE, <bounce-jane=home.example@acme.example> ?u=jane%40home.example bob@home.example"
    assert conceal(text) == "To: [J], <bounce-[j]@acme.example> ?u=[j] bob@home.example"
    assert concealer([], str)("jane@home.example") == "jane@home.example"
