"""Two records that are one: everything goes to the kept one, and undoing gives both back."""

from __future__ import annotations

import json
import random
import uuid
from typing import Any

import pytest
from django.db import connection

from guanxi.crm.accounts.model import OwnerPeriod
from guanxi.crm.activities.model import Activity
from guanxi.crm.deals.model import DealContact
from guanxi.crm.models import Account, Contact
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import create_many, edit, restore
from guanxi.record.custom import add
from guanxi.record.history import changes_of, trash_of, undo_batch
from guanxi.record.merging import heir, merge, unmerge
from guanxi.record.models import Change, CustomField, Identity, Merge, SearchDocument
from guanxi.record.refusals import Forbidden, Missing, Refused
from guanxi.surfaces.search.query import find
from tests.cast import Cast, make
from tests.plenty import Plenty

pytestmark = pytest.mark.django_db
MERGEABLE = [one.path for one in entities() if one.mergeable]
OF_THE_WRITE = {"version", "changed_at", "changed_by_id"}
APART = {"change", "merge", "procrastinate_jobs", "procrastinate_events"}


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, apart from what tells of the writes themselves."""
    found = {}
    for table in connection.introspection.table_names():
        if table in APART or table.startswith(("change_", "django_", "auth_")):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT to_jsonb(t) FROM "{table}" t')
            rows = [{name: value for name, value in json.loads(row).items() if name not in OF_THE_WRITE} for (row,) in cursor.fetchall()]
        if table == "search_document":
            for row in rows:
                del row["id"]
        found[table] = sorted(rows, key=str)
    return found


def pair(cast: Cast, path: str = "accounts", **values: Any) -> tuple[Any, Any]:
    kept = make(path, name="Northwind Logistics", owner=cast.bob.pk)
    gone = make(path, **{"name": "Northwind Logistic", "owner": cast.bob.pk, **values})
    return kept, gone


# ——— the law ———


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("path", MERGEABLE)
def test_merging_and_unmerging_changes_nothing(cast: Cast, path: str, seed: int) -> None:
    chance = random.Random(seed)
    entity = entity_named(path)
    add(CustomField(entity="deals", key="referred_by", kind="link", label_en="Referred by", options=[path]))
    plenty = Plenty()
    records = plenty.of(path, 3)
    for other in entities():
        for one in other.fields.values():
            if (one.k.linked() != path and one.k.name != "any record") or one.read_only:
                continue
            for record in records:
                value = f"{path}:{record.pk}" if one.k.name == "any record" else [record.pk, records[0].pk] if one.k.listed else record.pk
                if chance.random() < 0.8:
                    try:
                        plenty.of(other.path, 1, **{one.name: value})
                    except Refused:
                        continue
    if path == "contacts":
        edit(records[0], {"reports_to": records[1].pk}, by=SYSTEM)
    if path == "accounts":
        edit(records[0], {"parent": records[1].pk}, by=SYSTEM)
        edit(records[2], {"parent": records[0].pk}, by=SYSTEM)
    before = everything()
    kept, gone = chance.sample(records, 2)
    done = merge(kept, gone, by=SYSTEM)
    between = everything()
    assert between != before
    unmerge(done, by=SYSTEM)
    after = everything()
    assert {table: rows for table, rows in after.items() if rows != before[table]} == {}
    assert entity.model._default_manager.filter(deleted_at__isnull=True).count() == len(before[entity.model._meta.db_table])


# ——— what goes where ———


def test_everything_that_led_to_the_gone_record_leads_to_the_kept_one(cast: Cast) -> None:
    kept, gone = pair(cast, "contacts", phones="+8613800000001", tags=["vip"])
    deal = make("deals", name="Cranes", owner=cast.bob.pk, contact=gone.pk)
    make("deal_contacts", deal=deal.pk, contact=kept.pk)
    twice = make("deal_contacts", deal=deal.pk, contact=gone.pk)
    visit = make("activities", kind="visit", participants=[gone.pk, kept.pk], about=f"contacts:{gone.pk}", owner=cast.bob.pk)
    report = make("contacts", name="Below", reports_to=gone.pk)
    merge(kept, gone, by=cast.bob)
    for record in (deal, twice, visit, report, kept):
        record.refresh_from_db()
    assert (deal.contact_id, report.reports_to_id) == (kept.pk, kept.pk)
    assert (visit.participants, visit.about) == ([kept.pk], f"contacts:{kept.pk}")
    assert DealContact.objects.filter(deal=deal.pk, deleted_at__isnull=True).count() == 1
    assert twice.deleted_at is not None
    assert ([one["value"] for one in kept.phones], kept.tags) == (["+8613800000001"], ["vip"])
    assert heir(entity_named("contacts"), gone.pk) == kept.pk
    assert set(Identity.objects.filter(value="+8613800000001").values_list("record_id", flat=True)) == {kept.pk}
    assert set(SearchDocument.objects.filter(entity="contacts").values_list("record_id", flat=True)) == {kept.pk, report.pk}
    assert [hit.key for hit in find("+8613800000001", to=cast.bob)] == [kept.pk]


def test_the_owners_an_account_had_are_the_kept_ones(cast: Cast) -> None:
    kept, gone = pair(cast, owner=cast.alice.pk)
    merge(kept, gone, {}, by=SYSTEM)
    periods = OwnerPeriod.objects.filter(account=kept.pk)
    assert {(one.owner_id, one.ended_at is None) for one in periods} == {(cast.bob.pk, True), (cast.alice.pk, False)}


def test_a_value_that_only_one_may_have_goes_to_the_kept_record_and_back(cast: Cast) -> None:
    kept, gone = pair(cast, external_id="erp-7")
    done = merge(kept, gone, by=cast.bob)
    kept.refresh_from_db()
    assert kept.external_id == "erp-7"
    unmerge(done, by=cast.bob)
    assert [Account.objects.get(pk=one.pk).external_id for one in (kept, gone)] == [None, "erp-7"]


def test_what_is_under_the_kept_record_does_not_come_above_it(cast: Cast) -> None:
    kept, gone = pair(cast)
    below = make("accounts", name="Depot", parent=kept.pk)
    edit(gone, {"parent": below.pk}, by=SYSTEM)
    merge(kept, gone, by=cast.bob)
    assert Account.objects.get(pk=kept.pk).parent_id is None


def test_an_amount_brings_its_currency_along(cast: Cast) -> None:
    kept, gone = pair(cast, currency="CNY", revenue="500")
    merge(kept, gone, by=cast.bob)
    kept.refresh_from_db()
    assert (kept.revenue, kept.currency) == (500, "CNY")


# ——— rights, history, undoing ———


def test_who_may_not_edit_both_merges_nothing(cast: Cast) -> None:
    kept = make("accounts", name="Bob's", owner=cast.bob.pk)
    read = make("accounts", name="Bob reads this", owner=cast.charlie.pk, readers=[cast.bob.pk])
    hidden = make("accounts", name="Bob does not know this", owner=cast.charlie.pk)
    with pytest.raises(Forbidden):
        merge(kept, read, by=cast.bob)
    with pytest.raises(Missing):
        merge(kept, hidden, by=cast.bob)
    with pytest.raises(Refused):
        merge(kept, kept, by=cast.bob)
    done = merge(kept, hidden, by=SYSTEM)
    with pytest.raises(Forbidden):
        unmerge(done, by=cast.bob)
    assert Merge.objects.filter(undone_at__isnull=True).count() == 1


def test_the_kept_record_tells_both_histories_and_the_trash_does_not_offer_the_gone_one(cast: Cast) -> None:
    kept, gone = pair(cast)
    edit(gone, {"employees": 7}, by=cast.bob)
    merge(kept, gone, {}, by=cast.bob)
    told = [(change.record_id, change.event) for change in changes_of(kept)]
    assert told == [
        (kept.pk, "account.merged"), (gone.pk, "account.absorbed"), (gone.pk, "account.edited"), (gone.pk, "account.created"),
        (kept.pk, "account.created"),
    ]  # fmt: skip
    assert list(trash_of(entity_named("accounts"), to=cast.admin)) == []
    with pytest.raises(Refused):
        restore(gone, by=SYSTEM)


def test_what_was_changed_since_stays(cast: Cast) -> None:
    kept, gone = pair(cast, employees=7, website="https://north.example")
    one, other = (make("deals", name=name, owner=cast.bob.pk, account=gone.pk) for name in ("Cranes", "Rails"))
    elsewhere = make("accounts", name="Third", owner=cast.bob.pk)
    done = merge(kept, gone, by=cast.bob)
    edit(kept, {"employees": 9}, by=cast.bob)
    edit(other, {"account": elsewhere.pk}, by=cast.bob)
    unmerge(done, by=cast.bob)
    kept.refresh_from_db()
    assert (kept.employees, kept.website) == (9, "")
    for deal in (one, other):
        deal.refresh_from_db()
    assert (one.account_id, other.account_id) == (gone.pk, elsewhere.pk)


def test_merges_in_a_row_are_undone_last_first(cast: Cast) -> None:
    kept, gone = pair(cast)
    last = make("accounts", name="Northwind", owner=cast.bob.pk)
    first, second = merge(kept, gone, by=cast.bob), merge(last, kept, by=cast.bob)
    assert heir(entity_named("accounts"), gone.pk) == last.pk
    assert {change.record_id for change in changes_of(last)} == {kept.pk, gone.pk, last.pk}
    with pytest.raises(Refused):
        unmerge(first, by=cast.bob)
    unmerge(second, by=cast.bob)
    unmerge(first, by=cast.bob)
    assert Account.objects.filter(deleted_at__isnull=True).count() == 3


def test_undoing_the_undoing_merges_again(cast: Cast) -> None:
    kept, gone = pair(cast, employees=7)
    done = merge(kept, gone, {"name": "North"}, by=cast.bob)
    assert undo_batch(done.batch, by=cast.bob).counts == (1, 0)
    done.refresh_from_db()
    assert (Account.objects.get(pk=kept.pk).name, Account.objects.filter(deleted_at__isnull=True).count()) == ("Northwind Logistics", 2)
    assert undo_batch(done.undone_batch, by=cast.bob).counts == (1, 0)
    assert [(one.name, one.employees) for one in Account.objects.filter(deleted_at__isnull=True)] == [("North", None)]
    with pytest.raises(Refused):
        unmerge(done, by=cast.bob)


def test_a_record_with_thousands_of_activities_is_merged_in_chunks(cast: Cast) -> None:
    kept, gone = pair(cast)
    create_many(entity_named("activities"), [{"kind": "call", "account": gone.pk}] * 2100, by=SYSTEM)
    done = merge(kept, gone, by=cast.bob)
    assert Activity.objects.filter(account=kept.pk).count() == 2100
    unmerge(done, by=cast.bob)
    assert Activity.objects.filter(account=gone.pk).count() == 2100
    assert Change.objects.filter(batch=uuid.UUID(str(done.batch)), event="activity.relinked").count() == 2100
    assert Contact.objects.count() == 0


def test_what_is_summed_up_is_right_after_merging_and_after_undoing(cast: Cast) -> None:
    kept, gone = pair(cast)
    for account, amount in ((kept, "100"), (gone, "30"), (gone, "7")):
        make("deals", name="Cranes", owner=cast.bob.pk, account=account.pk, amount=amount, currency="USD")

    def told(record: Any) -> tuple[int, Any]:
        fresh = Account.objects.get(pk=record.pk)
        return fresh.open_deals, fresh.open_amount

    assert (told(kept), told(gone)) == ((1, 100), (2, 37))
    done = merge(kept, gone, by=cast.bob)
    assert told(kept) == (3, 137)
    unmerge(done, by=cast.bob)
    assert (told(kept), told(gone)) == ((1, 100), (2, 37))
