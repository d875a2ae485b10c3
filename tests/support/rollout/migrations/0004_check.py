from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("rollout", "0003_fill")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE vault_vaultrecord ADD CONSTRAINT rollout_known CHECK (office IN ('', 'north')) NOT VALID"
        ),
        migrations.RunSQL("ALTER TABLE vault_vaultrecord VALIDATE CONSTRAINT rollout_known"),
    ]
