from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("rollout", "0001_expand")]
    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS rollout_by_office"),  # half made by a run that gave way
        migrations.RunSQL("CREATE INDEX CONCURRENTLY rollout_by_office ON vault_vaultrecord (office, id)"),
    ]
