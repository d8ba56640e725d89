"""Search finds a record by what a person remembers of it, and nobody what is not theirs to see."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.access.models import FieldRight
from guanxi.access.starting import grant
from guanxi.entity.actors import Level
from guanxi.entity.registry import entities, entity_named
from guanxi.record.changes import create_many, delete, edit, restore
from guanxi.record.memory import raise_epoch
from guanxi.surfaces.search.query import CANDIDATES, find
from tests.cast import Cast, make
from tests.plenty import Plenty

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang(cast: Cast) -> Any:
    return make(
        "contacts", name="张三丰", owner=cast.bob.pk, phones=["+8613812344321"], emails=["sanfeng.zhang@yuanhang-logistics.com.cn"],
        external_id="KH-0815",
    )  # fmt: skip


def keys(text: str, user: Any, **options: Any) -> list[int]:
    return [hit.key for hit in find(text, to=user, **options)]


@pytest.mark.parametrize(
    "typed",
    ["张三丰", "张三", "三丰", "zhangsanfeng", "zhangsan", "sanfeng", "zsf", "ZSF", "4321", "12344321", "138 1234 4321", "+86 138-1234-4321",
     "sanfeng.zhang", "yuanhang", "logistics.com", "sanfeng.zhang@yuanhang-logistics.com.cn", "zhang 4321"],
)  # fmt: skip
def test_a_person_is_found_by_characters_pinyin_initials_digits_and_parts_of_the_address(cast: Cast, zhang: Any, typed: str) -> None:
    make("contacts", name="李四", owner=cast.bob.pk, phones=["+8613900001111"])
    assert keys(typed, cast.bob) == [zhang.pk]


@pytest.mark.parametrize("typed", ["", "  ", "!!!", "\x00", "zzzzqqq", "9999999", "张四", "x" * 5000, "' | 'zqx", "zq & zb | !zc", "💥"])
def test_what_nobody_is_called_finds_nothing(cast: Cast, zhang: Any, typed: str) -> None:
    assert keys(typed, cast.bob) == []


@pytest.mark.parametrize("path", [one.path for one in entities() if one.searchable])
def test_every_searched_field_of_every_entity_finds_its_record(path: str, cast: Cast, plenty: Plenty) -> None:
    entity = entity_named(path)
    records = plenty.of(path, 5)
    tried = 0
    for one in entity.fields.values():
        for record in records:
            words = one.k.tokens(one.of(record)) if one.search else []
            longest = max((word for word in words if not word.startswith("~")), key=len, default="")
            if len(longest) > 2:
                tried += 1
                assert record.pk in keys(longest, cast.admin, entities=[entity], limit=50), (one.name, longest)
    assert tried


def test_alice_finds_her_teams_bob_his_own_charlie_neither(cast: Cast) -> None:
    made = {user.username: make("deals", name="Cold chain sensors", owner=user.pk).pk for user in (cast.alice, cast.bob, cast.charlie)}
    found = {user.username: set(keys("sensors", user)) for user in (cast.alice, cast.bob, cast.charlie, cast.admin)}
    assert found == {
        "alice": {made["alice"], made["bob"]}, "bob": {made["bob"]}, "charlie": {made["charlie"]}, "admin": set(made.values()),
    }  # fmt: skip


def test_co_workers_and_readers_find_what_is_shared_with_them(cast: Cast) -> None:
    deal = make("deals", name="Shared pilot", owner=cast.charlie.pk, readers=[cast.bob.pk])
    assert keys("pilot", cast.bob) == [deal.pk]
    edit(deal, {"readers": []}, by=cast.admin)
    assert keys("pilot", cast.bob) == []


def test_a_scope_by_condition_holds_in_search(cast: Cast) -> None:
    grant(cast.roles["seller"], {"deals": {"see": "none"}})
    from guanxi.access.models import Permission

    Permission.objects.filter(role=cast.roles["seller"], entity="deals", action="see").update(
        scope="condition", condition={"path": "amount", "op": "<", "value": 100}
    )
    raise_epoch()
    small = make("deals", name="Pilot small", amount=5, owner=cast.charlie.pk)
    make("deals", name="Pilot large", amount=500, owner=cast.charlie.pk)
    assert keys("pilot", type(cast.bob).objects.get(pk=cast.bob.pk)) == [small.pk]


@pytest.mark.parametrize("level", [Level.HIDDEN, Level.MASKED])
def test_nobody_finds_a_record_by_a_field_they_may_not_read(cast: Cast, zhang: Any, level: Level) -> None:
    for role in cast.roles.values():
        FieldRight.objects.create(role=role, entity="contacts", field="phones", level=level)
    raise_epoch()
    bob = type(cast.bob).objects.get(pk=cast.bob.pk)
    assert keys("4321", bob) == []
    assert keys("13812344321", bob) == []
    assert keys("zhangsan", bob) == [zhang.pk]
    assert keys("sanfeng.zhang", bob) == [zhang.pk]
    assert keys("4321", cast.admin) == [zhang.pk]


def test_nobody_finds_in_a_list_by_a_field_they_may_not_read(cast: Cast, zhang: Any, client_of: Any) -> None:
    for role in cast.roles.values():
        FieldRight.objects.create(role=role, entity="contacts", field="phones", level=Level.MASKED)
    raise_epoch()
    bob = client_of(type(cast.bob).objects.get(pk=cast.bob.pk))
    assert "张三丰" not in bob.get("/contacts?view=all&q=4321").content.decode()
    assert "张三丰" in bob.get("/contacts?view=all&q=zhangsan").content.decode()
    assert "张三丰" in client_of(cast.admin).get("/contacts?view=all&q=4321").content.decode()


def test_the_title_that_is_typed_comes_first_then_titles_that_begin_so(cast: Cast) -> None:
    for name in ("Harbour Foods and more", "The Harbour", "Foods of the harbour", "Harbour"):
        make("accounts", name=name, owner=cast.bob.pk)
    titles = [hit.title for hit in find("harbour", to=cast.bob)]
    assert titles[:2] == ["Harbour", "Harbour Foods and more"]
    assert set(titles) == {"Harbour", "Harbour Foods and more", "The Harbour", "Foods of the harbour"}


def test_a_word_as_it_stands_comes_before_the_many_that_begin_so(cast: Cast) -> None:
    many = [{"name": f"Steel Zwickau {number}", "owner": cast.bob.pk} for number in range(CANDIDATES + 30)]
    create_many(entity_named("accounts"), many, by=cast.admin)
    make("contacts", name="张伟", owner=cast.bob.pk)
    titles = [hit.title for hit in find("zw", to=cast.bob, limit=8)]
    assert (titles[0], len(titles)) == ("张伟", 8)


def test_what_is_in_the_trash_is_not_found_until_it_is_restored(cast: Cast, zhang: Any) -> None:
    delete(zhang, by=cast.admin)
    assert keys("zsf", cast.bob) == []
    restore(zhang, by=cast.admin)
    assert keys("zsf", cast.bob) == [zhang.pk]


def test_a_rare_one_of_mine_is_found_among_thousands_of_others_with_the_same_word(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO search_document (entity, record_id, title, words, owner_id, team_id)
            SELECT 'accounts', 1000000 + n, 'Trading ' || n, '''trading'':1A'::tsvector, %s, %s FROM generate_series(1, 5000) n""",
            [cast.charlie.pk, cast.airport.pk],
        )
    mine = make("accounts", name="Old Trading", owner=cast.bob.pk)
    assert keys("trading", cast.bob) == [mine.pk]


