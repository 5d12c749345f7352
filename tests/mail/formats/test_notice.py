"""What a notice reports, where it stands in it; and what is no notice. Whole notices are in the golden corpus."""

from __future__ import annotations

import time

import pytest

from app.mail.domain import FeedbackType, Kind
from app.mail.formats.defanged import undone
from app.mail.formats.notice import sort_of
from app.mail.formats.reported import (
    MOST,
    Targets,
    in_text,
    targets_of,
    without_headers,
    without_lookups,
)
from app.mail.formats.reported_alone import alone_in
from app.mail.formats.reported_spoken import behind_proxy_in, hosted_in
from app.mail.read import read

NOTICE = (
    b"From: noreply@watch.test\r\nAuto-Submitted: auto-generated\r\nSubject: [INC-20411] %s\r\n\r\n"
    b"This is an automated notification about abuse from your network.\r\n%s\r\n"
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hxxp://a.example/x", "http://a.example/x"),
        ("hxxps://a\\.example/x", "https://a.example/x"),
        ("http[s]://a.example/x", "https://a.example/x"),
        ("[https]://a[.]example/x", "https://a.example/x"),
        ("hxxps:\\\\a[.]example/x", "https://a.example/x"),
        ("[http://a.example/x]", "[http://a.example/x]"),
        ("hXXps[:]//a[.]example/x", "https://a.example/x"),
        ("h**p://a.example", "http://a.example"),
        ("http[://]a(dot)example", "http://a.example"),
        ("https://a [dot] b {.} example", "https://a.b.example"),
        ("203.0.113[.]9", "203.0.113.9"),
        ("ends here. [.] A new one", "ends here. [.] A new one"),
        ("a_._b _._ example", "a.b.example"),
        ("hxxps[:][//]a[.]example[/]x[/]", "https://a.example/x/"),
    ],
)
def test_addresses_that_nobody_should_click_on_are_read_as_meant(written: str, meant: str) -> None:
    assert undone(written) == meant


@pytest.mark.parametrize(
    ("line", "reported"),
    [
        ("Offending IP: 203.0.113.9", "203.0.113.9"),
        ("* Source address => [203.0.113.9]", "203.0.113.9"),
        ("IP: 2001:db8::7", "2001:db8::7"),
        ("203.0.113.9", "203.0.113.9"),
        ("Domain: Shop.Example", "shop.example"),
        ("http://shop.example/x [203.0.113.9]", "http://shop.example/x"),
        ("we saw hxxp://shop.example/x.", "http://shop.example/x"),
        ("64500 | 203.0.113.9 | 2026-11-03 00:10 | 198.51.100.7", "203.0.113.9"),
        ("IPv4(s): 203.0.113.9, 203.0.113.10", "203.0.113.9"),
        ("It is at hxxp://203 (.) 0 (.) 113 (.)\n9, see there", "http://203.0.113.9"),
        ("Domain Name: shop_._example", "shop.example"),
        ("This is the website: URL: http://shop.example/", "http://shop.example/"),
        ("2026-11-03 | hxxp://shop[.]example/a.exe | online", "http://shop.example/a.exe"),
        ("- IP: 203.0.113.9 | Delft | 302 attempts", "203.0.113.9"),
        ("*203.0.113.9**", "203.0.113.9"),
        ("*Offending IP:* 203.0.113.9", "203.0.113.9"),
        ("*Offending IP*: 203.0.113.9", "203.0.113.9"),
        ("we saw a page at pay.shop[.]example/login, which is false.", "pay.shop.example"),
        ("it calls 203.0.113[.]9.", "203.0.113.9"),
        ("write to ann@shop[.]example or to ann [at] shop[.]example", None),
        ("Victim: shop[.]example", None),
        ("- Victim: 203.0.113.9 | Delft | 302 attempts", None),
        ("Destination IP: 203.0.113.9", None),
        ("Targeted URL: http://shop.example/", None),
        ("More information: http://shop.example/", None),
        ("We wrote about it on http://shop.example/ today", None),
        ("Domain: localhost", None),
        ("URL: http://shop/x", None),
        ("URL: hxxp://203.0.113", None),
        ("Target IPv4: 203.0.113.9", None),
        ("Seen: URL: URL", None),
        ("IP: 999.1.1.1", None),
    ],
)
def test_what_is_reported_is_told_by_where_it_stands(line: str, reported: str | None) -> None:
    found = targets_of(in_text("", line))
    assert [*found.urls, *found.addresses, *(found.hosts if not found.urls else ())][:1] == (
        [reported] * bool(reported)
    )


