"""The write path: what a write checks, keeps and tells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.crm.deals.verbs import lose, reopen, win
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record.changes import Origin, create, create_many, delete, edit, edit_many, restore
from guanxi.record.custom import add
from guanxi.record.history import changes_of, undo
from guanxi.record.models import Change, CustomField, Identity, SearchDocument
from guanxi.record.refusals import Forbidden, Missing, Refused, Stale
from guanxi.surfaces.reading import Query, page
from tests.cast import Cast, make

pytestmark = pytest.mark.django_db


def deal_of(cast: Cast, **values: Any) -> Any:
    return create(entity_named("deals"), {"name": "Fleet renewal", "amount": "1,284,000", **values}, by=cast.bob)


def test_a_new_deal_starts_on_the_first_stage_with_its_owner_and_team(cast: Cast) -> None:
    deal = deal_of(cast)
    assert (deal.stage.name, deal.outcome, deal.owner_id, deal.team_id, deal.currency) == (
        "New", "open", cast.bob.pk, cast.harbour.pk, "USD",
    )  # fmt: skip
    assert deal.weighted == Decimal("128400.0000")


def test_a_custom_field_left_empty_is_kept_like_one_that_was_emptied(cast: Cast) -> None:
    """As no value: what is empty comes last in every order, and JSON has a null that comes first."""
    add(CustomField(entity="leads", key="tonnage", kind="number", label_en="Tonnage"))
    leads, order = entity_named("leads"), ("tonnage",)
    emptied = make("leads", name="Emptied", tonnage=5)
    edit(emptied, {"tonnage": None}, by=SYSTEM)
    left, full = make("leads", name="Left", tonnage=None), make("leads", name="Full", tonnage=7)
    assert [leads.model._default_manager.get(pk=one.pk).custom for one in (emptied, left, full)] == [{}, {}, {"tonnage": 7}]
    assert next(one.pk for one in page(Query(leads, None, order), to=cast.admin).records) == full.pk


def test_a_write_keeps_who_when_before_and_after(cast: Cast) -> None:
    deal = deal_of(cast)
    edit(deal, {"amount": "2000"}, by=cast.alice, origin=Origin("api"))
    change = changes_of(deal).first()
    assert change is not None
    assert (change.event, change.by_id, change.origin, change.diff["amount"]) == ("deal.edited", cast.alice.pk, "api", ["1284000", "2000"])


def test_writing_the_same_values_changes_nothing(cast: Cast) -> None:
    deal = deal_of(cast)
    same = edit(deal, {"amount": "1284000.00", "name": "Fleet renewal"}, by=cast.bob)
    assert (same.version, changes_of(deal).count()) == (1, 1)


def test_a_stale_edit_is_refused_with_what_changed_meanwhile(cast: Cast) -> None:
    deal = deal_of(cast)
    edit(deal, {"next_step": "Call"}, by=cast.alice)
    with pytest.raises(Stale) as stale:
        edit(deal, {"next_step": "Write"}, by=cast.bob, version=1)
    assert [change.diff for change in stale.value.meanwhile] == [{"next_step": ["", "Call"]}]


def test_bad_values_are_named_field_by_field_and_nothing_is_written(cast: Cast) -> None:
    deal = deal_of(cast)
    with pytest.raises(Refused) as refused:
        edit(deal, {"amount": "much", "nmae": "x", "outcome": "won", "account": 10**30, "closes_on": "32 May"}, by=cast.bob)
    assert set(refused.value.errors) == {"amount", "nmae", "outcome", "account", "closes_on"}
    assert "name" in refused.value.errors["nmae"]
    assert changes_of(deal).count() == 1


def test_links_to_records_out_of_sight_are_refused_like_links_to_nothing(cast: Cast) -> None:
    hidden = make("accounts", name="Charlie's", owner=cast.charlie.pk)
    for key in (hidden.pk, 999_999):
        with pytest.raises(Refused) as refused:
            deal_of(cast, account=key)
        assert set(refused.value.errors) == {"account"}


def test_what_is_out_of_sight_is_missing_and_what_may_only_be_seen_is_forbidden(cast: Cast) -> None:
    deal = deal_of(cast)
    with pytest.raises(Missing):
        edit(deal, {"name": "Mine"}, by=cast.charlie)
    edit(deal, {"readers": [cast.charlie.pk]}, by=cast.bob)
    with pytest.raises(Forbidden):
        edit(deal, {"name": "Mine"}, by=cast.charlie)


def test_a_seller_cannot_hand_a_deal_over_but_a_manager_can_and_the_team_follows(cast: Cast) -> None:
    deal = deal_of(cast)
    with pytest.raises(Forbidden):
        edit(deal, {"owner": cast.charlie.pk}, by=cast.bob)
    moved = edit(deal, {"owner": cast.charlie.pk}, by=cast.alice)
    assert (moved.owner_id, moved.team_id) == (cast.charlie.pk, cast.airport.pk)


def test_winning_sets_outcome_day_and_probability_and_cannot_be_done_twice(cast: Cast) -> None:
    deal = win(deal_of(cast), by=cast.bob)
    assert (deal.outcome, deal.stage.name, deal.probability, deal.closed_on) == ("won", "Won", 1, cast.bob.locale.today)
    with pytest.raises(Forbidden):
        win(deal, by=cast.bob)


def test_losing_needs_a_reason_however_it_is_done(cast: Cast) -> None:
    deal = deal_of(cast)
    with pytest.raises(Refused) as by_verb:
        lose(deal, by=cast.bob)
    with pytest.raises(Refused) as by_stage:
        edit(deal, {"stage": cast.stage("Lost").pk}, by=cast.bob)
    assert (set(by_verb.value.errors), set(by_stage.value.errors)) == ({"loss_reason"}, {"loss_reason"})


def test_a_reopened_deal_returns_to_the_stage_it_was_in(cast: Cast) -> None:
    deal = deal_of(cast)
    deal = edit(deal, {"stage": cast.stage("Proposal").pk}, by=cast.bob)
    deal = reopen(win(deal, by=cast.bob), by=cast.bob)
    assert (deal.outcome, deal.stage.name, deal.closed_on) == ("open", "Proposal", None)


def test_a_stage_may_ask_for_fields_and_forbid_moves(cast: Cast) -> None:
    proposal, new = cast.stage("Proposal"), cast.stage("New")
    edit(proposal, {"requires": ["closes_on"]}, by=cast.admin)
    edit(new, {"moves_to": [cast.stage("Qualified").pk, proposal.pk]}, by=cast.admin)
    deal = deal_of(cast)
    with pytest.raises(Refused) as missing:
        edit(deal, {"stage": proposal.pk}, by=cast.bob)
    with pytest.raises(Refused) as forbidden:
        edit(deal, {"stage": cast.stage("Negotiation").pk}, by=cast.bob)
    assert (set(missing.value.errors), set(forbidden.value.errors)) == ({"closes_on"}, {"stage"})


def test_time_in_stage_is_kept_by_the_system(cast: Cast) -> None:
    deal = edit(deal_of(cast), {"stage": cast.stage("Proposal").pk}, by=cast.bob)
    periods = list(deal.stage_periods.order_by("id").values_list("stage__name", "ended_at"))
    assert [name for name, _ended in periods] == ["New", "Proposal"]
    assert periods[0][1] is not None
    assert periods[1][1] is None


def test_deleting_and_restoring_lose_nothing_and_search_follows(cast: Cast) -> None:
    deal = deal_of(cast)
    delete(deal, by=cast.bob)
    assert not SearchDocument.objects.filter(entity="deals", record_id=deal.pk).exists()
    with pytest.raises(Missing):
        edit(deal, {"name": "Gone"}, by=cast.bob)
    restored = restore(deal, by=cast.bob)
    assert (restored.deleted_at, restored.amount) == (None, deal.amount)
    assert SearchDocument.objects.filter(entity="deals", record_id=deal.pk).count() == 1


def test_undoing_an_edit_brings_the_old_values_back_unless_they_changed_again(cast: Cast) -> None:
    deal = deal_of(cast)
    edit(deal, {"next_step": "Call"}, by=cast.bob)
    first = changes_of(deal).first()
    assert first is not None
    edit(deal, {"next_step": "Write"}, by=cast.bob)
    with pytest.raises(Refused):
        undo(first, by=cast.bob)
    latest = changes_of(deal).first()
    assert latest is not None
    assert undo(latest, by=cast.bob).next_step == "Call"


def test_many_records_take_the_same_path_as_one(cast: Cast) -> None:
    rows = [{"name": f"Account {number}", "phones": f"1381234{number:04}"} for number in range(3)]
    many = create_many(entity_named("accounts"), rows, by=cast.alice)
    one = create(entity_named("accounts"), {"name": "Account 1", "phones": "13812340001"}, by=cast.alice)
    told = {change.record_id: change.diff for change in Change.objects.filter(entity="accounts")}
    moments = [told[key].pop("owned_since") for key in (many[1].pk, one.pk)]
    assert told[many[1].pk] == told[one.pk]
    assert all(moments)
    assert list(Identity.objects.filter(record_id=many[1].pk).order_by("what").values_list("what", "value")) == [
        ("name", "account 1"), ("phone", "+8613812340001"),
    ]  # fmt: skip


def test_one_bad_row_of_many_writes_none_and_says_which(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        create_many(entity_named("accounts"), [{"name": "Good"}, {"name": ""}], by=cast.alice)
    assert refused.value.errors["#"] == "1"
    assert not Change.objects.filter(entity="accounts").exists()


def test_a_bulk_edit_leaves_alone_what_is_out_of_reach(cast: Cast) -> None:
    mine, other = deal_of(cast), make("deals", name="Other", owner=cast.charlie.pk)
    assert edit_many(entity_named("deals"), [mine.pk, other.pk], {"source": "fair"}, by=cast.bob) == 1
    other.refresh_from_db()
    assert other.source == ""


def test_owner_history_is_kept(cast: Cast) -> None:
    account = create(entity_named("accounts"), {"name": "Northwind"}, by=cast.bob)
    edit(account, {"owner": cast.charlie.pk}, by=cast.alice)
    periods = list(account.owner_periods.order_by("id").values_list("owner_id", "ended_at"))
    assert [owner for owner, _ended in periods] == [cast.bob.pk, cast.charlie.pk]
    assert (periods[0][1] is not None, periods[1][1]) == (True, None)


def test_nobody_but_an_administrator_makes_administrators(cast: Cast) -> None:
    from guanxi.access.starting import grant

    grant(cast.roles["manager"], {"users": {"edit": "all", "see": "all"}})
    with pytest.raises(Refused) as refused:
        edit(cast.bob, {"is_superuser": True}, by=cast.alice)
    assert set(refused.value.errors) == {"is_superuser"}


def test_what_many_new_records_lead_to_is_asked_for_once(cast: Cast) -> None:
    account = make("accounts", name="Bluefin", owner=cast.bob.pk)
    orders = [make("orders", account=account.pk, owner=cast.bob.pk, currency="USD") for _ in range(20)]
    rows = [{"order": order.pk, "name": "Cranes", "quantity": 1 + n, "price": 10} for order in orders for n in range(2)]
    counts = []
    for some in (rows[:4], rows):
        with CaptureQueriesContext(connection) as told:
            made = create_many(entity_named("order_lines"), some, by=cast.admin)
        counts.append(len([one for one in told if 'FROM "crm_order"' in one["sql"]]))
    assert counts[0] == counts[1] < 8
    assert {line.currency for line in made} == {"USD"}
    with pytest.raises(Refused) as refused:
        create_many(entity_named("order_lines"), [rows[0], {**rows[1], "order": 10**9}], by=cast.admin)
    assert refused.value.errors.get("#", "1") == "1"
