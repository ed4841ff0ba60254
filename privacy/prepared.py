"""Statements asked again and again: written out once, then handed to SQLite as they are.

SQLAlchemy looks up, binds and wraps anew what never changes, which costs several times what SQLite itself takes for a row found
by its key (docs/decisions/0029). Whatever is out of the ordinary goes SQLAlchemy's own way, and so does PostgreSQL, where the
way to the server is the longer one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, cast

from sqlalchemy import Executable
from sqlalchemy.engine import Connection, CursorResult, Dialect, IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]
Values = Mapping[str, Any]
MOST = 64  # lengths of lists for which one statement is kept written


class Prepared(Executable):
    """A statement on tables that stands in a module and never changes; executed like any other.

    What is executed gives rows with all the ways of a Result, or the `rowcount` of a change, and nothing else of a CursorResult.
    """

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._lists: dict[
            tuple[str, ...], tuple[str, ...]
        ] = {}  # by the names of the values, those that are lists
        self._written: dict[
            tuple[Any, ...], _Written | None
        ] = {}  # by these names, and how long each list is

    def _execute_on_connection(
        self, connection: Connection, distilled_params: Sequence[Values], execution_options: Mapping[str, Any]
    ) -> CursorResult[Any]:
        """How SQLAlchemy executes whatever it is given."""
        values = distilled_params[0] if distilled_params else {}
        many = len(distilled_params) > 1
        written = None if execution_options else self._for(connection, values)
        if written is None or (many and not written.repeatable):
            plain = cast(Any, self.statement)
            return cast(
                CursorResult[Any],
                plain._execute_on_connection(connection, distilled_params, execution_options),
            )
        if many:
            return cast(CursorResult[Any], _many(connection, written, distilled_params))
        return cast(CursorResult[Any], _one(connection, written, values))

    def _execute_on_scalar(
        self, connection: Connection, distilled_params: Sequence[Values], execution_options: Mapping[str, Any]
    ) -> Any:
        return self._execute_on_connection(connection, distilled_params, execution_options).scalar()

    def _for(self, connection: Connection, values: Values) -> _Written | None:
        """How SQLite reads it with such values; None where SQLAlchemy sees to it.

        So it does for PostgreSQL, for a column's default, before a transaction is open, and where somebody listens to what is
        executed.
        """
        listened_to = connection._has_events or connection.engine._has_events
        if connection.dialect.name != "sqlite" or listened_to or not connection.in_transaction():
            return None
        names = tuple(values)
        if names not in self._lists:
            self._lists[names] = tuple(sorted(_lists(_compiled(self.statement, connection.dialect, names))))
        lists = self._lists[names]
        shape = (*names, *[len(values[name]) for name in lists]) if lists else names
        if shape not in self._written:
            if len(self._written) >= MOST:
                return None
            compiled = _compiled(self.statement, connection.dialect, names)
            self._written[shape] = _write(compiled, connection.dialect, values)
        return self._written[shape]


class _Changed(NamedTuple):
    """What a change of rows answers."""

    rowcount: int


class _Place(NamedTuple):
    """What goes where a `?` stands: the value of this name, the one at this place of its list, or always the same."""

    name: str | None
    nth: int | None
    value: Any
    convert: Convert | None


class _Written(NamedTuple):
    """A statement in SQLite's words. `columns`: None when it gives no rows. `converts`: which of their values, and how.

    `repeatable`: whether it may be run for many values at once.
    """

    sql: str
    places: list[_Place]
    columns: SimpleResultMetaData | None
    converts: list[tuple[int, Convert]]
    repeatable: bool


def _compiled(statement: Executable, dialect: Dialect, names: tuple[str, ...]) -> SQLCompiler:
    return cast(
        SQLCompiler,
        cast(Any, statement).compile(
            dialect=dialect,
            column_keys=list(names),
            for_executemany=True,  # so an INSERT is not asked for the key it gives
        ),
    )


def _lists(compiled: SQLCompiler) -> list[str]:
    return [bound.key for bound in compiled.post_compile_params if bound.expanding and bound.required]


def _write(compiled: SQLCompiler, dialect: Dialect, values: Values) -> _Written | None:
    if compiled.literal_execute_params or compiled.insert_prefetch or compiled.update_prefetch:
        return None
    try:
        whole = compiled.construct_expanded_state(values)
    except InvalidRequestError:  # a value is missing, which SQLAlchemy says better
        return None
    of_list = {
        one: (name, nth) for name, parts in whole.parameter_expansion.items() for nth, one in enumerate(parts)
    }

    def place(written: str) -> _Place:
        name, nth = of_list.get(written, (written, None))
        bound = compiled.binds[name]
        convert = bound.type.dialect_impl(dialect).bind_processor(dialect)
        if bound.key in values:
            return _Place(bound.key, nth, None, convert)
        value = whole.parameters[written]
        return _Place(None, None, value if convert is None else convert(value), None)

    found = compiled._result_columns  # there is no public word for what a compiled statement gives
    reads = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in found]
    return _Written(
        sql=whole.statement,
        places=[place(name) for name in whole.positiontup or ()],
        columns=SimpleResultMetaData([column.keyname for column in found]) if found else None,
        converts=[(index, convert) for index, convert in enumerate(reads) if convert is not None],
        repeatable=not found and not of_list,
    )


def _one(connection: Connection, written: _Written, values: Values) -> IteratorResult[Any] | _Changed:
    try:
        bound = _bound(written, values)
        cursor = connection.connection.dbapi_connection.execute(written.sql, bound)  # type: ignore[union-attr]
        if written.columns is None:
            return _Changed(cursor.rowcount)
        return IteratorResult(written.columns, iter(_read(written, cursor.fetchall())))
    except Exception as error:
        _raise(connection, written, error)


def _many(connection: Connection, written: _Written, distilled_params: Sequence[Values]) -> _Changed:
    try:
        bound = [_bound(written, values) for values in distilled_params]
        cursor = connection.connection.dbapi_connection.executemany(written.sql, bound)  # type: ignore[union-attr]
        return _Changed(cursor.rowcount)
    except Exception as error:
        _raise(connection, written, error)


def _bound(written: _Written, values: Values) -> list[Any]:
    bound = []
    for name, nth, value, convert in written.places:
        if name is not None:
            value = values[name] if nth is None else values[name][nth]
            if convert is not None:
                value = convert(value)
        bound.append(value)
    return bound


def _read(written: _Written, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    if not written.converts:
        return rows
    changed = []
    for row in rows:
        line = list(row)
        for index, convert in written.converts:
            line[index] = convert(line[index])
        changed.append(tuple(line))
    return changed


def _raise(connection: Connection, written: _Written, error: Exception) -> NoReturn:
    """As SQLAlchemy raises it: what the driver says in its own words, and no values."""
    connection._handle_dbapi_exception(error, written.sql, None, None, None)
