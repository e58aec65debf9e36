from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("valence", "0004_undo")]
    operations: list[migrations.operations.base.Operation] = []
