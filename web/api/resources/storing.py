"""From a body to rows: created, replaced or amended through ``Recorded.save``, parts with their whole.

To be called inside ``changing.changing``: one transaction, one name.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from pydantic import ValidationError as ShapeError

from register.models.recorded import Recorded
from web.api.problems import Problem
from web.api.resources.resource import Body, Part, Ref, Resource, plain, value_of
from web.api.values import Shape


def create(resource: Resource, body: Shape) -> Any:
    """The new row."""
    row = resource.table()
    _fill(resource, row, plain(body))
    return row


def replace(resource: Resource, row: Any, body: Shape) -> None:
    """The whole of a row is as the body says."""
    values = plain(body)
    for name in resource.fixed:
        if values[name] != value_of(row, name, resource.refs):
            raise ValidationError({name: f"the {name} of a {resource.one} never changes"})
    _fill(resource, row, values)


def amend(resource: Resource, row: Any, changes: Body) -> None:
    """What the changes name is changed (a JSON merge patch, RFC 7396, one level deep); the rest stays."""
    unknown = set(changes) - set(resource.shape.model_fields)
    if unknown:
        raise Problem(422, f"A {resource.one} has no such field.")
    present = {n: v for n, v in resource.show([row])[0].items() if n in resource.shape.model_fields}
    replace(resource, row, checked(resource.shape, present | changes))


def checked(shape: type[Shape], values: Body) -> Shape:
    """The body. Raises :class:`Problem` 422 with the fields at fault."""
    try:
        return shape.model_validate(values)
    except ShapeError as error:
        listed = error.errors(include_url=False, include_input=False, include_context=False)
        said = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in listed]
        raise Problem(422, "; ".join(said)) from None


def _fill(resource: Resource, row: Recorded, values: Body) -> None:
    part = resource.part
    parts = values.pop(part.name) if part else []
    changed = _set(row, values, resource.refs)
    if changed or row.pk is None:
        row.save()
    if part:
        _put_parts(part, row, parts)


def _set(row: Recorded, values: Body, refs: Any) -> bool:
    """Sets the columns; whether any was otherwise before. Since when something counts is kept where it is not said."""
    changed = False
    kept = {turn.since for turn in getattr(row, "TURNS", ())}
    for name, value in values.items():
        if value is None and name in kept:
            continue
        wanted = refs[name].find(name, value) if name in refs else value
        present = getattr(row, f"{name}_id") if name in refs else getattr(row, name)
        changed |= present != (wanted.pk if name in refs and wanted is not None else wanted)
        setattr(row, name, wanted)
    return changed


def _put_parts(part: Part, whole: Recorded, wanted: list[Shape]) -> None:
    present = {_key(part, row): row for row in part.table.objects.filter(part.of([whole.pk]))}
    asked = [plain(w) for w in wanted]
    found = [_found(part, values) for values in asked]
    keys = [tuple(_pk(f[name]) if name in part.refs else f[name] for name in part.keys) for f in found]
    if len(set(keys)) < len(keys):
        raise ValidationError({part.name: f"the same stands twice among the {part.name}"})
    for key in set(present) - set(keys):
        if not part.may_go:
            raise ValidationError({part.name: "a line of a form is not taken out; set when it was withdrawn"})
        present[key].delete()
    for key, values in sorted(zip(keys, asked, strict=True), key=lambda kv: bool(part.order and kv[1][part.order])):
        row = present[key] if key in present else part.table(**{part.whole: whole})
        if _set(row, values, part.refs) or row.pk is None:
            row.save()


def _found(part: Part, values: Body) -> Body:
    return {n: part.refs[n].find(n, values[n]) if n in part.refs else values[n] for n in part.keys}


def _key(part: Part, row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, f"{n}_id") if n in part.refs else getattr(row, n) for n in part.keys)


def _pk(row: Any) -> int | None:
    return None if row is None else int(row.pk)


__all__ = ["Ref", "amend", "checked", "create", "replace"]
