"""By which the ledger of notices is read: day by day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0009_erased_files")]

    operations = [
        migrations.AddIndex("notice", models.Index(fields=["planned_for", "id"], name="notice_by_day")),
    ]