@pytest.mark.parametrize(
    ("subject", "addresses"),
    [
        ("203.0.113.9/32 added", ("203.0.113.9",)),
        ("203.0.113.0/24 added", ()),
        ("203.0.113.9/321 added", ()),
        ("2001:db8::/32 added", ()),
        ("blacklist:203.0.113.9 - added", ("203.0.113.9",)),
        ("at 2001:db8:f:203.0.113.9/x", ()),
    ],
)
def test_a_network_in_the_subject_is_no_address_but_where_it_has_one_alone(
    subject: str, addresses: tuple[str, ...]
) -> None:
    assert targets_of(in_text(subject, "")).addresses == addresses


def test_the_notifiers_own_pages_are_not_reported() -> None:
    found = targets_of(["http://www.watch.test/incident/7", "http://shop.example/x"], own=["mail.watch.test"])
    assert found.hosts == ("shop.example",)


def test_no_more_is_kept_than_the_bound() -> None:
    found = targets_of(f"http://a{number}.example/" for number in range(10 * MOST))
    assert (len(found.urls), len(found.hosts)) == (MOST, MOST)


def test_a_table_is_read_by_its_columns() -> None:
    found = read(
        b"From: noreply@watch.test\r\nSubject: daily report\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\nThis report was generated automatically.\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\n\r\n"
        b"time,src_ip,dst_ip,url,cc_dns\r\n1,203.0.113.9,198.51.100.1,http://shop.example/a,victim.test\r\n--b--\r\n"
    )
    assert found.kind is Kind.NOTICE
    assert found.fields == {
        "reported-uri": ("http://shop.example/a",),
        "reported-domain": ("shop.example",),
        "source-ip": ("203.0.113.9",),
    }


@pytest.mark.parametrize(
    ("subject", "text", "sort"),
    [
        ("Phishing at a.example", "malware too", FeedbackType.FRAUD),
        ("Web attacks from 203.0.113.9", "likely infected with malware", FeedbackType.OTHER),
        ("203.0.113.9", "a trojan spreads spam", FeedbackType.VIRUS),
        ("Report", "spam, perhaps phishing", FeedbackType.ABUSE),
        ("Report", "the anti-spam desk: a phishing site of a spammer", FeedbackType.FRAUD),
        ("Report", "", FeedbackType.OTHER),
    ],
)
def test_the_class_is_what_the_subject_names_else_what_is_named_first(
    subject: str, text: str, sort: FeedbackType
) -> None:
    assert sort_of(subject, text) is sort


@pytest.mark.parametrize(
    "head",
    [
        b"From: ann@home.test\r\nSubject: Phishing hosted on your network",
        b"From: noreply@forms.test\r\nSubject: Contact form: phishing on your server",
    ],
)
def test_a_person_who_tells_what_happened_is_no_notice_whatever_carried_the_words(head: bytes) -> None:
    text = b"Ticket 20411. I received this on my phone, an automated message.\r\nURL: http://shop.example/a\r\n"
    found = read(head + b"\r\n\r\n" + text)
    assert (found.kind, found.is_complaint) == (Kind.PERSON, True)


