import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("valence", "0005_integrity")]

    operations = [
        migrations.CreateModel(
            name="Receiver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=100, unique=True)),
                ("sealed", models.BinaryField(default=bytes)),
                ("events", models.JSONField(default=list)),
                ("state", models.CharField(db_index=True, default="on", max_length=10)),
                ("failing_since", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=200)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True)),
                ("state", models.CharField(db_index=True, default="off", max_length=10)),
                ("version", models.IntegerField(default=1)),
                ("snoozed_until", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked", models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.IntegerField()),
                ("once", models.CharField(max_length=100)),
                ("title", models.CharField(max_length=120)),
                ("severity", models.IntegerField()),
                ("department", models.CharField(blank=True, max_length=100)),
                ("source", models.CharField(blank=True, max_length=100)),
                ("interaction_id", models.CharField(blank=True, max_length=200)),
                ("occurred_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField(db_index=True)),
                ("reasons", models.JSONField(default=list)),
                ("state", models.CharField(default="new", max_length=10)),
                ("acted_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="valence.rule"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120)),
                ("state", models.CharField(default="new", max_length=10)),
                ("severity", models.IntegerField()),
                ("department", models.CharField(blank=True, max_length=100)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("occurred_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("first_act_at", models.DateTimeField(null=True)),
                ("level", models.IntegerField(default=0)),
                ("snoozed_until", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_why", models.CharField(blank=True, max_length=20)),
                ("priority", models.FloatField(default=0)),
                ("why", models.JSONField(default=list)),
                ("bond_before", models.FloatField(null=True)),
                ("value", models.FloatField(null=True)),
                ("granted", models.FloatField(default=0)),
                ("asked_grant", models.FloatField(null=True)),
                ("recovery", models.CharField(default="waiting", max_length=15)),
                ("evidence", models.JSONField(default=list)),
                ("checked_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("draft", models.BinaryField(default=bytes)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "alert",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.alert"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.case"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CasePromise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("interaction_id", models.CharField(max_length=200, unique=True)),
                ("words", models.CharField(max_length=200)),
                ("due_at", models.DateTimeField()),
                ("kept_at", models.DateTimeField(null=True)),
                ("broken_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.case"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("departments", models.JSONField(default=list)),
                ("languages", models.JSONField(default=list)),
                ("skills", models.JSONField(default=list)),
                ("daily_cases", models.IntegerField(default=20)),
                ("most_grant", models.FloatField(default=0)),
                ("away_from", models.DateField(null=True)),
                ("away_until", models.DateField(null=True)),
                (
                    "stands_in",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Playbook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("number", models.IntegerField()),
                ("said", models.JSONField()),
                ("by", models.CharField(blank=True, max_length=150)),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("name", "number"), name="one_playbook_a_version")],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="playbook",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="valence.playbook"
            ),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.CharField(max_length=60)),
                ("kind", models.CharField(max_length=40)),
                ("body", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("tries", models.IntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=200)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.receiver"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("said", models.JSONField()),
                ("by", models.CharField(blank=True, max_length=150)),
                ("made_at", models.DateTimeField()),
                (
                    "rule",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.rule"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.IntegerField()),
                ("words", models.CharField(max_length=300)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("act", models.CharField(blank=True, max_length=20)),
                ("done_at", models.DateTimeField(null=True)),
                ("done_by", models.CharField(blank=True, max_length=150)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.case"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Happening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("who", models.CharField(blank=True, max_length=150)),
                ("what", models.CharField(max_length=20)),
                ("words", models.CharField(max_length=300)),
                ("sealed", models.BinaryField(default=bytes)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.case"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "at"], name="happenings_by_case")],
            },
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["owner", "state", "-priority"], name="cases_by_owner"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "-priority"], name="cases_by_priority"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "due_at"], name="cases_by_due"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["recovery", "closed_at"], name="cases_by_recovery"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=("customer",),
                name="one_open_case_a_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["state", "next_try_at"], name="deliveries_due"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("receiver", "event"), name="one_delivery_an_event"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["state", "raised_at"], name="alerts_by_state"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["customer", "rule"], name="alerts_by_customer"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(fields=("rule", "once"), name="one_alert_for_one_thing"),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(fields=("rule", "number"), name="one_rule_a_version"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(fields=("case", "place"), name="one_step_a_place"),
        ),
    ]
