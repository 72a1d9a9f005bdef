"""room numbers are integers

Revision ID: 0005
Revises: 0004
Create Date: 2026-02-04 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        "SELECT strata.prepare_type_change('hotel.rooms', 'number', 'integer', "
        "read_as => 'number::varchar(10)', write_as => 'number::integer')"
    )
    op.alter_column(
        "rooms",
        "number",
        existing_type=sa.String(length=10),
        type_=sa.Integer(),
        existing_nullable=False,
        postgresql_using="number::integer",
    )


def downgrade():
    op.execute(
        "SELECT strata.prepare_type_change('hotel.rooms', 'number', 'varchar', "
        "read_as => 'number::integer', write_as => 'number::varchar(10)')"
    )
    op.alter_column(
        "rooms",
        "number",
        existing_type=sa.Integer(),
        type_=sa.String(length=10),
        existing_nullable=False,
        postgresql_using="number::varchar(10)",
    )