@pytest.mark.parametrize(
    "filler",
    [
        b"IP: " * 50_000,
        b'<url ip="' * 40_000,
        b"[.]" * 60_000,
        b"a.b" * 60_000,
        b"::" * 60_000,
        b"IP : " * 9 + b" " * 90_000,
        b"Time Time " * 20_000,
        b"\r\nIP: 203.0.113.9" * 30_000,
        b"<a>" + b"x" * 2_000 + b"<a>" * 50_000,
        b"traceroute\r\n" + b"1 " * 60_000,
        b"traceroute" + b"\r\n1 (1" * 20_000,
        b"hosted at the IP address " * 9_000,
        b"\r\nDomain:\r\n" * 20_000,
        b"detected 1 spam from the " * 9_000,
        b"on (01 Nov 2026 " * 9_000,
        b"Received: a\r\n" * 15_000,
        b"X-Spam: a\r\n" + b"* a\r\n" * 30_000,
        b"\r\n" + b"my page " * 1_200 + b":" + b"\r\na.bc" * 9_000,
        b"*a" * 60_000,
        b"a (.)\r\n" * 20_000,
        b"actual host for " * 9_000,
        b"actual host for a is the following IP address: " + b"1.2.3.4, " * 15_000,
        b"site below is\r\nhttp://a/\r\n" * 9_000,
        b"IP: x\r\n" * 20_000,
        b"URL: URL: " * 15_000,
        b"a[.]b " * 30_000,
        b"\r\nhttp://a.example" + b"/203.0.113.9" * 15_000,
    ],
)
def test_a_hostile_notice_is_read_in_time(filler: bytes) -> None:
    start = time.process_time()
    assert read(NOTICE % (b"203.0.113.9", filler)).kind is Kind.NOTICE
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("answers_to", "kind"), [("bounces_team@watch.test", Kind.NOTICE), ("ann@watch.test", Kind.PERSON)]
)
def test_a_notice_may_be_told_by_where_its_answers_go(answers_to: str, kind: Kind) -> None:
    mail = (
        f"From: Watch Team <team@watch.test>\nReply-To: {answers_to}\nSubject: 203.0.113.9\n\n"
        "Abusive web requests:\n\nOffending/Source IP: 203.0.113.9\n  - Block type: new\n"
        "  - Report ID: c141a958-6477\n  - Targeted URL: http://[removed]/login.php\n"
    )
    found = read(mail.encode())
    assert found.kind is kind
    assert kind is Kind.PERSON or found.fields["source-ip"] == ("203.0.113.9",)


@pytest.mark.parametrize(("number", "kind"), [("[watch-81328588] ", Kind.NOTICE), ("", Kind.PERSON)])
def test_where_only_its_words_say_that_a_machine_wrote_it_a_notice_has_a_number(number: str, kind: Kind) -> None:
    mail = (
        f"From: abuse@watch.test\nSubject: {number}sites within your network\n\n"
        "This information has been generated out of our database.\n\n"
        "|date      |ip         |domain     |url|\n"
        "|2026-11-03|203.0.113.9|shop.example|http://shop.example/x\n"
    )
    assert read(mail.encode()).kind is kind


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("A website on a fraudulent domain:\n\nshop.example\n", ("shop.example",)),
        ("Hostname\nshop.example\n", ("shop.example",)),
        ("Please block this phishing page:\n\n*shop.example*\n", ("shop.example",)),
        ("It goes after the customers of the\nwebsite:\n\nbank.example\n", ()),
        ("Our own page:\n\nbank.example\n", ()),
        ("It goes after the customers of this website:\n\nbank.example\n", ()),
        ("For more information see this site:\nhelp.example\n", ()),
        ("The domain was seen today.\nshop.example\n", ()),
        ("Thank you\nwww.watch.example\n", ()),
    ],
)
def test_a_host_alone_is_reported_below_words_that_name_it(text: str, hosts: tuple[str, ...]) -> None:
    assert targets_of(alone_in(text)).hosts == hosts


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Target Ip\n198.51.100.7\nSource Ip\n203.0.113.9", ("203.0.113.9",)),
        ("Destination:\n198.51.100.7\n\n203.0.113.9", ("203.0.113.9",)),
        ("Destination: 25\n203.0.113.9", ("203.0.113.9",)),
        ("192.168.1.9\n203.0.113.9", ("203.0.113.9",)),
        ("192.168.1.9", ("192.168.1.9",)),
    ],
)
def test_an_address_alone_is_not_the_victims_nor_of_an_inner_network(text: str, addresses: tuple[str, ...]) -> None:
    assert targets_of(in_text("", text)).addresses == addresses


@pytest.mark.parametrize(
    ("sentence", "address"),
    [
        ("The host of shop.example has the following IP addresses. 203.0.113.9. You can see", "203.0.113.9"),
        ("This site is hosted at IP address 203.0.113.9.", "203.0.113.9"),
        ("It resolves to the IP [203.0.113.9]", "203.0.113.9"),
        ("Our sensor at 203.0.113.9 saw it", None),
    ],
)
def test_where_a_page_is_hosted_may_be_said_in_a_sentence(sentence: str, address: str | None) -> None:
    assert list(hosted_in(sentence)) == [address] * bool(address)


