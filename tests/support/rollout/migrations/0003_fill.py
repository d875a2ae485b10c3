from django.db import connection, migrations

_SOME = """UPDATE vault_vaultrecord SET office = 'north'
WHERE id IN (SELECT id FROM vault_vaultrecord WHERE office = '' ORDER BY id LIMIT 5 FOR UPDATE SKIP LOCKED)"""


def fill(*_):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault_vaultrecord")
        for _ in range(cursor.fetchone()[0] // 5 + 1):
            cursor.execute(_SOME)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("rollout", "0002_index")]
    operations = [migrations.RunPython(fill)]
