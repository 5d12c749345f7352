"""Subjects that claim to answer or forward an earlier mail, honestly or not."""

from __future__ import annotations

import time

import pytest

from app.compliance.domain import Finding
from tests.compliance.letters import letter, line

ITALIAN = (
    "Le scriviamo per la sua richiesta: questo è il listino della casa, e non una fattura, con gli sconti per lei.\n"
)


def finding(subject: str, body: str = "We write to tell you about the chairs.\n", **head: str) -> Finding:
    return line("can-spam.2.reply", letter(body, Subject=subject, **head)).finding


@pytest.mark.parametrize(
    "subject",
    ["Vá: kérdés", "VÁ: kérdés", "Отв: заказ", "AW: Angebot", "Ynt: sandalye",
     "RIF: richiesta", "回复:你好", "回复：你好", "返信: 椅子", "답장: 의자", "[List] Re: chairs",
     "[List][x] (EXTERN) Re: chairs", "[Fwd: chairs]",
     "\u200bRe: chairs", "\u200e\ufeffRe: chairs", "R\u200be\u00ad: chairs", "Re\u200b: chairs", "\u3164Re: chairs",
     "Re： chairs", "Ｒｅ： chairs", "Re∶ chairs", "Rе: chairs", "Re : chairs", "RE[2]: chairs", "Re^3: chairs",
     "Re(4): chairs", "📩 Re: chairs", "» Fwd: chairs", "(Re: chairs)", "R: Re: chairs", "I: FW: chairs", "Re:chairs",
     "Antwort: Stuhl", "رد: كرسي", "ΑΠ: καρέκλα", "Re\u0301\u0301: chairs".replace("\u0301", "")],
)  # fmt: skip
def test_a_claim_without_a_reference_is_false_however_it_is_written(subject: str) -> None:
    assert finding(subject) is Finding.BREACHED
    assert finding(subject, In_Reply_To="<1@home.test>") is Finding.UNKNOWN


@pytest.mark.parametrize("subject", ["R: the language", "I: Introduction", "VB: tips", "FS: a chair",
                                     "Ref: invoice 12", "Réf : commande 12", "ANG: air guard",
                                     "TR: tours of Turkey", "RV: motor homes", "PD: what the police say", "VS: us",
                                     "SV: Savings", "RES: resorts", "ENC: two leaflets"])  # fmt: skip
def test_a_letter_that_may_be_a_word_is_unknown(subject: str) -> None:
    assert finding(subject) is Finding.UNKNOWN


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("R: la sua richiesta", ITALIAN),
        ("I: la sua richiesta", ITALIAN),
        ("R: R: listino", ITALIAN),
        ("TR: votre commande", "Le prix est pour vous et les enfants, avec une chaise dans la maison.\n"),
        ("RV: oferta", "Los muebles para su casa con el precio más bajo, y una silla para usted.\n"),
        ("PD: oferta", "Nie jest to dla nas, że do Państwa się pisze; oferta na krzesła jest w sklepie.\n"),
        ("SV: stol", "Det är inte för dig och din stol, som vi av ett fel har på lager till jul.\n"),
        ("VS: tuoli", "Tämä on tuoli, ja se ei voit ovat kun niin, että myös sinun.\n"),
        ("RES: oferta", "Você não está com uma cadeira, mais uma para seu quarto; os preços são do mês.\n"),
    ],
)
def test_in_its_language_the_letter_is_a_claim(subject: str, body: str) -> None:
    assert finding(subject, body) is Finding.BREACHED


@pytest.mark.parametrize(
    "subject",
    ["Regarding: chairs", "Return: chairs", "Reply now", "Ready: chairs", "re:Invent is open", "re:publica 2026",
     "AW139: a helicopter", "R2: a robot", "Chapter I: chairs", "Are: chairs", "[Re] chairs", "Free: chairs",
     "Offer re: chairs"],
)  # fmt: skip
def test_an_ordinary_subject_claims_nothing(subject: str) -> None:
    assert finding(subject) is Finding.MET


@pytest.mark.parametrize("empty", ["", "nothing", "<>"])
def test_a_reference_to_nothing_is_none(empty: str) -> None:
    assert finding("Re: chairs", In_Reply_To=empty, References=empty) is Finding.BREACHED


@pytest.mark.parametrize("piece", ["[x] ", "(", "\u200b", "R: ", "Re", " ", "[", "а"])
def test_a_subject_of_any_length_takes_no_long_time(piece: str) -> None:
    raw = letter(Subject=piece * (1_000_000 // len(piece)))
    began = time.process_time()

    line("can-spam.2.reply", raw)

    assert time.process_time() - began < 2
