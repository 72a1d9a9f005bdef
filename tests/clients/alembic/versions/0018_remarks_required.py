"""remarks are never null

Revision ID: 0018
Revises: 0017
Create Date: 2026-04-23 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column("bookings", "remarks", existing_type=sa.Text(), server_default=sa.text("''"))
    op.execute("UPDATE bookings SET remarks = '' WHERE remarks IS NULL")
    op.alter_column("bookings", "remarks", existing_type=sa.Text(), nullable=False)
    op.execute(
        "CREATE VIEW arrivals AS SELECT b.id, b.check_in, b.guest_id, r.number FROM bookings b "
        "JOIN rooms r ON r.id = b.room_id"
    )


def downgrade():
    op.execute("DROP VIEW arrivals")
    op.alter_column("bookings", "remarks", existing_type=sa.Text(), nullable=True, server_default=None)
