"""Let the offers that wait for a vendor be counted without looking at the answered ones."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('handoffs', '0008_completing_takes_two_statements'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('status', 'pending')), fields=['to_tenant_id', 'expires_at'], name='handoffs_waiting'),
        ),
    ]
