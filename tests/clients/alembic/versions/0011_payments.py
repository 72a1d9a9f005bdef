"""payments

Revision ID: 0011
Revises: 0010
Create Date: 2026-03-12 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("paid_at", sa.DateTime(), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference", name="uq_payments_reference"),
    )
    op.create_foreign_key("fk_payments_booking_id_bookings", "payments", "bookings", ["booking_id"], ["id"])
    op.create_check_constraint("ck_payments_amount", "payments", "amount <> 0")
    op.create_index("ix_payments_booking_id", "payments", ["booking_id"], unique=False)
    op.execute(
        "INSERT INTO payments (booking_id, amount, reference, paid_at) "
        "SELECT id, total, 'deposit-' || id, created_at FROM bookings WHERE id % 10 = 0 AND id <= 1000 ORDER BY id"
    )
    op.execute("SELECT setval('payments_id_seq', 1000)")


def downgrade():
    op.drop_table("payments")
