"""Targets that were set in the forecast become targets, with their history; roles may set them as they could before."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import migrations

SETS = ("create", "edit", "delete", "import", "reassign", "bulk")


def _subject(one: Any) -> tuple[Any, ...]:
    return (one.person_id or 0, one.team_id or 0, one.period, one.pipeline_id or 0)


def _said(rows: list[Any]) -> Iterator[tuple[Any, Decimal | None]]:
    """Each step with what held after it; None when everything was taken back."""
    holding: list[Any] = []
    for one in rows:
        holding = [held for held in holding if held.pk != one.undoes_id] if one.undoes_id else [*holding, one]
        yield one, holding[-1].amount if holding else None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def targets_of_judgements(apps: Any, schema_editor: Any) -> None:
    judgements = apps.get_model("crm", "Judgement")
    users = apps.get_model("access", "User")
    names = dict(users.objects.values_list("pk", "name")), dict(apps.get_model("access", "Team").objects.values_list("pk", "name"))
    homes = dict(users.objects.values_list("pk", "team_id"))
    rows = judgements.objects.filter(kind="target").order_by("person_id", "team_id", "period", "pipeline_id", "at", "pk")
    for _key, several in groupby(rows, _subject):
        _one_target(apps, schema_editor.connection, list(several), names, homes)
    for steps in (judgements.objects.filter(kind="target", undoes__isnull=False), judgements.objects.filter(kind="target")):
        steps.delete()


def _one_target(apps: Any, connection: Any, rows: list[Any], names: Any, homes: Any) -> None:
    steps, first, last = list(_said(rows)), rows[0], rows[-1]
    known = [(one, value) for one, value in steps if value is not None]
    person, held = first.person_id, steps[-1][1]
    whose = names[0].get(person) if person else names[1].get(first.team_id)
    target = apps.get_model("crm", "Target").objects.create(
        name=f"{whose or '–'} · {first.period}", owner_id=person, team_id=homes.get(person) if person else first.team_id, period=first.period,
        pipeline_id=first.pipeline_id, value=known[-1][1], currency=known[-1][0].currency, note=known[-1][0].note, version=len(steps),
        created_at=first.at, created_by_id=first.by_id, changed_at=last.at, changed_by_id=last.by_id,
        deleted_at=last.at if held is None else None,
    )  # fmt: skip
    before: Decimal | None = None
    with connection.cursor() as cursor:
        for place, (one, value) in enumerate(steps):
            diff: dict[str, Any] = {"value": [_text(before), _text(value)]}
            if not place:
                told = {"owner": person, "team": target.team_id, "measure": "won_amount", "period": first.period, "pipeline": first.pipeline_id, "currency": first.currency}
                diff |= {name: [None, said] for name, said in told.items() if said}
            if value is None:
                diff = {"deleted_at": [None, one.at.isoformat()]}
            event = "target.deleted" if value is None else "target.edited" if place else "target.created"
            cursor.execute(
                "INSERT INTO change (at, by_id, origin, event, entity, record_id, title, diff) VALUES (%s, %s, 'system', %s, 'targets', %s, %s, %s)",
                [one.at, one.by_id, event, target.pk, target.name, _json(diff)],
            )
            before = value if value is not None else before


def _json(value: Any) -> Any:
    from psycopg.types.json import Jsonb  # noqa: PLC0415 - only where there is something to write

    return Jsonb(value)


def judgements_of_targets(apps: Any, schema_editor: Any) -> None:
    judgement, target = apps.get_model("crm", "Judgement"), apps.get_model("crm", "Target")
    rows = target.objects.filter(deleted_at__isnull=True, measure="won_amount", product__isnull=True, family="")
    for one in rows.exclude(owner__isnull=True, team__isnull=True).order_by("pk"):
        judgement.objects.create(
            kind="target", person_id=one.owner_id, team_id=None if one.owner_id else one.team_id, period=one.period, pipeline_id=one.pipeline_id,
            amount=one.value, currency=one.currency, note=one.note, by_id=one.changed_by_id, at=one.changed_at,
        )  # fmt: skip
    target.objects.all().delete()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("DELETE FROM change WHERE entity = 'targets'")
        cursor.execute("DELETE FROM identity WHERE entity = 'targets'")
        cursor.execute("DELETE FROM search_document WHERE entity = 'targets'")


def rights(apps: Any, schema_editor: Any) -> None:
    """Who sees deals sees targets so; who hands deals over sets targets there."""
    permission = apps.get_model("access", "Permission")
    for one in permission.objects.filter(entity="deals").exclude(scope="condition"):
        actions = (one.action,) if one.action in {"see", "export"} else SETS if one.action == "reassign" and one.scope != "none" else ()
        for action in actions:
            permission.objects.get_or_create(role_id=one.role_id, entity="targets", action=action, defaults={"scope": one.scope})


def no_rights(apps: Any, schema_editor: Any) -> None:
    apps.get_model("access", "Permission").objects.filter(entity="targets").delete()


class Migration(migrations.Migration):
    dependencies = [("record", "0005_exchange_rates"), ("crm", "0024_targets")]

    operations = [
        migrations.RunPython(targets_of_judgements, judgements_of_targets),
        migrations.RunPython(rights, no_rights),
    ]
