"""The tables of the library, as inspectdb would give them."""
import datetime
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Member(models.Model):
    name = models.TextField()
    email = models.CharField(max_length=80, unique=True)
    points = models.IntegerField(default=0)
    level = models.SmallIntegerField(default=1)
    joined = models.DateField(default=datetime.date(2026, 1, 1))
    active = models.BooleanField(default=True)
    preferences = models.JSONField(default=dict)
    version_id = models.IntegerField(default=1)

    class Meta:
        db_table, ordering = "members", ["id"]

    def facts(self):
        return (self.pk, self.name, self.email, self.points, self.level, self.joined, self.active, self.preferences)


class Book(models.Model):
    isbn = models.CharField(max_length=13, unique=True)
    title = models.TextField()
    price = models.DecimalField(max_digits=8, decimal_places=2)
    tags = ArrayField(models.TextField(), default=list)
    copies = models.IntegerField(db_default=1)
    added = models.DateTimeField(db_default=datetime.datetime(2026, 1, 1, 9))

    class Meta:
        db_table, ordering = "books", ["id"]


class Loan(models.Model):
    member = models.ForeignKey(Member, models.CASCADE, related_name="loans")
    book = models.ForeignKey(Book, models.PROTECT)
    lent = models.DateField(default=datetime.date(2026, 2, 1))
    due = models.DateField(null=True)
    state = models.TextField(default="open")
    fine = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("0"))
    note = models.CharField(max_length=60, null=True)

    class Meta:
        db_table, ordering = "loans", ["id"]
