"""Every error leaves as RFC 9457 problem details; the one table from exception to status is here."""

from dataclasses import dataclass

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from bingjian.access import errors as access
from bingjian.access.control import errors as control
from bingjian.access.decisions import Actor
from bingjian.access.door import IntervalNotAccepted
from bingjian.api.paging import BadCursor
from bingjian.api.permissions import ForeignOrigin
from bingjian.api.schemas import FieldProblem, GonePart, Problem, RefusalOut
from bingjian.db.errors import DatabaseBusy, DatabaseUnavailable
from bingjian.documents import errors as documents
from bingjian.documents.paper.render import TooLong
from bingjian.imaging.errors import ImagingError
from bingjian.inventory import errors as inventory
from bingjian.inventory import turntable
from bingjian.journal.errors import JournalUnavailable, NotInJournal
from bingjian.procedures import errors as procedures
from bingjian.retention import errors as retention
from bingjian.rules.decision import Refusal, Refused, UsageError, all_of

PROBLEM_JSON = "application/problem+json"
TOO_LARGE = 413
HTTP_CODES = {404: "not_found", 405: "method_not_allowed", TOO_LARGE: "too_large"}
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Kind:
    """How one class of error looks outside. ``detail`` None: the exception's own sentence."""

    status: int
    code: str
    title: str
    detail: str | None = None
    article: str | None = None  # of law, where it is a refusal by one
    remedy: str | None = None


