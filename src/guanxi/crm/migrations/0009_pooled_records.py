"""What is in a pool is found by it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built beside the writes of a running company, which a transaction would not allow.
    atomic = False

    dependencies = [("crm", "0008_pools")]

    operations = [
        AddIndexConcurrently(
            model_name=name,
            index=models.Index(fields=["pool", "pooled_at"], name=f"{name}_pool", condition=models.Q(pool__isnull=False)),
        )
        for name in ("account", "lead")
    ]
