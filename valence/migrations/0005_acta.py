"""Changes of tables that are not released yet; folded into the first migration before a release."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("valence", "0004_readb")]
    operations = [
        migrations.AddField("openpromise", "how", models.CharField(default="recorded", max_length=12)),
        migrations.AddField(
            "openpromise", "settled_source", models.CharField(blank=True, default="", max_length=100)
        ),
        migrations.AddField(
            "openpromise", "settled_interaction_id", models.CharField(blank=True, default="", max_length=200)
        ),
        migrations.AddField(
            "openpromise", "settled_department", models.CharField(blank=True, default="", max_length=100)
        ),
        migrations.AddField("openpromise", "told_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="PromiseMark",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="valence.customer",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("done_at", models.DateTimeField(db_index=True, null=True)),
            ],
        ),
    ]
