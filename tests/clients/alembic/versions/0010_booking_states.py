"""two more states of a booking

Revision ID: 0010
Revises: 0009
Create Date: 2026-03-06 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    new_status = sa.Enum(
        "pending", "confirmed", "checked_in", "no_show", "cancelled", name="booking_status_new"
    )
    new_status.create(op.get_bind(), checkfirst=False)
    op.alter_column("bookings", "status", server_default=None)
    op.alter_column(
        "bookings",
        "status",
        type_=new_status,
        existing_nullable=False,
        postgresql_using="status::text::booking_status_new",
    )
    op.execute("DROP TYPE booking_status")
    op.execute("ALTER TYPE booking_status_new RENAME TO booking_status")
    op.alter_column("bookings", "status", server_default="pending")


def downgrade():
    op.execute("UPDATE bookings SET status = 'confirmed' WHERE status IN ('checked_in', 'no_show')")
    old_status = sa.Enum("pending", "confirmed", "cancelled", name="booking_status_old")
    old_status.create(op.get_bind(), checkfirst=False)
    op.alter_column("bookings", "status", server_default=None)
    op.alter_column(
        "bookings",
        "status",
        type_=old_status,
        existing_nullable=False,
        postgresql_using="status::text::booking_status_old",
    )
    op.execute("DROP TYPE booking_status")
    op.execute("ALTER TYPE booking_status_old RENAME TO booking_status")
    op.alter_column("bookings", "status", server_default="pending")
