"""Routers of the API: each of their routes is worked out once, when it is declared.

``FastAPI.include_router`` would work each out anew at the first request that gets as far. With some five
hundred routes that takes seconds, for which the first person waits.
"""

from collections.abc import Iterable

from fastapi import APIRouter, FastAPI

from bingjian.api.errors import problem_responses


def api_router(prefix: str, tag: str) -> APIRouter:
    """A router for the addresses below ``prefix``; the API's description lists them under ``tag``."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        responses=problem_responses(),
        generate_unique_id_function=lambda route: route.name,
    )


def serve_routes(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """The application answers by the routes of these routers, in this order, as they are."""
    for router in routers:
        app.router.routes.extend(router.routes)
