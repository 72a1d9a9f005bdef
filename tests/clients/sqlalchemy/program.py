"""A library's application on SQLAlchemy's ORM. It knows nothing of versions."""
import datetime
import os
import sys
from decimal import Decimal

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from rounds import serve, show, sqlstate  # noqa: E402
from sqlalchemy import (ForeignKey, FetchedValue, bindparam, case, create_engine, delete, exists, func,  # noqa: E402
                        insert, select, text, update)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert as upsert  # noqa: E402
from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: E402
from sqlalchemy.orm import (DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship,  # noqa: E402
                            selectinload)
from sqlalchemy.types import BigInteger, Integer, Numeric, SmallInteger, String, Text  # noqa: E402


class Base(DeclarativeBase):
    pass


def given():
    """A column whose value the server gives if the program gives none."""
    return FetchedValue()


class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(String(80))
    points: Mapped[int] = mapped_column(server_default=given())
    level: Mapped[int] = mapped_column(SmallInteger, server_default=given())
    joined: Mapped[datetime.date] = mapped_column(server_default=given())
    active: Mapped[bool] = mapped_column(server_default=given())
    preferences: Mapped[dict] = mapped_column(JSONB, server_default=given())
    version_id: Mapped[int] = mapped_column()
    loans: Mapped[list["Loan"]] = relationship(back_populates="member", cascade="all, delete-orphan",
                                               order_by="Loan.id")
    __mapper_args__ = {"version_id_col": version_id, "eager_defaults": True}

    def facts(self):
        return (self.id, self.name, self.email, self.points, self.level, self.joined, self.active, self.preferences,
                self.version_id)


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    isbn: Mapped[str] = mapped_column(String(13))
    title: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=given())
    copies: Mapped[int] = mapped_column(server_default=given())
    added: Mapped[datetime.datetime] = mapped_column(server_default=given())


class Loan(Base):
    __tablename__ = "loans"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))
    lent: Mapped[datetime.date] = mapped_column(server_default=given())
    due: Mapped[datetime.date | None]
    state: Mapped[str] = mapped_column(Text, server_default=given())
    fine: Mapped[Decimal] = mapped_column(Numeric(8, 2), server_default=given())
    note: Mapped[str | None] = mapped_column(String(60))
    member: Mapped[Member] = relationship(back_populates="loans")
    book: Mapped[Book] = relationship()


DRIVER = os.environ["SQLALCHEMY_DRIVER"]
engine = create_engine(f"postgresql+{DRIVER}://", pool_size=3)


def attempt(label, work):
    """Runs something that may fail, in a transaction of its own."""
    with Session(engine) as session:
        try:
            show(label, work(session))
            session.commit()
        except SQLAlchemyError as error:
            show(label, sqlstate(error))


def units_of_work(n):
    with Session(engine) as session:
        ann = Member(name=f"Ann Round{n}", email=f"ann{n}@example.com", preferences={"letters": True, "round": n})
        cher = Member(name="Cher", email=f"cher{n}@example.com", points=5, active=False)
        session.add_all([ann, cher])
        session.flush()
        show("flush", ann.facts(), cher.facts())
        book = Book(isbn=f"99{n:011}", title=f"Round {n}", price=Decimal("12.34"), tags=["new", f"r{n}"])
        ann.loans.append(Loan(book=book, due=datetime.date(2026, 4, 1), note=None))
        ann.loans.append(Loan(book_id=1 + n, fine=Decimal("0.07")))
        session.commit()
        show("relationship", [(loan.id, loan.book.title, loan.book.copies, loan.fine, loan.state, loan.lent)
                              for loan in ann.loans])
        ann.name, ann.points = "Ann van Marriage", Member.points + 5
        ann.loans[0].fine += Decimal("1.25")
        ann.loans[0].state = "late"
        cher.active = True
        session.commit()
        show("changed", ann.facts(), cher.facts(), ann.loans[0].fine, ann.loans[0].state)
        del ann.loans[1]
        book.tags = book.tags + ["seen"]
        book.price = Book.price * 2
        session.commit()
        session.refresh(book)
        show("after refresh", book.price, book.tags, len(ann.loans))
        session.delete(cher)
        session.commit()
        show("deleted", session.scalar(select(func.count()).where(Member.email == f"cher{n}@example.com")))
        every = session.scalars(select(Member).order_by(Member.id)).all()
        for member in every:
            member.points += 1
        session.commit()
        show("everybody gets a point", len(every), session.scalar(select(func.sum(Member.points))))


