"""What was won in a period is found by the day it was closed."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built beside the writes of a running company, which a transaction would not allow.
    atomic = False

    dependencies = [("crm", "0012_forecast")]

    operations = [
        AddIndexConcurrently(
            model_name="deal",
            index=models.Index(fields=["closed_on"], name="deal_won", condition=models.Q(outcome="won", deleted_at__isnull=True)),
        ),
    ]
