"""That no line of a bank statement is used for more than it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from guanxi.crm.bank.model import BankLine
from guanxi.record.refusals import Refused


def check_bank_line(payment: Any) -> Mapping[str, str]:
    """A payment is a line of money received, in its currency, that nobody set aside."""
    line = BankLine.objects.filter(pk=payment.bank_line_id).first()
    if line is None:
        return {}
    if payment.amount <= 0 or line.amount < 0:
        return {"bank_line": _("Only money received can be matched.")}
    if line.currency != payment.currency:
        return {"bank_line": _("This line of the bank statement is in another currency.")}
    return {"bank_line": _("This line of the bank statement was set aside.")} if line.aside else {}


def check_lines(keys: set[int]) -> None:
    """Refused when the payments of a line come to more than it is. The roll-ups have locked the lines, and are fresh."""
    if BankLine.objects.filter(Q(used__gt=F("amount")), pk__in=keys).exists():
        raise Refused({"bank_line": _("That is more than this line of the bank statement is.")})
