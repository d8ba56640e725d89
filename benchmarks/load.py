"""A large company in an empty database, as a migration from another system would leave it: rows by SQL, then search and history.

The rows are what the write path would have written (see tests/record); the ways are faster because nothing is asked of them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import connection, models
from psycopg.sql import Literal

from guanxi.access.models import Company, Team, User
from guanxi.access.starting import start_roles
from guanxi.base.words import phone_tokens, tokens, tsvector
from guanxi.crm.pipelines.starting import start
from guanxi.entity.actors import SYSTEM
from guanxi.entity.registry import entity_named
from guanxi.record import custom
from guanxi.record.changes import create
from guanxi.record.memory import raise_epoch
from guanxi.record.models import CustomField
from guanxi.record.partitions import ensure_months
from guanxi.record.rollups import recompute_all
from guanxi.record.saying import blank
from guanxi.web.demo import words

PASSWORD = "bench-harbour-42"
TEAMS, PEOPLE = 20, 200


@dataclass(frozen=True)
class Size:
    """How many of each; 1,000,000 accounts by default."""

    accounts: int

    @property
    def contacts(self) -> int:
        return self.accounts

    @property
    def deals(self) -> int:
        return self.accounts // 5

    @property
    def activities(self) -> int:
        return self.accounts * 2


def sql(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters) or None)


def load(size: Size, tell: Callable[[str], None]) -> None:
    """Everything; some minutes for a million."""
    _company()
    began = time.perf_counter()
    sql("SET synchronous_commit = off")
    sql("SET maintenance_work_mem = '512MB'")
    ensure_months(dt.date.today() - dt.timedelta(days=760), dt.date.today() + dt.timedelta(days=62))
    for name, make in (("accounts", _accounts), ("contacts", _contacts), ("deals", _deals), ("activities", _activities)):
        model = entity_named(name).model
        with _defaults(model):
            _without_indexes(model._meta.db_table, lambda make=make: make(size))
        tell(f"{name}: rows there after {time.perf_counter() - began:.0f} s")
    _without_indexes("search_document", lambda: _search(tell))
    _without_indexes("identity", _identities)
    _without_indexes("change", _changes)
    tell(f"search, identities and history there after {time.perf_counter() - began:.0f} s")
    row = CustomField.objects.get(entity="accounts", key="tier_points")
    custom.index(row)
    sql("VACUUM (ANALYZE)")
    tell(f"analysed after {time.perf_counter() - began:.0f} s")
    asked = time.perf_counter()
    changed = sum(changed for _entity, _looked_at, changed in recompute_all([entity_named("accounts")]))
    tell(f"roll-ups of {changed:,} accounts asked afresh in {time.perf_counter() - asked:.0f} s")
    sql("VACUUM (ANALYZE) crm_account")
    tell(f"loaded in {time.perf_counter() - began:.0f} s")


@contextlib.contextmanager
def _defaults(model: type[models.Model]) -> Iterator[None]:
    """Have PostgreSQL fill what the statements below do not name as the model would."""
    blanks = blank(model)
    columns = [one for one in model._meta.concrete_fields if not (one.null or one.primary_key or one.generated)]
    with connection.cursor() as cursor:
        for one in columns:
            value = one.get_db_prep_save(getattr(blanks, one.attname), connection)
            literal = Literal(value).as_string(cursor.connection)
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" ALTER COLUMN "{one.column}" SET DEFAULT {literal}')
    yield
    with connection.cursor() as cursor:
        for one in columns:
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" ALTER COLUMN "{one.column}" DROP DEFAULT')


def _company() -> None:
    Company.objects.create(name="Bench Trading", language="en", currency="USD", region="CN", zone="Asia/Shanghai")
    raise_epoch()
    start("en")
    roles = start_roles("en")
    hashed = make_password(PASSWORD)
    teams = [create(entity_named("teams"), {"name": f"Team {number:02}"}, by=SYSTEM).pk for number in range(TEAMS)]
    for number in range(PEOPLE):
        role = roles["manager" if number % 10 == 0 else "seller"]
        values = {
            "username": f"user{number}",
            "name": f"{words.GIVEN[number % len(words.GIVEN)]} {words.FAMILY[number % len(words.FAMILY)]}",
            "team": teams[number % TEAMS],
            "roles": [role.pk],
        }
        made = create(entity_named("users"), {**values, "is_superuser": number == 1}, by=SYSTEM)
        User.objects.filter(pk=made.pk).update(password=hashed)
    custom.add(CustomField(entity="accounts", key="tier_points", kind="number", label_en="Tier points", label_zh="等级积分"))
    create(entity_named("products"), {"name": "Warehouse suite", "price": "24000", "currency": "USD"}, by=SYSTEM)
    assert Team.objects.count() == TEAMS


def _array(several: tuple[str, ...] | list[str]) -> str:
    quoted = ",".join("'" + one.replace("'", "''") + "'" for one in several)
    return f"(ARRAY[{quoted}])"


def _pick(several: tuple[str, ...] | list[str], seed: str) -> str:
    """A word of a list by a number that differs from row to row."""
    return f"{_array(several)}[1 + (abs(hashint8(n * 31 + {seed})) % {len(several)})]"


OWNER = "(SELECT min(id) FROM access_user) + (abs(hashint8(n)) % 200)"
COMMON = "now() - ((abs(hashint8(n * 7)) % 730) || ' days')::interval"


def _accounts(size: Size) -> None:
    english = f"{_pick(words.CORE, '1')} || ' ' || {_pick(words.CORE, '2')} || ' ' || n || ' ' || {_pick(words.LEGAL, '3')}"
    chinese = f"{_pick([city[0] for city in words.CITIES_ZH], '1')} || {_pick(words.CORE_ZH, '2')} || {_pick(['物流', '科技', '商贸', '制造', '食品'], '3')} || n || '有限公司'"
    sql(f"""
        INSERT INTO crm_account (created_at, changed_at, version, custom, name, kind, relationship, industry, employees, revenue, currency, source,
            phones, emails, website, address, registration_number, tags, description, co_workers, readers, owner_id, team_id, last_contact_at)
        SELECT {COMMON}, {COMMON}, 1, jsonb_build_object('tier_points', abs(hashint8(n * 13)) % 100000),
            CASE WHEN n % 2 = 0 THEN {english} ELSE {chinese} END, 'company', {_pick(["customer", "prospect", "partner", "supplier"], "5")},
            {_pick(list(words.TRADE), "6")}, abs(hashint8(n * 3)) % 5000, abs(hashint8(n * 5)) % 90000000, CASE WHEN n % 2 = 0 THEN 'USD' ELSE 'CNY' END,
            {_pick(["website", "referral", "fair", "call"], "7")},
            jsonb_build_array(jsonb_build_object('value', '+8621' || lpad((60000000 + n)::text, 8, '0'), 'label', 'work')), '[]', '', '{{}}', '', '{{}}', '',
            '{{}}', '{{}}', u.id, u.team_id, now() - ((abs(hashint8(n * 11)) % 400) || ' days')::interval
        FROM generate_series(1, {size.accounts}) n JOIN access_user u ON u.id = {OWNER}""")


def _contacts(size: Size) -> None:
    english = f"{_pick(words.GIVEN, '1')} || ' ' || {_pick(words.FAMILY, '2')}"
    chinese = f"{_pick(list(words.FAMILY_ZH), '1')} || {_pick(words.GIVEN_ZH, '2')}"
    sql(f"""
        INSERT INTO crm_contact (created_at, changed_at, version, custom, name, prefix, given, family, account_id, title, department, buying_role, phones,
            emails, address, lunar, education, family_notes, interests, notes, source, tags, owner_id, team_id)
        SELECT {COMMON}, {COMMON}, 1, '{{}}', CASE WHEN n % 2 = 0 THEN {english} ELSE {chinese} END, '', '', '', a.id, {_pick(words.TITLES, "3")}, '',
            {_pick(["decides", "approves", "influences", "uses"], "4")},
            jsonb_build_array(jsonb_build_object('value', '+861' || lpad((3800000000 + n)::text, 10, '0'), 'label', 'mobile')),
            jsonb_build_array(jsonb_build_object('value', 'person' || n || '@firm' || (n % 5000) || '.example')), '{{}}', false, '', '', '', '', '', '{{}}',
            a.owner_id, a.team_id
        FROM generate_series(1, {size.contacts}) n
        JOIN crm_account a ON a.id = (SELECT min(id) FROM crm_account) + (n * 7919::bigint % {size.accounts})""")


def _deals(size: Size) -> None:
    sql(f"""
        INSERT INTO crm_deal (created_at, changed_at, version, custom, name, account_id, pipeline_id, stage_id, outcome, amount, currency, probability,
            weighted, opened_on, closes_on, closed_on, stage_since, loss_note, source, next_step, description, co_workers, readers, owner_id, team_id)
        SELECT {COMMON}, {COMMON}, 1, '{{}}', {_pick(words.DEALS, "1")} || ' ' || n, a.id, s.pipeline_id, s.id, s.outcome, 400 + abs(hashint8(n * 3)) % 300000,
            'USD', s.probability, (400 + abs(hashint8(n * 3)) % 300000) * s.probability, current_date - (abs(hashint8(n * 7)) % 730),
            current_date - 300 + (abs(hashint8(n * 9)) % 500), NULL, {COMMON}, '', 'website', '', '', '{{}}', '{{}}', a.owner_id, a.team_id
        FROM generate_series(1, {size.deals}) n
        JOIN crm_account a ON a.id = (SELECT min(id) FROM crm_account) + (n * 7::bigint % {size.accounts})
        JOIN crm_stage s ON s.id = (SELECT min(id) FROM crm_stage) + (abs(hashint8(n * 17)) % 6)""")


def _activities(size: Size) -> None:
    sql(f"""
        INSERT INTO crm_activity (created_at, changed_at, version, custom, kind, subject, body, due_at, done_at, at, result, incoming, account_id, contact_id,
            about, participants, people, owner_id, team_id)
        SELECT {COMMON}, {COMMON}, 1, '{{}}', {_pick(["call", "email", "meeting", "visit", "note"], "1")}, {_pick(words.STEPS, "2")},
            {_pick([one for several in words.SAID.values() for one in several], "3")}, CASE WHEN n % 10 = 0 THEN {COMMON} + interval '735 days' END,
            CASE WHEN n % 10 > 0 THEN {COMMON} END, CASE WHEN n % 10 = 0 THEN {COMMON} + interval '735 days' ELSE {COMMON} END, '', false, c.account_id, c.id, '',
            '{{}}', '{{}}', c.owner_id, c.team_id
        FROM generate_series(1, {size.activities}) n
        JOIN crm_contact c ON c.id = (SELECT min(id) FROM crm_contact) + (n * 3::bigint % {size.contacts})""")


def _search(tell: Callable[[str], None]) -> None:
    questions = {
        "accounts": "SELECT id, name, phones->0->>'value', owner_id, team_id FROM crm_account",
        "contacts": "SELECT id, name, phones->0->>'value', owner_id, team_id FROM crm_contact",
        "deals": "SELECT id, name, NULL, owner_id, team_id FROM crm_deal",
        "activities": "SELECT id, subject, NULL, owner_id, team_id FROM crm_activity",
    }
    for entity, question in questions.items():
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY search_document (entity, record_id, title, words, owner_id, team_id) FROM STDIN") as copy,
        ):
            for row in _documents(entity, question):
                copy.write_row(row)
        tell(f"{entity}: search documents there")


def _documents(entity: str, question: str) -> Iterator[tuple[object, ...]]:
    from django.db import connections

    other = connections.create_connection("default")
    other.ensure_connection()
    other.set_autocommit(False)
    with other.connection.cursor(name="bench") as cursor:
        cursor.itersize = 20_000
        cursor.execute(question)
        for key, name, phone, owner, team in cursor:
            parts = [("A", tokens(name))]
            if phone:
                parts.append(("B", phone_tokens(phone)))
            yield entity, key, name, tsvector(parts), owner, team
    other.close()


def _identities() -> None:
    for entity, table in (("accounts", "crm_account"), ("contacts", "crm_contact")):
        sql(f"INSERT INTO identity (entity, record_id, what, value) SELECT '{entity}', id, 'phone', phones->0->>'value' FROM {table}")
    sql("INSERT INTO identity (entity, record_id, what, value) SELECT 'contacts', id, 'email', emails->0->>'value' FROM crm_contact")


def _changes() -> None:
    for entity, noun, title, parent in (
        ("accounts", "account", "name", None), ("contacts", "contact", "name", "account_id"), ("deals", "deal", "name", "account_id"),
        ("activities", "activity", "subject", "account_id"),
    ):  # fmt: skip
        sql(f"""INSERT INTO change (at, origin, event, entity, record_id, parent_entity, parent_id, title, diff)
            SELECT created_at, 'import', '{noun}.created', '{entity}', id, {"'accounts'" if parent else "''"}, {parent or "NULL::bigint"}, {title},
                jsonb_build_object('{title}', jsonb_build_array(NULL, {title})) FROM crm_{noun}""")


def _without_indexes(table: str, fill: Callable[[], None]) -> None:
    """Fill a table with its plain indexes dropped, and make them again after: sorted builds are several times faster."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indrelid = %s::regclass AND NOT i.indisprimary
              AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid) AND c.relkind IN ('i', 'I')""",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    fill()
    for _name, definition in indexes:
        sql(definition.replace(" ON ONLY ", " ON "))
