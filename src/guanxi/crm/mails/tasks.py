"""Jobs of mail: sending what waits, fetching what came."""

from __future__ import annotations

from procrastinate.contrib.django import app

from guanxi.crm.mails.fetching import fetch
from guanxi.crm.mails.sending import send_waiting
from guanxi.record.memory import keep_up


@app.task(name="send_mails", queueing_lock="send_mails")
def send_mails() -> None:
    """What was just written."""
    keep_up()
    send_waiting()


@app.periodic(cron="* * * * *")
@app.task(name="send_waiting_mails", queueing_lock="send_waiting_mails")
def send_waiting_mails(timestamp: int) -> None:
    """Every minute: what is due again, what was beyond the rate, and what a killed worker left."""
    keep_up()
    send_waiting()


@app.periodic(cron="* * * * *")
@app.task(name="fetch_mail", queueing_lock="fetch_mail")
def fetch_mail(timestamp: int) -> None:
    """Every minute: what came into the mailbox."""
    keep_up()
    fetch()
