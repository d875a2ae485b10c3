from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vault", "0027_notices")]
    operations = [
        migrations.RunSQL("ALTER TABLE vault_vaultrecord ADD COLUMN office varchar(16) NOT NULL DEFAULT ''"),
        migrations.RunSQL("ALTER TABLE vault_journalentry ADD COLUMN office varchar(16) NOT NULL DEFAULT ''"),
        migrations.RunSQL("CREATE TABLE rollout_office (name varchar(16) PRIMARY KEY)"),
    ]
