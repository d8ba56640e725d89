"""What a bank statement names is found: payers, amounts that are open, numbers of contracts."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Built beside the writes of a running company, which a transaction would not allow.
    atomic = False

    dependencies = [("crm", "0015_bank_lines")]

    operations = [
        AddIndexConcurrently(
            model_name='contract',
            index=models.Index(fields=['number'], name='contract_number'),
        ),
        AddIndexConcurrently(
            model_name='instalment',
            index=models.Index(condition=models.Q(('state', 'paid'), _negated=True), fields=['open', 'currency'], name='instalment_amount'),
        ),
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(condition=models.Q(('payer', ''), _negated=True), fields=['payer'], name='payment_payer'),
        ),
        AddIndexConcurrently(
            model_name='payment',
            index=models.Index(condition=models.Q(('bank_line__isnull', False)), fields=['bank_line'], name='payment_bank_line'),
        ),
    ]