def bulk(n):
    with Session(engine) as session:
        rows = [{"name": f"Bulk Number{i}", "email": f"bulk{n}.{i}@example.com", "points": i, "version_id": 1,
                 "active": i % 2 == 0} for i in range(40)]
        made = session.execute(insert(Member).returning(Member.id, Member.name, Member.points, Member.active,
                                                        sort_by_parameter_order=True), rows).all()
        show("bulk insert returning", len(made), made[0], made[-1])
        session.execute(insert(Loan), [{"member_id": row.id, "book_id": 1 + i % 5, "due": None,
                                        "fine": Decimal(i) / 4, "note": f"n{i}" if i % 3 else None}
                                       for i, row in enumerate(made)])
        session.execute(update(Member), [{"id": row.id, "version_id": 1, "points": row.points * 2,
                                          "name": f"Bulky Number{row.id}"} for row in made[:10]])
        session.commit()
        session.connection().execute(
            update(Member.__table__).where(Member.id == bindparam("key")).values(
                name=Member.name + bindparam("suffix"), points=Member.points + bindparam("more")),
            [{"key": row.id, "suffix": "x", "more": 3} for row in made[10:20]])
        session.commit()
        show("bulk update", session.execute(
            select(Member.id, Member.name, Member.points).where(Member.id.in_([row.id for row in made[8:12]]))
            .order_by(Member.id)).all())
        changed = session.execute(
            update(Member).where(Member.email.like(f"bulk{n}.%"), Member.active)
            .values(name=func.replace(Member.name, "Number", "No"), level=case((Member.points > 20, 3), else_=2),
                    preferences=Member.preferences.op("||")({"bulk": n}))
            .returning(Member.id, Member.name, Member.level, Member.preferences)).all()
        show("update returning", sorted(tuple(row) for row in changed)[:4], len(changed))
        result = session.execute(
            update(Loan).where(Loan.member_id == Member.id, Member.email.like(f"bulk{n}.%"), Loan.fine > 5)
            .values(fine=Loan.fine - Member.level, state="disputed").execution_options(synchronize_session=False))
        show("update from", result.rowcount)
        moved = session.execute(
            insert(Loan).from_select(["member_id", "book_id", "lent", "fine"],
                                     select(Loan.member_id, Loan.book_id, Loan.lent + 30, Loan.fine / 2)
                                     .where(Loan.state == "disputed", Loan.member_id >= made[0].id)
                                     .order_by(Loan.id))
            .returning(Loan.id, Loan.fine, Loan.lent)).all()
        show("insert from select", len(moved), sorted(tuple(row) for row in moved)[:3])
        gone = session.execute(
            delete(Loan).where(Loan.member_id.in_(select(Member.id).where(Member.email.like(f"bulk{n}.%"))),
                               Loan.fine < 1).returning(Loan.id, Loan.fine, Loan.note)).all()
        show("delete returning", len(gone), sorted(tuple(row) for row in gone)[:3])
        session.commit()


def upserts(n):
    with Session(engine) as session:
        statement = upsert(Member).values([
            {"name": f"Upsert A{n}", "email": "member5@example.com", "points": 10, "version_id": 1},
            {"name": f"Upsert B{n}", "email": f"upsert{n}@example.com", "points": 20, "version_id": 1}])
        statement = statement.on_conflict_do_update(
            index_elements=[Member.email], set_={"points": Member.points + statement.excluded.points,
                                                 "name": statement.excluded.name,
                                                 "active": ~Member.active}).returning(
            Member.id, Member.name, Member.points, Member.active)
        show("upsert by e-mail", session.execute(statement).all())
        statement = upsert(Book).values(isbn="9780000000004", title=f"Fourth {n}", price=Decimal("4.44"))
        show("upsert by isbn", session.execute(statement.on_conflict_do_update(
            index_elements=["isbn"], set_={"title": statement.excluded.title,
                                           "price": Book.price + statement.excluded.price},
            where=Book.price < 100).returning(Book.id, Book.title, Book.price)).all())
        statement = upsert(Member).values(id=7, name="Seven", email="seventh@example.com", version_id=1)
        show("upsert by key", session.execute(statement.on_conflict_do_update(
            index_elements=[Member.id], set_={"name": Member.name + " " + statement.excluded.name}).returning(
            Member.id, Member.name, Member.email)).all())
        statement = upsert(Loan).values(member_id=2, book_id=2, lent=datetime.date(2026, 2, 1), fine=Decimal("9.99"))
        show("upsert by three columns", session.execute(statement.on_conflict_do_update(
            index_elements=["member_id", "book_id", "lent"], set_={"fine": Loan.fine + statement.excluded.fine})
            .returning(Loan.fine)).all())
        show("do nothing", session.execute(upsert(Member).values(
            name="No Body", email="member6@example.com", version_id=1).on_conflict_do_nothing()).rowcount,
            session.execute(upsert(Member).values(name="No Body", email="member6@example.com", version_id=1)
                            .on_conflict_do_nothing(index_elements=["email"]).returning(Member.id)).all())
        objects = session.scalars(
            upsert(Member).values([{"name": "Orm Object", "email": f"orm{n}@example.com", "version_id": 1}])
            .on_conflict_do_update(index_elements=[Member.email], set_={"name": "never"}).returning(Member)).all()
        show("upsert of objects", [member.facts() for member in objects])
        session.commit()


