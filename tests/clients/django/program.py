"""A library's application on Django's ORM. It knows nothing of versions."""
import datetime
import os
import sys
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import django  # noqa: E402
from django.conf import settings  # noqa: E402
from rounds import serve, show, sqlstate  # noqa: E402

settings.configure(
    INSTALLED_APPS=["django.contrib.postgres", "lending"], USE_TZ=False, DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"], "CONN_MAX_AGE": None,
        "USER": os.environ["PGUSER"], "HOST": os.environ["PGHOST"], "PORT": os.environ["PGPORT"],
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
        "OPTIONS": {"server_side_binding": "DJANGO_SERVER_SIDE_BINDING" in os.environ}}})
django.setup()

from django.db import Error, models, transaction  # noqa: E402
from django.db.models import (Case, Count, Exists, ExpressionWrapper, F, Max, OuterRef, Q, Subquery, Sum,  # noqa: E402
                              Value, When)
from django.db.models.functions import Concat, Length, Replace, RowNumber, Upper  # noqa: E402
from django.db.models.expressions import Window  # noqa: E402
from lending.models import Book, Loan, Member  # noqa: E402


def attempt(label, work):
    try:
        with transaction.atomic():
            show(label, work())
    except (Error, ValueError, ArithmeticError) as error:
        show(label, sqlstate(error))


def objects(n):
    ann = Member(name=f"Ann Round{n}", email=f"ann{n}@example.com", preferences={"round": n})
    ann.save()
    cher = Member.objects.create(name="Cher", email=f"cher{n}@example.com", points=5, active=False)
    show("created", ann.facts(), cher.facts())
    book = Book.objects.create(isbn=f"99{n:011}", title=f"Round {n}", price=Decimal("12.34"), tags=["new", f"r{n}"])
    show("database defaults", book.copies, book.added)
    loan = ann.loans.create(book=book, due=datetime.date(2026, 4, 1))
    ann.loans.create(book_id=1 + n, fine=Decimal("0.07"), note="second")
    ann.name, ann.points = "Ann van Marriage", F("points") + 5
    ann.save()
    ann.refresh_from_db()
    cher.active, cher.level = True, 4
    cher.save(update_fields=["active", "level"])
    loan.fine, loan.state = loan.fine + Decimal("1.25"), "late"
    loan.save()
    show("saved", ann.facts(), Member.objects.get(pk=cher.pk).facts(), list(ann.loans.values_list()))
    book.price *= 2
    book.tags.append("seen")
    book.save()
    show("book", Book.objects.values_list("price", "tags", "copies").get(pk=book.pk))
    show("deleted", cher.delete(), ann.loans.filter(note="second").delete())
    for member in Member.objects.all():
        member.points += 1
        member.save()  # writes back every column
    show("everybody gets a point", Member.objects.aggregate(Count("id"), Sum("points"), Max("name")))


def bulk(n):
    made = Member.objects.bulk_create(
        [Member(name=f"Bulk Number{i}", email=f"bulk{n}.{i}@example.com", points=i, active=i % 2 == 0)
         for i in range(40)], batch_size=15)
    show("bulk_create", len(made), made[0].facts(), made[-1].facts())
    Loan.objects.bulk_create([Loan(member=member, book_id=1 + i % 5, fine=Decimal(i) / 4, note=f"n{i}" if i % 3 else None)
                              for i, member in enumerate(made)])
    for member in made[:12]:
        member.name, member.points, member.active = f"Bulky Number{member.pk}", member.points * 2, not member.active
    show("bulk_update", Member.objects.bulk_update(made[:12], ["name", "points", "active"]),
         list(Member.objects.filter(email__startswith=f"bulk{n}.")[:3].values_list()))
    again = [Member(name=f"Conflict Name{i}", email=f"bulk{n}.{i}@example.com", points=100 + i) for i in (1, 2, 99)]
    Member.objects.bulk_create(again, update_conflicts=True, unique_fields=["email"], update_fields=["name", "points"])
    show("update_conflicts", [member.pk for member in again],
         list(Member.objects.filter(name__startswith="Conflict", points__gt=99, email__startswith=f"bulk{n}.")
              .values_list("id", "name", "points", "active")))
    books = [Book(isbn="9780000000004", title=f"Fourth {n}", price=4), Book(isbn=f"98{n:011}", title="Fresh", price=5)]
    Book.objects.bulk_create(books, update_conflicts=True, unique_fields=["isbn"], update_fields=["title", "price"])
    show("update_conflicts of books", list(Book.objects.filter(isbn__in=[book.isbn for book in books]).values_list()))
    Loan.objects.bulk_create(
        [Loan(member_id=2, book_id=2, fine=Decimal("9.99") + n)], update_conflicts=True,
        unique_fields=["member", "book", "lent"], update_fields=["fine"])
    show("update_conflicts by three columns", list(Loan.objects.filter(member_id=2, book_id=2).values_list()))
    Member.objects.bulk_create([Member(name="No Body", email="member6@example.com"),
                                Member(name="Some Body", email=f"some{n}@example.com")], ignore_conflicts=True)
    show("ignore_conflicts", list(Member.objects.filter(name__endswith="Body").values_list("id", "name", "email")))


def get_or(n):
    for email in ("member3@example.com", f"goc{n}@example.com"):
        member, created = Member.objects.get_or_create(email=email, defaults={"name": f"Goc Made{n}", "points": n})
        show("get_or_create", created, member.facts())
        member, created = Member.objects.update_or_create(
            email=email.replace("goc", "uoc"), defaults={"name": f"Uoc Set{n}", "active": n % 2 == 0},
            create_defaults={"name": f"Uoc Made{n}", "points": 70})
        show("update_or_create", created, member.facts())


