"""booking extras become booking items

Revision ID: 0006
Revises: 0005
Create Date: 2026-02-10 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.rename_table("booking_extras", "booking_items")
    op.execute("ALTER INDEX ix_booking_extras_booking_id RENAME TO ix_booking_items_booking_id")
    op.add_column("booking_items", sa.Column("quantity", sa.SmallInteger(), server_default="1", nullable=False))


def downgrade():
    op.drop_column("booking_items", "quantity")
    op.execute("ALTER INDEX ix_booking_items_booking_id RENAME TO ix_booking_extras_booking_id")
    op.rename_table("booking_items", "booking_extras")
