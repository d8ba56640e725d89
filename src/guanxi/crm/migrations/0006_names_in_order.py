from django.db import migrations, models

from guanxi.base.ordering import InOrder

SORTED = ("account", "contact", "contract", "deal", "lead", "product", "quote")


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_names_in_order"),
        ("crm", "0005_paper_templates"),
    ]

    operations = [
        migrations.AddIndex(name, models.Index(InOrder("name"), models.F("id"), name=f"{name}_in_order")) for name in SORTED
    ]