def test_the_routers_on_the_way_to_a_page_are_not_reported() -> None:
    route = "A traceroute:\n1\n2  10.0.0.1 (10.0.0.1)\n3  198.51.100.7  1.2 ms\n4  * * *\n"
    found = read(NOTICE % (b"shop", f"Domain: shop.example\n{route}5  host.example (203.0.113.9)\n".encode()))
    assert found.fields == {"reported-domain": ("shop.example",)}


def test_a_numbered_list_is_no_route() -> None:
    found = read(NOTICE % (b"hosts", b"1  203.0.113.9\n2  203.0.113.10\n"))
    assert found.fields["source-ip"] == ("203.0.113.9", "203.0.113.10")


@pytest.mark.parametrize(
    ("sender", "subject", "text", "sort", "address"),
    [
        (
            "Safe Browsing <noreply@watch.test>",
            "Safe Browsing Report for AS64500",
            "We detected 2 distribution domains:\n\nshop.example (203.0.113.9)\n",
            FeedbackType.VIRUS,
            "203.0.113.9",
        ),
        (
            "noreply@box.test",
            "IP status change: 203.0.113.9 blocked",
            "The status of the following IPs has changed:\n203.0.113.9  Blocked due to user complaints or spam\n",
            FeedbackType.ABUSE,
            "203.0.113.9",
        ),
        (
            "notify@watch.test",
            "Abuse",
            "(203.0.113.9) was found to be sending spam.\n(203.0.113.9) was seen on (02 Nov 2026 02:58:38 +0000).\n",
            FeedbackType.ABUSE,
            "203.0.113.9",
        ),
    ],
)
def test_what_watchers_write_of_domains_and_addresses(
    sender: str, subject: str, text: str, sort: FeedbackType, address: str
) -> None:
    found = read(f"From: {sender}\nSubject: {subject}\n\n{text}".encode())
    assert (found.kind, found.feedback_type, found.fields["source-ip"]) == (Kind.NOTICE, sort, (address,))
    assert found.arrived is None or found.arrived.isoformat() == "2026-11-02T02:58:38+00:00"


@pytest.mark.parametrize(("number", "kind"), [("Case-ID: [PR#5kQvT1]", Kind.NOTICE), ("Thank you", Kind.PERSON)])
def test_a_mail_that_no_program_may_answer_is_a_notice_only_with_a_number(number: str, kind: Kind) -> None:
    mail = "From: ann@watch.test\nX-Auto-Response-Suppress: All\nSubject: A phishing page in your network\n\n"
    assert read(f"{mail}URL: http://shop.example/x\n{number}\n".encode()).kind is kind


WATCHER = "Takedown <takedown-response@watch.test>"
FORWARD = (
    "From: Jo <jo@home.test>\nTo: abuse@relay.example\nSubject: %s: Issue 20412: Fraud at 203.0.113.9\n\n%s\n\n"
    "---------- Forwarded message ---------\nFrom: %s\nDate: Tue, Nov 3, 2026 at 9:58 AM\n"
    "Subject: Issue 20412: Fraud at 203.0.113.9\nTo: <jo@home.test>\n\n"
    "We have found a server on your network that commits fraud.\n"
)


@pytest.mark.parametrize(
    ("mark", "said", "sender", "kind"),
    [
        ("Fwd", "Sent from my phone", WATCHER, Kind.NOTICE),
        ("WG", "", WATCHER, Kind.NOTICE),
        ("Fwd", "This phishing mail came to me.", WATCHER, Kind.INLINE),
        ("Fwd", "", "Bob <bob@watch.test>", Kind.INLINE),
    ],
)
def test_a_notice_that_is_passed_on_counts_where_nobody_complains_of_it(
    mark: str, said: str, sender: str, kind: Kind
) -> None:
    found = read((FORWARD % (mark, said, sender)).encode())
    assert (found.kind, found.reporter) == (kind, "jo@home.test")
    assert kind is Kind.INLINE or (found.fields["source-ip"], found.originals) == (("203.0.113.9",), ())


