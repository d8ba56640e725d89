"""Values new records start with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from guanxi.access.rights import company
from guanxi.base.zones import zone_named
from guanxi.entity.actors import Actor
from guanxi.record.together import linked


def own_currency(by: Actor) -> Any:
    """The currency the actor works in."""
    return by.locale.currency


def today(by: Actor) -> Any:
    """The actor's present day."""
    return by.locale.today


def company_day() -> dt.date:
    """The day it is where the company is; for jobs, which nobody asks for."""
    return dt.datetime.now(zone_named(company().zone)).date()


def currency_of(record: Any) -> str:
    """The currency in which one deals with a record's account; the company's where it has none, or there is none."""
    account = linked(record, "account")
    return (account.currency if account is not None else "") or company().currency
