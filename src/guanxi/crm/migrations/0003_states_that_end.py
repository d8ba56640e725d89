"""A state of a deal knows how long it held, and since when the deal is known."""

import datetime as dt

from django.db import migrations, models

FILL = """
    UPDATE crm_dealstate s SET until = told.until, first_on = told.first_on
    FROM (SELECT id, lead(taken_on) OVER deal AS until, first_value(taken_on) OVER deal AS first_on
          FROM crm_dealstate WINDOW deal AS (PARTITION BY deal_id ORDER BY taken_on)) told
    WHERE told.id = s.id
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_statement_layout")]

    operations = [
        migrations.AddField("dealstate", "until", models.DateField(null=True)),
        migrations.AddField("dealstate", "first_on", models.DateField(default=dt.date(1970, 1, 1)), preserve_default=False),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex("dealstate", models.Index(fields=["due_on", "taken_on"], name="deal_state_due")),
    ]
