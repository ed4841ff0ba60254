"""Alembic's way in: one connection, one transaction, the URL given by bot.store.database.upgrade."""

from alembic import context

from bot.store.database import connect
from bot.store.models import metadata

engine = connect(context.config.attributes["url"])
try:
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
