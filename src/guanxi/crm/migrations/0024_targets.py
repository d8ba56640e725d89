"""Targets, a noun of their own."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0005_fiscal_year'),
        ('crm', '0022_deal_stage_open'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False, verbose_name='Number')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='Created')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='Changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='Version')),
                ('deleted_at', models.DateTimeField(editable=False, null=True, verbose_name='Deleted')),
                ('external_id', models.CharField(blank=True, max_length=100, null=True, unique=True, verbose_name='External key')),
                ('custom', models.JSONField(default=dict, editable=False)),
                ('name', models.CharField(blank=True, editable=False, max_length=200, verbose_name='Name')),
                ('measure', models.CharField(default='won_amount', max_length=20, verbose_name='Measure')),
                ('period', models.CharField(max_length=7, verbose_name='Period')),
                ('family', models.CharField(blank=True, max_length=80, verbose_name='Product family')),
                ('value', models.DecimalField(decimal_places=4, max_digits=20, verbose_name='Target')),
                ('currency', models.CharField(blank=True, max_length=3, verbose_name='Currency')),
                ('weight', models.DecimalField(blank=True, decimal_places=4, max_digits=9, null=True, verbose_name='Weight')),
                ('note', models.TextField(blank=True, verbose_name='Notes')),
                ('changed_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Changed by')),
                ('created_by', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Created by')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Owner')),
                ('pipeline', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.pipeline', verbose_name='Pipeline')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='crm.product', verbose_name='Product')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.team', verbose_name='Team')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['deleted_at'], name='target_trash'), models.Index(fields=['period', 'measure'], name='target_period')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), ('owner__isnull', False)), fields=('owner', 'period', 'measure', 'pipeline', 'product', 'family'), name='target_of_person', nulls_distinct=False), models.UniqueConstraint(condition=models.Q(('deleted_at__isnull', True), ('owner__isnull', True)), fields=('team', 'period', 'measure', 'pipeline', 'product', 'family'), name='target_of_team', nulls_distinct=False)],
            },
        ),
    ]
