from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built beside the writes of a running company, which a transaction would not allow.
    atomic = False

    dependencies = [('crm', '0021_scoring')]

    operations = [
        AddIndexConcurrently(
            model_name='deal',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('outcome', 'open')), fields=['stage', 'closes_on', 'id'], name='deal_stage_open'),
        ),
    ]
