"""What a new company reminds its people of."""

from __future__ import annotations

from guanxi.crm.reminders.model import Reminder
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create_many

USUAL = (
    ("quotes", 'status = "sent" and valid_until >= today and valid_until <= today+3d', "Quotes that soon expire", "报价即将到期"),
    ("quotes", 'status = "sent" and valid_until < today and valid_until >= today-30d', "Quotes that have expired", "报价已过期"),
    ("instalments", "open > 0 and due_on >= today and due_on <= today+3d", "Instalments that fall due", "回款计划即将到期"),
    ("instalments", "open > 0 and due_on < today and due_on >= today-90d", "Instalments that are overdue", "回款已逾期"),
)
"""(entity, condition, name in English, name in Chinese)."""


def start_reminders(language: str = "en") -> None:
    """The usual reminders, called in the company's language and in Chinese; nothing when there are some."""
    if Reminder.objects.exists():
        return
    place = 2 + int(language.startswith("zh"))
    rows = [{"of": one[0], "condition": one[1], "name": one[place], "name_zh": one[3], "position": at} for at, one in enumerate(USUAL)]
    create_many(entity_named("reminders"), rows, by=SYSTEM, origin=Origin(via="system"))
