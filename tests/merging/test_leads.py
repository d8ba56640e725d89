"""Leads that are one: what they became, whose they are, and what was agreed to goes along; undoing gives all of it back."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.crm.forms.model import FormEntry
from guanxi.crm.leads.verbs import convert as to_convert
from guanxi.crm.leads.verbs import unconvert
from guanxi.crm.models import Account, Activity, Conversion, Deal, Lead, PoolMove
from guanxi.crm.pools.verbs import claim, give_back
from guanxi.crm.scoring.learning import count, learn
from guanxi.crm.scoring.model import ScoreSeen
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import create
from guanxi.record.merging import choices, merge, unmerge
from guanxi.record.models import Change
from guanxi.surfaces.dedupe.likeness import LIKELY
from guanxi.surfaces.dedupe.model import DuplicatePair, DuplicateScan
from guanxi.surfaces.dedupe.scanning import scan
from tests.cast import Cast, make, signed_in

pytestmark = pytest.mark.django_db


def lead(cast: Cast, name: str = "Chen Yuan", **values: Any) -> Any:
    return make("leads", **{"name": name, "company": "Harbour Freight", "owner": cast.bob.pk, "source": "website", **values})


def fresh(record: Any) -> Any:
    return Lead.objects.get(pk=record.pk)


def convert(record: Any, by: Any) -> None:
    to_convert(record, by=by, account=None, contact=None, with_deal=True, deal_name="", closes_on=None)


def became(record: Any) -> tuple[Any, ...]:
    one = fresh(record)
    return one.status, one.account_id, one.contact_id, one.deal_id, one.converted_at


@pytest.mark.parametrize("kept_is_converted", [True, False])
def test_a_lead_is_converted_when_either_was_and_undoing_gives_both_back(cast: Cast, kept_is_converted: bool) -> None:
    one, other = lead(cast, status="working"), lead(cast, "Chen Yuan", emails="chen@harbour.example")
    visit = make("activities", kind="visit", lead=other.pk, owner=cast.bob.pk)
    converted, open_one = (one, other) if kept_is_converted else (other, one)
    convert(converted, cast.bob)
    before = became(one), became(other)
    assert "status" not in choices(entity_named("leads"), fresh(one), fresh(other), by=cast.bob)
    done = merge(one, other, by=cast.bob)
    assert became(one) == became(converted)
    assert fresh(one).emails[0]["value"] == "chen@harbour.example"
    assert Conversion.objects.get().lead_id == one.pk
    assert Activity.objects.get(pk=visit.pk).lead_id == one.pk
    unmerge(done, by=cast.bob)
    assert (became(one), became(other)) == before
    assert Conversion.objects.get().lead_id == converted.pk
    assert Activity.objects.get(pk=visit.pk).lead_id == other.pk
    unconvert(fresh(converted), by=cast.bob)
    assert [became(converted)[0], became(open_one)[0]].count("converted") == 0
    assert not Deal.objects.filter(deleted_at__isnull=True).exists()


def test_of_two_conversions_each_is_undone_by_itself(cast: Cast) -> None:
    one, other = lead(cast), lead(cast)
    convert(one, cast.bob)
    convert(other, cast.bob)
    first, second = became(one), became(other)
    merge(one, other, by=cast.bob)
    assert became(one) == first
    unconvert(fresh(one), by=cast.bob)
    assert became(one) == second, "the other conversion stands"
    unconvert(fresh(one), by=cast.bob)
    assert became(one) == ("new", None, None, None, None)
    assert Account.objects.filter(deleted_at__isnull=True).count() == 0


def test_what_somebody_has_leaves_the_pool_and_its_way_is_kept(cast: Cast) -> None:
    pool = make("pools", name="Inbound", of="leads", admin_people=[cast.bob.pk])
    waits = lead(cast, owner=None, pool=pool.pk)
    claim(waits, by=cast.bob)
    give_back(fresh(waits), by=cast.bob, pool=pool.pk, reason="Asked twice")
    has = lead(cast)
    for kept, gone in ((has, waits), (waits, has)):
        before = [(one.owner_id, one.pool_id, one.pooled_at) for one in (fresh(kept), fresh(gone))]
        done = merge(kept, gone, by=SYSTEM)
        assert (fresh(kept).owner_id, fresh(kept).pool_id) == (cast.bob.pk, None)
        assert set(PoolMove.objects.values_list("record_id", "why")) == {(kept.pk, "claim"), (kept.pk, "return")}
        unmerge(done, by=SYSTEM)
        assert [(one.owner_id, one.pool_id, one.pooled_at) for one in (fresh(kept), fresh(gone))] == before
        assert set(PoolMove.objects.values_list("record_id", flat=True)) == {waits.pk}
    other = make("pools", name="Fairs", of="leads")
    nobody = lead(cast, owner=None, pool=other.pk)
    merge(nobody, waits, by=SYSTEM)
    assert fresh(nobody).pool_id == other.pk


def test_consents_go_along_and_scores_count_what_is_left(cast: Cast) -> None:
    form = make("web_forms", name="Contact", asks=["name"])
    one, other = lead(cast), lead(cast)
    entry = FormEntry.objects.create(form=form, lead=other, language="en", consent="You may call me.", page="")
    score = create(entity_named("scores"), {"name": "Leads", "of": "leads", "uses": ["source"]}, by=SYSTEM)
    convert(other, cast.bob)
    learn(score.pk)
    assert set(ScoreSeen.objects.values_list("record_id", flat=True)) == {other.pk}
    done = merge(one, other, by=cast.bob)
    count(score, sorted(set(Change.objects.filter(batch=done.batch, entity="leads").values_list("record_id", flat=True))))
    assert FormEntry.objects.get(pk=entry.pk).lead_id == one.pk
    assert set(ScoreSeen.objects.values_list("record_id", flat=True)) == {one.pk}
    unmerge(done, by=cast.bob)
    done.refresh_from_db()
    count(score, sorted(set(Change.objects.filter(batch=done.undone_batch, entity="leads").values_list("record_id", flat=True))))
    assert FormEntry.objects.get(pk=entry.pk).lead_id == other.pk
    assert set(ScoreSeen.objects.values_list("record_id", flat=True)) == {other.pk}


def test_leads_are_looked_for_by_name_and_firm_and_merged_on_the_page(cast: Cast) -> None:
    one = lead(cast, "Chen Yuan", company="Harbour Freight Ltd")
    other = lead(cast, "Yuan Chen", company="Harbor Freight")
    lead(cast, "Bob Reyes", company="Harbour Freight")
    firm = lead(cast, "", company="远洋物流有限公司")
    lead(cast, "", company="上海远洋物流")
    for number in range(20):
        lead(cast, f"Person {'abcdefghijklmnopqrst'[number] * 5}", company=f"Firm {'abcdefghijklmnopqrst'[number] * 4}")
    scan(DuplicateScan.objects.create(entity="leads"))
    found = dict(DuplicatePair.objects.values_list("first_id", "bits"))
    assert found.keys() == {one.pk, firm.pk}
    assert found[one.pk] >= LIKELY > found[firm.pk], "of a firm by its name alone it is possible"
    client = signed_in(cast.bob)
    assert "Company" in client.get("/leads/duplicates/review").content.decode()
    answer = client.post(f"/leads/{one.pk}/merge?with={other.pk}&from=review", {"pick-company": "gone"})
    assert answer.status_code == 302
    assert (fresh(one).company, fresh(other).deleted_at is not None) == ("Harbor Freight", True)
