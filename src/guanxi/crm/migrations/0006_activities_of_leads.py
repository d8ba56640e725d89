"""Activities are found by their lead."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built beside the writes of a running company, which a transaction would not allow.
    atomic = False

    dependencies = [("crm", "0005_leads")]

    operations = [
        AddIndexConcurrently(
            model_name="activity",
            index=models.Index(condition=models.Q(("lead__isnull", False)), fields=["lead", "at"], name="activity_lead"),
        ),
    ]
