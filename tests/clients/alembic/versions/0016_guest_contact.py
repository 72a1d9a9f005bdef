"""contact data of guests

Revision ID: 0016
Revises: 0015
Create Date: 2026-04-11 00:00:00
"""
import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("guests") as batch_op:
        batch_op.alter_column(
            "email", existing_type=sa.String(length=255), type_=sa.Text(), existing_nullable=False
        )
        batch_op.add_column(
            sa.Column("marketing_opt_in", sa.Boolean(), server_default=sa.text("false"), nullable=False)
        )
        batch_op.drop_index("ix_guests_email")
        batch_op.create_unique_constraint("uq_guests_email", ["email"])


def downgrade():
    with op.batch_alter_table("guests") as batch_op:
        batch_op.drop_constraint("uq_guests_email", type_="unique")
        batch_op.create_index("ix_guests_email", ["email"], unique=True)
        batch_op.drop_column("marketing_opt_in")
        batch_op.alter_column(
            "email", existing_type=sa.Text(), type_=sa.String(length=255), existing_nullable=False
        )
