"""What the surfaces show of our nouns besides their declarations: the diary, asides, sayings, the first page."""

from __future__ import annotations

from guanxi.crm.accounts.pages import COLD, OWNERS, VALUE
from guanxi.crm.activities import pages as activities
from guanxi.crm.assignment import pages as assignment
from guanxi.crm.assignment.assigning import TOLD_AS
from guanxi.crm.bank import pages as bank
from guanxi.crm.bank.uploads import STATEMENT
from guanxi.crm.claims import pages as claims
from guanxi.crm.contacts.pages import BIRTHDAY
from guanxi.crm.contracts.agreement import AGREED
from guanxi.crm.contracts.pages import ENDING
from guanxi.crm.contracts.reminding import NEWS as CONTRACT_NEWS
from guanxi.crm.credit import pages as credit
from guanxi.crm.deals import pages as deals
from guanxi.crm.deals import stuck
from guanxi.crm.deals.alerting import NEWS as LARGE_NEWS
from guanxi.crm.forecast.changing import SLIPPAGE
from guanxi.crm.forecast.programs import FORECAST
from guanxi.crm.forms import showing as forms
from guanxi.crm.funnel.pages import FUNNEL, WON_AND_LOST
from guanxi.crm.leads import pages as leads
from guanxi.crm.mails import pages as mails
from guanxi.crm.papers.entity import wording_for
from guanxi.crm.payments.ageing import AGEING
from guanxi.crm.payments.overplanned import PLANNED_OVER
from guanxi.crm.payments.pages import OVERDUE, RECEIVED
from guanxi.crm.pools import pages as pools
from guanxi.crm.pools.telling import NEWS
from guanxi.crm.quotes.mailing import mark_opened
from guanxi.crm.quotes.outside import NEWS as ANSWERS
from guanxi.crm.reminders.reminding import NEWS as REMINDERS
from guanxi.crm.sayings import SAYINGS
from guanxi.crm.scoring.pages import QUALITY, WHY
from guanxi.crm.targets.mine import MINE
from guanxi.crm.targets.pages import ATTAINMENT
from guanxi.surfaces.api.figures import FIGURES
from guanxi.surfaces.api.uploads import UPLOADS
from guanxi.surfaces.detail.asides import put_aside
from guanxi.surfaces.history.told import explain, say
from guanxi.surfaces.home.blocks import put_home
from guanxi.surfaces.inbox.words import KINDS
from guanxi.surfaces.public.links import at_first_opening
from guanxi.surfaces.public.papers import worded
from guanxi.surfaces.timeline.diary import keep


def show() -> None:
    """Declare them to the surfaces."""
    keep(activities.DIARY)
    say(
        {
            **activities.SAYINGS,
            **deals.SAYINGS,
            **leads.SAYINGS,
            **pools.SAYINGS,
            **bank.SAYINGS,
            **credit.SAYINGS,
            **claims.SAYINGS,
            **assignment.SAYINGS,
            **mails.SAYINGS,
            **SAYINGS,
        }
    )
    KINDS.update(
        {**NEWS, **ANSWERS, **forms.NEWS, **CONTRACT_NEWS, **assignment.NEWS, **LARGE_NEWS, **stuck.NEWS, **mails.NEWS, **REMINDERS}
    )
    at_first_opening[:] = [mark_opened]
    worded[:] = [wording_for]
    put_aside(VALUE, AGEING, *PLANNED_OVER, *credit.ASIDES, AGREED, OWNERS, BIRTHDAY, deals.TIME_IN_STAGE, leads.QUALIFICATION)
    put_aside(*pools.WAYS, forms.WAYS, forms.CAME_BY, *WHY)
    explain(TOLD_AS, assignment.reason)
    UPLOADS.put(STATEMENT)
    FIGURES.put(FORECAST, SLIPPAGE, FUNNEL, WON_AND_LOST, ATTAINMENT, QUALITY)
    put_home(
        activities.TODAY, deals.CLOSING, deals.STUCK, OVERDUE, ENDING, claims.DECIDE, RECEIVED, leads.NEW, COLD,
        MINE, deals.WON, leads.LEADS, deals.OPEN, deals.QUARTER, activities.DONE,
    )  # fmt: skip
