"""Mail that comes in: leads and activities of what people wrote, nothing of the rest, in whatever encoding it comes."""

from __future__ import annotations

import base64
import datetime as dt
import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.crm.activities.model import Activity
from guanxi.crm.leads.model import Lead
from guanxi.crm.mails.fetching import fetch
from guanxi.crm.mails.model import Mail, MailIn
from guanxi.crm.mails.plain import plain_of_html
from guanxi.crm.mails.reading import read
from guanxi.crm.mails.sending import send_waiting
from guanxi.crm.mails.taking import take
from guanxi.crm.quotes.mailing import mail
from guanxi.crm.sources.model import Source
from guanxi.crm.sources.starting import start_sources
from guanxi.record import memory
from guanxi.record.models import Change, Notification
from guanxi.web.commands.mail_in import mail_in
from tests.cast import Cast, make
from tests.mails.test_outbox import TO, a_quote
from tests.posting import Office

pytestmark = pytest.mark.django_db


def written(body: str = "We need 40 sensors.", **headers: str) -> bytes:
    """A message as a mail program writes it."""
    message = EmailMessage()
    start = {"From": "Nora Wind <nora@northwind.example>", "To": "sales@harbour.example", "Subject": "Sensors", "Message-ID": "<one@x>"}
    for name, value in {**start, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
        message[name] = value
    message.set_content(body)
    return message.as_bytes()


def test_a_stranger_becomes_a_lead_once(cast: Cast) -> None:
    make("assignment_rules", name="New leads", of="leads", way="in_turn", people=[cast.bob.pk], active=True)
    body = "We need 40 sensors.\n\nRegards\nNora Wind\nNorthwind GmbH\nTel. +49 30 901820\n> old: +49 30 111111"
    kept = take(written(body))
    assert kept is not None
    assert kept.outcome == "lead"
    lead = Lead.objects.get()
    assert (lead.name, lead.company, lead.emails, lead.source) == (
        "Nora Wind",
        "Northwind GmbH",
        [{"value": "nora@northwind.example"}],
        "email",
    )
    assert lead.phones == [{"value": "+4930901820"}]
    assert lead.need.startswith("Sensors\n\nWe need 40 sensors.")
    assert lead.owner_id == cast.bob.pk
    assert Change.objects.filter(entity="leads", record_id=lead.pk).earliest("id").origin == "mail"
    assert Notification.objects.filter(user=cast.bob, what="lead by mail", values__sender="Nora Wind").count() == 1
    assert take(written(body)) is None
    assert (Lead.objects.count(), MailIn.objects.count()) == (1, 1)


def test_whoever_is_known_gets_an_activity(cast: Cast) -> None:
    take(written())
    take(written("And cables?", Message_ID="<two@x>", From="NORA@northwind.example"))
    lead = Lead.objects.get()
    activity = Activity.objects.get()
    assert (activity.lead_id, activity.incoming, activity.kind, activity.body) == (lead.pk, True, "email", "And cables?")
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    contact = make("contacts", name="张三", account=account.pk, owner=cast.bob.pk, emails=[{"value": "zhang@bluefin.example"}])
    take(written(From="zhang@bluefin.example", Message_ID="<three@x>"))
    mine = Activity.objects.latest("id")
    assert (mine.contact_id, mine.account_id, mine.owner_id) == (contact.pk, account.pk, cast.bob.pk)
    assert Notification.objects.filter(user=cast.bob, what="mail in", record_id=mine.pk).count() == 1
    assert Lead.objects.count() == 1


def test_an_answer_to_our_mail_is_about_what_that_was_about(cast: Cast, office: Office) -> None:
    quote = a_quote(cast)
    mail(quote, by=cast.bob, to=[TO])
    send_waiting()
    sent = Mail.objects.get()
    take(written("Yes please.", From="assistant@northwind.example", In_Reply_To=sent.message_id))
    answer = Activity.objects.latest("id")
    assert (answer.about, answer.account_id, answer.incoming) == (f"quotes:{quote.pk}", quote.account_id, True)
    assert not Lead.objects.exists()


def test_a_bounce_says_that_the_mail_did_not_arrive(cast: Cast, office: Office) -> None:
    mail(a_quote(cast), by=cast.bob, to=[TO])
    send_waiting()
    bounce = EmailMessage()
    bounce["From"], bounce["Message-ID"] = "Mail Delivery <MAILER-DAEMON@mx.example>", "<bounce@mx>"
    bounce.set_content("User unknown.")
    bounce.add_attachment(f"Message-ID: {Mail.objects.get().message_id}\nTo: x\n".encode(), maintype="text", subtype="rfc822-headers")
    kept = take(bounce.as_bytes())
    assert kept is not None
    assert (kept.outcome, kept.why) == ("left", "bounce")
    activity = Activity.objects.get()
    assert (activity.delivery, activity.delivery_note) == ("failed", "It came back: User unknown.")


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Auto_Submitted": "AUTO-generated; x"}, "automatic"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"Precedence": "auto_reply"}, "automatic"),
        ({"Precedence": "Bulk"}, "list"),
        ({"List_Id": "<news.example>"}, "list"),
        ({"List_Unsubscribe": "<mailto:x@example.com>"}, "list"),
        ({"From": "postmaster@example.com"}, "bounce"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"From": "Us <crm@harbour.example>"}, "own"),
        ({"From": "nobody"}, "no sender"),
    ],
)
def test_what_no_person_wrote_is_left(cast: Cast, settings: Any, headers: dict[str, str], why: str) -> None:
    settings.DEFAULT_FROM_EMAIL = "Harbour Trading <crm@harbour.example>"
    kept = take(written(**headers))
    assert kept is not None
    assert (kept.outcome, kept.why) == ("left", why)
    assert (Lead.objects.count(), Activity.objects.count(), Mail.objects.count()) == (0, 0, 0)


