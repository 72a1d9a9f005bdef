"""nightly rates in cents

Revision ID: 0014
Revises: 0013
Create Date: 2026-03-30 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "SELECT strata.prepare_type_change('hotel.rooms', 'nightly_rate', 'integer', "
        "read_as => '(nightly_rate / 100.0)::numeric(8,2)', write_as => '(nightly_rate * 100)::integer')"
    )
    op.alter_column(
        "rooms",
        "nightly_rate",
        new_column_name="nightly_rate_cents",
        existing_type=sa.Numeric(precision=8, scale=2),
        type_=sa.Integer(),
        existing_nullable=False,
        postgresql_using="(nightly_rate * 100)::integer",
    )
    op.create_check_constraint("ck_rooms_nightly_rate_cents", "rooms", "nightly_rate_cents > 0")


def downgrade():
    op.drop_constraint("ck_rooms_nightly_rate_cents", "rooms", type_="check")
    op.execute(
        "SELECT strata.prepare_type_change('hotel.rooms', 'nightly_rate_cents', 'numeric', "
        "read_as => '(nightly_rate_cents * 100)::integer', "
        "write_as => '(nightly_rate_cents / 100.0)::numeric(8,2)')"
    )
    op.alter_column(
        "rooms",
        "nightly_rate_cents",
        new_column_name="nightly_rate",
        existing_type=sa.Integer(),
        type_=sa.Numeric(precision=8, scale=2),
        existing_nullable=False,
        postgresql_using="(nightly_rate_cents / 100.0)::numeric(8,2)",
    )
