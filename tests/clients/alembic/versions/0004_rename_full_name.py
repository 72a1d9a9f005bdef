"""rename guests.full_name to display_name

Revision ID: 0004
Revises: 0003
Create Date: 2026-01-29 00:00:00
"""
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.alter_column("guests", "full_name", new_column_name="display_name")


def downgrade():
    op.alter_column("guests", "display_name", new_column_name="full_name")
