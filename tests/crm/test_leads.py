"""Leads: what qualification says, where a status may go, what conversion makes and takes back, who is warned of whom."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from guanxi.access.models import FieldRight
from guanxi.crm.leads.man import CLASSES, advice, class_of, letters
from guanxi.crm.leads.yields import yields
from guanxi.crm.models import Account, Contact, Conversion, Deal, Lead, Method, Source
from guanxi.crm.sources.starting import start_sources
from guanxi.entity.actors import SYSTEM, Level
from guanxi.entity.registry import entity_named
from guanxi.record import custom
from guanxi.record.changes import UI, create, delete, edit, restore
from guanxi.record.history import undo_batch
from guanxi.record.memory import raise_epoch
from guanxi.record.models import Change, CustomField
from guanxi.record.refusals import Forbidden, Refused
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db
convert, disqualify, reopen, unconvert = (entity_named("leads").verb(name) for name in ("convert", "disqualify", "reopen", "unconvert"))


# ——— qualification ———


def test_the_class_is_the_textbooks() -> None:
    table = {"MAN": "ideal", "MAn": "strategy", "MaN": "decider", "mAN": "credit", "Man": "cultivate", "mAn": "cultivate"}
    table |= {"maN": "stop", "man": "stop"}
    answers = list(product(("yes", "no"), repeat=3))
    assert {letters(*one).replace(" + ", ""): class_of(*one) for one in answers} == table
    assert len({advice(*one) for one in answers}) == len(set(CLASSES.values())) == 6


def test_unknown_is_never_a_no_and_asks_what_to_find_out() -> None:
    for answers in product(("yes", "no", "unknown"), repeat=3):
        asked = [word for word, answer in zip(("money", "decides", "need"), answers, strict=True) if answer == "unknown"]
        assert (class_of(*answers) == "unknown") == bool(asked), answers
        if asked:
            said = advice(*answers)
            assert [word for word in ("money", "decides", "need") if word in said] == asked, said


def test_the_class_is_kept_and_asked_for_like_any_field(cast: Cast, client_of: Any) -> None:
    lead = make("leads", name="Wei Fang", has_money="yes", has_authority="yes", owner=cast.bob.pk)
    assert lead.prospect == "unknown"
    assert "Find out: do they need it?" in client_of(cast.bob).get(f"/leads/{lead.pk}").content.decode()
    edit(lead, {"has_need": "yes"}, by=cast.bob)
    page = client_of(cast.bob).get("/leads", {"where": 'prospect = "ideal"'}).content.decode()
    assert "Wei Fang" in page
    assert "An ideal prospect" in client_of(cast.bob).get(f"/leads/{lead.pk}").content.decode()


def test_the_advice_tells_nothing_to_those_who_may_not_read_the_answers(cast: Cast, client_of: Any) -> None:
    FieldRight.objects.create(role=cast.roles["seller"], entity="leads", field="has_money", level=Level.MASKED)
    raise_epoch()
    lead = make("leads", name="Wei Fang", has_money="yes", has_authority="yes", has_need="yes", owner=cast.bob.pk)
    page = client_of(cast.bob).get(f"/leads/{lead.pk}").content.decode()
    assert "Wei Fang" in page
    assert "An ideal prospect" not in page


# ——— status ———


def test_a_status_goes_only_where_it_may(cast: Cast) -> None:
    lead = make("leads", name="Wei Fang", owner=cast.bob.pk)
    with pytest.raises(Refused) as wrong:
        edit(lead, {"status": "converted"}, by=cast.bob)
    assert list(wrong.value.errors) == ["status"]
    with pytest.raises(Refused) as wrong:
        edit(lead, {"status": "disqualified"}, by=cast.bob)
    assert list(wrong.value.errors) == ["reason"]
    edit(lead, {"status": "qualified"}, by=cast.bob)
    lead.refresh_from_db()
    assert (lead.status, lead.qualified_at is not None) == ("qualified", True)
    with pytest.raises(Refused):
        edit(lead, {"status": "new"}, by=cast.bob)


def test_a_lead_is_given_up_with_a_reason_and_taken_up_again(cast: Cast) -> None:
    lead = make("leads", name="Wei Fang", owner=cast.bob.pk)
    with pytest.raises(Refused):
        disqualify(lead, by=cast.bob)
    disqualify(lead, by=cast.bob, reason="money")
    with pytest.raises(Forbidden):
        convert(lead, by=cast.bob)
    again = reopen(lead, by=cast.bob)
    assert (again.status, again.reason) == ("working", "")
    told = list(Change.objects.filter(entity="leads", record_id=lead.pk).order_by("id").values_list("event", flat=True))
    assert told == ["lead.created", "lead.disqualified", "lead.reopened"]


def test_a_lead_is_somebody(cast: Cast) -> None:
    with pytest.raises(Refused) as wrong:
        create(entity_named("leads"), {"title": "Buyer"}, by=cast.bob)
    assert list(wrong.value.errors) == ["name"]
    assert make("leads", company="Bluefin Freight").name == "Bluefin Freight"


# ——— conversion ———


def lead_of(cast: Cast, **values: Any) -> Any:
    start = {
        "name": "张伟", "company": "Bluefin Freight", "title": "Buyer", "phones": ["+86 138 0013 8000"], "emails": ["zw@bluefin.example"],
        "industry": "logistics", "source": "fair", "need": "Forty scanners", "budget": 120000, "currency": "CNY", "owner": cast.bob.pk,
    }  # fmt: skip
    return make("leads", **{**start, **values})


def test_conversion_makes_an_account_a_contact_and_a_deal_and_carries_all_along(cast: Cast) -> None:
    for entity, kind in (("leads", "number"), ("accounts", "number"), ("contacts", "text")):
        custom.add(CustomField(entity=entity, key="docks", kind=kind, label_en="Docks"))
    lead = lead_of(cast, docks=12, campaign="LogiMAT 2026")
    call = make("activities", kind="call", body="Wants a price", lead=lead.pk, owner=cast.bob.pk)
    lead.refresh_from_db()
    assert lead.last_contact_at == call.done_at

    deal = convert(lead, by=cast.bob, closes_on="2027-01-15")

    lead.refresh_from_db()
    call.refresh_from_db()
    account, contact = deal.account, deal.contact
    assert (lead.status, lead.account, lead.contact, lead.deal) == ("converted", account, contact, deal)
    assert (account.name, account.industry, account.source, account.owner_id) == ("Bluefin Freight", "logistics", "fair", cast.bob.pk)
    assert (account.relationship, account.kind, account.phones, account.custom) == ("prospect", "company", [], {"docks": 12})
    assert (contact.name, contact.title, contact.account, contact.custom) == ("张伟", "Buyer", account, {})
    assert [one["value"] for one in contact.phones] == ["+8613800138000"]
    assert (deal.name, deal.amount, deal.currency) == ("Forty scanners · Bluefin Freight", Decimal(120000), "CNY")
    assert (deal.source, deal.campaign, deal.closes_on, deal.owner_id) == ("fair", "LogiMAT 2026", dt.date(2027, 1, 15), cast.bob.pk)
    assert (call.account, call.contact, call.deal, call.lead) == (account, contact, deal, lead)


def test_conversion_takes_what_is_chosen_and_changes_nothing_of_it(cast: Cast) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    contact = make("contacts", name="张伟", account=account.pk, owner=cast.bob.pk)
    became = convert(lead_of(cast), by=cast.bob, contact=contact.pk, with_deal=False)
    assert became == account
    assert (Account.objects.count(), Contact.objects.count(), Deal.objects.count()) == (1, 1, 0)
    assert (became.version, Account.objects.get().industry) == (1, "")


def test_a_lead_without_a_person_makes_no_contact_and_one_without_a_company_an_account_of_the_person(cast: Cast) -> None:
    deal = convert(lead_of(cast, name="", company="Bluefin"), by=cast.bob)
    assert (deal.contact, len(deal.account.phones)) == (None, 1)
    other = convert(lead_of(cast, company="", phones=[], emails=[]), by=cast.bob)
    assert (other.account.kind, other.account.name, other.contact.name) == ("person", "张伟", "张伟")


@pytest.mark.parametrize("way", ["verb", "undo"])
def test_a_conversion_is_undone_whole(cast: Cast, way: str) -> None:
    lead = lead_of(cast, status="qualified")
    call = make("activities", kind="call", body="Wants a price", lead=lead.pk, owner=cast.bob.pk)
    origin = UI.batched()
    convert(lead, by=cast.bob, origin=origin)

    if way == "verb":
        unconvert(lead, by=cast.bob)
    else:
        assert origin.batch is not None
        _done, failed = undo_batch(origin.batch, by=cast.bob).counts
        assert failed == 0

    lead.refresh_from_db()
    call.refresh_from_db()
    assert (lead.status, lead.account, lead.contact, lead.deal, lead.converted_at) == ("qualified", None, None, None, None)
    assert (call.account, call.contact, call.deal) == (None, None, None)
    assert {model.objects.get().deleted_at is None for model in (Account, Contact, Deal)} == {False}
    assert Conversion.objects.get().undone_by == cast.bob
    assert convert(lead, by=cast.bob).account.deleted_at is None


def test_undoing_leaves_what_was_there_and_what_others_came_to_hang_on(cast: Cast) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    chosen = lead_of(cast)
    convert(chosen, by=cast.bob, account=account.pk)
    unconvert(chosen, by=cast.bob)
    assert Account.objects.get().deleted_at is None

    lead = lead_of(cast, company="Zephyr")
    deal = convert(lead, by=cast.bob)
    make("deals", name="Another", account=deal.account_id, owner=cast.bob.pk)
    unconvert(lead, by=cast.bob)
    assert Account.objects.get(name="Zephyr").deleted_at is None
    assert Deal.objects.get(pk=deal.pk).deleted_at is not None


def test_undoing_a_conversion_throws_away_nothing_that_papers_hang_on(cast: Cast) -> None:
    lead = lead_of(cast, company="Zephyr")
    deal = convert(lead, by=cast.bob)
    order = make("orders", account=deal.account_id, deal=deal.pk, contact=deal.contact_id, owner=cast.bob.pk)
    make("deal_lines", deal=deal.pk, name="Cranes", quantity=1, price=5)
    unconvert(lead, by=cast.bob)
    assert Deal.objects.get(pk=deal.pk).deleted_at is None
    assert Account.objects.get(pk=deal.account_id).deleted_at is None
    assert Contact.objects.get(pk=deal.contact_id).deleted_at is None
    assert type(order).objects.get(pk=order.pk).deleted_at is None


def test_an_account_with_papers_is_not_thrown_away(cast: Cast) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    order = make("orders", account=account.pk, owner=cast.bob.pk, currency="USD")
    assert delete(account, by=cast.admin).deleted_at is not None
    restore(account, by=cast.admin)
    make("payments", account=account.pk, amount=5, currency="USD", received_on="2026-11-02", owner=cast.bob.pk)
    with pytest.raises(Refused, match="can no longer be deleted"):
        delete(Account.objects.get(pk=account.pk), by=cast.admin)
    assert Account.objects.get(pk=account.pk).deleted_at is None
    assert order.account_id == account.pk


def test_a_conversion_whose_deal_is_won_stays(cast: Cast) -> None:
    lead = lead_of(cast)
    deal = convert(lead, by=cast.bob)
    entity_named("deals").verb("win")(deal, by=cast.bob)
    with pytest.raises(Refused, match="closed already"):
        unconvert(lead, by=cast.bob)
    lead.refresh_from_db()
    assert lead.status == "converted"


def test_nobody_converts_what_they_may_not_edit_or_learns_what_they_may_not_read(cast: Cast) -> None:
    FieldRight.objects.create(role=cast.roles["seller"], entity="leads", field="phones", level=Level.MASKED)
    raise_epoch()
    lead = lead_of(cast)
    with pytest.raises(Exception, match="no such record"):
        convert(lead, by=cast.charlie)
    assert convert(lead, by=cast.bob).contact.phones == []


def test_the_dialog_proposes_the_customer_that_is_there_already(cast: Cast, client_of: Any) -> None:
    account = make("accounts", name="Bluefin Freight Ltd", owner=cast.bob.pk)
    contact = make("contacts", name="Zhang Wei", account=account.pk, owner=cast.bob.pk, emails=["zw@bluefin.example"])
    hidden = make("contacts", name="Hidden Zhang", owner=cast.charlie.pk, phones=["+86 138 0013 8000"])
    page = client_of(cast.bob).get(f"/leads/{lead_of(cast).pk}/do/convert").content.decode()
    assert f'<option value="{contact.pk}" selected' in page
    assert f'<option value="{account.pk}" selected' in page
    assert hidden.name not in page


# ——— who is who ———


def test_a_form_warns_across_leads_accounts_and_contacts(cast: Cast, client_of: Any) -> None:
    client = client_of(cast.bob)
    lead_of(cast)
    make("contacts", name="Secret Sam", owner=cast.charlie.pk, phones=["+86 139 0013 9000"])
    by_phone = {"phones": "138 0013 8000", "phones-label": "mobile"}
    for path in ("leads", "contacts", "accounts"):
        assert "This lead may be there already" in client.get(f"/{path}/duplicates", by_phone).content.decode(), path
    make("contacts", name="张大伟", owner=cast.bob.pk, phones=["+86 137 0013 7000"])
    told = client.get("/leads/duplicates", {"phones": "137 0013 7000", "phones-label": ""}).content.decode()
    assert "This contact may be there already" in told
    assert "Secret Sam" not in client.get("/leads/duplicates", {"phones": "139 0013 9000", "phones-label": ""}).content.decode()


# ——— sources ———


def test_a_source_of_ones_own_is_a_choice_everywhere_and_brings_its_method_and_cost(cast: Cast, client_of: Any) -> None:
    start_sources("zh-hans")
    method = make("methods", name="Mystery shopping")
    source = make("sources", name="春季展会 2026", method=method.pk, cost_each="35.5", currency="CNY")
    assert (source.key, Source.objects.get(name="展会").key) == ("chun_ji_zhan_hui_2026", "fair")
    lead = lead_of(cast, source="春季展会 2026")
    assert (lead.source, lead.method, lead.cost) == (source.key, method, Decimal("35.5"))
    form = client_of(cast.bob).get("/accounts/new").content.decode()
    assert f'<option value="{source.key}">春季展会 2026</option>' in form
    assert ">Trade fair</option>" in form
    entity_named("sources").model._default_manager.filter(pk=source.pk).update(deleted_at=timezone.now())
    raise_epoch()
    assert "春季展会 2026" not in client_of(cast.bob).get("/accounts/new").content.decode()
    assert "春季展会 2026" in client_of(cast.bob).get(f"/leads/{lead.pk}").content.decode()
    edit(lead, {"source": source.key, "need": "More"}, by=cast.bob)


def test_each_method_yields_what_its_leads_brought(cast: Cast, client_of: Any) -> None:
    start_sources("en")
    fair, web = Method.objects.get(name="Meeting or fair"), Method.objects.get(name="Web")
    Source.objects.filter(key="fair").update(cost_each=50, currency="USD")
    raise_epoch()
    won = convert(lead_of(cast, currency="USD", budget=900), by=cast.bob)
    entity_named("deals").verb("win")(won, by=cast.bob)
    lead_of(cast, currency="USD", company="Other")
    lead_of(cast, source="website", status="qualified")
    lead_of(cast, owner=cast.charlie.pk)
    told = [(one.method, one.leads, one.qualified, one.won, one.rate, one.revenue, one.cost, one.days) for one in yields(cast.bob)]
    assert told == [
        (fair.pk, 2, 1, 1, 50, [(Decimal(900), "USD")], [(Decimal(100), "USD")], 0),
        (web.pk, 1, 1, 0, 0, [], [], None),
    ]
    page = client_of(cast.bob).get("/leads/yield").content.decode()
    assert "Meeting or fair" in page
    assert "$900" in page
    assert Lead.objects.filter(method=fair).count() == 3


def test_an_activity_that_was_led_elsewhere_is_no_contact_of_the_lead(cast: Cast) -> None:
    lead = lead_of(cast)
    call = create(entity_named("activities"), {"kind": "call", "body": "Hi", "lead": lead.pk}, by=SYSTEM)
    edit(call, {"lead": None}, by=SYSTEM)
    lead.refresh_from_db()
    assert lead.last_contact_at is None
