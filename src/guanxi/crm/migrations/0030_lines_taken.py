from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('crm', '0029_mail')]

    operations = [
        migrations.AddField(
            model_name='quoteline',
            name='taken',
            field=models.BooleanField(db_default=False, default=False, verbose_name='Taken'),
        ),
    ]
