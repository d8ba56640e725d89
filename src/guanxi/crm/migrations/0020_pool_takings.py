from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What people took from pools counts whether they claimed it or were given it."""

    atomic = False

    dependencies = [
        ('crm', '0019_pool_distribution'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='poolmove',
            index=models.Index(condition=models.Q(('why__in', ['claim', 'give'])), fields=['owner_after', 'at'], name='pool_move_taken'),
        ),
        RemoveIndexConcurrently(
            model_name='poolmove',
            name='pool_move_claims',
        ),
    ]
