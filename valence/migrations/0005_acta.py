"""Changes of tables that are not released yet; folded into the first migration before a release."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("valence", "0004_readb")]
    operations = []
