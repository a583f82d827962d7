"""Convert RDF terms to Python values, one at a time or a whole result as a pandas DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Triple

from policygraph.errors import FormatError
from policygraph.rdf.namespaces import PREFIXES

if TYPE_CHECKING:
    import pandas

Term: TypeAlias = NamedNode | BlankNode | Literal | Triple | None
_XSD = PREFIXES["xsd"]
INTEGERS = frozenset(
    _XSD + name
    for name in (
        *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort"),
        "unsignedByte",
    )
)
NUMBERS = INTEGERS | {_XSD + name for name in ("decimal", "double", "float")}


def python_value(term: Term) -> Any:
    """The Python value of a term: int, float, Decimal, bool, date, datetime or str; None for an unbound one.

    IRIs are str, blank nodes "_:label"; a year (xsd:gYear) is an int. A literal of another datatype, or one
    whose value is not valid, is its text.
    """
    if term is None:
        return None
    if not isinstance(term, Literal):
        return term.value if isinstance(term, NamedNode) else str(term)
    text, datatype = term.value, term.datatype.value
    if not datatype.startswith(_XSD):
        return text
    try:
        if datatype in INTEGERS or datatype == _XSD + "gYear":
            return int(text)
        match datatype.removeprefix(_XSD):
            case "double" | "float":
                return float(text)
            case "boolean":
                return {"true": True, "1": True, "false": False, "0": False}.get(text, text)
            case "decimal":
                from decimal import Decimal

                return Decimal(text)
            case "date" | "dateTime":
                from datetime import date, datetime

                return (date if datatype.endswith("date") else datetime).fromisoformat(text)
    except (ValueError, ArithmeticError):
        pass
    return text


def frame(answer: QuerySolutions | QueryTriples) -> pandas.DataFrame:
    """Convert a query result to a pandas DataFrame of Python values, one column a variable; None if unbound.

    The columns of a graph are subject, predicate and object. FormatError for the result of an ASK, or when
    pandas is not installed.
    """
    if isinstance(answer, QueryBoolean):
        raise FormatError("the result of an ASK is true or false, not a table; use bool(answer).")
    try:
        from pandas import DataFrame, Series
    except ImportError:
        raise FormatError("a DataFrame needs pandas; install it with: pip install pandas") from None
    if isinstance(answer, QueryTriples):
        names = ["subject", "predicate", "object"]
    else:
        names = [variable.value for variable in answer.variables]
    rows: list[Any] = [[python_value(term) for term in row] for row in answer]
    columns = {name: [row[number] for row in rows] for number, name in enumerate(names)}
    # By default, pandas turns a column of integers with one unbound value into floats.
    return DataFrame(
        {name: Series(values, dtype=object if None in values else None) for name, values in columns.items()}
    )
