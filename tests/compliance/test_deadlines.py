"""Deadlines: business days, national holidays, the turn of the year, the time zone there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.compliance.deadlines import CAN_SPAM, CASL, ONE_CLICK, SPAM_ACT, Term, late_from
from app.compliance.domain import Facts, Finding
from tests.compliance.letters import letter, line


@pytest.mark.parametrize(
    ("term", "asked", "late"),
    [
        # Monday to the Monday two weeks later, nothing in between; midnight in Los Angeles is 7 or 8 UTC.
        (CAN_SPAM, "2026-03-16T18:00", "2026-03-31T07:00"),
        # Memorial Day, 25 May 2026.
        (CAN_SPAM, "2026-05-18T18:00", "2026-06-03T07:00"),
        # Christmas and New Year: two holidays and the turn of the year.
        (CAN_SPAM, "2026-12-18T18:00", "2027-01-06T08:00"),
        # 3 July 2026 is kept for Independence Day, which falls on a Saturday.
        (CAN_SPAM, "2026-06-26T18:00", "2026-07-14T07:00"),
        # A request on a Saturday, and one late in the evening that is the next day in UTC already.
        (CAN_SPAM, "2026-03-14T18:00", "2026-03-28T07:00"),
        (CAN_SPAM, "2026-03-17T02:00", "2026-03-31T07:00"),
        # Monday evening in Los Angeles is Tuesday in New York, where the last day is then one later.
        (CAN_SPAM, "2026-03-17T05:00", "2026-04-01T04:00"),
        (CASL, "2026-03-17T03:00", "2026-04-01T02:30"),
        # 29 February 2028 is a Tuesday.
        (CAN_SPAM, "2028-02-22T18:00", "2028-03-08T08:00"),
        # The clocks in the United States go forward on 8 March 2026, back on 1 November.
        (CAN_SPAM, "2026-02-27T18:00", "2026-03-14T07:00"),
        (CAN_SPAM, "2026-10-23T18:00", "2026-11-07T08:00"),
        # Good Friday is a holiday in Canada, Easter Monday is not one for all; Canada Day is.
        (CASL, "2026-03-30T18:00", "2026-04-15T07:00"),
        (CASL, "2026-06-24T18:00", "2026-07-10T07:00"),
        # Australia Day 2027 is a Tuesday; Perth is 8 hours ahead.
        (SPAM_ACT, "2027-01-21T02:00", "2027-01-29T16:00"),
        # Boxing Day 2026 is a Saturday, kept on Monday in every state; so are Christmas and Boxing Day 2027, and New
        # Year's Day 2028.
        (SPAM_ACT, "2026-12-24T02:00", "2027-01-05T16:00"),
        (SPAM_ACT, "2027-12-23T02:00", "2028-01-04T16:00"),
        # Perth's Thursday evening is Friday in Sydney.
        (SPAM_ACT, "2026-03-12T15:00", "2026-03-20T13:00"),
        # Two days are two days, weekend or not.
        (ONE_CLICK, "2026-03-13T12:00", "2026-03-16T00:00"),
    ],
)
def test_a_deadline_counts_business_days_there(term: Term, asked: str, late: str) -> None:
    found = late_from(term, datetime.fromisoformat(asked).replace(tzinfo=UTC))

    assert found == datetime.fromisoformat(late).replace(tzinfo=UTC)


@pytest.mark.parametrize("term", [CAN_SPAM, CASL, SPAM_ACT, ONE_CLICK])
@pytest.mark.parametrize("year", [1, 1970, 2200, 9999])
def test_a_year_that_cannot_be_meant_has_no_deadline(term: Term, year: int) -> None:
    assert late_from(term, datetime(year, 12, 31, tzinfo=UTC)) is None


def test_the_last_moment_is_in_time_and_the_next_is_late() -> None:
    asked = datetime(2026, 3, 16, 18, tzinfo=UTC)
    late = late_from(CAN_SPAM, asked)
    assert late is not None

    def finding(arrived: datetime) -> Finding:
        return line("can-spam.5.honoured", letter(), Facts(opted_out=asked, arrived=arrived)).finding

    assert finding(late - timedelta(microseconds=1)) is Finding.UNKNOWN
    assert finding(late) is Finding.BREACHED


def test_without_a_report_s_word_the_last_stop_tells_when_it_came() -> None:
    hop = "from a.test by b.test; Thu, 2 Apr 2026 10:00:00 +0000"
    asked = Facts(opted_out=datetime(2026, 3, 2, tzinfo=UTC))

    for raw in (letter(Received=hop), letter(Date="Thu, 2 Apr 2026 10:00:00 +0000")):
        found = line("can-spam.5.honoured", raw, asked)
        assert found.finding is Finding.BREACHED
        assert b"2 Apr 2026" in found.quotes[0].raw
    assert line("can-spam.5.honoured", letter(), asked).finding is Finding.UNKNOWN


@pytest.mark.parametrize(
    "rule",
    ["can-spam.5.honoured", "casl.honoured", "spam-act.honoured", "practice.one-click-honoured"],
)
@pytest.mark.parametrize("arrived", ["2026-03-16T17:59", "2026-03-16T00:00", "2025-12-31T23:00", "2020-02-29T12:00"])
def test_mail_before_the_opt_out_is_said_to_come_before_it(rule: str, arrived: str) -> None:
    asked = datetime(2026, 3, 16, 18, tzinfo=UTC)
    came = datetime.fromisoformat(arrived).replace(tzinfo=UTC)

    for raw, facts in (
        (letter(), Facts(opted_out=asked, arrived=came)),
        (letter(Date=f"{came:%a, %d %b %Y %H:%M:%S} +0000"), Facts(opted_out=asked)),
    ):
        found = line(rule, raw, facts)
        assert found.finding is Finding.UNKNOWN
        assert "before the opt-out of 2026-03-16" in found.sentence
        assert "within" not in found.sentence and "allowed" not in found.sentence


def test_mail_soon_after_the_opt_out_is_said_to_come_within_what_is_allowed() -> None:
    asked = datetime(2026, 3, 16, 18, tzinfo=UTC)

    found = line("casl.honoured", letter(), Facts(opted_out=asked, arrived=asked))

    assert "within the 10 business days allowed after the opt-out of 2026-03-16" in found.sentence
