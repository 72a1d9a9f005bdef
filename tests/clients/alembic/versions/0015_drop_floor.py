"""the floor is the first digit of the room number

Revision ID: 0015
Revises: 0014
Create Date: 2026-04-05 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("SELECT strata.replace_column('hotel.rooms', 'floor', '(number / 100)::smallint')")
    op.drop_column("rooms", "floor")


def downgrade():
    op.add_column("rooms", sa.Column("floor", sa.SmallInteger(), nullable=True))
    op.execute("UPDATE rooms SET floor = number / 100")