def expressions(n):
    mine = Member.objects.filter(email__startswith=f"bulk{n}.")
    show("F", mine.update(points=F("points") * 2 + F("level"), version_id=F("version_id") + 1))
    show("functions", mine.filter(points__lt=30).update(name=Replace("name", Value("Number"), Value("No"))),
         mine.filter(active=True).update(name=Concat(F("name"), Value("-"), F("level"), output_field=models.TextField())),
         mine.update(level=Case(When(points__gt=40, then=3), default=F("level"), output_field=models.SmallIntegerField())))
    show("result", list(mine.values_list("name", "points", "level", "version_id")[:8]))
    show("subquery", Loan.objects.filter(member__in=mine, fine__gt=5).update(
        fine=F("fine") - Subquery(Member.objects.filter(pk=OuterRef("member_id")).values("level")[:1]), state="disputed"))
    show("sums", mine.aggregate(Sum("loans__fine"), Count("loans"), Max("points")))
    show("deleted", Loan.objects.filter(member__in=mine, fine__lt=1).delete())
    show("toggled", mine.update(active=ExpressionWrapper(~Q(active=True), output_field=models.BooleanField())),
         mine.filter(active=True).count())


def locks(n):
    with transaction.atomic():
        member = Member.objects.select_for_update().get(pk=11)
        member.points += 10
        member.name = f"Locked Once{n}"
        member.save()
        show("select_for_update", member.facts())
        show("of several", [m.pk for m in Member.objects.select_for_update(skip_locked=True).filter(name__startswith="Ada")])
        loans = Loan.objects.select_related("member").select_for_update(of=("self",)).filter(member_id__lt=6)
        show("of self", [(loan.pk, loan.member.name, loan.fine) for loan in loans])


def transactions(n):
    with transaction.atomic():
        Member.objects.create(name="Outer Save", email=f"outer{n}@example.com")
        for label, values in (("duplicate", {"email": "member9@example.com", "name": "Twice"}),
                              ("no name", {"email": f"noname{n}@example.com", "name": None})):
            attempt(f"savepoint {label}", lambda values=values: Member.objects.create(**values).pk)
        savepoint = transaction.savepoint()
        Member.objects.filter(pk__lt=5).update(name="Rolled Back", active=False)
        transaction.savepoint_rollback(savepoint)
    show("after savepoints", list(Member.objects.filter(Q(pk__lt=5) | Q(email=f"outer{n}@example.com"))
                                  .values_list("name", "active")))
    try:
        with transaction.atomic():
            Member.objects.update(name="Nobody Left")
            raise ValueError
    except ValueError:
        show("after rollback", Member.objects.filter(name="Nobody Left").count())


def refused(n):
    attempt("null", lambda: Member.objects.filter(pk=1).update(name=None))
    attempt("duplicate", lambda: Member.objects.filter(pk=1).update(email="member2@example.com"))
    attempt("foreign key", lambda: Loan.objects.create(member_id=999999, book_id=1))
    attempt("check", lambda: Book.objects.filter(pk=1).update(price=Decimal("-1")))
    attempt("too long", lambda: Book.objects.filter(pk=1).update(isbn="12345678901234"))
    attempt("too large", lambda: Member.objects.filter(pk=1).update(points=F("points") + 2147483647))
    attempt("by key", lambda: Member(pk=999998, name="By Key", email=f"bykey{n}@example.com").save(force_update=True))
    attempt("restored", lambda: Member(pk=50000 + n, name="By Key", email=f"bykey{n}@example.com").save())


def reads(n):
    show("joins", [(loan.pk, loan.member.name, loan.book.title, loan.fine) for loan in
                   Loan.objects.select_related("member", "book").filter(pk__lt=12)])
    show("prefetch", [(m.name, [loan.state for loan in m.loans.all()])
                      for m in Member.objects.prefetch_related("loans").filter(pk__lt=6)])
    show("groups", list(Member.objects.order_by().values("active").annotate(Count("id"), Sum("points")).order_by("active")))
    show("annotated", list(Member.objects.annotate(long=Length("name"), loud=Upper("name")).filter(long__gt=14)
                           .values_list("pk", "loud")[:5]))
    show("look-ups", list(Member.objects.filter(name__icontains="lee").values_list("pk", flat=True)),
         list(Book.objects.filter(price__range=(10, 20)).order_by("price", "pk").values_list("title", "price")),
         list(Book.objects.filter(tags__contains=["t1"]).values_list("pk", flat=True)),
         Member.objects.filter(preferences__letters=True).count(), Member.objects.in_bulk([2, 4])[4].name,
         Member.objects.filter(Exists(Loan.objects.filter(member=OuterRef("pk"), fine__gt=2))).count())
    show("window", list(Loan.objects.annotate(nth=Window(RowNumber(), partition_by="book", order_by=["-fine", "pk"]))
                        .filter(pk__lt=20).values_list("pk", "nth")))
    show("iterator", sum(member.points for member in Member.objects.iterator(chunk_size=9)))


def play(n):
    for part in (objects, bulk, get_or, expressions, locks, transactions, refused, reads):
        try:
            part(n)
        except Error as error:
            show(f"{part.__name__} ended", sqlstate(error))


serve(play)
