"""What the history is searched by: the request that did it, the day from which it holds, who acted and for whom."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracker", "0005_checks_one_at_a_time")]

    operations = [
        migrations.AddIndex("event", models.Index(fields=["request_id"], name="event_request")),
        migrations.AddIndex("event", models.Index(fields=["effective_on"], name="event_effective")),
    ]
