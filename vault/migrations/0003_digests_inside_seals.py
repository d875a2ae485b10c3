"""No digest of what is inside a seal stands in a row: it would give away texts short enough to be tried out."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('vault', '0002_decided_facts'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='vaultobject',
            name='plain_sha256',
        ),
    ]
