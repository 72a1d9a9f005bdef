"""room for more bookings

Revision ID: 0013
Revises: 0012
Create Date: 2026-03-24 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column(
        "bookings", "id", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False
    )
    for table in ("booking_items", "payments"):
        op.alter_column(
            table, "booking_id", existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False
        )
    op.execute("ALTER SEQUENCE bookings_id_seq AS bigint")


def downgrade():
    op.execute("ALTER SEQUENCE bookings_id_seq AS integer")
    for table in ("payments", "booking_items"):
        op.alter_column(
            table, "booking_id", existing_type=sa.BigInteger(), type_=sa.Integer(), existing_nullable=False
        )
    op.alter_column(
        "bookings", "id", existing_type=sa.BigInteger(), type_=sa.Integer(), existing_nullable=False
    )