KINDS: dict[type[Exception], Kind] = {
    access.NotSignedIn: Kind(401, "not_signed_in", "Not signed in", "sign in first"),
    access.WrongCredentials: Kind(401, "wrong_credentials", "Not signed in", "name or password is wrong"),
    access.SecondFactorNeeded: Kind(
        401, "second_factor_needed", "Not signed in", "the code of your authenticator is wanted as well"
    ),
    access.WrongCode: Kind(
        401, "wrong_code", "Not accepted", "this code is wrong, has been used, or is too old"
    ),
    access.WrongFirstCode: Kind(
        422, "wrong_code", "Not accepted", "this is no code of the authenticator that is being set up"
    ),
    access.WrongPassword: Kind(403, "wrong_password", "Refused", "the password is wrong"),
    access.SecondFactorRequired: Kind(
        403,
        "second_factor_required",
        "Refused",
        "your roles need a second factor: set it up under My account first",
    ),
    access.SecondFactorKept: Kind(
        403,
        "second_factor_kept",
        "Refused",
        "your roles need a second factor: set up another in its place instead",
    ),
    access.WrongCodeAgain: Kind(
        403, "wrong_code", "Refused", "this code is wrong, has been used, or is too old"
    ),
    access.NoEnrolment: Kind(
        409, "no_enrolment", "Conflict", "begin again: nothing waits for a first code any more"
    ),
    access.NoSuchSession: Kind(404, "no_such_session", "Not found", "there is no such session"),
    access.SomebodyIsThere: Kind(
        409, "somebody_is_there", "Conflict", "this platform has people already: ask an administrator"
    ),
    access.SignInLocked: Kind(429, "sign_in_locked", "Too many failed sign-ins"),
    access.ProviderAway: Kind(
        503,
        "provider_away",
        "Not available",
        "the city's identity provider does not answer: try again later, or sign in with name and password",
    ),
    access.NoProvider: Kind(409, "no_provider", "Conflict", "no identity provider is set on this platform"),
    access.SignInLost: Kind(
        401,
        "provider_lost",
        "Not signed in",
        "this sign-in was begun elsewhere or too long ago, or has been used: begin again",
    ),
    access.DeniedThere: Kind(
        401, "provider_denied", "Not signed in", "the identity provider did not sign you in"
    ),
    access.AnswerNotGenuine: Kind(
        401,
        "provider_not_genuine",
        "Not signed in",
        "the identity provider's answer cannot be trusted: tell the administrator of accounts",
    ),
    access.NobodyBound: Kind(
        401,
        "provider_unbound",
        "Not signed in",
        "no open account is bound to you at the identity provider: ask the administrator of accounts",
    ),
    access.SubjectTaken: Kind(
        409, "subject_taken", "Conflict", "another account is bound to this person of the identity provider"
    ),
    access.NameTaken: Kind(409, "person_name_taken", "Conflict", "another person has this name"),
    access.NoSuchPerson: Kind(404, "no_such_person", "Not found", "there is no such person"),
    access.OutOfReach: Kind(404, "no_such_camera", "Not found", "there is no such camera"),
    access.NoSuchGrant: Kind(404, "no_such_grant", "Not found", "there is no such grant"),
    access.CamerasElsewhere: Kind(
        403,
        "cameras_elsewhere",
        "Refused",
        "this concerns more than lies in your areas",
        "27¶1",
        "ask somebody whose areas hold all that hangs on the device",
    ),
    control.NotTurnable: Kind(409, "not_turnable", "Conflict", "this camera cannot be turned from here"),
    control.ControlHeld: Kind(409, "control_held", "Conflict"),
    control.TakenOver: Kind(409, "control_taken", "Conflict"),
    control.ControlOver: Kind(409, "control_over", "Conflict"),
    turntable.TurntableAway: Kind(
        503, "camera_away", "Not available", "the camera does not answer; try again"
    ),
    turntable.NotTaken: Kind(502, "command_not_taken", "Not taken", "the camera did not take the command"),
    access.DeviceNotMasked: Kind(
        403,
        "device_not_masked",
        "Refused",
        "this camera is shown masked, and footage that a device plays back from its own storage cannot be "
        "masked here",
        "6",
        "look at the platform's own recording, which is masked",
    ),
    access.DeviceTimeUncertain: Kind(
        403,
        "device_time_uncertain",
        "Refused",
        "a grant shows its interval alone, and a device's playback carries no time that proves where a "
        "picture lies",
        "22",
        "look at the platform's own recording; have the gap filled from the device, if it has one",
    ),
    access.TooManyRows: Kind(422, "paper_too_long", "Not accepted"),
    access.RolesForbidden: Kind(
        409,
        "roles_forbidden",
        "Conflict",
        "an auditor may be neither sysadmin nor custodian",
        "27¶1",
        "give these roles to different persons",
    ),
    access.PasswordTooShort: Kind(422, "password_too_short", "Not accepted"),
    inventory.NoSuchCamera: Kind(404, "no_such_camera", "Not found", "there is no such camera"),
    inventory.NameTaken: Kind(409, "camera_name_taken", "Conflict", "another camera has this name"),
    inventory.AddressNotAccepted: Kind(422, "address_not_accepted", "Not accepted"),
    inventory.WorkerAway: Kind(
        503, "worker_away", "Not available", "the camera's media worker does not answer"
    ),
    inventory.NotThere: Kind(404, "not_there", "Not found", "there is nothing with this id"),
    inventory.BoundaryNotAccepted: Kind(422, "boundary_not_accepted", "Not accepted"),
    inventory.PlaceNotAccepted: Kind(422, "place_not_accepted", "Not accepted"),
    inventory.MaskNotAccepted: Kind(422, "mask_not_accepted", "Not accepted"),
    inventory.RenditionsFull: Kind(503, "masked_streams_full", "Not available"),
    inventory.RenditionsAway: Kind(
        503, "renditions_away", "Not available", "masked pictures cannot be made at the moment; try again"
    ),
    inventory.TooManyMasks: Kind(
        409, "too_many_masks", "Conflict", "this camera has as many masks as a picture bears: join some"
    ),
    inventory.Stale: Kind(409, "stale", "Conflict"),
    inventory.DeviceCodeTaken: Kind(
        409, "device_code_taken", "Conflict", "another file has this device code"
    ),
    inventory.CodesUsedUp: Kind(409, "codes_used_up", "Conflict", "no serial is left under this prefix"),
    inventory.FieldsNotAccepted: Kind(422, "fields_not_accepted", "Not accepted"),
    inventory.SelectionChanged: Kind(
        409, "selection_changed", "Conflict", "what was previewed has changed since; look at it again"
    ),
    inventory.TooManyViews: Kind(409, "too_many_views", "Conflict"),
    inventory.SheetNotReadable: Kind(422, "sheet_not_readable", "Not accepted"),
    inventory.ImportNotReady: Kind(
        409, "import_not_ready", "Conflict", "this step does not follow on the state that the import is in"
    ),
    inventory.ImportNeedsSystem: Kind(
        409, "import_needs_system", "Conflict", "say first in which reference system the positions are"
    ),
    inventory.ImportOvertaken: Kind(
        409, "import_overtaken", "Conflict", "the inventory has changed since: have the rows judged again"
    ),
    inventory.ImportHasFaults: Kind(409, "import_has_faults", "Conflict"),
    inventory.NothingThere: Kind(404, "no_footage", "Not found"),
    inventory.GbDeviceOther: Kind(409, "gb_device_other", "Conflict"),
    inventory.ChannelTaken: Kind(
        409,
        "channel_taken",
        "Conflict",
        "the channel or the camera is taken: another match has to be undone first",
    ),
    inventory.CodesDiffer: Kind(
        409, "codes_differ", "Conflict", "the camera file has another device code than the channel"
    ),
    inventory.SourceIsChannel: Kind(
        409,
        "source_is_channel",
        "Conflict",
        "this camera is matched with a channel of a GB/T 28181 device: undo the match first",
    ),
    inventory.NoDeviceStorage: Kind(
        409, "no_device_storage", "Conflict", "this camera is no channel of a GB/T 28181 device"
    ),
    inventory.SignalOff: Kind(
        409, "gb_off", "Conflict", "GB/T 28181 is off: set BINGJIAN_SIP_ID to the platform's 20-digit id"
    ),
    inventory.SignalAway: Kind(
        503, "signal_away", "Not available", "the process that speaks with devices does not answer; try again"
    ),
    inventory.GbDeviceOffline: Kind(
        409, "gb_device_offline", "Conflict", "the device is not registered at the moment"
    ),
    inventory.GbDeviceSilent: Kind(504, "gb_device_silent", "No answer", "the device did not answer in time"),
    inventory.GbDeviceRefuses: Kind(502, "gb_device_refuses", "Refused by the device"),
    retention.NoSuchMark: Kind(404, "no_such_mark", "Not found", "there is no such mark"),
    retention.NoSuchHold: Kind(404, "no_such_hold", "Not found", "there is no such hold"),
    retention.AlreadyReleased: Kind(409, "already_released", "Conflict", "it has been released before"),
    retention.AlreadyPaused: Kind(409, "already_paused", "Conflict", "a pause of this camera is in force"),
    retention.NotPaused: Kind(404, "not_paused", "Not found", "no pause of this camera is in force"),
    procedures.RefersToNothing: Kind(422, "refers_to_nothing", "Not accepted"),
    procedures.AlreadyOpen: Kind(409, "already_open", "Conflict"),
    UsageError: Kind(422, "contradiction", "Not accepted"),
    documents.NoSuchDocument: Kind(404, "not_there", "Not found", "there is nothing with this id"),
    documents.FieldNotAccepted: Kind(422, "document_field_not_accepted", "Not accepted"),
    documents.DocumentsMissing: Kind(422, "documents_missing", "Not accepted"),
    documents.StoreUnavailable: Kind(503, "document_store_unavailable", "Not available"),
    TooLong: Kind(422, "paper_too_long", "Not accepted"),
    documents.FileTooLarge: Kind(413, "file_too_large", "Too large"),
    documents.UnknownFile: Kind(422, "file_unknown", "Not accepted"),
    documents.BrokenFile: Kind(422, "file_broken", "Not accepted"),
    documents.ActiveFile: Kind(422, "file_active", "Not accepted"),
    documents.EncryptedFile: Kind(422, "file_encrypted", "Not accepted"),
    documents.SwollenFile: Kind(422, "file_swollen", "Not accepted"),
    ImagingError: Kind(502, "no_picture", "No picture"),
    JournalUnavailable: Kind(503, "journal_unavailable", "Not available", "the journal cannot be written"),
    NotInJournal: Kind(404, "not_in_journal", "Not found"),
    DatabaseBusy: Kind(503, "database_busy", "Not available"),
    DatabaseUnavailable: Kind(503, "database_unavailable", "Not available"),
    IntervalNotAccepted: Kind(422, "interval_not_accepted", "Not accepted"),
    BadCursor: Kind(400, "bad_cursor", "Bad request", "this cursor is not one of ours"),
    ForeignOrigin: Kind(403, "foreign_origin", "Forbidden", "the request came from another site's page"),
}


