"""The routes that every resource has: list, read, create, replace, amend, delete. One table of them each.

The bodies' types are set on each function by hand, since they differ from resource to resource; so this module does
without postponed annotations.
"""

from collections.abc import Callable
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Header, Path, Router
from ninja.params import functions
from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from register.models import Person
from web.api.access import BearerToken
from web.api.changing import changing, once
from web.api.problems import Problem, ProblemBody
from web.api.replies import after, one, page, reply, require_match
from web.api.resources import storing
from web.api.resources.resource import Resource
from web.api.tokens import Scope
from web.api.values import Id, Moment, Shape

Key = Annotated[int, Path(ge=1, le=2**63 - 1)]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag that you have seen. Required.")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="An ETag: 304 if it is still that.")]
Again = Annotated[
    str | None, Header(alias="Idempotency-Key", max_length=255, description="Makes a retry safe, for 24 hours.")
]
Why = Annotated[str | None, Header(alias="Sallyport-Reason", description="Why; kept in the history (100 characters).")]

READ, WRITE = BearerToken(Scope.REGISTER_READ), BearerToken(Scope.REGISTER_WRITE)
_LAST_PAGE = 200


def problems(*statuses: int) -> dict[int, Any]:
    """What may be answered besides; the first ones are common to all."""
    return dict.fromkeys((400, 401, 403, *statuses, 422, 429, 500, 503), ProblemBody)


def back(resource: Resource) -> type[Shape]:
    """The shape of what comes back."""
    more: dict[str, Any] = dict.fromkeys(resource.shown, (str, ...))
    name = f"{resource.shape.__name__}{'' if resource.shape.__name__ != 'Coded' else resource.one.title()}Kept"
    return create_model(name, __base__=resource.shape, id=(Id, ...), etag=(str | None, ...), **more)


def router(resource: Resource) -> Router:
    """Its routes. Each read needs ``register:read``, each change ``register:write``."""
    routes, shown = Router(tags=[resource.path]), back(resource)
    _add_list(routes, resource, shown)
    _add_read(routes, resource, shown)
    if resource.may_change:
        _add_create(routes, resource, shown)
        _add_replace(routes, resource, shown)
        _add_amend(routes, resource, shown)
    if resource.may_go:
        _add_delete(routes, resource)
    return routes


def _add_list(routes: Router, resource: Resource, shown: type[Shape]) -> None:
    word = Annotated[str | None, Field(max_length=64, pattern=r"^[^\x00]*$")]
    words: dict[str, Any] = dict.fromkeys(resource.filters, (word, None))
    if _looks_back(resource) and "person" in resource.filters:
        words["known_at"] = (Moment | None, Field(None, description="As it was recorded then; needs person."))
    words["limit"] = (int, Field(50, ge=1, le=_LAST_PAGE))
    words["cursor"] = (str, Field("", max_length=60, pattern=r"^[A-Za-z0-9_-]*$"))
    asked_for = create_model(f"{shown.__name__}Asked", **words)
    answered = create_model(f"{shown.__name__}Page", __base__=Shape, items=(list[shown], ...), next=(str | None, ...))  # type: ignore[valid-type]

    def list_(request: HttpRequest, asked: Any) -> HttpResponse:
        """In the order of their ids; ``next`` is the cursor of the page after this one."""
        given = {resource.filters[n]: v for n, v in asked if n in resource.filters and v is not None}
        if getattr(asked, "known_at", None) is not None:
            return reply({"items": _then(resource, given, asked.known_at), "next": None})
        rows = resource.table.objects.filter(pk__gt=after(asked.cursor), **given).select_related(*resource.refs)
        found = list(rows.order_by("pk")[: asked.limit + 1])
        more = len(found) > asked.limit
        return page(resource.show(found[: asked.limit]), found[asked.limit - 1].pk if more else None)

    form: Any = asked_for
    list_.__annotations__["asked"] = Annotated[form, functions.Query(...)]
    _route(routes.get, "", list_, f"List {resource.path}", READ, {200: answered} | problems())


def _looks_back(resource: Resource) -> bool:
    return resource.part is not None


def _then(resource: Resource, given: dict[str, Any], known_at: Any) -> list[dict[str, Any]]:
    """What a person's rows were; the scope must rest on what never changes about a row, which is whose it is."""
    ref = given.pop("person__ref", None)
    if ref is None or given:
        raise Problem(422, "To look back, name the person, and nothing else.")
    person = Person.objects.filter(ref=ref).values_list("pk", flat=True).first()
    return resource.known(Q(person_id=person), known_at) if person else []


