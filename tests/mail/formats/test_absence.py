"""Who is away says so in many languages: set aside where subject and text, or a machine, say so."""

from __future__ import annotations

import pytest

from app.mail.domain import Kind
from app.mail.read import read


def mail(subject: str, text: str, more: str = "") -> bytes:
    head = f"{more}From: Bob <bob@firm.test>\nTo: abuse@relay.example\nSubject: {subject}\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode()


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("On leave until 10 November", "I am on leave until Tuesday."),
        ("Außer Haus bis 10.11.", "Ich bin außer Haus und lese Ihre Mail später."),
        ("En congés jusqu'au 10", "Je suis en congés."),
        ("De vacaciones", "Estoy de vacaciones hasta el martes."),
        ("De férias", "Estou de férias até terça."),
        ("In ferie", "Sono in ferie fino a martedì."),
        ("Op vakantie", "Ik ben met vakantie tot dinsdag."),
        ("Ikke på kontoret", "Jeg er ikke på kontoret før tirsdag."),
        ("På semester", "Jag är på semester."),
        ("Lomalla", "Olen lomalla tiistaihin."),
        ("Poza biurem", "Jestem na urlopie do wtorku."),
        ("Nepřítomnost", "Dobrý den,\n\nmám dovolenou do úterý."),
        ("Távollét", "Szabadságon vagyok keddig."),
        ("În concediu", "Sunt în concediu până marți."),
        ("В отпуске", "Я в отпуске до вторника."),
        ("Відпустка", "Я у відпустці до вівторка."),
        ("Εκτός γραφείου", "Είμαι εκτός γραφείου μέχρι την Τρίτη."),
        ("Ofis dışında", "Salı gününe kadar izindeyim."),
        ("Sedang cuti", "Saya sedang cuti sampai Selasa."),
        ("Nghỉ phép", "Tôi đang nghỉ phép."),
        ("休暇中です", "火曜日まで休暇中です。"),
        ("休假通知", "我正在休假。"),
        ("부재중", "화요일까지 부재중입니다."),
        ("בחופשה", "אני בחופשה עד יום שלישי."),
        ("خارج المكتب", "أنا في إجازة حتى الثلاثاء."),
    ],
)
def test_who_is_away_does_not_complain(subject: str, text: str) -> None:
    assert read(mail(subject, text)).kind is Kind.AUTO_REPLY


def test_a_machine_needs_no_text_for_it() -> None:
    assert read(mail("Odsoten", "Lep pozdrav", "Auto-Submitted: auto-generated\n")).kind is Kind.AUTO_REPLY
    assert read(mail("Odsoten", "Lep pozdrav", "Return-Path: <>\n")).kind is Kind.AUTO_REPLY
    moved = mail("New e-mail address", "It is bob@new.test", "Auto-Submitted: auto-generated\n")
    assert read(moved).kind is Kind.AUTO_REPLY


def test_the_subject_it_answers_may_speak_of_abuse() -> None:
    assert read(mail("Out of Office: Abuse report", "I am out of the office until Monday.")).kind is Kind.AUTO_REPLY
    assert read(mail("Out of Office: Abuse report", "Such mails are spam, as I am out of the office.")).is_complaint


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("On holiday offers", "They mail me on holiday offers daily. Make them leave me alone."),
        ("In ferie con noi", "Ricevo ogni giorno queste offerte anche quando sono in ferie."),
        ("De vacaciones", "Me mandan ofertas sin permiso. Estoy de vacaciones."),
        ("Отпуск в Сочи", "Приходят письма про отпуск каждый день. Прошу прекратить."),
        ("Op vakantie", "Elke dag mails over op vakantie gaan."),
        ("No longer with the company", "Mails for a man who is no longer with the company arrive hourly."),
        ("New e-mail address", "They found my new e-mail address too. How?"),
        ("Away from home", "I was away from home; 300 mails from garden.example arrived."),
        ("I left the company", "I left the company in 2019 and its mails follow me."),
    ],
)
def test_who_complains_of_such_subjects_complains(subject: str, text: str) -> None:
    assert read(mail(subject, text)).is_complaint


def test_a_subject_alone_is_no_reply() -> None:
    assert read(mail("In ferie", "Guardate questo messaggio, per favore.")).is_complaint


def test_a_mail_forwarded_below_such_a_subject_is_reported() -> None:
    forward = "I am on leave.\n\n---------- Forwarded message ---------\nFrom: Garden <news@garden.example>\n"
    found = read(mail("On leave until 10 November", f"{forward}Subject: Tulips\nTo: <bob@firm.test>\n\nBuy.\n"))
    assert [each.from_ for each in found.originals] == ["Garden <news@garden.example>"]
