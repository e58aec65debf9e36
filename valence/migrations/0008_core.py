"""Changes of tables that are not released yet; folded into the first migration before a release."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("valence", "0007_scale")]
    operations = [
        migrations.AddField(model_name="import", name="noted", field=models.JSONField(default=dict)),
    ]