HEADER = (
    "Return-Path: <news@garden.example>\nX-Spam-Report: =?UTF-8?Q?\n* 0.0 SOME_RULE See\n"
    "*      http://wiki.filter.example/rules\n*      [URI: lists.example]\n"
    "Received: from out.garden.example ([203.0.113.9])\nby mx.home.test\n"
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{HEADER}\nIP: 203.0.113.9\n", Targets(addresses=("203.0.113.9",))),
        (f"{HEADER}IP: 203.0.113.9\n", Targets(addresses=("203.0.113.9",))),
        ("> " + HEADER.replace("\n", "\n> "), Targets()),
        ("Received: yesterday\nhttp://shop.example/x\n", Targets(("http://shop.example/x",), ("shop.example",))),
    ],
    ids=["above", "right above", "quoted", "one line is no header"],
)
def test_nothing_is_reported_in_a_header_that_was_pasted(text: str, found: Targets) -> None:
    assert targets_of([*in_text("", without_headers(text)), *alone_in(without_headers(text))]) == found


@pytest.mark.parametrize(
    ("page", "is_reported"),
    [
        ("https://lists.test/listed?q=203.0.113.9", False),
        ("https://lists.test/ip/203.0.113.9/", False),
        ("https://lists.test/domain/shop.example", False),
        ("https://www.shop.example/shop.example/login", True),
        ("https://lists.test/?to=http://pay.example/shop.example.php", True),
        ("http://203.0.113.9/shop.example/login", True),
    ],
)
def test_a_page_that_tells_of_what_is_reported_is_not_reported(page: str, is_reported: bool) -> None:
    found = without_lookups(targets_of([page, "203.0.113.9", "shop.example"]))
    assert (page in found.urls, "lists.test" in found.hosts) == (is_reported, is_reported and "lists.test" in page)
    assert (found.addresses, "shop.example" in found.hosts) == (("203.0.113.9",), True)


BANNED = "The IP 203.0.113.9 has just been banned by Fail2Ban after\n3 attempts against postfix.\n"


@pytest.mark.parametrize(
    ("sender", "subject", "kind"),
    [
        ("fail2ban@mx.watch.test", "Fwd: [Fail2Ban] postfix: banned 203.0.113.9", Kind.NOTICE),
        ("fail2ban@mx.watch.test", "[Fail2Ban] postfix: banned 203.0.113.9", Kind.NOTICE),
        ("fail2ban@mx.watch.test", "Re: [Fail2Ban] postfix: banned 203.0.113.9", Kind.PERSON),
        ("ann@home.test", "Fwd: postfix: banned 203.0.113.9", Kind.PERSON),
    ],
)
def test_what_fail2ban_wrote_is_a_notice_also_where_it_was_redirected(sender: str, subject: str, kind: Kind) -> None:
    found = read(f"From: {sender}\nSubject: {subject}\n\n{BANNED}".encode())
    assert found.kind is kind
    assert found.fields.get("source-ip", ()) == (("203.0.113.9",) if kind is Kind.NOTICE else ())


def test_two_labels_in_a_line_have_a_value_each() -> None:
    found = targets_of(in_text("", "Host: shop.example IP: 203.0.113.9"))
    assert (found.hosts, found.addresses) == (("shop.example",), ("203.0.113.9",))


SIGNATURE = "Watch Team\n\nhttp://www.watch.test\nhttps://www.facebook.com/watch\n"


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        (SIGNATURE, ()),
        ("Phishing page:\nhttps://www.facebook.com/watch\n", ("https://www.facebook.com/watch",)),
        ("We found a web site which is hosted at:\n\nhttp://shop.example/\n", ("http://shop.example/",)),
        ("People complain about this page:\n\nhttp://shop.example/\n", ("http://shop.example/",)),
        ("The site below is used for phishing, we believe.\n\nhttp://shop.example/\n", ("http://shop.example/",)),
        ("For more information the page below is open.\n\nhttp://shop.example/\n", ()),
        ("Our site below is attacked, as we believe.\n\nhttp://shop.example/\n", ()),
        ("Learn about this page:\n\nhttp://shop.example/\n", ()),
    ],
)
def test_a_page_in_a_line_of_its_own_is_reported_by_what_stands_above(text: str, urls: tuple[str, ...]) -> None:
    assert targets_of(alone_in(text), own=["watch.test"]).urls == urls


