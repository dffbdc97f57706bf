"""Keep what is typed into an addendum too; let its person discard it and take that back, and be told before it goes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("notes", "0011_a_cosignature_is_asked_for_within_a_tenant")]

    operations = [
        migrations.AddField("notedraft", "is_addendum", models.BooleanField(default=False)),
        migrations.AddField("notedraft", "told_at", models.DateTimeField(null=True)),
        migrations.AddField("notedraft", "discarded_at", models.DateTimeField(null=True)),
        migrations.AddIndex("notedraft", models.Index(fields=["tenant_id", "person_id", "kept_at"], name="notes_typed_by_whom")),
    ]
