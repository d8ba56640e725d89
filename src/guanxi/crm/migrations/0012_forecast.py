"""The seller's own category of a deal, and what people say of a forecast."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def _kept(to: str, on_delete: Any = django.db.models.deletion.CASCADE) -> Any:
    return models.ForeignKey(db_index=False, null=True, on_delete=on_delete, related_name="+", to=to)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_first"),
        ("crm", "0011_web_forms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="forecast",
            field=models.CharField(blank=True, db_default="", default="", max_length=10, verbose_name="Own forecast category"),
        ),
        migrations.AlterField(
            model_name="stage",
            name="forecast",
            field=models.CharField(blank=True, default="", max_length=10, verbose_name="Forecast category"),
        ),
        migrations.CreateModel(
            name="Judgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("period", models.CharField(max_length=7)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20, null=True)),
                ("currency", models.CharField(max_length=3)),
                ("note", models.TextField(blank=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("by", _kept(settings.AUTH_USER_MODEL, django.db.models.deletion.SET_NULL)),
                ("person", _kept(settings.AUTH_USER_MODEL)),
                ("pipeline", _kept("crm.pipeline")),
                ("team", _kept("access.team")),
                (
                    "undoes",
                    models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="undone", to="crm.judgement"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["period", "pipeline"], name="judgement_period")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(person__isnull=False, team__isnull=True) | models.Q(person__isnull=True, team__isnull=False),
                        name="judgement_of_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(amount__isnull=False) | models.Q(undoes__isnull=False), name="judgement_says"
                    ),
                ],
            },
        ),
    ]
