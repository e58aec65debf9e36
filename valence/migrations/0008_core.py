"""Changes of tables that are not released yet; folded into the first migration before a release."""

from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    dependencies = [("valence", "0007_scale")]
    operations = [
        migrations.AddField(model_name="import", name="noted", field=models.JSONField(default=dict)),
        migrations.CreateModel(
            name="LinkSaid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("batch", models.BigIntegerField(db_index=True, default=0)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=150)),
                ("relation", models.CharField(max_length=12)),
                ("evidence", models.CharField(blank=True, max_length=100)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("confidence", models.FloatField()),
                ("decided", models.BooleanField()),
                ("guessed", models.BooleanField()),
                ("system", models.CharField(blank=True, max_length=60)),
                ("taught", models.BooleanField()),
                (
                    "a",
                    models.ForeignKey(on_delete=deletion.CASCADE, related_name="+", to="valence.customer"),
                ),
                (
                    "b",
                    models.ForeignKey(on_delete=deletion.CASCADE, related_name="+", to="valence.customer"),
                ),
            ],
        ),
    ]
