"""Documents and their versions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("secrecy", sa.String(40), nullable=False),
        sa.Column("holds_base_info", sa.Boolean(), nullable=False),
        sa.Column("division", sa.String(6), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("recipients_json", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=True),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_index("ix_documents_added", "documents", ["added_at", "id"])
    op.create_index("ix_documents_subject", "documents", ["subject"])
    op.create_table(
        "document_versions",
        sa.Column("document", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.id"], name="fk_document_versions_document_documents"
        ),
        sa.PrimaryKeyConstraint("document", "number", name="pk_document_versions"),
    )
