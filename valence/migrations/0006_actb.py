"""Changes of tables that are not released yet; folded into the first migration before a release."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("valence", "0005_acta")]
    operations = [
        migrations.CreateModel(
            name="Digest",
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
                ("weekdays", models.JSONField(default=list)),
                ("minute", models.IntegerField(default=480)),
                ("zone", models.CharField(max_length=60)),
                ("sent_for", models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Initiative",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120)),
                ("words", models.TextField(blank=True)),
                ("department", models.CharField(blank=True, max_length=100)),
                ("theme", models.CharField(blank=True, max_length=100)),
                ("measure", models.JSONField(default=dict)),
                ("baseline", models.FloatField(null=True)),
                ("target", models.FloatField(null=True)),
                ("due_date", models.DateField(null=True)),
                ("change", models.JSONField(default=dict)),
                ("state", models.CharField(db_index=True, default="open", max_length=10)),
                ("made_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("telling_from", models.DateTimeField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Trial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("playbook", models.CharField(max_length=60)),
                ("arms", models.JSONField()),
                ("aim", models.CharField(max_length=20)),
                ("floor", models.FloatField()),
                ("share", models.FloatField()),
                ("held_out", models.FloatField(default=0)),
                ("window_days", models.IntegerField()),
                ("stopped", models.JSONField(default=list)),
                ("state", models.CharField(default="running", max_length=10)),
                ("by", models.CharField(max_length=150)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("playbook",),
                        name="one_running_trial_a_playbook",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("arm", models.CharField(blank=True, max_length=60)),
                ("chances", models.JSONField()),
                ("about", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("reads_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("recovered", models.BooleanField(null=True)),
                ("stayed", models.BooleanField(null=True)),
                ("score", models.FloatField(null=True)),
                ("cost", models.FloatField(default=0)),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="valence.case"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
                (
                    "trial",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.trial"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["read_at", "reads_at"], name="assignments_to_read")],
                "constraints": [models.UniqueConstraint(fields=("trial", "customer"), name="one_part_in_a_trial")],
            },
        ),
        migrations.CreateModel(
            name="Voice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(blank=True, max_length=100)),
                ("interaction_id", models.CharField(blank=True, max_length=200)),
                ("said_at", models.DateTimeField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("why", models.CharField(blank=True, max_length=100)),
                ("channel", models.CharField(blank=True, max_length=10)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="valence.case"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.customer"
                    ),
                ),
                (
                    "initiative",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="valence.initiative"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["initiative", "state"], name="voices_by_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("initiative", "customer"), name="one_voice_a_customer")
                ],
            },
        ),
    ]