def test_one_sender_is_not_heard_without_end(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr("guanxi.crm.mails.taking.MOST_AN_HOUR", 2)
    with time_machine.travel(dt.datetime(2026, 11, 27, 9, 1, tzinfo=dt.UTC), tick=False):
        for number in range(4):
            take(written(Message_ID=f"<{number}@x>"))
    assert list(MailIn.objects.order_by("pk").values_list("outcome", "why")) == [
        ("lead", ""),
        ("activity", ""),
        ("left", "too many"),
        ("left", "too many"),
    ]


def test_a_person_who_says_it_is_no_automatic_mail_is_heard(cast: Cast) -> None:
    kept = take(written(Auto_Submitted="no"))
    assert kept is not None
    assert kept.outcome == "lead"
    assert take(written(From="web@shop.example", Reply_To="Li <li@example.cn>", Message_ID="<form@x>")) is not None
    assert Lead.objects.latest("id").emails == [{"value": "li@example.cn"}]


def test_a_company_of_before_gets_the_source(cast: Cast) -> None:
    start_sources("en")
    Source.objects.filter(key="email").delete()
    memory.forget()
    take(written())
    assert (Lead.objects.get().source, Source.objects.get(key="email").name) == ("email", "E-mail")


SUBJECT = "询价：四十个传感器"


def raw(subject: bytes, body: bytes, charset: str, *more: bytes) -> bytes:
    head = b"From: =?gb2312?B?" + base64.b64encode("张伟".encode("gb2312")) + b"?= <wei@example.cn>\r\nSubject: " + subject
    return head + b"\r\nMessage-ID: <a@b>\r\n" + b"".join(more) + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            raw(b"=?GBK?B?" + base64.b64encode(SUBJECT.encode("gbk")) + b"?=", "需要四十个，镕基".encode("gbk"), "gb2312"),
            "需要四十个，镕基",
        ),
        (raw(SUBJECT.encode("gbk"), "需要四十个传感器，请报价，谢谢。".encode("gbk"), "x-unknown"), "需要四十个传感器，请报价，谢谢。"),
        (raw(SUBJECT.encode(), "需要".encode(), "utf-8"), "需要"),
        (
            raw(
                b"=?utf-8?Q?=E8=AF=A2?=\r\n =?utf-8?Q?=E4=BB=B7=EF=BC=9A?= =?utf-8?B?" + base64.b64encode(SUBJECT[3:].encode()) + b"?=",
                b"x",
                "utf-8",
            ),
            "x",
        ),
        (
            raw(b"=?big5?B?" + base64.b64encode("詢價".encode("big5")) + b"?=", "需要四十個感測器".encode("big5"), "Big5"),
            "需要四十個感測器",
        ),
    ],
)
def test_chinese_comes_in_whatever_encoding(message: bytes, text: str) -> None:
    came = read(message)
    assert (came.name, came.sender) == ("张伟", "wei@example.cn")
    assert came.subject in {SUBJECT, "詢價"}
    assert came.text == text


