"""Mail that goes out: a quote to its customer, by a real mail server that takes it, refuses it, hangs up or is killed for."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from guanxi.crm.activities.model import Activity
from guanxi.crm.mails.model import Mail
from guanxi.crm.mails.sending import send_waiting
from guanxi.crm.mails.verbs import send_again
from guanxi.crm.quotes.mailing import mail
from guanxi.crm.quotes.model import Quote
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create, delete
from guanxi.record.models import Notification
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.public.model import PublicLink
from tests.cast import Cast, make
from tests.posting import Office

pytestmark = pytest.mark.django_db
TO = "nora@northwind.example"


def a_quote(cast: Cast, **values: Any) -> Quote:
    account = make("accounts", name="Northwind", currency="USD", owner=cast.bob.pk)
    contact = make("contacts", name="Nora Wind", account=account.pk, owner=cast.bob.pk, emails=[{"value": TO}])
    quote = create(entity_named("quotes"), {"account": account.pk, "contact": contact.pk, "name": "Sensors", **values}, by=cast.bob)
    create(entity_named("quote_lines"), {"quote": quote.pk, "name": "Sensor", "quantity": 10, "price": 20, "tax_rate": "10%"}, by=cast.bob)
    return now(quote)


def now(quote: Any) -> Quote:
    return Quote.objects.get(pk=quote.pk)


def state() -> tuple[str, str, str]:
    mail, activity = Mail.objects.get(), Activity.objects.get()
    return mail.state, activity.delivery, activity.delivery_note


def test_a_quote_goes_out_with_its_paper_and_a_link_of_its_own(cast: Cast, client: Client, office: Office, settings: Any) -> None:
    settings.PUBLIC_ADDRESS = "https://crm.harbour.example"
    type(cast.bob).objects.filter(pk=cast.bob.pk).update(email="bob@harbour.example")
    quote = a_quote(cast)
    mail(quote, by=cast.bob, to=[TO], cc=["boss@northwind.example"], language="en")
    assert (now(quote).status, state()[:2]) == ("sent", ("queued", "queued"))
    assert send_waiting() == 1
    assert (send_waiting(), len(office.taken)) == (0, 1), "sent once"
    assert state() == ("sent", "sent", "")
    assert office.taken[0].rcpt_tos == [TO, "boss@northwind.example"]
    message = office.messages[0]
    assert (message["To"], message["Cc"], message["Reply-To"]) == (TO, "boss@northwind.example", "bob@harbour.example")
    assert message["From"] == "Bob Reyes · Harbour Trading <crm@harbour.example>"
    assert message["Message-ID"] == Mail.objects.get().message_id
    assert message["Subject"] == f"Quote {quote.number}: Sensors"
    (attached,) = message.iter_attachments()
    assert (attached.get_content_type(), attached.get_content()[:5]) == ("application/pdf", b"%PDF-")
    text = office.text()
    assert "Dear Nora Wind," in text
    assert "$220.00" in text
    address = next(line for line in text.splitlines() if line.startswith("https://"))
    assert client.get(address.removeprefix("https://crm.harbour.example")).status_code == 200
    activity = Activity.objects.get()
    assert (activity.about, activity.contact_id, activity.addressed_to) == (
        f"quotes:{quote.pk}",
        quote.contact_id,
        f"{TO}, boss@northwind.example",
    )
    assert ("/p/" in activity.body, "(the link)" in activity.body, activity.delivery) == (False, True, "opened")
    assert activity.opened_at == PublicLink.objects.get().first_opened_at is not None
    news = Notification.objects.get(user=cast.bob)
    assert (news.what, news.values["note"]) == ("opened by", f"{TO}, boss@northwind.example")


def test_a_chinese_customer_is_written_to_in_chinese_and_by_the_companys_own_template(cast: Cast, office: Office) -> None:
    quote = a_quote(cast)
    make(
        "mail_templates",
        of="quotes",
        language="zh-hans",
        subject="给{name}的报价",
        text="张先生好 {valid_until} {nothing} {link}".replace(" {nothing}", ""),
    )
    mail(quote, by=cast.bob, to=["李四 <li@example.cn>"], language="zh-hans", attach=False)
    send_waiting()
    assert office.messages[0]["Subject"] == "给尊敬的客户的报价"
    assert list(office.messages[0].iter_attachments()) == []
    assert office.text().startswith("张先生好 20")
    assert "lang=zh-hans" in office.text()
    with pytest.raises(Refused) as refused:
        make("mail_templates", language="en", subject="Hello", text="{password}")
    assert "{password}" in refused.value.errors["text"]


def test_what_is_typed_is_sent_and_a_link_is_always_there(cast: Cast, office: Office) -> None:
    hostile = "{name.__class__} {0} %s <b>Hi</b>"
    mail(a_quote(cast), by=cast.bob, to=[TO], subject="One\nBcc: all@example.com", text=hostile)
    send_waiting()
    assert (office.messages[0]["Subject"], office.messages[0]["Bcc"]) == ("One Bcc: all@example.com", None)
    assert office.text().startswith(f"{hostile}\n\nhttp")


def test_without_a_mail_server_every_way_says_so(cast: Cast, client_of: Any) -> None:
    quote = a_quote(cast)
    with pytest.raises(Refused) as refused:
        mail(quote, by=cast.bob, to=[TO])
    assert "GUANXI_MAIL_URL" in refused.value.errors[""]
    assert (now(quote).status, Mail.objects.count()) == ("draft", 0)
    page = client_of(cast.bob).get(f"/quotes/{quote.pk}/do/mail")
    assert "GUANXI_MAIL_URL" in page.content.decode()
    assert send_waiting() == 0


def test_the_dialog_proposes_and_follows_the_language(cast: Cast, client_of: Any, office: Office) -> None:
    quote = a_quote(cast)
    make("contacts", name="王芳", account=quote.account_id, owner=cast.bob.pk, emails=[{"value": "wang@northwind.example"}])
    make("contacts", name="Secret", account=quote.account_id, owner=cast.charlie.pk, emails=[{"value": "secret@northwind.example"}])
    bob = client_of(cast.bob)
    page = bob.get(f"/quotes/{quote.pk}/do/mail").content.decode()
    assert f'<option value="{TO}" selected>' in page
    assert "王芳 &lt;wang@northwind.example&gt;" in page
    assert "secret@northwind.example" not in page
    assert f"Quote {quote.number}: Sensors" in page
    again = bob.get(f"/quotes/{quote.pk}/do/mail", {"to": ["wang@northwind.example"], "language": "zh-hans"}).content.decode()
    assert '<option value="wang@northwind.example" selected>' in again
    assert f"报价单 {quote.number}：Sensors" in again
    said = {"to": [TO], "language": "en", "subject": "Hello", "text": "There {link}", "_fields": "to,language,subject,text"}
    assert bob.post(f"/quotes/{quote.pk}/do/mail", {**said, "to": ["no address"]}).status_code == 422
    assert bob.post(f"/quotes/{quote.pk}/do/mail", said).status_code == 302
    assert Mail.objects.get().subject == "Hello"


def test_only_who_may_change_the_quote_sends_it_and_credit_is_asked(cast: Cast, office: Office) -> None:
    quote = a_quote(cast)
    with pytest.raises(Missing):
        mail(quote, by=cast.charlie, to=[TO])
    marks = dict.fromkeys(("character", "capacity", "capital", "collateral", "conditions"), 70)
    make("credit_reviews", account=quote.account_id, limit=100, reviewed_on="2026-01-01", **marks)
    make("credit_policies", name="Ours", mode="stop")
    with pytest.raises(Refused):
        mail(quote, by=cast.bob, to=[TO])
    assert (now(quote).status, Mail.objects.count(), PublicLink.objects.count()) == ("draft", 0, 0)
    Quote.objects.filter(pk=quote.pk).update(status="rejected")
    with pytest.raises(Forbidden):
        mail(quote, by=cast.bob, to=[TO])


def test_the_api_sends_too(cast: Cast, client_of: Any, office: Office) -> None:
    quote = a_quote(cast)
    bob = client_of(cast.bob)
    sent = bob.post(f"/api/v1/quotes/{quote.pk}/mail", {"to": [TO]}, content_type="application/json")
    assert sent.status_code == 200, sent.content
    send_waiting()
    kept = bob.get(f"/api/v1/activities/{Activity.objects.get().pk}").json()
    assert (kept["delivery"], kept["addressed_to"]) == ("sent", TO)
    assert bob.post(f"/api/v1/quotes/{quote.pk}/mail", {}, content_type="application/json").status_code == 422


def test_a_refused_address_is_told_and_a_refused_mail_fails_at_once(cast: Cast, office: Office) -> None:
    office.refuses = {"boss@northwind.example": "550 No such user"}
    mail(a_quote(cast), by=cast.bob, to=[TO, "boss@northwind.example"])
    send_waiting()
    assert state() == ("sent", "sent", "boss@northwind.example: 550 No such user")
    assert office.taken[0].rcpt_tos == [TO]
    assert Notification.objects.get().what == "mail refused"
    Activity.objects.all().delete()
    office.data = "554 Not wanted"
    mail(Quote.objects.get(), by=cast.bob, to=[TO])
    send_waiting()
    assert state() == ("failed", "failed", "554 Not wanted")
    office.data = "250 OK"
    send_again(Activity.objects.get(), by=cast.bob)
    send_waiting()
    assert state() == ("sent", "sent", "")
    with pytest.raises(Forbidden):
        send_again(Activity.objects.get(), by=cast.bob)


def test_trouble_that_may_pass_is_tried_again_later_and_not_for_ever(cast: Cast, office: Office) -> None:
    office.data = "451 Later"
    mail(a_quote(cast), by=cast.bob, to=[TO])
    assert send_waiting() == 0
    assert Mail.objects.get().state == "queued"
    assert send_waiting() == 0
    assert Mail.objects.get().tries == 1, "not before its time"
    for _time in range(7):
        with time_machine.travel(Mail.objects.get().next_try_at + dt.timedelta(seconds=1)):
            send_waiting()
    assert (state(), Mail.objects.get().tries) == (("failed", "failed", "451 Later"), 8)
    assert Notification.objects.filter(what="mail failed", user=cast.bob).count() == 1


def test_one_that_cannot_be_made_keeps_no_other_back(cast: Cast, office: Office) -> None:
    first, second = a_quote(cast), a_quote(cast)
    mail(first, by=cast.bob, to=[TO])
    mail(second, by=cast.bob, to=[TO])
    Mail.objects.filter(activity__about=f"quotes:{first.pk}").update(entity="nothing")
    Quote.objects.filter(pk=second.pk).update(status="replaced")
    mail(a_quote(cast), by=cast.bob, to=["third@example.com"])
    send_waiting()
    assert list(Mail.objects.order_by("pk").values_list("state", flat=True)) == ["queued", "failed", "sent"]


def test_a_mail_thrown_away_in_time_is_not_sent(cast: Cast, office: Office) -> None:
    mail(a_quote(cast), by=cast.bob, to=[TO])
    delete(Activity.objects.get(), by=cast.bob)
    assert (send_waiting(), office.taken) == (0, [])


def test_no_more_than_the_rate_within_a_minute(cast: Cast, office: Office, settings: Any) -> None:
    settings.MAIL_PER_MINUTE = 2
    quote = a_quote(cast)
    for _time in range(3):
        mail(now(quote), by=cast.bob, to=[TO], attach=False)
    assert send_waiting() == 2
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=61)):
        assert send_waiting() == 1


def test_a_server_that_hangs_up_leaves_it_unsure(cast: Cast, office: Office) -> None:
    office.silent = True
    mail(a_quote(cast), by=cast.bob, to=[TO])
    send_waiting()
    assert state()[:2] == ("unsure", "unsure")
    assert (send_waiting(), len(office.taken)) == (0, 1)
    assert Notification.objects.get().what == "mail unsure"


WORKER = """
import django, os
django.setup()
from django.conf import settings
from django.db import connections
connections["default"].settings_dict["NAME"] = os.environ["KILLED_DATABASE"]
settings.MAIL_IS_SET_UP, settings.EMAIL_HOST, settings.EMAIL_PORT = True, "127.0.0.1", int(os.environ["KILLED_PORT"])
from guanxi.crm.mails import sending
if os.environ["KILLED_EARLY"]:
    def stuck(*args):
        print("ready", flush=True)
        import time; time.sleep(60)
    sending._name = stuck
print("sending", flush=True)
sending.send_waiting()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("early", [True, False])
def test_a_killed_worker_sends_nothing_twice_and_loses_nothing(early: bool, office: Office) -> None:
    from tests.cast import found

    cast = found()
    mail(a_quote(cast), by=cast.bob, to=[TO], attach=False)
    assert ProcrastinateJob.objects.filter(task_name="send_mails").count() == 1
    office.slow = 30
    environment = {
        **os.environ, "KILLED_DATABASE": str(connection.settings_dict["NAME"]), "KILLED_PORT": str(office.port), "KILLED_EARLY": "1" if early else "",
    }  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", WORKER], env=environment, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "sending\n"
        if early:
            assert worker.stdout.readline() == "ready\n"
        for _look in range(600):
            if early or office.taken:
                break
            time.sleep(0.05)
        assert send_waiting() == 0, "one process at a time"
        assert Mail.objects.get().state == "sending"
        worker.send_signal(signal.SIGKILL)
    office.slow = 0
    for _look in range(600):  # until the database notices
        send_waiting()
        if Mail.objects.get().state != "sending":
            break
        time.sleep(0.05)
    assert len(office.taken) == 1
    assert state()[0] == ("sent" if early else "unsure")
