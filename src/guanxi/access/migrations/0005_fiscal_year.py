"""When the company's year begins, and by which calendar year it is called."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0004_absences")]

    operations = [
        migrations.AddField(
            model_name="company",
            name="fiscal_month",
            field=models.PositiveSmallIntegerField(
                db_default=1,
                default=1,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(12)],
                verbose_name="The fiscal year begins in",
            ),
        ),
        migrations.AddField(
            model_name="company",
            name="fiscal_by_end",
            field=models.BooleanField(db_default=False, default=False, verbose_name="The fiscal year is called by the year in which it ends"),
        ),
    ]
