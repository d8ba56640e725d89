"""What deals were, day by day."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0013_deals_won")]

    operations = [
        migrations.CreateModel(
            name="DealState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_on", models.DateField()),
                ("outcome", models.CharField(max_length=5)),
                ("category", models.CharField(max_length=10)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=20)),
                ("currency", models.CharField(max_length=3)),
                ("due_on", models.DateField(null=True)),
                (
                    "deal",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="crm.deal"),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=["deal", "taken_on"], name="deal_state_once")]},
        ),
    ]
