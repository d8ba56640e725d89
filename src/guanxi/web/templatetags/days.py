"""`{% load days %}`: days and moments in templates, written as lists write them. `|date` would write them Django's way."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from guanxi.base.moments import format_day, format_moment

register = template.Library()


@register.filter
def day(value: dt.date | None) -> str:
    """`{{ until|day }}`: Nov 18, 11月18日; with its year when that is not plain. A moment's day is the reader's."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = timezone.localdate(value)
    return format_day(value, timezone.localdate(), get_language() or "en")


@register.filter
def moment(value: dt.datetime | None) -> str:
    """`{{ used_at|moment }}`: to the minute, in the reader's zone."""
    return format_moment(value, timezone.get_current_timezone(), get_language() or "en") if value else ""