def test_attachments_are_named_in_either_way_of_writing_names() -> None:
    name = "报价.pdf"
    long_way = f"filename*=gb18030''{''.join(f'%{byte:02X}' for byte in name.encode('gb18030'))}"
    old_way = f'filename="=?utf-8?B?{base64.b64encode(name.encode()).decode()}?="'
    parts = "".join(
        f"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; {way}\r\n\r\nx\r\n"
        for way in (long_way, old_way, 'filename="../../etc/passwd"')
    )
    message = (
        "From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hi<script>alert(1)</script></p>\r\n{parts}--b--\r\n"
    )
    came = read(message.encode())
    assert (came.text, came.files) == ("Hi", (name, name, "passwd"))


def test_html_becomes_what_a_person_reads() -> None:
    html = (
        "<html><head><title>T</title><style>p{}</style></head><body><h1>Quote &amp; more</h1><p>Two<br>lines <b>bold</b>text</p>"
        '<ul><li>one<li>two</ul><img src=x onerror=alert(1)><a href="https://x.example/a">here</a> <a href="javascript:alert(1)">there</a></body>'
    )
    lines = [line for line in plain_of_html(html).split("\n") if line]
    assert lines == ["Quote & more", "Two", "lines boldtext", "- one", "- two", "here <https://x.example/a> there"]


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"From: a@b.example\r\nSubject: ", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", b"From: =?"]),
)
def test_anything_can_be_read(noise: bytes, start: bytes) -> None:
    came = read(start + noise)
    assert came.message_id
    assert "\x00" not in came.text + came.subject + came.name
    (came.text + came.subject + came.name + came.sender).encode()


def test_hostile_letters_are_taken_too(cast: Cast) -> None:
    message = b"From: =?utf-8?q?a=00b=ED=A0=80?= <x@example.com>\r\nSubject: " + b"s" * 5000 + b"\r\n\r\n\x00\xff\xfe" + b"y" * 300_000
    kept = take(message)
    assert kept is not None
    assert (kept.outcome, len(Lead.objects.get().need)) == ("lead", 20_252)


def test_a_mail_server_pipes_a_message_in(cast: Cast) -> None:
    run = CliRunner()
    assert run.invoke(mail_in, input=written()).output == f"lead {Lead.objects.get().pk}\n"
    assert run.invoke(mail_in, input=written()).output == "known already\n"
    assert run.invoke(mail_in, input=written(List_Id="<x.y>", Message_ID="<l@x>")).output == "left: list\n"
    assert run.invoke(mail_in, input=b"").exit_code != 0


@pytest.fixture
def mailbox(settings: Any) -> Iterator[imaplib.IMAP4]:
    """A real mailbox on this machine, and Guanxi set up to fetch from it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(sys.executable).with_name("pymap"))
    serving = [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-tls",
        "dict",
        "--demo-data",
        "--demo-user",
        "crm",
        "--demo-password",
        "open sesame",
    ]
    server = subprocess.Popen([program, *serving], stderr=subprocess.DEVNULL)
    try:
        for _look in range(200):
            try:
                box = imaplib.IMAP4("127.0.0.1", port)
                break
            except OSError:
                time.sleep(0.05)
        box.login("crm", "open sesame")
        box.create("Leads")
        settings.MAIL_IN_URL = f"imap://crm:open%20sesame@127.0.0.1:{port}/Leads?tls=none"
        yield box
        box.logout()
    finally:
        server.kill()
        server.wait()


def test_what_is_unread_in_a_mailbox_is_taken(cast: Cast, mailbox: imaplib.IMAP4, monkeypatch: Any) -> None:
    for number in range(3):
        mailbox.append("Leads", "", "", written(Message_ID=f"<{number}@x>", From=f"person{number}@example.com"))  # type: ignore[arg-type] # now is meant
    mailbox.append("Leads", r"(\Seen)", "", written(Message_ID="<read@x>", From="read@example.com"))  # type: ignore[arg-type]
    assert fetch() == 3
    assert sorted(one["value"] for lead in Lead.objects.all() for one in lead.emails) == [
        f"person{number}@example.com" for number in range(3)
    ]
    assert fetch() == 0
    mailbox.append("Leads", "", "", written(Message_ID="<0@x>", From="person0@example.com"))  # type: ignore[arg-type]
    assert (fetch(), Lead.objects.count(), Activity.objects.count()) == (1, 3, 0)
    monkeypatch.setattr("guanxi.crm.mails.fetching.LARGEST", 10)
    mailbox.append("Leads", "", "", written(Message_ID="<large@x>"))  # type: ignore[arg-type]
    assert (fetch(), MailIn.objects.count()) == (0, 3)
    mailbox.select("Leads")
    assert mailbox.search(None, "FLAGGED")[1] != [b""]
