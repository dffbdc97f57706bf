from django.db import migrations, models

import apps.core.clock
import apps.core.ids
from apps.tenants.rls import CURRENT_TENANT, grant, isolate, policy, secure


class Migration(migrations.Migration):
    initial = True
    dependencies = [("tenants", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.UUIDField()),
                ("purpose", models.CharField(choices=[("data", "Data"), ("index", "Index")], max_length=10)),
                ("wrapped", models.BinaryField()),
                ("wrapped_by", models.CharField(max_length=16)),
                ("created_at", models.DateTimeField(default=apps.core.clock.now)),
                ("retired_at", models.DateTimeField(null=True)),
                ("erased_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "vault_datakey",
                "indexes": [models.Index(fields=["tenant_id"], name="vault_datakey_by_tenant")],
                "constraints": (
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None)),
                        fields=("tenant_id", "purpose"),
                        name="vault_one_current_key_per_purpose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["data", "index"])), name="vault_purpose_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("erased_at", None),
                            models.Q(("retired_at__isnull", False), ("wrapped", b"")),
                            _connector="OR",
                        ),
                        name="vault_erased_key_is_blank",
                    ),
                ),
            },
        ),
        migrations.CreateModel(
            name="RotationProgress",
            fields=[
                ("id", models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ("tenant_id", models.UUIDField()),
                ("key_id", models.IntegerField()),
                ("table", models.CharField(max_length=63)),
                ("column", models.CharField(max_length=63)),
                ("last_id", models.UUIDField(null=True)),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("unreadable", models.BigIntegerField(default=0)),
                ("updated_at", models.DateTimeField(default=apps.core.clock.now)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "vault_rotationprogress",
                "constraints": (
                    models.UniqueConstraint(
                        fields=("tenant_id", "key_id", "table", "column"), name="vault_progress_is_kept_once"
                    ),
                ),
            },
        ),
        secure("vault_datakey"),
        policy("vault_datakey", "vault_datakey_read_by_all", using="true", command="SELECT"),
        policy("vault_datakey", "vault_datakey_made_by_own", check=f"tenant_id = {CURRENT_TENANT}", command="INSERT"),
        policy(
            "vault_datakey",
            "vault_datakey_changed_by_own",
            using=f"tenant_id = {CURRENT_TENANT}",
            check=f"tenant_id = {CURRENT_TENANT}",
            command="UPDATE",
        ),
        grant("vault_datakey", "SELECT, INSERT, UPDATE"),
        *isolate("vault_rotationprogress"),
    ]
