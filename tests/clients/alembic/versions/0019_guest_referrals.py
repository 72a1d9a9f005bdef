"""guests refer guests

Revision ID: 0019
Revises: 0018
Create Date: 2026-04-29 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("guests", sa.Column("referred_by", sa.Integer(), nullable=True))
    op.create_foreign_key("fk_guests_referred_by_guests", "guests", "guests", ["referred_by"], ["id"])


def downgrade():
    op.drop_constraint("fk_guests_referred_by_guests", "guests", type_="foreignkey")
    op.drop_column("guests", "referred_by")