def _add_read(routes: Router, resource: Resource, shown: type[Shape]) -> None:
    def read(request: HttpRequest, key: Key, if_none_match: IfNoneMatch = None) -> HttpResponse:
        """With its ETag."""
        return one(request, resource.show([resource.get(key)])[0])

    def read_back(
        request: HttpRequest, key: Key, known_at: Moment | None = None, if_none_match: IfNoneMatch = None
    ) -> HttpResponse:
        """With its ETag; or with ``known_at`` as it was recorded at that time."""
        if known_at is None:
            return read(request, key)
        then = resource.known(Q(id=key), known_at)
        if not then:
            raise Problem(404, f"No {resource.one} with that id was recorded then.")
        return reply(then[0])

    handler = read_back if _looks_back(resource) else read
    _route(routes.get, "/{key}", handler, f"Read a {resource.one}", READ, {200: shown, 304: None} | problems(404))


def _add_create(routes: Router, resource: Resource, shown: type[Shape]) -> None:
    def create(request: HttpRequest, body: Any, idempotency_key: Again = None, reason: Why = None) -> HttpResponse:
        """Answers 201 with Location and ETag. 409 where the identifier is in use already."""

        def do() -> HttpResponse:
            row = storing.create(resource, body)
            return one(request, resource.show([row])[0], 201, f"/api/{resource.path}/{row.pk}")

        return once(request, do)

    create.__annotations__["body"] = resource.shape
    _route(routes.post, "", create, f"Record a {resource.one}", WRITE, {201: shown} | problems(409, 413, 415))


def _add_replace(routes: Router, resource: Resource, shown: type[Shape]) -> None:
    def replace(
        request: HttpRequest, key: Key, body: Any, if_match: IfMatch = None, reason: Why = None
    ) -> HttpResponse:
        """All of it: what is left out gets its default."""
        return _changed(request, resource, key, lambda row: storing.replace(resource, row, body))

    replace.__annotations__["body"] = resource.shape
    _route(routes.put, "/{key}", replace, f"Replace a {resource.one}", WRITE, {200: shown} | _conflicts())


def _add_amend(routes: Router, resource: Resource, shown: type[Shape]) -> None:
    every = resource.shape.model_fields
    fields: dict[str, Any] = {n: (_annotated(f), Field(default_factory=_none)) for n, f in every.items()}
    some = create_model(f"{shown.__name__}Changes", __base__=Shape, **fields)

    def amend(request: HttpRequest, key: Key, body: Any, if_match: IfMatch = None, reason: Why = None) -> HttpResponse:
        """What is named is changed, the rest stays (RFC 7396); a list is replaced as a whole."""
        changes = {n: getattr(body, n) for n in body.model_fields_set}
        return _changed(request, resource, key, lambda row: storing.amend(resource, row, changes))

    amend.__annotations__["body"] = some
    _route(routes.patch, "/{key}", amend, f"Change a {resource.one}", WRITE, {200: shown} | _conflicts())


def _annotated(field: FieldInfo) -> Any:
    """The field's type with its limits, without its default."""
    made: Any = field.annotation
    for limit in field.metadata:
        made = Annotated[made, limit]
    return made


def _none() -> None:
    """What a field is that was not sent; whether it was, ``model_fields_set`` knows."""


def _add_delete(routes: Router, resource: Resource) -> None:
    def delete(request: HttpRequest, key: Key, if_match: IfMatch = None, reason: Why = None) -> HttpResponse:
        """For what was recorded in error. Its history stays."""
        with changing(request):
            row = resource.get(key, for_change=True)
            require_match(request, resource.etags([key])[key])
            if any(getattr(row, name).exists() for name in resource.blocked_by):
                raise Problem(409, "A permission or a ground names this one; it ends, and is not deleted.")
            row.delete()
        return HttpResponse(status=204)

    answers = {204: None} | problems(404, 409, 412, 428)
    _route(routes.delete, "/{key}", delete, f"Delete a {resource.one}", WRITE, answers)


def _changed(request: HttpRequest, resource: Resource, key: int, change: Callable[[Any], None]) -> HttpResponse:
    """Of two who change the same state, one gets 412: the row is held from the comparison to the end."""
    with changing(request):
        row = resource.get(key, for_change=True)
        require_match(request, resource.etags([key])[key])
        change(row)
    return one(request, resource.show([row])[0])


def _conflicts() -> dict[int, Any]:
    return problems(404, 409, 412, 413, 415, 428)


def _route(method: Any, path: str, handler: Any, summary: str, auth: BearerToken, answers: dict[int, Any]) -> None:
    words = summary.lower().replace(" ", "_").replace("-", "_")
    said = f"{handler.__doc__ or ''} Scope: `{auth.scope}`.".strip()
    method(path, auth=auth, response=answers, summary=summary, description=said, operation_id=words)(handler)
