"""Only who is certainly meant is suppressed, whatever else a report names."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.attribution.domain import Attribution, Judged, Origin, Verdict
from app.attribution.evidence import Evidence
from app.enforcement.suppression import Cause, Wish
from app.enforcement.wishes import wish_of
from app.intake.domain import Category, Claimed, Door
from app.mail.domain import FeedbackType, Kind, Original, Reading
from app.mail.original import original_from
from app.ports import SentFact

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
REPORT = UUID(int=1)
people = st.sampled_from([f"p{number}@home.example" for number in range(4)])
marks = st.sampled_from(["redacted@home.example", "x@x", "0" * 32 + "@home.example"])
KINDS = st.sampled_from(
    [Kind.ARF, Kind.JMRP, Kind.PERSON, Kind.FORWARDED, Kind.INLINE, Kind.NOTICE, Kind.XARF, Kind.UNSUBSCRIBE]
)


def wish(
    *,
    kind: Kind = Kind.ARF,
    feedback_type: FeedbackType | None = FeedbackType.ABUSE,
    complaint: bool = True,
    told: list[str] | None = None,
    to: list[str] | None = None,
    reporter: str | None = None,
    category: Category | None = None,
    verdict: Verdict = Verdict.PROVEN,
    sender: str | None = "acme",
    replayed: bool = False,
    sent: tuple[SentFact, ...] = (),
    loop: str | None = None,
    return_path: str = "",
) -> Wish | None:
    original = mail(to or [], return_path)
    fields = {"original-rcpt-to": tuple(told)} if told else {}
    reading = Reading(kind, feedback_type, complaint, fields=fields, originals=(original,), reporter=reporter)
    attribution = Attribution(verdict, sender, "", (), replayed)
    return wish_of(
        Claimed(REPORT, "", Door.LMTP, category, AT, 1, b"", None, {}),
        reading,
        original,
        Evidence(AT, sent=sent, origin=Origin((), loop), envelope=frozenset(map(str.lower, told or []))),
        Judged(REPORT, 0, feedback_type, complaint, attribution, (), None, AT),
    )


def mail(to: list[str], return_path: str) -> Original:
    head = f"Return-Path: <{return_path}>\r\n" if return_path else ""
    told = f"From: news@acme.example\r\nTo: {', '.join(to)}\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\n"
    original = original_from(f"{head}{told}\r\nHello\r\n".encode())
    assert original is not None
    return original


def fact(*recipients: str, asked: bool | None = None, sender: str = "acme") -> SentFact:
    return SentFact(sender, "", "", AT, True, False, asked, recipients)


JO, AL = "jo@home.example", "al@home.example"


def test_the_wish_names_sender_recipient_cause_report_and_time() -> None:
    assert wish(told=[JO.upper()]) == Wish("acme", JO, Cause.COMPLAINT, REPORT, AT)


def test_a_reporter_in_a_verp_return_path_is_the_one_it_was_sent_to() -> None:
    own = {"kind": Kind.FORWARDED, "reporter": JO, "feedback_type": None}

    assert wish(**own, return_path="bounce-17-jo=home.example@relay.example") is not None  # type: ignore[arg-type]
    assert wish(**own, return_path="bounce-17-al=home.example@relay.example") is None  # type: ignore[arg-type]


def test_the_log_of_the_provider_tells_the_one_it_knows_and_no_more() -> None:
    assert wish(sent=(fact(JO),)) is not None
    assert wish(sent=(fact(JO), fact(AL))) is None
    assert wish(sent=(fact(JO, sender="beta"),)) is None


def test_the_one_in_to_counts_where_our_log_has_it() -> None:
    assert wish(to=[JO], sent=(fact(asked=True),)) is not None
    assert wish(to=[JO], sent=(fact(asked=False),)) is None
    assert wish(to=[JO, AL], sent=(fact(asked=True),)) is None


@given(verdict=st.sampled_from(list(Verdict)), replayed=st.booleans(), kind=KINDS, sender=st.none() | st.just("acme"))
def test_no_mail_that_is_less_than_likely_a_senders_suppresses(
    verdict: Verdict, replayed: bool, kind: Kind, sender: str | None
) -> None:
    found = wish(verdict=verdict, replayed=replayed, kind=kind, sender=sender, told=[JO], reporter=JO, to=[JO])

    sure = verdict in (Verdict.PROVEN, Verdict.LIKELY)
    asked = kind is Kind.UNSUBSCRIBE and verdict is Verdict.UNPROVEN
    assert (found is not None) == (sender is not None and not replayed and (sure or asked))


@given(
    feedback_type=st.none() | st.sampled_from(list(FeedbackType)),
    complaint=st.booleans(),
    category=st.none() | st.sampled_from(list(Category)),
    kind=KINDS,
)
def test_not_spam_and_authentication_failures_suppress_nobody(
    feedback_type: FeedbackType | None, complaint: bool, category: Category | None, kind: Kind
) -> None:
    found = wish(
        feedback_type=feedback_type,
        complaint=complaint,
        category=category,
        kind=kind,
        told=[JO],
        reporter=JO,
        to=[JO],
    )

    if feedback_type in (FeedbackType.NOT_SPAM, FeedbackType.AUTH_FAILURE):
        assert found is None
    elif kind is Kind.UNSUBSCRIBE or feedback_type is FeedbackType.OPT_OUT:
        assert found is not None and found.cause is Cause.OPT_OUT
    else:
        assert (found is not None) == complaint


@given(
    told=st.lists(people | marks, max_size=4),
    to=st.lists(people | marks, max_size=3),
    reporter=st.none() | people | marks,
    kind=KINDS,
    facts=st.lists(st.lists(people, max_size=2), max_size=2),
    loop=st.none() | st.just("Box"),
)
def test_whoever_is_suppressed_is_named_and_of_several_that_the_fields_name_nobody_is(
    told: list[str], to: list[str], reporter: str | None, kind: Kind, facts: list[list[str]], loop: str | None
) -> None:
    sent = tuple(fact(*each) for each in facts)
    found = wish(told=told, to=to, reporter=reporter, kind=kind, sent=sent, loop=loop)

    named = {*told, *to, *(each for some in facts for each in some)} | ({reporter} if reporter else set())
    assert found is None or (found.address in named and found.address.startswith("p"))
    if kind is not Kind.UNSUBSCRIBE and len({each.lower() for each in told if each.startswith("p")}) > 1:
        assert found is None
