"""On PostgreSQL: the telephone number and the passphrase's hash of one recipient, to who has a link of theirs.

The pick-up process's role may call it and may not read the table, so that who takes that process gets what belongs to
links that pass there, and no list of everybody's. A link is hashed here: its hash, which the role can read, is not enough.
"""

from django.db import migrations

MAKE = """
CREATE OR REPLACE FUNCTION pickup_contact(link text) RETURNS SETOF vault_pickupcontact
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.* FROM public.vault_pickupcontact c
  WHERE c.address IN (
    SELECT g.recipient FROM public.vault_pickupgrant g
    WHERE g.link_sha256 = encode(sha256(convert_to(link, 'UTF8')), 'hex')
  )
$$;
REVOKE ALL ON FUNCTION pickup_contact(text) FROM PUBLIC;
"""


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(MAKE)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS pickup_contact(text)")


class Migration(migrations.Migration):
    dependencies = [("vault", "0025_asked")]
    operations = [migrations.RunPython(make, drop)]
