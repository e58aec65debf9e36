from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("valence", "0003_feeds")]
    operations: list[migrations.operations.base.Operation] = []
