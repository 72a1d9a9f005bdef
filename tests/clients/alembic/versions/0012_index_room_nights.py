"""index for the occupancy report, built without blocking

Revision ID: 0012
Revises: 0011
Create Date: 2026-03-18 00:00:00
"""
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_bookings_room_id_check_in",
            "bookings",
            ["room_id", "check_in"],
            unique=False,
            postgresql_concurrently=True,
        )


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("ix_bookings_room_id_check_in", table_name="bookings", postgresql_concurrently=True)