def test_one_entity_more_costs_one_query_more_not_one_for_each_hit(cast: Cast) -> None:
    for place in range(3):
        make("accounts", name=f"Harbour {place}", owner=cast.bob.pk)
    find("harbour", to=cast.bob)
    with CaptureQueriesContext(connection) as few:
        find("harbour", to=cast.bob)
    for place in range(12):
        make("accounts", name=f"Harbour again {place}", owner=cast.bob.pk)
    with CaptureQueriesContext(connection) as many:
        find("harbour", to=cast.bob)
    assert len(many) == len(few) <= 5


def test_the_page_of_results_groups_by_entity_and_narrows_to_one(cast: Cast, client_of: Any, zhang: Any) -> None:
    make("accounts", name="张家港物流", owner=cast.bob.pk)
    client = client_of(cast.bob)
    html = client.get("/search?q=zhang").content.decode()
    assert html.count('class="mini"') == 2
    only = client.get("/search?q=zhang&in=contacts").content.decode()
    assert "张三丰" in only
    assert "张家港物流" not in only
    nothing = client.get("/search?q=<b>none</b>").content.decode()
    assert "Nothing found for “&lt;b&gt;none&lt;/b&gt;”" in nothing


# ——— the palette ———

ASKS = {"HTTP_HX_REQUEST": "true"}


