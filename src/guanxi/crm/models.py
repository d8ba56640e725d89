"""The tables of this room, for Django; each stands in its noun's folder."""

from guanxi.crm.accounts.model import Account, OwnerPeriod
from guanxi.crm.activities.model import Activity
from guanxi.crm.assignment.model import AssignmentRule, AssignmentTurn, Territory
from guanxi.crm.bank.model import BankLine, StatementLayout
from guanxi.crm.claims.model import Claim
from guanxi.crm.contacts.model import Affiliation, Contact
from guanxi.crm.contracts.model import Agreement, Contract
from guanxi.crm.credit.model import CreditPolicy, CreditRelease, CreditReview
from guanxi.crm.deals.model import Deal, DealContact, DealLine, StagePeriod
from guanxi.crm.forecast.model import DealState, Judgement
from guanxi.crm.forms.model import FormEntry, WebForm
from guanxi.crm.invoices.model import Invoice
from guanxi.crm.leads.model import Conversion, Lead
from guanxi.crm.mails.model import Mail, MailIn, MailTemplate
from guanxi.crm.orders.model import Delivery, Order, OrderLine
from guanxi.crm.papers.model import PaperTemplate
from guanxi.crm.payments.model import Instalment, Match, Payment
from guanxi.crm.pipelines.model import LossReason, Pipeline, Stage
from guanxi.crm.pools.model import Pool, PoolMove, PoolRule, PoolViews
from guanxi.crm.pricebooks.model import Price, PriceBook
from guanxi.crm.products.model import Component, Product
from guanxi.crm.quotes.model import Quote, QuoteLine
from guanxi.crm.reminders.model import Reminded, Reminder
from guanxi.crm.scoring.model import Score, ScoreCount, ScoreSeen
from guanxi.crm.sources.model import Method, Source
from guanxi.crm.targets.model import Target

__all__ = [
    "Account",
    "Activity",
    "Affiliation",
    "Agreement",
    "AssignmentRule",
    "AssignmentTurn",
    "BankLine",
    "Claim",
    "Component",
    "Contact",
    "Contract",
    "Conversion",
    "CreditPolicy",
    "CreditRelease",
    "CreditReview",
    "Deal",
    "DealContact",
    "DealLine",
    "DealState",
    "Delivery",
    "FormEntry",
    "Instalment",
    "Invoice",
    "Judgement",
    "Lead",
    "LossReason",
    "Mail",
    "MailIn",
    "MailTemplate",
    "Match",
    "Method",
    "Order",
    "OrderLine",
    "OwnerPeriod",
    "PaperTemplate",
    "Payment",
    "Pipeline",
    "Pool",
    "PoolMove",
    "PoolRule",
    "PoolViews",
    "Price",
    "PriceBook",
    "Product",
    "Quote",
    "QuoteLine",
    "Reminded",
    "Reminder",
    "Score",
    "ScoreCount",
    "ScoreSeen",
    "Source",
    "Stage",
    "StagePeriod",
    "StatementLayout",
    "Target",
    "Territory",
    "WebForm",
]
