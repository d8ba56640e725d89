"""What an instalment or invoice takes over from the order or contract it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.crm.starting import currency_of
from guanxi.record.together import linked


def belong(record: Any, changed: set[str]) -> None:
    """Account, contract, currency and owner from the order or contract, as far as they are not said."""
    if {"order", "contract"} & changed:
        _take_over(record, changed)
    record.currency = record.currency or currency_of(record)


def _take_over(record: Any, changed: set[str]) -> None:
    for source in (linked(record, "order"), linked(record, "contract")):
        if source is None:
            continue
        record.account_id = record.account_id or source.account_id
        if hasattr(source, "contract_id"):
            record.contract_id = record.contract_id or source.contract_id
        record.currency = record.currency or source.currency
        if "owner" not in changed and record.pk is None:
            record.owner_id, record.team_id = source.owner_id, source.team_id


def check_belonging(record: Any, changed: set[str]) -> Mapping[str, str]:
    """There is an account, and the order and the contract are its own."""
    if record.account_id is None:
        return {"account": _("Choose an account, an order or a contract.")}
    if changed & {"account", "order", "contract"}:
        for name in ("order", "contract"):
            source = linked(record, name)
            if source is not None and source.account_id != record.account_id:
                return {name: _("This belongs to another account.")}
    return {}
