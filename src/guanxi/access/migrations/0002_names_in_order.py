from django.db import migrations

from guanxi.base.ordering import CREATE, InOrder


class Migration(migrations.Migration):
    dependencies = [("access", "0001_first")]

    operations = [
        migrations.RunSQL(CREATE, "DROP FUNCTION name_order(text)"),
        migrations.AlterModelOptions(name="role", options={"ordering": [InOrder("name")]}),
        migrations.AlterModelOptions(name="team", options={"ordering": [InOrder("name")]}),
        migrations.AlterModelOptions(name="user", options={"ordering": [InOrder("name"), "id"]}),
    ]
