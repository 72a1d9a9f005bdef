"""split guests.display_name

Revision ID: 0008
Revises: 0007
Create Date: 2026-02-22 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("guests", sa.Column("first_name", sa.String(length=60), server_default="", nullable=False))
    op.add_column("guests", sa.Column("last_name", sa.String(length=60), server_default="", nullable=False))
    op.execute(
        "UPDATE guests SET first_name = split_part(display_name, ' ', 1), "
        "last_name = substr(display_name, strpos(display_name, ' ') + 1)"
    )
    op.execute(
        "SELECT strata.replace_column('hotel.guests', 'display_name', $$first_name || ' ' || last_name$$, "
        "jsonb_build_object('first_name', $$split_part(display_name, ' ', 1)$$, "
        "'last_name', $$substr(display_name, strpos(display_name, ' ') + 1)$$))"
    )
    op.drop_column("guests", "display_name")
    op.create_index("ix_guests_last_name", "guests", ["last_name"], unique=False)


def downgrade():
    op.drop_index("ix_guests_last_name", table_name="guests")
    op.add_column("guests", sa.Column("display_name", sa.String(length=120), nullable=True))
    op.execute("UPDATE guests SET display_name = first_name || ' ' || last_name")
    op.alter_column("guests", "display_name", existing_type=sa.String(length=120), nullable=False)
    op.drop_column("guests", "last_name")
    op.drop_column("guests", "first_name")
