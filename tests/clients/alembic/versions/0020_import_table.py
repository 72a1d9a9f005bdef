"""table of the import from the old hotel, used once and dropped

Revision ID: 0020
Revises: 0019
Create Date: 2026-05-05 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "legacy_import",
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("line"),
    )
    op.bulk_insert(
        sa.table("legacy_import", sa.column("line", sa.Integer), sa.column("record", sa.Text)),
        [{"line": 1, "record": "Alan Turing;alan@example.org"}, {"line": 2, "record": "Kurt Gödel;kurt@example.org"}],
    )
    op.execute(
        "INSERT INTO guests (first_name, last_name, email) "
        "SELECT split_part(record, ' ', 1), split_part(split_part(record, ';', 1), ' ', 2), split_part(record, ';', 2) "
        "FROM legacy_import"
    )
    op.drop_table("legacy_import")


def downgrade():
    op.execute("DELETE FROM guests WHERE email IN ('alan@example.org', 'kurt@example.org')")
