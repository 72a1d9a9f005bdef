"""booking extras and a check on the nights

Revision ID: 0003
Revises: 0002
Create Date: 2026-01-23 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "booking_extras",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("price", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name="fk_booking_extras_booking_id_bookings", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_booking_extras_booking_id", "booking_extras", ["booking_id"], unique=False)
    op.create_check_constraint("ck_bookings_nights", "bookings", "check_out > check_in")


def downgrade():
    op.drop_constraint("ck_bookings_nights", "bookings", type_="check")
    op.drop_index("ix_booking_extras_booking_id", table_name="booking_extras")
    op.drop_table("booking_extras")
