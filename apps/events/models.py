"""What happened, once, in order: the one table that feed, timeline, stream and webhooks read.

An event is written in the transaction of its change. Its id is the cursor: a UUIDv7 made by `events_append`
while it holds the tenant's row in `events_head`, which it keeps until the commit. So within one tenant ids are
committed in the order in which they were made, and a reader who has seen an id can never be overtaken by a
smaller one that commits late.
"""

from django.db import models

from apps.core.ids import uuid7


class Event(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7)
    tenant_id = models.UUIDField()
    recorded_at = models.DateTimeField()
    type = models.CharField(max_length=40)
    member_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    actor = models.JSONField()
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "events_event"


class Head(models.Model):
    """The newest event of each tenant: how many there are and the microsecond that its id carries."""

    tenant_id = models.UUIDField(primary_key=True)
    count = models.PositiveBigIntegerField(default=0)
    last_us = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "events_head"
