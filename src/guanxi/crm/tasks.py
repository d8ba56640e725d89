"""The jobs of this room, where the worker looks for them; each stands in its noun's folder."""

from guanxi.crm.assignment.tasks import cover_absent
from guanxi.crm.contracts.reminding import remind_of_contracts
from guanxi.crm.credit.keeping import keep_credit
from guanxi.crm.deals.stuck import tell_of_stuck_deals
from guanxi.crm.deals.walking import walk_deals_again
from guanxi.crm.forecast.tasks import snapshot_deals
from guanxi.crm.mails.tasks import fetch_mail, send_mails, send_waiting_mails
from guanxi.crm.pools.tasks import distribute_pool, distribute_pools, recycle_pool, recycle_pools
from guanxi.crm.reminders.reminding import remind_owners
from guanxi.crm.scoring.tasks import keep_scores, learn_score, learn_scores

__all__ = [
    "cover_absent",
    "distribute_pool",
    "distribute_pools",
    "fetch_mail",
    "keep_credit",
    "keep_scores",
    "learn_score",
    "learn_scores",
    "recycle_pool",
    "recycle_pools",
    "remind_of_contracts",
    "remind_owners",
    "send_mails",
    "send_waiting_mails",
    "snapshot_deals",
    "tell_of_stuck_deals",
    "walk_deals_again",
]