def install(app: FastAPI) -> None:
    """Hang the handlers into the application."""
    for kind in KINDS:
        app.add_exception_handler(kind, handle_known)
    app.add_exception_handler(Refused, handle_ruled)
    app.add_exception_handler(RequestValidationError, handle_invalid)
    app.add_exception_handler(HTTPException, handle_http)


async def handle_known(request: Request, error: Exception) -> Response:
    kind = next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)
    problem = problem_for(request, kind.status, kind.code, kind.title, kind.detail or str(error))
    problem.article, problem.remedy = kind.article, kind.remedy
    headers = {}
    if isinstance(error, access.SignInLocked):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(
        error, inventory.AddressNotAccepted | inventory.PlaceNotAccepted | documents.FieldNotAccepted
    ):
        problem.errors = [FieldProblem(field=error.field, detail=str(error))]
    if isinstance(error, procedures.RefersToNothing):
        problem.errors = [FieldProblem(field=error.field, detail=str(error))]
    if isinstance(error, inventory.FieldsNotAccepted):
        problem.errors = [FieldProblem(field=name, detail=why) for name, why in error.faults.items()]
    if isinstance(error, inventory.Stale):
        problem.errors = [FieldProblem(field=field, detail="changed since") for field in error.fields]
    if isinstance(error, inventory.NothingThere) and error.cause:
        problem.detail = f"{problem.detail} ({error.cause})"
    return response_of(problem, headers)


