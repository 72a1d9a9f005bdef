"""create guests and rooms

Revision ID: 0001
Revises:
Create Date: 2026-01-11 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "guests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=True),
        sa.Column("created_at", sa.DateTime(), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_guests_email", "guests", ["email"], unique=True)
    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.Enum("single", "double", "suite", name="room_kind"), nullable=False),
        sa.Column("nightly_rate", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("floor", sa.SmallInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", name="uq_rooms_number"),
    )


def downgrade():
    op.drop_table("rooms")
    op.execute("DROP TYPE room_kind")
    op.drop_index("ix_guests_email", table_name="guests")
    op.drop_table("guests")
