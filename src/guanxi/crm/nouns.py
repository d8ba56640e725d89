"""Every noun of this room, in the order of the side bar. Imported when models are ready."""

from __future__ import annotations

from guanxi.crm.accounts.entity import ACCOUNTS
from guanxi.crm.activities.entity import ACTIVITIES
from guanxi.crm.assignment.entity import ASSIGNMENT_RULES, TERRITORIES
from guanxi.crm.bank.entity import BANK_LINES
from guanxi.crm.claims.entity import CLAIMS
from guanxi.crm.contacts.entity import AFFILIATIONS, CONTACTS
from guanxi.crm.contracts.entity import CONTRACTS
from guanxi.crm.credit.entity import CREDIT_POLICIES, CREDIT_REVIEWS
from guanxi.crm.deals.entity import DEAL_CONTACTS, DEAL_LINES, DEALS
from guanxi.crm.forms.entity import WEB_FORMS
from guanxi.crm.invoices.entity import INVOICES
from guanxi.crm.leads.entity import LEADS
from guanxi.crm.mails.entity import MAIL_TEMPLATES
from guanxi.crm.orders.entity import DELIVERIES, ORDER_LINES, ORDERS
from guanxi.crm.papers.entity import PAPER_TEMPLATES
from guanxi.crm.payments.entity import INSTALMENTS, MATCHES, PAYMENTS
from guanxi.crm.pipelines.entity import LOSS_REASONS, PIPELINES, STAGES
from guanxi.crm.pools.entity import POOL_RULES, POOLS
from guanxi.crm.pricebooks.entity import PRICE_BOOKS, PRICES
from guanxi.crm.products.entity import COMPONENTS, PRODUCTS
from guanxi.crm.quotes.entity import QUOTE_LINES, QUOTES
from guanxi.crm.rates.entity import RATES
from guanxi.crm.reminders.entity import REMINDERS
from guanxi.crm.scoring.entity import SCORES
from guanxi.crm.sources.entity import METHODS, SOURCES_OF_RECORDS
from guanxi.crm.targets.entity import TARGETS
from guanxi.entity.entity import Entity

NOUNS: tuple[Entity, ...] = (
    LEADS,
    DEALS,
    TARGETS,
    ACCOUNTS,
    CONTACTS,
    ACTIVITIES,
    QUOTES,
    ORDERS,
    CONTRACTS,
    INSTALMENTS,
    PAYMENTS,
    BANK_LINES,
    INVOICES,
    CLAIMS,
    PRODUCTS,
    QUOTE_LINES,
    ORDER_LINES,
    DELIVERIES,
    MATCHES,
    CREDIT_REVIEWS,
    AFFILIATIONS,
    DEAL_CONTACTS,
    DEAL_LINES,
    PIPELINES,
    STAGES,
    LOSS_REASONS,
    RATES,
    SOURCES_OF_RECORDS,
    METHODS,
    POOLS,
    POOL_RULES,
    WEB_FORMS,
    MAIL_TEMPLATES,
    REMINDERS,
    PAPER_TEMPLATES,
    ASSIGNMENT_RULES,
    TERRITORIES,
    SCORES,
    PRICE_BOOKS,
    PRICES,
    COMPONENTS,
    CREDIT_POLICIES,
)
