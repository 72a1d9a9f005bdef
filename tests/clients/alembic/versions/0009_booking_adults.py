"""number of adults, required from now on

Revision ID: 0009
Revises: 0008
Create Date: 2026-02-28 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("bookings", sa.Column("adults", sa.SmallInteger(), server_default="1", nullable=False))
    op.execute("SELECT strata.fill_column('hotel.bookings', 'adults', '1')")
    op.alter_column("bookings", "adults", existing_type=sa.SmallInteger(), server_default=None)
    op.create_check_constraint("ck_bookings_adults", "bookings", "adults BETWEEN 1 AND 6")


def downgrade():
    op.drop_constraint("ck_bookings_adults", "bookings", type_="check")
    op.drop_column("bookings", "adults")