async def handle_ruled(request: Request, error: Exception) -> Response:
    """The rules' refusal, in the person's language; 409 and the intervals if footage is gone."""
    assert isinstance(error, Refused)
    refusal, gone = error.refusal, isinstance(error, retention.Gone)
    actor: Actor | None = getattr(request.state, "actor", None)
    chinese = actor is not None and actor.language == "zh"
    every = [refusal_out(one, chinese) for one in all_of(refusal)]
    first = every[0]
    title = "Gone" if gone else "Refused"
    problem = problem_for(request, 409 if gone else 403, first.code, title, first.reason)
    problem.article, problem.remedy = first.article, first.remedy
    problem.refusals = every if len(every) > 1 else None
    if isinstance(error, retention.Gone):
        problem.gone = [GonePart.model_validate(part) for part in error.parts]
    return response_of(problem)


def refusal_out(refusal: Refusal, chinese: bool) -> RefusalOut:
    return RefusalOut(
        article=str(refusal.article),
        code=refusal.code,
        reason=refusal.reason.zh if chinese else refusal.reason.en,
        remedy=refusal.remedy.zh if chinese else refusal.remedy.en,
    )


async def handle_invalid(request: Request, error: Exception) -> Response:
    """422 names the fields, but repeats none of their values: one may be a password."""
    assert isinstance(error, RequestValidationError)
    problem = problem_for(request, 422, "not_accepted", "Not accepted", "some fields were not accepted")
    problem.errors = [
        FieldProblem(field=".".join(str(part) for part in fault["loc"]), detail=str(fault["msg"]))
        for fault in error.errors()
    ]
    return response_of(problem)


async def handle_http(request: Request, error: Exception) -> Response:
    """404 and 405 of the router itself, 413 of the front door."""
    assert isinstance(error, HTTPException)
    code = HTTP_CODES.get(error.status_code, "http_error")
    problem = problem_for(request, error.status_code, code, str(error.detail), str(error.detail))
    return response_of(problem, dict(error.headers or {}))


def bug(request: Request, error: Exception) -> Response:
    """500: the trace goes to the log under the request's id, the caller gets the id only."""
    log.error("bug", path=request.url.path, exc_info=error)
    return response_of(
        problem_for(request, 500, "bug", "Internal error", "a fault of ours; the id finds it in the log")
    )


def not_text(request: Request) -> Response:
    """400: an address with a character that no text has."""
    told = "not_accepted", "Bad request", "the address holds a character that no text has"
    return response_of(problem_for(request, 400, *told))


def problem_for(request: Request, status: int, code: str, title: str, detail: str) -> Problem:
    instance = f"urn:uuid:{getattr(request.state, 'request_id', '')}"
    return Problem(title=title, status=status, detail=detail, code=code, instance=instance)


def response_of(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        problem.status,
        {"Cache-Control": "no-store", **(headers or {})},
        PROBLEM_JSON,
    )


def problem_responses() -> dict[int | str, dict[str, object]]:
    """What OpenAPI says of every route's errors."""
    return {
        "default": {
            "description": "Problem details (RFC 9457)",
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