def concurrency(n):
    with Session(engine) as one, Session(engine) as two:
        mine, yours = one.get(Member, 11), two.get(Member, 11)
        mine.name = f"Optimist {n}"
        one.commit()
        yours.points += 100
        try:
            two.commit()
            show("stale", "not noticed")
        except SQLAlchemyError as error:
            show("stale", sqlstate(error))
            two.rollback()
        yours.points += 100
        two.commit()
        show("optimist", yours.facts())
        locked = one.scalars(select(Member).where(Member.name.like("Optimist%")).with_for_update()).all()
        skipped = two.scalars(select(Member.id).where(Member.id.in_([11, 12])).order_by(Member.id)
                              .with_for_update(skip_locked=True)).all()
        show("for update", len(locked), skipped)
    with Session(engine) as session:
        session.add(Member(name="Outer Save", email=f"outer{n}@example.com"))
        session.flush()
        for label, member in (("duplicate", Member(name="Twice Same", email="member9@example.com")),
                              ("no name", Member(name=None, email=f"noname{n}@example.com"))):
            try:
                with session.begin_nested():
                    session.add(member)
            except DBAPIError as error:
                show(f"savepoint {label}", sqlstate(error))
        with session.begin_nested() as inner:
            session.execute(update(Member).where(Member.id < 5).values(name="Rolled Back", active=False))
            inner.rollback()
        session.commit()
        show("after savepoints", session.execute(
            select(Member.name, Member.active).where((Member.id < 5) | (Member.email == f"outer{n}@example.com"))
            .order_by(Member.id)).all())
        session.execute(update(Member).values(name="Nobody Left"))
        session.rollback()
        show("after rollback", session.scalar(select(func.count()).where(Member.name == "Nobody Left")))


def refused(n):
    attempt("null", lambda s: s.execute(update(Member).where(Member.id == 1).values(name=None)).rowcount)
    attempt("duplicate", lambda s: s.execute(update(Member).where(Member.id == 1).values(email="member2@example.com")))
    attempt("foreign key", lambda s: s.execute(insert(Loan).values(member_id=999999, book_id=1)))
    attempt("check", lambda s: s.execute(update(Book).where(Book.id == 1).values(price=Decimal("-1"))))
    attempt("too long", lambda s: s.execute(update(Book).where(Book.id == 1).values(isbn="12345678901234")))
    attempt("too large", lambda s: s.execute(update(Member).where(Member.id == 1).values(points=Member.points + 2147483647)))
    attempt("too precise", lambda s: s.execute(update(Loan).where(Loan.id == 1).values(fine=Decimal("12345678.90"))))
    attempt("rounded", lambda s: s.execute(update(Loan).where(Loan.id == 1).values(fine=Decimal("1.239")).returning(Loan.fine)).scalar())
    attempt("referenced", lambda s: s.execute(delete(Member).where(Member.id == 2)).rowcount)


def reads(n):
    with Session(engine) as session:
        show("eager", [(m.name, [(loan.book.title, loan.fine) for loan in m.loans]) for m in session.scalars(
            select(Member).options(selectinload(Member.loans).options(joinedload(Loan.book)))
            .where(Member.id < 5).order_by(Member.id))])
        show("aggregates", session.execute(
            select(Member.active, func.count(), func.sum(Member.points), func.max(Member.name))
            .group_by(Member.active).order_by(Member.active)).all())
        show("by name", session.scalars(select(Member.id).where(Member.name.like("Ada %")).order_by(Member.id)).all())
        show("expensive", session.execute(select(Book.title, Book.price).where(Book.price.between(10, 20))
                                          .order_by(Book.price, Book.id)).all())
        show("json and arrays", session.scalar(select(func.count()).where(Member.preferences["letters"].as_boolean())),
             session.scalars(select(Book.id).where(Book.tags.contains(["t1"])).order_by(Book.id)).all())
        show("exists", session.scalar(select(func.count()).select_from(Member).where(
            exists().where(Loan.member_id == Member.id, Loan.fine > 2))))
        show("stream", sum(member.points for member in session.scalars(
            select(Member).execution_options(yield_per=7))))
        show("cte", session.execute(text(
            "WITH changed AS (UPDATE members SET level = level + 1, name = name || 'y' WHERE id IN (21, 22) "
            "RETURNING id, name, level) SELECT * FROM changed ORDER BY id")).all())
        session.commit()


def play(n):
    for part in (units_of_work, bulk, upserts, concurrency, refused, reads):
        try:
            part(n)
        except SQLAlchemyError as error:
            show(f"{part.__name__} ended", sqlstate(error))


serve(play)
