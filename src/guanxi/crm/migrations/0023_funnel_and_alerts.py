"""Where deals stood last and furthest, from which amount on they are large, and who was told that they are stuck."""

from typing import Any

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

CHUNK = 50_000
WALKED = """
    UPDATE crm_deal d SET last_open_id = walked.last_open, furthest_id = walked.furthest
    FROM (SELECT x.id,
                 (SELECT s.id FROM crm_stageperiod p JOIN crm_stage s ON s.id = p.stage_id AND s.outcome = 'open' AND s.pipeline_id = x.pipeline_id
                  WHERE p.deal_id = x.id ORDER BY p.began_at DESC, p.id DESC LIMIT 1) AS last_open,
                 (SELECT s.id FROM crm_stageperiod p JOIN crm_stage s ON s.id = p.stage_id AND s.outcome = 'open' AND s.pipeline_id = x.pipeline_id
                  WHERE p.deal_id = x.id ORDER BY s.position DESC, s.id DESC LIMIT 1) AS furthest
          FROM crm_deal x WHERE x.id > %s AND x.id <= %s) walked
    WHERE d.id = walked.id AND walked.furthest IS NOT NULL AND d.furthest_id IS NULL
"""
STAYED = """
    UPDATE crm_stageperiod SET hours = greatest(extract(epoch FROM ended_at - began_at) / 3600, 0)::int
    WHERE deal_id > %s AND deal_id <= %s AND ended_at IS NOT NULL AND hours IS NULL
"""


def walk(apps: Any, schema_editor: Any) -> None:
    """From the stages they were in; by pieces, and may be begun again."""
    last = apps.get_model("crm", "Deal").objects.aggregate(last=models.Max("pk"))["last"] or 0
    with schema_editor.connection.cursor() as cursor:
        for after in range(0, last, CHUNK):
            cursor.execute(WALKED, [after, after + CHUNK])
            cursor.execute(STAYED, [after, after + CHUNK])


def stage(label: str) -> Any:
    return models.ForeignKey(
        blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
        to="crm.stage", verbose_name=label,
    )  # fmt: skip


class Migration(migrations.Migration):
    # Indexes are built beside the writes of a running company, which a transaction would not allow.
    atomic = False

    dependencies = [("crm", "0022_deal_stage_open")]

    operations = [
        migrations.AddField("deal", "last_open", stage("Last open stage")),
        migrations.AddField("deal", "furthest", stage("Furthest stage")),
        migrations.AlterField(
            "deal",
            "competitor",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="crm.account",
                verbose_name="Competitor",
            ),
        ),
        migrations.AddField(
            "pipeline",
            "large_from",
            models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="Large from"),
        ),
        migrations.AddField(
            "pipeline", "currency", models.CharField(blank=True, db_default="", default="", max_length=3, verbose_name="Currency")
        ),
        migrations.AddField("stageperiod", "hours", models.IntegerField(null=True)),
        migrations.AddField("stageperiod", "stuck_told_at", models.DateTimeField(null=True)),
        migrations.RunPython(walk, migrations.RunPython.noop),
        AddIndexConcurrently("deal", models.Index(fields=["pipeline", "opened_on"], name="deal_opened")),
        AddIndexConcurrently(
            "deal",
            models.Index(
                fields=["closed_on"],
                name="deal_closed",
                condition=models.Q(("deleted_at__isnull", True), ("outcome__in", ["won", "lost"])),
            ),
        ),
        AddIndexConcurrently(
            "deal",
            models.Index(
                fields=["stuck_at"], name="deal_stuck", condition=models.Q(("deleted_at__isnull", True), ("outcome", "open"))
            ),
        ),
    ]