@pytest.mark.parametrize(
    ("sentence", "address"),
    [
        ("which resolves to the 203.0.113.9 IP address", "203.0.113.9"),
        ("shop.example with IP 203.0.113.9", "203.0.113.9"),
        ("map[ip_address:203.0.113.9 url:x]", "203.0.113.9"),
        ("The site responds to the following IP address(es): 203.0.113.9", "203.0.113.9"),
        ("Domain Name: shop.example Associated IP Address: 203.0.113.9 Nature: fraud", "203.0.113.9"),
        ("Seiten, die zur IP 203.0.113.9 auflösen", "203.0.113.9"),
        ("shop.example,bulbs.example (IP 203.0.113.9,198.51.100.7) which", "203.0.113.9"),
        ("https://shop.example/a - IP: 203.0.113.9", "203.0.113.9"),
        ("We answer with IP 203.0.113.9", None),
        ("located in the 203.0.113.9", None),
    ],
)
def test_where_it_is_hosted_is_said_in_more_words_than_one(sentence: str, address: str | None) -> None:
    assert list(hosted_in(sentence)) == [address] * bool(address)


PROXY = "The actual host for shop.example  %s the following IP address%s Try it there.\nAssociated IP Addresses: %s\n"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (("are", "es. 203.0.113.9, 203.0.113.10."), ["203.0.113.9,", "203.0.113.10."]),
        (("is", ": 203.0.113.9"), ["203.0.113.9"]),
    ],
)
def test_the_host_behind_a_proxy_is_the_one_that_counts(said: tuple[str, str], found: list[str]) -> None:
    text = PROXY % (*said, "198.51.100.7")
    wanted = tuple(each.strip(".,") for each in found)
    assert targets_of(behind_proxy_in(text)).addresses == wanted
    notice = read(NOTICE % (b"shop.example", text.encode()))
    assert notice.fields["source-ip"] == wanted


@pytest.mark.parametrize(
    ("sender", "subject", "text", "kind"),
    [
        ("noreply@watch.test", "blacklist:203.0.113.9 - Added to SomeList", "Severity: Low", Kind.NOTICE),
        ("noc@watch.test", "[blacklist] 203.0.113.9 found on lists.test",
         "Your server's IP is blacklisted:\n\nIP: 203.0.113.9\nBlacklist: lists.test", Kind.NOTICE),
        ("noc@watch.test", "Abuse [ID:7]: AbuseBlacklist: [SomeList (203.0.113.9) id:71]",
         "We have asked you for a statement, and the deadline is over.", Kind.NOTICE),
        ("noc@watch.test", "Abuse [ID:7]: AbuseBlacklist: [SomeList (203.0.113.9) id:71]",
         "Thank you, the statement has been received.", Kind.AUTO_REPLY),
        ("ann@home.test", "Re: [blacklist] 203.0.113.9 found on lists.test", "My IP is blacklisted.", Kind.PERSON),
        ("ann@home.test", "You are on a blacklist", "Your IP 203.0.113.9 is blacklisted.", Kind.PERSON),
    ],
)  # fmt: skip
def test_a_watch_on_blocklists_is_told_by_its_subject(sender: str, subject: str, text: str, kind: Kind) -> None:
    found = read(f"From: {sender}\nTo: abuse@relay.example\nSubject: {subject}\n\n{text}\n".encode())
    assert found.kind is kind
    assert found.fields.get("source-ip", ()) == (("203.0.113.9",) if kind is Kind.NOTICE else ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("We help in a case of Kapitalanlagebetrug. The URLs are hosted at your servers, see the file.", Kind.NOTICE),
        ("Please find our invoice.", Kind.PERSON),
    ],
)
def test_a_notice_may_name_what_it_is_about_in_a_pdf_only(text: str, kind: Kind) -> None:
    found = read(
        b"From: abuse-report@police.test\nSubject: Report # 2026-00041177\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n%s\n--b\nContent-Type: application/pdf\n\n"
        b"%%PDF-1.7\n--b--\n" % text.encode()
    )
    assert found.kind is kind
    assert kind is Kind.PERSON or (found.feedback_type, bool(found.defects)) == (FeedbackType.FRAUD, True)


def test_phishing_is_named_in_chinese_too() -> None:
    assert sort_of("网络钓鱼 - 203.0.113.9", "") is sort_of("", "釣魚網站") is FeedbackType.FRAUD
