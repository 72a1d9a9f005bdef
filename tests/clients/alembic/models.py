"""The hotel's models after the last revision."""
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import declarative_base

Base = declarative_base()

room_kind = sa.Enum("single", "double", "suite", name="room_kind")
booking_status = sa.Enum("pending", "confirmed", "checked_in", "no_show", "cancelled", name="booking_status")


class Guest(Base):
    __tablename__ = "guests"
    __table_args__ = (
        sa.UniqueConstraint("email", name="uq_guests_email"),
        sa.ForeignKeyConstraint(["referred_by"], ["guests.id"], name="fk_guests_referred_by_guests"),
        sa.Index("ix_guests_last_name", "last_name"),
    )
    id = sa.Column(sa.Integer, primary_key=True)
    email = sa.Column(sa.Text, nullable=False)
    phone = sa.Column(sa.String(30))
    created_at = sa.Column(sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)
    first_name = sa.Column(sa.String(60), server_default="", nullable=False)
    last_name = sa.Column(sa.String(60), server_default="", nullable=False)
    marketing_opt_in = sa.Column(sa.Boolean, server_default=sa.false(), nullable=False)
    referred_by = sa.Column(sa.Integer)


class Room(Base):
    __tablename__ = "rooms"
    __table_args__ = (
        sa.UniqueConstraint("number", name="uq_rooms_number"),
        sa.CheckConstraint("nightly_rate_cents > 0", name="ck_rooms_nightly_rate_cents"),
    )
    id = sa.Column(sa.Integer, primary_key=True)
    number = sa.Column(sa.Integer, nullable=False)
    kind = sa.Column(room_kind, nullable=False)
    nightly_rate_cents = sa.Column(sa.Integer, nullable=False)
    active = sa.Column(sa.Boolean, server_default=sa.true(), nullable=False)


class Booking(Base):
    __tablename__ = "bookings"
    __table_args__ = (
        sa.ForeignKeyConstraint(["guest_id"], ["guests.id"], name="fk_bookings_guest_id_guests"),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name="fk_bookings_room_id_rooms"),
        sa.CheckConstraint("check_out > check_in", name="ck_bookings_nights"),
        sa.CheckConstraint("adults BETWEEN 1 AND 6", name="ck_bookings_adults"),
        sa.Index("ix_bookings_guest_id", "guest_id"),
        sa.Index("ix_bookings_room_id_check_in", "room_id", "check_in"),
    )
    id = sa.Column(sa.BigInteger, primary_key=True)
    guest_id = sa.Column(sa.Integer, nullable=False)
    room_id = sa.Column(sa.Integer, nullable=False)
    check_in = sa.Column(sa.Date, nullable=False)
    check_out = sa.Column(sa.Date, nullable=False)
    status = sa.Column(booking_status, server_default="pending", nullable=False)
    total = sa.Column(sa.Numeric(10, 2), nullable=False)
    remarks = sa.Column(sa.Text, server_default="", nullable=False)
    preferences = sa.Column(postgresql.JSONB)
    created_at = sa.Column(sa.DateTime, server_default=sa.func.now(), nullable=False)
    adults = sa.Column(sa.SmallInteger, nullable=False)


class BookingItem(Base):
    __tablename__ = "booking_items"
    __table_args__ = (
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_booking_extras_booking_id_bookings",
                                ondelete="CASCADE"),
        sa.Index("ix_booking_items_booking_id", "booking_id"),
    )
    id = sa.Column(sa.Integer, primary_key=True)
    booking_id = sa.Column(sa.BigInteger, nullable=False)
    label = sa.Column(sa.String(60), nullable=False)
    price = sa.Column(sa.Numeric(8, 2), nullable=False)
    quantity = sa.Column(sa.SmallInteger, server_default="1", nullable=False)


class Payment(Base):
    __tablename__ = "payments"
    __table_args__ = (
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_payments_booking_id_bookings"),
        sa.UniqueConstraint("reference", name="uq_payments_reference"),
        sa.CheckConstraint("amount <> 0", name="ck_payments_amount"),
        sa.Index("ix_payments_booking_id", "booking_id"),
    )
    id = sa.Column(sa.Integer, primary_key=True)
    booking_id = sa.Column(sa.BigInteger, nullable=False)
    amount = sa.Column(sa.Numeric(10, 2), nullable=False)
    reference = sa.Column(sa.String(40), nullable=False)
    paid_at = sa.Column(sa.DateTime, server_default=sa.func.now(), nullable=False)
