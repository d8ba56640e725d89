"""Addresses of what is special about our nouns."""

from django.urls import path

from guanxi.crm.bank import choosing
from guanxi.crm.bank import pages as bank
from guanxi.crm.forecast import changing
from guanxi.crm.forecast import pages as forecast
from guanxi.crm.forms import pages as forms
from guanxi.crm.funnel import pages as funnel
from guanxi.crm.leads import pages as leads
from guanxi.crm.targets import pages as targets
from guanxi.crm.targets import sheet_page as target_sheet

urlpatterns = [
    path("deals/forecast", forecast.of_period, name="deals-forecast"),
    path("deals/forecast/changes", changing.of_period, name="deals-forecast-changes"),
    path("deals/forecast/judge", forecast.judging, name="deals-forecast-judge"),
    path("deals/forecast/undo", forecast.undoing, name="deals-forecast-undo"),
    path("deals/funnel", funnel.of_period, name="deals-funnel"),
    path("deals/wins", funnel.won_and_lost, name="deals-wins"),
    path("leads/yield", leads.yield_by_method, name="leads-yield"),
    path("targets/attainment", targets.of_period, name="targets-attainment"),
    path("targets/sheet", target_sheet.sheet, name="targets-sheet"),
    path("f/<str:token>", forms.page, name="web-form"),
    path("f/<str:token>/thanks", forms.thanks, name="web-form-thanks"),
    path("payments/bank", bank.bank, name="bank"),
    path("payments/bank/match", bank.confirm, name="bank-match"),
    path("payments/bank/columns", choosing.columns, name="bank-columns"),
]