def test_the_palette_offers_records_pages_views_and_what_one_may_create(cast: Cast, client_of: Any, zhang: Any) -> None:
    client = client_of(cast.bob)
    start = client.get("/palette?q=", **ASKS).content.decode()
    assert 'href="/deals/new"' in start
    assert 'href="/deals"' in start
    assert f'href="/contacts/{zhang.pk}"' in client.get("/palette?q=zsf", **ASKS).content.decode()
    assert 'href="/deals/new"' in client.get("/palette?q=new+deal", **ASKS).content.decode()
    assert 'href="/deals?view=stuck"' in client.get("/palette?q=stuck", **ASKS).content.decode()
    assert 'href="/search?q=%E5%BC%A0%26"' in client.get("/palette?q=张%26", **ASKS).content.decode()


def test_the_palette_offers_nothing_one_may_not_do(cast: Cast, client_of: Any) -> None:
    grant(cast.roles["seller"], {"deals": {"create": "none"}, "contacts": {"see": "none"}})
    html = client_of(cast.bob).get("/palette?q=", **ASKS).content.decode()
    assert 'href="/deals/new"' not in html
    assert 'href="/deals"' in html
    assert "/contacts" not in html


def test_on_a_records_page_the_palette_offers_its_verbs_possible_now(cast: Cast, client_of: Any) -> None:
    deal = make("deals", name="Fleet renewal", owner=cast.bob.pk)
    here = {**ASKS, "HTTP_REFERER": f"http://testserver/deals/{deal.pk}?tab=x"}
    html = client_of(cast.bob).get("/palette?q=wo", **here).content.decode()
    assert f'/deals/{deal.pk}/do/win"' in html
    assert "/do/reopen" not in client_of(cast.bob).get("/palette?q=re", **here).content.decode()
    for referer in (
        f"http://testserver/deals/{deal.pk}",
        "http://testserver/deals/99999999999999999999",
        "x",
        "http://testserver/nothing/3",
    ):
        html = client_of(cast.charlie).get("/palette?q=wo", **{**ASKS, "HTTP_REFERER": referer}).content.decode()
        assert "/do/win" not in html


def test_a_search_among_many_documents_answers_at_once(cast: Cast) -> None:
    """No measure of speed, only that nothing grows with the number of documents: a query plan gone wrong takes seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO search_document (entity, record_id, title, words) SELECT 'accounts', 1000000 + n, 'Trading ' || n,
            ('''trading'':1A ''' || n || ''':1B')::tsvector FROM generate_series(1, 30000) n"""
        )
        cursor.execute("ANALYZE search_document")
    began = time.monotonic()
    for typed in ("trading", "tra", "29999", "trading 29999"):
        find(typed, to=cast.admin)
    assert time.monotonic() - began < 5
