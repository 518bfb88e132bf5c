"""The application: routes, errors, headers, nothing else."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from bingjian import __version__
from bingjian.api import errors
from bingjian.api.frontdoor import FrontDoor
from bingjian.api.permissions import SESSION_COOKIE, Needs, Token, declared, refuse_undeclared
from bingjian.api.platform import Platform
from bingjian.api.procedures import router_of
from bingjian.api.routes import (
    account,
    application,
    camera_files,
    cameras,
    control,
    coverage,
    divisions,
    documents,
    duties,
    first,
    gb_alarms,
    gb_devices,
    grants,
    health,
    holds,
    imports,
    journal,
    marks,
    masks,
    organisations,
    people,
    place_parts,
    places,
    procedures,
    provider,
    register,
    regulation,
    reports,
    requests,
    retention,
    saved_views,
    session,
    share_catalogue,
    siting,
    storage,
    system,
    trials,
)
from bingjian.api.routing import serve_routes
from bingjian.api.schemas import Problem
from bingjian.procedures.catalogue import KINDS

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    session.router,
    provider.router,
    account.router,
    first.router,
    cameras.router,
    control.router,
    marks.router,
    masks.router,
    holds.router,
    retention.router,
    storage.router,
    people.router,
    organisations.router,
    camera_files.router,
    saved_views.router,
    imports.router,
    gb_devices.router,
    gb_alarms.router,
    duties.router,
    procedures.router,
    *map(router_of, KINDS),
    divisions.router,
    places.router,
    place_parts.router,
    siting.router,
    coverage.router,
    documents.router,
    journal.router,
    register.router,
    grants.router,
    share_catalogue.router,
    requests.router,
    trials.router,
    system.router,
    regulation.router,
    reports.router,
    application.router,  # last: it answers every other path
)


def create_app(platform: Platform | None) -> FastAPI:
    """The application over one platform's services; None builds it for its description only.

    Raises:
        UndeclaredRoute: a route names no permission; such an application is never served.
    """
    app = FastAPI(
        title="Bingjian 冰鉴",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    for router in ROUTERS:
        refuse_undeclared(router.routes)
    serve_routes(app, ROUTERS)
    app.state.platform = platform
    errors.install(app)
    app.add_middleware(FrontDoor)
    return app


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, with the problem schema and how each route is guarded."""
    document = get_openapi(title=app.title, version=app.version, openapi_version="3.1.0", routes=app.routes)
    components = document.setdefault("components", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update({**problem.pop("$defs", {}), "Problem": problem})
    components["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        "console": {"type": "http", "scheme": "bearer"},
    }
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                guard(document, route)
    return document


def guard(document: dict[str, Any], route: APIRoute) -> None:
    """Write the route's permission into its operations; drop FastAPI's own 422, ours is a problem."""
    permission = declared(route)
    for method in route.methods or ():
        operation = document["paths"][route.path_format][method.lower()]
        operation["responses"].pop("422", None)
        if isinstance(permission, Needs):
            operation["x-permission"] = str(permission.verb)
            operation["security"] = [{"session": []}, {"console": []}]
        elif isinstance(permission, Token):
            operation["security"] = [{"console": []}]
